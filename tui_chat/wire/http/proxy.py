"""Choose the proxy of a request from environment variables."""

from __future__ import annotations

import os
from dataclasses import field
from importlib.util import find_spec
from typing import Final
from urllib.parse import urlsplit

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.wire.endpoint import reach_of

_SCHEMES: Final = {"http", "https", "socks5", "socks5h"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the variable that names it."""

    url: str = field(repr=False)
    variable: str
    """The name of the environment variable."""

    @property
    def shown(self) -> str:
        """The proxy's URL without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def proxy_for(url: str) -> Proxy | None:
    """The proxy for requests to `url`; `None`: connect directly.

    Reads only HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case: httpx's own parser fails on `socks://`
    and on `[::1]` in NO_PROXY, and sends loopback requests through the proxy. Raises `SetupError` that names the
    invalid variable.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if reach_of(host) == "loopback":
        return None
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    # Imported here, because it brings along an HTTP client, a server's cookies and mail headers.
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    proxies = getproxies_environment()
    if proxy_bypass_environment(host, proxies):
        return None
    which = parts.scheme if proxies.get(parts.scheme) else "all"
    value = proxies.get(which, "").strip()
    if not value:
        return None
    variable = next((name for name in (f"{which}_proxy", f"{which.upper()}_PROXY") if os.environ.get(name)), which)
    if "://" not in value:
        value = f"http://{value}"
    try:
        proxy = urlsplit(value)
        named = bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        named = False
    if not named:
        raise SetupError(f"{variable} is not a usable proxy address.")
    if proxy.scheme not in _SCHEMES:
        raise SetupError(f"{variable} begins with {proxy.scheme}://; usable are http://, https:// and socks5://.")
    if proxy.scheme.startswith("socks") and find_spec("socksio") is None:
        raise SetupError(f"{variable} names a SOCKS proxy; that needs a package more: pip install socksio.")
    return Proxy(value, variable)
