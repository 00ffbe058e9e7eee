"""Tints of a reply's source in the lines that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.inspection.heat import HeatSpan
from tui_chat.chat.message import Part, TextPart, ToolCall
from tui_chat.ui.transcript.text.text_tint import TextTint

if TYPE_CHECKING:
    from collections.abc import Sequence


def spans(tint: TextTint, source: str, *lines: str, number: int = 0) -> Sequence[tuple[tuple[int, int], int]]:
    return tint.spans_in({0: TextPart("text", text=source)}, 0, number, lines)


def test_a_piece_is_tinted_where_its_characters_are_shown() -> None:
    tint = TextTint({"text": [HeatSpan(0, 4, 1), HeatSpan(6, 9, 3)]})
    assert spans(tint, "one **two** three", "one two three") == [((0, 4), 1), ((4, 7), 3)]
    assert spans(tint, "one two", "one two") == [((0, 4), 1), ((6, 7), 3)]


def test_a_line_that_is_not_there_has_no_tint() -> None:
    tint = TextTint({"text": [HeatSpan(0, 4, 1)]})
    assert spans(tint, "one", "one", number=1) == []
    assert tint.spans_in({0: ToolCall(0, "id", "one")}, 0, 0, ["one"]) == []
    assert tint.spans_in({}, 0, 0, ["one"]) == []


def test_offsets_of_a_second_part_count_from_the_first() -> None:
    parts: dict[int, Part] = {
        0: TextPart("reasoning", text="hm"),
        1: TextPart("text", text="one"),
        2: TextPart("text", text="two"),
    }
    tint = TextTint({"text": [HeatSpan(3, 6, 2)]})
    assert tint.spans_in(parts, 1, 0, ["one"]) == []
    assert tint.spans_in(parts, 2, 0, ["two"]) == [((0, 3), 2)]
    assert tint.place_of(parts, {0: ["hm"], 1: ["one"], 2: ["two"]}) == (2, 0, 0)
    assert tint.place_of(parts, {0: ["hm"], 1: ["one"]}) is None


def test_a_text_that_has_grown_is_looked_at_again() -> None:
    tint = TextTint({"text": [HeatSpan(4, 7, 1)]})
    assert spans(tint, "one", "one") == []
    assert spans(tint, "one two", "one two") == [((4, 7), 1)]
