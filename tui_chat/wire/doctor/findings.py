"""The findings of an examination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.events import Failed
    from tui_chat.wire.tape.tape import RecordedExchange

Verdict = Literal["ok", "warn", "fail", "skipped"]
Side = Literal["you", "network", "proxy", "server", "model"]
"""The side that can change it: your settings, the network, a proxy in between, the server, or the model."""

WORST: Final[tuple[Verdict, ...]] = ("fail", "warn", "ok", "skipped")


_PROXIES: Final = ("nginx", "cloudflare", "varnish", "envoy", "haproxy", "awselb", "caddy", "traefik")
"""The names that proxies give themselves in headers, in small letters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of the examination: a problem with its advice, or that all is well."""

    check: str
    """The subject of the check, in one or two words."""
    verdict: Verdict
    text: str
    """The finding, as a sentence."""
    side: Side | None = None
    """The side that can change it; `None` if all is well."""
    advice: str = ""
    """The advice, as a sentence; empty: none."""
    tape: int | None = None
    """The number of the exchange that it was seen in."""


def side_of(failed: Failed) -> Side:
    """The side that can resolve a failure."""
    match failed.kind:
        case "setup" | "key":
            return "proxy" if failed.status == 407 else "you"
        case "network":
            return "network"
        case "request":
            return "you"
        case _:
            return "server"


def worst(findings: list[Finding]) -> Verdict:
    """The worst verdict of some findings."""
    found = {finding.verdict for finding in findings}
    return next((verdict for verdict in WORST if verdict in found), "ok")


def in_between(exchange: RecordedExchange, otherwise: Side = "server") -> tuple[Side, str]:
    """The side that probably answered or kept pieces back, and its name: a proxy that names itself, or the server.
    `otherwise`: whose it is if nothing names itself."""
    headers = {name.lower(): value for name, value in exchange.response_headers}
    named = headers.get("via") or headers.get("server", "")
    if "via" in headers or any(proxy in named.lower() for proxy in _PROXIES):
        return "proxy", f"A proxy ({named})"
    if "content-encoding" in headers:
        return "proxy", f"Compression ({headers['content-encoding']})"
    return otherwise, "The server, or a proxy that does not name itself,"
