"""Follow safe redirects of a question, and explain the others."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit, urlunsplit

from tui_chat.chat.events import Failed
from tui_chat.wire.failures.errors import NO_SECRETS, ConnectFailedError, excerpt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.http.transport import HttpResponse, Transport

MAX_REDIRECTS: Final = 5

_LONGEST: Final = 16 * 1024
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_KEEPING: Final = frozenset({307, 308})
"""Statuses after which a question is sent again unchanged."""

_LOOSE: Final = frozenset({301, 302})
"""Statuses after which browsers change the method; servers also use them when only the scheme or a trailing slash
was wrong."""


class Redirect(NamedTuple):
    """The target of a redirect response."""

    status: int
    location: str
    """The Location header, unchanged; empty if there is none."""

    def followed(self, method: str, url: str) -> str | None:
        """The URL to ask instead of `url`; `None`: the redirect is not followed. The host stays the same, and the
        port too unless plain http becomes https, so only the configured host receives the key and the chat."""
        target = self._target(url)
        if target is None or "@" in target.netloc or not (_same_origin(url, target) or _becomes_https(url, target)):
            return None
        here = urlsplit(url)
        same = (here.path.rstrip("/"), here.query) == (target.path.rstrip("/"), target.query)
        if self.status in _KEEPING or (self.status in _LOOSE and (same or method == "GET")):
            return urlunsplit(target)
        return None

    def failure(self, url: str, *, base_url: str, has_key: bool, secrets: Secrets = NO_SECRETS) -> Failed:
        """The failure for a redirect that was not followed. `url` is below `base_url`."""
        target = self._target(url)
        where = excerpt(secrets.masked(urlunsplit(target) if target else self.location)) or "somewhere it does not name"
        hint = "Check the base URL; a login page or a gateway may stand in between."
        if target is None or "@" in target.netloc:
            why = "it names no address that can be asked"
        elif _same_origin(url, target) or _becomes_https(url, target):
            why = "with this status a question is not sent again"
        elif url.startswith("https:") and target.scheme == "http":
            why = "the chat would go there in plain http"
        else:
            why = "the key belongs to the host that was configured"
            if not has_key:
                why = "the chat would go to another host than was configured"
        if target is not None and "@" not in target.netloc and (base := _base(target, url, base_url)):
            hint = f"If you trust it, set the base URL to {secrets.masked(base)}"
        problem = f"The server redirects to {where} ({self.status}); it was not followed, because {why}."
        return Failed(problem, hint, "request", url, self.status)

    def _target(self, url: str) -> SplitResult | None:
        if not self.location or len(self.location) > _LONGEST:
            return None
        try:
            target = urlsplit(urldefrag(urljoin(url, self.location)).url)
            _ = target.port  # raises ValueError for an invalid port
        except ValueError:
            return None
        return target if target.scheme in _DEFAULT_PORTS and target.hostname else None


class RedirectFollower:
    """Send requests and follow safe redirects."""

    def __init__(self, make: Callable[[str], Transport], secrets: Secrets) -> None:
        """`make` creates the transport for a URL's host; it is slow and called in a thread. `secrets` are those of
        the endpoint."""
        self.transports: dict[str, Transport] = {}
        """Transports by scheme and host."""
        self._https: dict[str, str] = {}
        """Schemes and hosts that replace others. A redirect from plain http to https is remembered, so that the key
        is not sent over plain http again."""
        self._make = make
        self.secrets = secrets
        """The secrets to mask in everything that is reported: the endpoint's, and its proxy's once the transport
        exists."""

    async def transport(self, url: str) -> Transport:
        """Return the transport for a URL's host. Raises `SetupError`."""
        origin = _site(url)
        if origin not in self.transports:
            made = await asyncio.to_thread(self._make, url)
            if self.transports.setdefault(origin, made) is made:
                self.secrets |= made.secrets
        return self.transports[origin]

    @asynccontextmanager
    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncGenerator[tuple[HttpResponse, str], None]:
        """Send a request; give the first response that is not a followed redirect, whatever its status, and its URL.
        Raises `ConnectFailedError` and `SetupError`."""
        site = _site(url)
        url = self._https.get(site, site) + url.removeprefix(site)
        for _ in range(MAX_REDIRECTS + 1):
            transport = await self.transport(url)
            async with transport.ask(method, url, headers, body) as answer:
                target = redirect_of(answer).followed(method, url) if 300 <= answer.status < 400 else None
                if target is None:
                    yield answer, url
                    return
            self._remember(url, target)
            url = target
        problem = f"The server redirects more than {MAX_REDIRECTS} times."
        raise ConnectFailedError(Failed(problem, "Check the base URL.", "request", url), again=False)

    def _remember(self, url: str, target: str) -> None:
        site, https = _site(url), _site(target)
        if site.startswith("http:") and https.startswith("https:") and url == site + target.removeprefix(https):
            self._https[site] = https

    async def close(self) -> None:
        """Close the connections to all servers."""
        for transport in self.transports.values():
            await transport.close()


def redirect_of(answer: HttpResponse) -> Redirect:
    """The redirect in a response."""
    return Redirect(answer.status, answer.headers.get("location", ""))


def _site(url: str) -> str:
    """The scheme and host at the start of a URL."""
    return urlunsplit((*urlsplit(url)[:2], "", "", ""))


def _same_origin(url: str, target: SplitResult) -> bool:
    return _origin(urlsplit(url)) == _origin(target)


def _becomes_https(url: str, target: SplitResult) -> bool:
    here = urlsplit(url)
    return (here.scheme, target.scheme, here.hostname) == ("http", "https", target.hostname)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _base(target: SplitResult, url: str, base_url: str) -> str:
    """The base URL that leads to `target`; empty if it is a different kind of URL."""
    operation = urlsplit(url).path.removeprefix(urlsplit(base_url).path).rstrip("/")
    if not operation or not target.path.rstrip("/").endswith(operation):
        return ""
    path = target.path if target.path.endswith("/") else target.path.removesuffix(operation)
    return urlunsplit(target._replace(path=path))
