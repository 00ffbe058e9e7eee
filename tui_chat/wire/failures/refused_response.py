"""The failure for a response whose status is outside 2xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.quick_dataclass import replace
from tui_chat.wire.failures.errors import ERROR_BODY, ERROR_BODY_WAIT, unfinished
from tui_chat.wire.failures.retry_after import retry_after
from tui_chat.wire.failures.retrying import RefusedError
from tui_chat.wire.failures.statuses import of_status
from tui_chat.wire.http.redirects import redirect_of

if TYPE_CHECKING:
    from tui_chat.chat.events import Failed
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.http.transport import HttpResponse


async def refusal(
    answer: HttpResponse, url: str, *, endpoint: Endpoint, model: str, secrets: Secrets, head_timeout: float
) -> RefusedError:
    """Read the error's text and return the error for a question that was refused. `head_timeout`: seconds that a web
    page may take, once it has begun."""
    body, seconds = await answer.beginning(ERROR_BODY, ERROR_BODY_WAIT, head_timeout)
    failed = failure_of(answer, body, url, endpoint=endpoint, model=model, secrets=secrets)
    failed = replace(failed, problem=failed.problem + unfinished(seconds))
    if endpoint.in_url and failed.status in {404, 405}:
        failed = replace(failed, hint="Check the address in the base URL.")
    return RefusedError(failed, retry_after(answer.headers, body), body)


def failure_of(
    answer: HttpResponse, body: bytes, url: str, *, endpoint: Endpoint, model: str, secrets: Secrets
) -> Failed:
    """The failure for a response from `url` with a status outside 2xx. `body`: what was read of the error's text."""
    has_key = bool(endpoint.key)
    if 300 <= answer.status < 400:
        base_url = endpoint.base_url
        return redirect_of(answer).failure(url, base_url=base_url, has_key=has_key, secrets=secrets)
    return of_status(
        answer.status,
        answer.headers,
        body,
        url=url,
        key_sent=has_key,
        model=model,
        secrets=secrets,
        proxy=answer.proxy,
    )
