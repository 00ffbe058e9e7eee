"""The endpoint that a chat is sent to, stored with the chat so that it can return there and a change of host is
announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation

DEMO: Final = "demo"
"""The host name used for the built-in endpoint, because its port differs in each run."""

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Recipient:
    """The endpoint and the model of a chat's last question."""

    host: str
    """Host and port of the base URL, without a default port; `DEMO` for the built-in endpoint."""
    name: str = ""
    """The endpoint's name in the settings; empty: it has none."""
    model: str = ""
    """The model name in the request; empty: the endpoint's own choice."""

    @property
    def label(self) -> str:
        """The endpoint's name for use in a sentence."""
        if self.host == DEMO:
            return "the demo"
        return f"{self.name} ({self.host})" if self.name else self.host


def host_in(url: str) -> str:
    """Return the host of a URL in the form of `Recipient.host`; empty if the URL has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    return host.removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), "-"))


def same_host(one: str, other: str) -> bool:
    """Whether two hosts are the same; the names of this machine count as one."""
    return _plain(one) == _plain(other)


def _plain(host: str) -> str:
    bare = host.endswith("]") or ":" not in host
    name, port = (host, "") if bare else host.rsplit(":", 1)
    return f"localhost:{port}" if name in _THIS_MACHINE else host


def change_of_host(conversation: Conversation, to: Recipient) -> str:
    """A sentence that names the chat's former endpoint and the new one, which receives the whole chat."""
    before = conversation.recipient
    was = f"This chat was with {before.label}" if before is not None else "It is not known whom this chat was with"
    return f"{was}; all of it goes to {to.label} now."
