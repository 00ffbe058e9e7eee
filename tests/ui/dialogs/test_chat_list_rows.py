"""The rows of the chat list at several widths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_chat.chat.history_ports import ChatInfo, Hit
from tui_chat.ui.dialogs.chat_list_rows import (
    WITH_CHARACTERS,
    WITH_MODEL,
    WITH_SIZE,
    ChatListRow,
    ChatRow,
    HitRow,
    MoreRow,
    NoteRow,
    excerpt_line,
    height_of,
    lines_of,
)

NOW = 1_700_000_000.0
INFO = ChatInfo("id", "A title of\x1b[2J some length", NOW, NOW, "a-model", 1234, 56_789)
HIT = Hit(INFO, "message", "assistant", NOW, (("before the ", False), ("word", True), (" after", False)))


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (40, []),
        (WITH_SIZE, ["1,234 msg"]),
        (WITH_MODEL, ["a-model", "1,234 msg"]),
        (WITH_CHARACTERS, ["a-model", "1,234 msg", "56.8k char"]),
    ],
)
def test_a_wider_list_tells_more(width: int, told: list[str]) -> None:
    (line,) = lines_of(ChatRow(INFO), width, picked=False, now=NOW)
    assert line.cell_length == width
    assert "A title of\ufffd[2J" in line.plain
    assert [words for words in ("a-model", "1,234 msg", "56.8k char") if words in line.plain] == told
    assert "today" in line.plain


@pytest.mark.parametrize(
    ("row", "marks"),
    [
        (ChatRow(INFO), "    "),
        (ChatRow(INFO, running=True), "  ● "),
        (ChatRow(INFO, waiting=True), "  ○ "),
        (ChatRow(replace(INFO, pinned=True, live=True)), " ★● "),
    ],
)
def test_marks_stand_before_the_title(row: ChatListRow, marks: str) -> None:
    assert lines_of(row, 80, picked=False, now=NOW)[0].plain.startswith(f"{marks}A title")
    assert lines_of(row, 80, picked=True, now=NOW)[0].plain.startswith(f"▸{marks[1:]}A title")


@pytest.mark.parametrize("row", [ChatRow(INFO), HitRow(HIT), MoreRow("more"), NoteRow("note"), NoteRow("head", True)])
@pytest.mark.parametrize("width", [1, 12, 60, 120])
def test_a_row_has_the_height_and_the_width_it_says(row: ChatListRow, width: int) -> None:
    lines = lines_of(row, width, picked=False, now=NOW)
    assert len(lines) == height_of(row)
    assert all(line.cell_length <= width for line in lines)


def test_an_excerpt_shows_its_first_hit_in_one_clean_line() -> None:
    pieces = (("x " * 200, False), ("the\nneedle", True), ("\x1b]52;c;x\x07 tail " * 50, False))
    line = excerpt_line(pieces, 60)
    assert line.cell_length <= 60
    assert "the needle" in line.plain
    assert line.plain.startswith("…")
    assert "\x1b" not in line.plain
