"""An error that a server reports in place of a frame of its answer, as the failure that ends the reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import Failed
from tui_chat.chat.wording.hints import BEFORE_IS_KEPT, TEXT_IS_KEPT
from tui_chat.wire.failures.errors import parse_error, sentence
from tui_chat.wire.failures.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM, is_overflow
from tui_chat.wire.failures.retry_after import wait_hint, wait_in_words

if TYPE_CHECKING:
    from tui_chat.chat.events import FailureKind
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.failures.errors import ServerError

_KEY_REFUSED: Final = frozenset({"401", "403", "authentication_error", "invalid_api_key", "permission_error"})
_RATE_LIMITED: Final = frozenset({"429", "rate_limit_error", "rate_limit_exceeded", "insufficient_quota"})


def reported_failure(document: object, secrets: Secrets, *, begun: bool, reason: str | None) -> Failed:
    """Return the failure that `document` reports. `secrets`: masked in what is quoted; `begun`: content came before it;
    `reason`: the finish reason that came before it."""
    reported = parse_error(document).masked(secrets)
    message = reported.message or reported.code or reported.type
    problem = "The server reported an error"
    hint = TEXT_IS_KEPT if begun else "Try again, or ask another model."
    if (wait := wait_in_words(reported.message or "")) is not None and wait >= 1:
        hint = f"{BEFORE_IS_KEPT}. {wait_hint(wait)}" if begun else wait_hint(wait, ", or ask another model")
    if is_overflow(reported.message or "", reported.code or "", reported.type or ""):
        problem, hint = OVERFLOW_PROBLEM, OVERFLOW_HINT
    return Failed(
        sentence(problem, message) if message else f"{problem}.",
        hint,
        _kind_of(reported),
        message=reported.message,
        type=reported.type,
        code=reported.code,
        reason=reason,
    )


def _kind_of(reported: ServerError) -> FailureKind:
    """The kind of an error that came in place of a status, by who can resolve it."""
    words = {reported.code, reported.type}
    if words & _KEY_REFUSED:
        return "key"
    return "rate-limit" if words & _RATE_LIMITED else "server"
