"""The strips of a message's rows: the same objects again, and what lies on top of them."""

from __future__ import annotations

from textual.geometry import Offset
from textual.selection import Selection

from tests.ui.host import SIZE, host_of, reply_view, shown
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.ui.transcript.row_painter import ColumnPlace, RowPainter
from tui_chat.ui.transcript.text.text_matcher import SearchPattern

PLACE = ColumnPlace(3, 70)


async def test_rows_are_as_wide_as_the_pane_and_the_same_strips_again() -> None:
    host = host_of(TextDelta("one\n\ntwo"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "two")
        painter = RowPainter(reply_view(host)._body)
        first = painter.paint(range(3), PLACE, None, has_focus=False)
        assert [strip.cell_length for strip in first] == [70, 70, 70]
        assert [strip.text.strip() for strip in first] == ["one", "", "two"]
        assert all(
            one is other
            for one, other in zip(first, painter.paint(range(3), PLACE, None, has_focus=False), strict=True)
        )


async def test_the_focus_has_a_bar_in_the_first_cell_of_the_column() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        painter = RowPainter(body := reply_view(host)._body)
        (strip,) = painter.paint(range(1), PLACE, None, has_focus=True)
        assert strip.text.rstrip() == f"   {body.canvas.styles.marks.signs.focus} one"


async def test_matches_and_the_selection_are_highlighted_in_their_cells() -> None:
    host = host_of(TextDelta("one two three"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        painter = RowPainter(body := reply_view(host)._body)
        body.find(SearchPattern.of("two"), None)
        selection = Selection(Offset(8, 0), Offset(13, 0))
        (strip,) = painter.paint(range(1), PLACE, selection, has_focus=False)
        marks = body.canvas.styles.marks
        backgrounds = {segment.text: segment.style.bgcolor for segment in strip if segment.style is not None}
        assert backgrounds["two"] == marks.found.bgcolor
        assert backgrounds["three"] == marks.selected.bgcolor
        assert strip.cell_length == 70


async def test_each_cell_of_a_row_knows_its_position_in_the_logical_line() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        painter = RowPainter(reply_view(host)._body)
        strip = painter.with_positions(0, PLACE)
        at = [segment.style.meta["offset"] for segment in strip if segment.style is not None]
        assert at[:10] == [(0, 0)] * 6 + [(1, 0), (2, 0), (3, 0), (3, 0)]
