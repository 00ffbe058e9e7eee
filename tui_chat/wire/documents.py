"""Fetch the JSON documents that an endpoint has beside its replies: its list of models, and facts about one."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.endpoint import PLACEHOLDER
from tui_chat.wire.failures.errors import ConnectFailedError, ConnectionLostError
from tui_chat.wire.failures.refused_response import failure_of
from tui_chat.wire.foreign import decoded
from tui_chat.wire.framing import FramingError
from tui_chat.wire.model_lists import PATHS, read_models
from tui_chat.wire.request_builder import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.chat.model_ports import ModelInfo
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.http.redirects import RedirectFollower
    from tui_chat.wire.http.transport import HttpResponse

log = logging.getLogger(__name__)

MAX_DOCUMENT: Final = 16 * 1024 * 1024
"""Maximum bytes of a list of models."""
MAX_FACTS: Final = 1024 * 1024
"""Maximum bytes of a small document about a model."""

_MODELS_WAIT: Final = 15.0
_FACTS_WAIT: Final = 3.0
"""Seconds for a whole document."""
_NO_LIST: Final = frozenset({404, 405, 501})
_NO_MODELS: Final = "The server gives no list of models."


async def models(endpoint: Endpoint, follower: RedirectFollower) -> tuple[ModelInfo, ...] | Failed:
    """Fetch the server's list of models in its order; a failure if it has none. Secrets are masked in it."""
    if endpoint.in_url:
        url = follower.secrets.masked(endpoint.url(PLACEHOLDER))
        return Failed(_NO_MODELS, "This kind of endpoint has none to choose from.", "server", url)
    listed = await _models(endpoint, follower)
    for other in endpoint.alternatives():
        if not isinstance(listed, Failed) or listed.status not in _NO_LIST:
            break
        found = await _models(other, follower)
        listed = listed if isinstance(found, Failed) else found
    masked = follower.secrets.masked_fields
    return masked(listed) if isinstance(listed, Failed) else tuple(masked(model) for model in listed)


async def _models(endpoint: Endpoint, follower: RedirectFollower) -> tuple[ModelInfo, ...] | Failed:
    url = endpoint.url(PATHS.get(endpoint.dialect, "/models"))
    try:
        await follower.transport(endpoint.base_url)  # loading it takes none of the server's time
        async with asyncio.timeout(_MODELS_WAIT), follower.ask("GET", url, _headers(endpoint)) as (answer, at):
            body = await _read(answer, MAX_DOCUMENT)
            if answer.status in _NO_LIST:
                return Failed(_NO_MODELS, "Type the model's name.", "server", url, answer.status)
            if not 200 <= answer.status < 300:
                return failure_of(answer, body, at, endpoint=endpoint, model="", secrets=follower.secrets)
            return read_models(json.loads(body))
    except SetupError as error:
        return Failed(str(error), "Correct it and start again.", "setup", url)
    except ConnectFailedError as error:
        return error.failed
    except (ConnectionLostError, TimeoutError, FramingError, ValueError, RecursionError):
        return Failed(_NO_MODELS, "Type the model's name.", "server", url)


async def facts(endpoint: Endpoint, follower: RedirectFollower, url: str, body: Mapping[str, Any] | None) -> object:
    """Return the JSON document at a URL, posted to if there is a body, or `None` if the server has none. Raises
    `SetupError`."""
    method, sent = ("GET", None) if body is None else ("POST", encoded(body))
    headers = _headers(endpoint) | ({} if body is None else {"Content-Type": "application/json"})
    try:
        await follower.transport(endpoint.base_url)
        async with asyncio.timeout(_FACTS_WAIT), follower.ask(method, url, headers, sent) as (answer, _):
            if answer.status != 200:
                return None
            return decoded((await _read(answer, MAX_FACTS)).decode())
    except (ConnectFailedError, ConnectionLostError, TimeoutError, FramingError, ValueError) as error:
        log.info("%s was asked at %s and did not tell: %r", endpoint.label, urlsplit(url).path, error)
        return None


def _headers(endpoint: Endpoint) -> dict[str, str]:
    return {
        "Accept": "application/json",
        **DIALECTS[endpoint.dialect]().headers(endpoint.key),
        **endpoint.own_headers,
    }


async def _read(answer: HttpResponse, bound: int) -> bytes:
    """Read the rest of the body. Raises `FramingError` beyond `bound` bytes."""
    answer.recognise_compression()
    pieces: list[bytes] = []
    size = 0
    while (chunk := await answer.chunk()) is not None:
        pieces.append(chunk)
        size += len(chunk)
        if size > bound:
            raise FramingError(f"the document is larger than {bound >> 20} MiB")
    return b"".join(pieces)
