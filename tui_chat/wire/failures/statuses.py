"""The failures of responses with a status outside 2xx: what happened, and what to do."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_chat.chat.events import Failed
from tui_chat.chat.wording.hints import KEY_REFUSED, NO_KEY, OTHER_MODEL
from tui_chat.wire.failures.errors import LOOKED_AT, NO_SECRETS, check_base_url, page_title, read_body, sentence
from tui_chat.wire.failures.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM, is_overflow
from tui_chat.wire.failures.retry_after import retry_after, wait_hint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.chat.events import FailureKind
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.failures.errors import ServerError
    from tui_chat.wire.http.proxy import Proxy

_MODEL: Final = re.compile(r"\bmodel\b|no endpoints found", re.IGNORECASE)
"""The second is OpenRouter's word for a model that nobody serves."""
_BROKE: Final = re.compile(
    r"credit balance|(insufficient|not enough) .{0,20}(balance|credit|fund|quota)|out of credits?\b|余额不足|欠费",
    re.IGNORECASE,
)
"""Messages about an account without credit, where the status does not say so (Anthropic and others with 400)."""
_WITHOUT_FAULT: Final = frozenset({408, 409, 424, 425})
"""Statuses from 400 on for which nothing needs to change in the request: a timeout, a conflict with another request,
a failure behind the server, a request that came too early."""
_PLAIN_ON_TLS: Final = (b"http request was sent to https port", b"http request to an https server")
"""The answer of nginx and Go servers to plain HTTP on a TLS port."""
_OVERFLOWS: Final = frozenset({400, 413, 422, 500})
"""Statuses with which servers report that a conversation is too long."""
NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "insufficient_credits"})
"""Error codes for which waiting does not help."""


def of_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    key_sent: bool = True,
    model: str = "",
    secrets: Secrets = NO_SECRETS,
    proxy: Proxy | None = None,
) -> Failed:
    """The failure for a status outside 2xx, with `secrets` masked in the server's message. `headers` has lower-case
    names; `proxy` is the proxy of the request."""
    content_type = headers.get("content-type", "")
    reported = read_body(body, secrets, content_type)
    if status == 407:
        return Failed(*proxy_password(proxy), "key", url, status, reported.message, reported.type, reported.code)
    problem, hint, kind = _diagnosis(status, headers, body, reported, url=url, key_sent=key_sent, model=model)
    problem = f"{problem} ({f'{status} {_phrase(status)}'.strip()})"
    if reported.message:
        problem = sentence(problem, reported.message)
    else:
        title = page_title(body, secrets, content_type)
        problem += f": a web page titled “{title}”." if title else "."
    return Failed(problem, hint, kind, url, status, reported.message, reported.type, reported.code)


class _Diagnosis(NamedTuple):
    """The beginning of the sentence about an error, and what to do."""

    problem: str
    hint: str
    kind: FailureKind = "request"


