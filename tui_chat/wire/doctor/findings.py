"""What an examination finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.events import Failed

Verdict = Literal["ok", "warn", "fail", "skipped"]
Side = Literal["you", "network", "proxy", "server", "model"]
"""Who can change it: your settings, the network, a proxy in between, the server, or the model."""

WORST: Final[tuple[Verdict, ...]] = ("fail", "warn", "ok", "skipped")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding."""

    check: str
    """What was examined, in one or two words."""
    verdict: Verdict
    text: str
    """What was found, as a sentence."""
    side: Side | None = None
    """Whose it is; `None` if all is well."""
    advice: str = ""
    """What to do, as a sentence; empty: nothing."""
    tape: int | None = None
    """The number of the exchange that it was seen in."""


def side_of(failed: Failed) -> Side:
    """Whose failure it is."""
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
