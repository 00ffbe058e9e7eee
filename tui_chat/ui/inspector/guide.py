"""The dialog that explains the inspector: its columns, the kinds of frames, its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.ui.inspector.frame_dialog import RowsDialog
from tui_chat.ui.inspector.json_rows import TextRow
from tui_chat.ui.inspector.words import defined_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS: Final = (
    "ms  milliseconds from the beginning of the request to the frame's last byte",
    "gap  milliseconds since the frame before; ! marks a stall: over a second, and over ten times the usual gap",
    "kind  what the frame means, see below",
    "size  bytes of the frame",
    "data  what it says; ! and a sentence before it say which bytes could not be read",
)
KINDS: Final = (
    "text  a piece of the reply",
    "reasoning  a piece of the model's thinking",
    "tool  a piece of a call of a tool",
    "usage  token counts",
    "keep-alive  a comment or ping that only keeps the connection open",
    "done  why the reply ended, or the sign that it has",
    "error  an error that the server reports, or a frame that cannot be read",
    "other  anything else, such as a first chunk without text",
)
FIGURES: Final = (
    "first byte  from the sent request to the head of the response",
    "first token  from the sent request to the first piece of the reply",
    "finish  the server's own word for why the reply ended",
    "±30 ms  nobody looked while this came, so times are up to 30 ms late; open the inspector first for exact ones",
)
KEYS: Final = (
    "↑ ↓ PgUp PgDn g G  move; on the last row new frames are followed",
    "← → 1 2 3 4  the tabs",
    "Enter  show all of the frame, fold JSON, or open a long text",
    "/  show only frames with these words; Esc drops them",
    "f F  show only one kind of frame: the next, the one before",
    "e  go to the next error, unreadable bytes or stall",
    "Space  pause: take nothing new, or go on",
    "[ ]  the request before, the next",
    "y  copy the request as a curl command; the key stands in a variable",
    "s  save request and response: a tape, a report, HAR, CSV, curl",
)
CHAT_KEYS: Final = (
    "o  show in the reply what the frame added to it",
    "a  show the requests of all chats, or of this one",
)


def guide_rows(width: int, *, in_chat: bool) -> list[TextRow]:
    """The rows of the guide for a width in cells."""
    keys = (*KEYS, *(CHAT_KEYS if in_chat else ()), "q  close" if in_chat else "q  quit")
    parts: Sequence[tuple[str, Sequence[str]]] = (
        ("Keys", keys),
        ("Columns", COLUMNS),
        ("Kinds of frames", KINDS),
        ("Figures", FIGURES),
    )
    rows: list[TextRow] = []
    for title, lines in parts:
        rows += [TextRow(((title, "bold"),)), *defined_rows(lines, width), TextRow((("", "text"),))]
    return rows[:-1]


class GuideDialog(RowsDialog):
    """Shows the guide in a dialog."""

    def __init__(self, *, in_chat: bool) -> None:
        super().__init__("Reading the wire", lambda width: guide_rows(width, in_chat=in_chat))