def _diagnosis(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    reported: ServerError,
    *,
    url: str,
    key_sent: bool,
    model: str,
) -> _Diagnosis:
    start = body[:LOOKED_AT].lower()
    match status:
        case 401:
            return _refused_key(headers, key_sent=key_sent)
        case 400 | 403 | 500 if _BROKE.search((reported.message or "")[:LOOKED_AT]):
            return _NO_CREDIT_LEFT
        case 403 if not key_sent:
            hint = "Set the key of this endpoint; if it needs none, a firewall or a login page may stand in between."
            return _Diagnosis("The server allows this to nobody without a key", hint, "key")
        case 403 if not reported.message and b"<html" in start:
            hint = "A login page or a firewall may stand in between; or check what the key's account may use."
            return _Diagnosis("The key may not do this", hint, "key")
        case 403:
            hint = "Check what the key's account may use: the model, the region, the project."
            return _Diagnosis("The key may not do this", hint, "key")
        case 402:
            return _NO_CREDIT_LEFT
        case 404 if _MODEL.search(_words_of(reported)):
            return _Diagnosis(f"The server does not know the model {model}".rstrip(), OTHER_MODEL)
        case 404 | 405:
            return _Diagnosis("There is no chat API at this address", f"{check_base_url(url)}.")
        case _ if status in _OVERFLOWS and is_overflow(
            reported.message or "", reported.code or "", reported.type or ""
        ):
            return _Diagnosis(OVERFLOW_PROBLEM, OVERFLOW_HINT)
        case 400 if any(words in start for words in _PLAIN_ON_TLS):
            return _Diagnosis("The server speaks TLS on this port", "Begin the base URL with https://.")
        case 413 | 414:
            return _Diagnosis("The request is too large for the server", "Start a new chat, or send less.")
        case 429 if reported.code in NO_CREDIT or reported.type in NO_CREDIT:
            return _Diagnosis("The account's quota is used up", "Check the plan and the billing.", "rate-limit")
        case 429:
            hint = wait_hint(retry_after(headers, body))
            return _Diagnosis("The server asks to slow down (rate limit)", hint, "rate-limit")
        case 503 | 529:
            hint = wait_hint(retry_after(headers, body))
            return _Diagnosis("The server is overloaded or still loading", hint, "server")
        case 502 | 504:
            hint = "Check that the model's server runs; try again."
            return _Diagnosis("The gateway gets no answer from the model's server", hint, "server")
        case _ if status >= 500:
            return _Diagnosis("The server failed", "Try again; the server's own log says more.", "server")
        case _ if status in _WITHOUT_FAULT:
            return _Diagnosis("The server did not finish the request", "Try again.", "server")
        case _:
            return _Diagnosis("The server refused the request", "The server's message should say what to change.")


_NO_CREDIT_LEFT: Final = _Diagnosis("The account has no credit left", "Top up the account with the provider.", "key")


def _refused_key(headers: Mapping[str, str], *, key_sent: bool) -> _Diagnosis:
    if key_sent:
        return _Diagnosis("The server refused the key", KEY_REFUSED, "key")
    if headers.get("www-authenticate", "").lower().startswith("basic"):
        hint = "Write them into the base URL, as in https://user:password@host/v1."
        return _Diagnosis("The server wants a user and a password", hint, "key")
    return _Diagnosis("The server wants a key and none is set", NO_KEY, "key")


def _words_of(reported: ServerError | Failed) -> str:
    return f"{(reported.message or '')[:LOOKED_AT]} {reported.code or ''} {reported.type or ''}"


def names_model(failed: Failed) -> bool:
    """Whether a refusal concerns the model."""
    return bool(_MODEL.search(_words_of(failed)))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def proxy_password(proxy: Proxy | None) -> tuple[str, str]:
    """The problem and the hint for a proxy that requires a password."""
    if proxy is None:
        hint = "No proxy is set here: the one that asks stands in front of the server. Ask who runs it."
        return "A proxy in front of the server wants a user and a password (407).", hint
    hint = f"Write them into {proxy.variable}, as in http://user:password@host:port."
    return f"The proxy {proxy.shown} wants a user and a password (407), or refuses those it got.", hint


def of_refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    secrets: Secrets = NO_SECRETS,
    proxy: Proxy | None = None,
) -> Failed:
    """The failure for a status of a plain URL that is not a chat API."""
    content_type = headers.get("content-type", "")
    reported = read_body(body, secrets, content_type).message
    shown = reported or page_title(body, secrets, content_type)
    if status == 407:
        return Failed(*proxy_password(proxy), "key", url, status, reported)
    problem = f"The server answered {f'{status} {_phrase(status)}'.strip()}"
    kind: FailureKind = "server" if status >= 500 else "request"
    match status:
        case 401 | 403:
            kind, hint = "key", "If it wants a key: -H 'Authorization: Bearer …'."
        case 404 | 410:
            hint = "Check the address."
        case 429:
            kind, hint = "rate-limit", wait_hint(retry_after(headers, body))
        case _:
            hint = "Try again; the server's own log says more." if status >= 500 else "Check what the server wants."
    return Failed(sentence(problem, shown) if shown else f"{problem}.", hint, kind, url, status, reported)
