"""Explain why no response was received, in sentences that a person can act on."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.wire.endpoint import reach_of
from tui_chat.wire.failures.errors import ConnectFailedError, excerpt, sentence
from tui_chat.wire.failures.statuses import proxy_password
from tui_chat.wire.http.certificate_advice import certificate_advice
from tui_chat.wire.http.connections import HeadTimeoutError, NotHttpError
from tui_chat.wire.http.light_httpx import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.events import FailureKind
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.http.exchange import Exchange
    from tui_chat.wire.http.proxy import Proxy

HTTPCORE_ERRORS: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
"""Exceptions of httpcore when a request gets no response or its body breaks off."""

_ALERT: Final = "\x15\x03"
"""TLS alerts for data that is not TLS."""


@dataclass(frozen=True, slots=True)
class ConnectErrors:
    """Turn exceptions into failures, given the settings of one transport."""

    proxy: Proxy | None
    connect_timeout: float
    idle_timeout: float
    head_timeout: float
    secrets: Secrets

    def failure(self, error: Exception, url: str, exchange: Exchange) -> ConnectFailedError:
        """The failure for `error`, which also says whether another attempt may help."""
        problem, hint, again = self._explained(error, url, exchange)
        kind: FailureKind = (
            "request" if not isinstance(error, HTTPCORE_ERRORS) or isinstance(error, _OURS) else "network"
        )
        return ConnectFailedError(Failed(problem, hint, kind, url), again=again)

    def _explained(self, error: Exception, url: str, exchange: Exchange) -> tuple[str, str, bool]:
        host = urlsplit(url).netloc
        message = self.secrets.masked(str(error))
        match error:
            case httpcore.ConnectTimeout():
                hint = "Check the address and the network, or whether a firewall stands in between."
                if exchange.secured:
                    hint = "Check the port, and http or https in the base URL."
                    return f"No TLS with {self._secured(host, exchange)} within {self.connect_timeout:g} s.", hint, True
                return f"No connection to {self._whom(host)} within {self.connect_timeout:g} s.", hint, True
            case HeadTimeoutError():
                late = f"the head of its answer was not complete within {self.head_timeout:g} s"
                hint = "The server, or a proxy on the way, is stuck; a longer head_timeout waits longer."
                return f"{host} began to answer, but {late}.", hint, False
            case httpcore.WriteTimeout():
                slow = f"nothing more was accepted for {self.idle_timeout:g} s"
                return f"{host} did not take the whole question: {slow}.", "Try again, or send less.", False
            case httpcore.TimeoutException():
                if self.proxy is not None and self.proxy.url.startswith("socks") and exchange.sent is not None:
                    hint = f"Check {self.proxy.variable}."
                    return f"{host}, or the proxy {self.proxy.shown} on the way, does not answer.", hint, False
                hint = "The model may still be loading; a longer idle_timeout waits longer."
                return f"{host} sent nothing for {self.idle_timeout:g} s.", hint, False
            case httpcore.ProxyError():
                return self._proxy_error(message)
            case httpcore.ConnectError():
                return self._connect_error(error, url, host, exchange)
            case httpcore.NetworkError():
                return f"The connection to {host} was lost.", "Try again.", True
            case NotHttpError():
                if message.startswith(_ALERT):
                    hint = "Begin the base URL with https://."
                    return f"{host} speaks TLS, and was asked in plain http.", hint, False
                hint = "Check the port, and http or https in the base URL."
                return sentence(f"{host} does not answer in HTTP", message), hint, False
            case httpcore.RemoteProtocolError():
                if "without sending" in message:
                    tls = url.startswith("https:")
                    hint = "Try again." if tls else "Try again, or begin the base URL with https://."
                    return f"{host} closed the connection without an answer.", hint, True
                hint = "Look at the server's log; a proxy or gateway on the way may have made the answer so."
                said = _BYTES.sub(r"\1", message)
                if "_SWITCH_" in said:  # h11's name of its state
                    said = "it switches to another protocol (101), which was not asked for"
                return sentence(f"The answer of {host} breaks the rules of HTTP", said), hint, False
            case _:
                return sentence("The request cannot be sent", message), "Check the base URL.", False

    def _whom(self, host: str) -> str:
        return f"the proxy {self.proxy.shown}" if self.proxy else host

    def _secured(self, host: str, exchange: Exchange) -> str:
        """The host of the last TLS handshake: a proxy, until it has connected to the host."""
        proxy_host = urlsplit(self.proxy.url).hostname if self.proxy and self.proxy.url.startswith("https:") else None
        return self._whom(host) if exchange.secured and exchange.secured == proxy_host else host

    def _proxy_error(self, message: str) -> tuple[str, str, bool]:
        if self.proxy is None:
            raise AssertionError("a proxy's error without a proxy")
        if message.startswith("407"):
            return (*proxy_password(self.proxy), False)
        problem = sentence(f"The proxy {self.proxy.shown} did not let the request through", message)
        return problem, f"Check {self.proxy.variable}; hosts in NO_PROXY are asked without it.", False

    def _connect_error(
        self, error: httpcore.ConnectError, url: str, host: str, exchange: Exchange
    ) -> tuple[str, str, bool]:
        whom = self._whom(host)
        secured = self._secured(host, exchange)
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror):
                return f"The name of {whom} cannot be found.", self._check("Check the address for a typing error"), True
            if isinstance(cause, ssl.SSLCertVerificationError):
                problem = sentence(f"The certificate of {secured} is not trusted", cause.verify_message)
                return problem, certificate_advice(cause), False
            if isinstance(cause, ssl.SSLError):
                problem = sentence(f"No TLS with {secured}", cause.reason or str(cause))
                hint = "If the server speaks plain http, begin the base URL with http://."
                if secured != host and self.proxy is not None:
                    hint = f"If the proxy speaks plain http, begin {self.proxy.variable} with http://."
                return problem, hint, isinstance(cause, ssl.SSLEOFError)
            if isinstance(cause, ConnectionRefusedError):
                hint = "Check the address and the port."
                if self.proxy:
                    hint = f"Check {self.proxy.variable}."
                elif reach_of(urlsplit(url).hostname or "") == "loopback":
                    hint = "Start the server, or check the port."
                return f"Nothing listens at {whom} (connection refused).", hint, True
            if isinstance(cause, OSError) and cause.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
                return f"There is no way to {whom} from here.", "Check the network (VPN, Wi-Fi).", True
        message = excerpt(self.secrets.masked(str(error)))
        problem = sentence(f"No connection to {whom}", message) if message else f"No connection to {whom}."
        return problem, self._check("Check the address"), True

    def _check(self, address: str) -> str:
        return f"Check {self.proxy.variable}, and the network." if self.proxy else f"{address}, and the network."


_BYTES: Final = re.compile(r"bytearray\(b'([^']{0,300})'\)")
"""The form in which h11 quotes a line."""

_OURS: Final = (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The chain of exceptions behind `error`, innermost first."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
    yield error
