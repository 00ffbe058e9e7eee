"""The highlights of a message, without a screen: which spans of its lines are matches, hot or marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.ui.markdown_texts import THEME
from tui_chat.chat.inspection.heat import HeatSpan
from tui_chat.chat.message import Part, TextPart, ToolCall
from tui_chat.ui.roles import role_variables
from tui_chat.ui.transcript.message_styles import MessageStyles
from tui_chat.ui.transcript.section_stack import RowAnchor
from tui_chat.ui.transcript.text.highlights import Highlights
from tui_chat.ui.transcript.text.text_matcher import SearchPattern
from tui_chat.ui.transcript.text.text_tint import TextTint

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKS = MessageStyles.of(role_variables(THEME), ansi=False).marks


class Lines(NamedTuple):
    """A rendered part."""

    lines: Sequence[str]
    height: int = 0


def highlights(*texts: str, of: str = "", occurrence: tuple[int, int] | None = None) -> Highlights:
    """The highlights of a reply with a part for each text, shown as it is; `of`: what is searched for."""
    parts: dict[int, Part] = {key: TextPart("text", text=text) for key, text in enumerate(texts)}
    found = Highlights(parts, {key: Lines(text.split("\n")) for key, text in enumerate(texts)})  # type: ignore[misc]
    found.find(SearchPattern.of(of), occurrence)
    found.locate_match(complete=True)
    return found


def test_without_a_pattern_and_tints_there_is_nothing_to_highlight() -> None:
    found = highlights("one two")
    assert not found
    assert found.spans_in(0, 0, MARKS) == []
    assert found.anchor_of_match is None
    assert found.anchor_of_place is None


def test_each_match_is_found_in_its_line_and_the_current_one_stands_out() -> None:
    found = highlights("a cat\nand a cat", "cat", of="cat", occurrence=(1, 3))
    assert found
    assert found.spans_in(0, 0, MARKS) == [((2, 5), MARKS.found)]
    assert found.spans_in(0, 1, MARKS) == [((6, 9), MARKS.found_here)]
    assert found.spans_in(1, 0, MARKS) == [((0, 3), MARKS.found)]
    assert found.anchor_of_match == RowAnchor(0, 1, 6)


@pytest.mark.parametrize(("occurrence", "line"), [((0, 6), 0), ((3, 6), 1), ((5, 6), 2), ((9, 9), 2)])
def test_where_the_source_has_more_matches_than_the_rows_the_nearest_is_taken(
    occurrence: tuple[int, int], line: int
) -> None:
    found = highlights("cat\ncat\ncat", of="cat", occurrence=occurrence)
    assert found.anchor_of_match == RowAnchor(0, line, 0)


def test_the_current_match_is_not_known_before_all_lines_are_rendered() -> None:
    found = highlights("cat", of="cat", occurrence=(0, 1))
    found.locate_match(complete=False)
    assert found.match is None
    assert found.spans_in(0, 0, MARKS) == [((0, 3), MARKS.found)]


def test_a_part_that_is_not_text_and_a_line_that_is_gone_have_no_spans() -> None:
    found = Highlights({0: ToolCall(0, "1", "cat")}, {0: Lines(["cat"])})  # type: ignore[dict-item]
    found.find(SearchPattern.of("cat"), (0, 1))
    found.locate_match(complete=True)
    assert found.spans_in(0, 0, MARKS) == found.spans_in(7, 0, MARKS) == []
    assert highlights("cat", of="cat").spans_in(0, 1, MARKS) == []


def test_heat_is_below_the_marked_place_and_that_below_matches() -> None:
    found = highlights("hot cat", of="cat", occurrence=(0, 1))
    found.heat = TextTint({"text": [HeatSpan(0, 3, 2)]})
    found.place = TextTint({"text": [HeatSpan(1, 2, 1)]})
    assert found.spans_in(0, 0, MARKS) == [
        ((0, 3), MARKS.heat[1]),
        ((1, 2), MARKS.found_here),
        ((4, 7), MARKS.found_here),
    ]
    assert found.anchor_of_place == RowAnchor(0, 0, 1)
