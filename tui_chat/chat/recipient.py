"""Whom a chat's messages are sent to, so that a chat can go back there and a change of host can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation

DEMO: Final = "demo"
"""The host of the built-in endpoint, whose port is another one in each run."""

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Recipient:
    """An endpoint as a chat remembers it, and the model that was asked there."""

    host: str
    """Host and port of the base URL, without a port that goes without saying; `DEMO` for the built-in endpoint."""
    name: str = ""
    """The name that a person gave the endpoint in the settings; empty: it has none."""
    model: str = ""
    """The model's name in the request; empty: the endpoint's own choice."""

    @property
    def label(self) -> str:
        """The endpoint in a sentence."""
        if self.host == DEMO:
            return "the demo"
        return f"{self.name} ({self.host})" if self.name else self.host


def host_in(url: str) -> str:
    """The host of a URL as `Recipient.host` has it; empty where the URL has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    return host.removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), "-"))


def same_host(one: str, other: str) -> bool:
    """Whether two hosts are the same; this machine has several names."""
    return _plain(one) == _plain(other)


def _plain(host: str) -> str:
    bare = host.endswith("]") or ":" not in host
    name, port = (host, "") if bare else host.rsplit(":", 1)
    return f"localhost:{port}" if name in _THIS_MACHINE else host


def change_of_host(conversation: Conversation, to: Recipient) -> str:
    """A sentence that says whom a chat was with and to whom all of it would go now."""
    before = conversation.recipient
    was = f"This chat was with {before.label}" if before is not None else "It is not known whom this chat was with"
    return f"{was}; all of it goes to {to.label} now."
