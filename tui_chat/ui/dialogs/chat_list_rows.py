"""The rows of the chat list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from textual.content import Content

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dates import in_words
from tui_chat.ui.numbers import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.history_ports import ChatInfo, Hit

MARGIN = 4
"""Cells before a title: selection, pin, state and a space."""
FOUND = "bold underline $text-accent"
TITLE = "$foreground"

BLANKS = re.compile(r"\s+")

WITH_SIZE, WITH_MODEL, WITH_CHARACTERS = 60, 84, 100
"""The widths from which the columns for size, model and characters are shown."""


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A row with one chat of the list."""

    chat: ChatInfo
    shown: bool = False
    """Whether it is the chat that is open behind the list."""
    running: bool = False
    """Whether a reply is running in it."""
    waiting: bool = False
    """Whether it contains something unread."""


@dataclass(frozen=True, slots=True)
class HitRow:
    """A message that matches the search."""

    hit: Hit


@dataclass(frozen=True, slots=True)
class MoreRow:
    """Loads more rows when it is chosen."""

    words: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A message to the user; it cannot be selected."""

    words: str
    heading: bool = False


ChatListRow: TypeAlias = ChatRow | HitRow | MoreRow | NoteRow


def height_of(row: ChatListRow) -> int:
    """The height in screen rows."""
    return 2 if isinstance(row, HitRow) or (isinstance(row, NoteRow) and row.heading) else 1


def lines_of(row: ChatListRow, width: int, *, picked: bool, now: float) -> list[Content]:
    """The row's lines, at most `width` cells wide each."""
    return [line.truncate(max(1, width), ellipsis=True) for line in _lines_of(row, width, picked=picked, now=now)]


def _lines_of(row: ChatListRow, width: int, *, picked: bool, now: float) -> list[Content]:
    match row:
        case ChatRow():
            return [_chat_line(row, width, picked=picked, now=now)]
        case HitRow(hit):
            where = Content.styled(clean_line(hit.chat.title) or "(no title)", TITLE)
            who = "you" if hit.role == "user" else "reply"
            left = _pick(picked) + Content("   ") + where
            about = Content(f"{who} · {in_words(hit.created, now)}")
            return [
                _in_columns(left, [about], width),
                Content(" " * MARGIN) + excerpt_line(hit.excerpt, width - MARGIN),
            ]
        case MoreRow(words):
            return [_pick(picked) + Content(f"   {words}")]
        case NoteRow(words, heading):
            if heading:
                return [Content(""), Content.styled(f" {words}", f"bold {TITLE}")]
            return [Content(f"{'':{MARGIN}}{words}")]


def _pick(picked: bool) -> Content:
    return Content.styled("▸", "$text-accent") if picked else Content(" ")


def _chat_line(row: ChatRow, width: int, *, picked: bool, now: float) -> Content:
    chat = row.chat
    pin = Content.styled("★", "$text-warning") if chat.pinned else Content(" ")
    if row.running or chat.live:
        state = Content.styled("●", "$text-accent")
    else:
        state = Content.styled("○", "$text-accent") if row.waiting else Content(" ")
    title = Content.styled(clean_line(chat.title) or "(no title)", f"bold {TITLE}" if row.shown or picked else TITLE)
    columns = []
    if width >= WITH_MODEL:
        columns.append(_cell(clean_line(chat.model), 20))
    if width >= WITH_SIZE:
        columns.append(_cell(f"{count(chat.messages)} msg", 9, right=True))
    if width >= WITH_CHARACTERS:
        columns.append(_cell(f"{count(chat.characters)} char", 11, right=True))
    columns.append(_cell(in_words(chat.changed, now), 11, right=True))
    return _in_columns(_pick(picked) + pin + state + " " + title, columns, width)


def _cell(text: str, width: int, *, right: bool = False) -> Content:
    cell = Content(text).truncate(width, ellipsis=True)
    blank = " " * (width - cell.cell_length)
    return Content(blank) + cell if right else cell + blank


def _in_columns(left: Content, columns: Sequence[Content], width: int) -> Content:
    """A line with columns at the right edge; the left part is shortened if necessary."""
    right = Content("  ").join(columns)
    room = max(1, width - right.cell_length - 2)
    left = left.truncate(room, ellipsis=True)
    return left + " " * max(1, width - left.cell_length - right.cell_length) + right


def excerpt_line(pieces: Sequence[tuple[str, bool]], width: int) -> Content:
    """An excerpt in one line, with its first match visible."""
    line = Content("").join(Content.styled(_one_line(text), FOUND if hit else "") for text, hit in pieces)
    before = 0
    for text, hit in pieces:
        if hit:
            break
        before += len(_one_line(text))
    if line.cell_length > width and before > width // 3:
        line = Content("…") + line[before - width // 3 :]
    return line.truncate(max(1, width), ellipsis=True)


def _one_line(text: str) -> str:
    return BLANKS.sub(" ", clean(text))
