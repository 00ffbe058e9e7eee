"""Text in place of a document: keep-alives, and answers in no known form."""

from __future__ import annotations

import re
from typing import Final

from tui_chat.chat.events import Failed
from tui_chat.wire.failures.errors import sentence

_KEEP_ALIVE: Final = frozenset(
    """ping pong heartbeat keepalive alive noop ok open opened connected start started ready processing null none
    undefined""".split()  # noqa: SIM905 (readable)
)
_LONGEST: Final = 40
_NO_LETTERS: Final = re.compile(r"[^a-z]+")


def is_keep_alive(text: str) -> bool:
    """Whether a server sends this text only to keep the connection open."""
    return len(text) <= _LONGEST and _NO_LETTERS.sub("", text.lower()) in _KEEP_ALIVE


def no_answer(stray: str, unread: str = "", *, broke_off: bool = False) -> Failed:
    """The failure for a reply without content. `stray`: text that came in its place; `unread`: a document that came in
    its place; both with secrets masked. `broke_off`: the body ended inside an event."""
    if stray:
        return Failed(
            sentence("The server answered with text that is not an event stream", stray),
            "Check the base URL and the API it speaks.",
            message=stray,
        )
    if unread:
        return Failed(
            sentence("The server's answer has a form that is not known here", unread),
            "Check the base URL and the API it speaks.",
            message=unread,
        )
    if broke_off:
        return Failed("No answer came: the connection closed in the middle of an event.", "Try again.", "network")
    return Failed("The server's answer was empty.", "Try again; check the model's name and the server's log.")
