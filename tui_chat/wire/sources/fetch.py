"""Fetch any URL as a browser does: follow redirects, with separate connections for each origin."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.wire.endpoint import basic_authorization, parts_of
from tui_chat.wire.failures.errors import (
    ERROR_BODY,
    ERROR_BODY_WAIT,
    NO_SECRETS,
    ConnectFailedError,
    excerpt,
    unfinished,
)
from tui_chat.wire.failures.statuses import of_refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.http.transport import HttpResponse, Transport
    from tui_chat.wire.tape.tape import Tape

MAX_REDIRECTS: Final = 20
"""The limit of the Fetch standard."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class FollowedResponse:
    """The response after all redirects, with its headers received."""

    answer: HttpResponse
    url: str
    """The URL that answered."""
    error_timeout: float
    """Maximum seconds to read the text of an error."""
    secrets: Secrets = NO_SECRETS
    """Secrets to mask in failures."""


def address(written: str) -> str:
    """Complete a URL that a person wrote: add a scheme and remove the fragment. Raises `SetupError`."""
    return urldefrag(urlunsplit(parts_of(written, "URL"))).url


def without_user(url: str) -> tuple[str, Mapping[str, str]]:
    """Split a URL into the URL without user and password and the header for them."""
    parts = urlsplit(url)
    user_info, at, netloc = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=netloc)), basic_authorization(user_info) if at else {}


class Fetcher:
    """Fetch URLs and follow their redirects."""

    def __init__(
        self,
        *,
        connect_timeout: float,
        idle_timeout: float,
        head_timeout: float = 30.0,
        secrets: Secrets = NO_SECRETS,
        tape: Tape | None = None,
    ) -> None:
        """Timeouts are in seconds: `idle_timeout` limits silence (0: no limit), `head_timeout` the response's
        headers and an error's text once they have begun. `secrets` are masked in failures, except in their URL and
        hint. Requests and responses are noted on `tape`."""
        self._tape = tape
        self._secrets = secrets
        self._connect_timeout = connect_timeout
        self._idle_timeout = idle_timeout
        self._head_timeout = head_timeout
        self._transports: dict[tuple[str, str, int | None], Transport] = {}

    @asynccontextmanager
    async def get(
        self, url: str, headers: Mapping[str, str], private: Mapping[str, str] | None = None
    ) -> AsyncGenerator[FollowedResponse, None]:
        """Request `url` and give the first response that is not a redirect, whatever its status.

        `private` headers, which may contain a key, are sent only to the URL's own origin and replace others of the same
        name. Raises `ConnectFailedError` and `SetupError`.
        """
        own = _origin(url)
        replaced = {name.lower() for name in private or ()}
        all_headers = {
            **{name: value for name, value in headers.items() if name.lower() not in replaced},
            **(private or {}),
        }
        for _ in range(MAX_REDIRECTS + 1):
            sent = all_headers if _origin(url) == own else headers
            transport = await self._transport(url)
            tape, secrets = self._tape, self._secrets | transport.secrets
            taped = None if tape is None else tape.begin("GET", url, sent, b"", secrets)
            with nullcontext() if taped is None else taped:
                async with transport.ask("GET", url, sent) as answer:
                    if taped is not None:
                        taped.responded(answer, secrets)
                    where = answer.headers.get("location", "") if answer.status in _REDIRECTS else ""
                    if not where:
                        yield FollowedResponse(answer, url, self._head_timeout, transport.secrets)
                        return
            url = _redirected(url, where, self._secrets)
        problem = f"The server redirects more than {MAX_REDIRECTS} times."
        raise ConnectFailedError(Failed(problem, "Check the address.", "request", url), again=False)

    async def close(self) -> None:
        """Close the connections to all servers."""
        for transport in self._transports.values():
            await transport.close()

    async def _transport(self, url: str) -> Transport:
        origin = _origin(url)
        if origin not in self._transports:
            from tui_chat.wire.http.transport import Transport  # imports httpx, which takes a tenth of a second

            self._transports[origin] = await asyncio.to_thread(
                Transport,
                url,
                connect_timeout=self._connect_timeout,
                idle_timeout=self._idle_timeout,
                head_timeout=self._head_timeout,
                secrets=self._secrets,
            )
        return self._transports[origin]


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _redirected(url: str, location: str, secrets: Secrets) -> str:
    try:
        found = address(urljoin(url, location))
    except (SetupError, ValueError):
        found = ""
    if not found or "@" in urlsplit(found).netloc:  # with a password that no setting contains
        problem = f"The server redirects to {excerpt(secrets.masked(location))}, which cannot be followed."
        raise ConnectFailedError(Failed(problem, "Check the address.", "request", url), again=False)
    return found


async def refusal(response: FollowedResponse) -> Failed:
    """The failure for a status outside 2xx."""
    body, seconds = await response.answer.beginning(ERROR_BODY, ERROR_BODY_WAIT, response.error_timeout)
    failed = of_refusal(
        response.answer.status,
        response.answer.headers,
        body,
        url=response.url,
        secrets=response.secrets,
        proxy=response.answer.proxy,
    )
    return replace(failed, problem=failed.problem + unfinished(seconds))
