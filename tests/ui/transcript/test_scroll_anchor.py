"""The scroll position after each layout, over views that are only rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import pytest

from tests.ui.host import Chat
from tui_chat.ui.transcript.scroll_anchor import MatchTarget, ScrollAnchor, ScrollTarget
from tui_chat.ui.transcript.text.text_matcher import SearchPattern

if TYPE_CHECKING:
    from tui_chat.ui.transcript.message_view import MessageView

HEIGHT = 10


class Size(NamedTuple):
    height: int


class Rows:
    """A view of so many rows whose anchors are row numbers; rows may be inserted above them."""

    match_is_known = True

    def __init__(self, rows: int, match: int = 0) -> None:
        self.size = Size(rows)
        self.shift = 0
        self._match = match

    def anchor_at(self, y: int) -> int:
        return y - self.shift

    def row_of(self, anchor: int) -> int:
        return anchor + self.shift

    def row_of_match(self) -> int:
        return self._match

    def row_of_place(self) -> int:
        return self._match


def laid_out(*views: Rows) -> tuple[ScrollAnchor, list[MessageView]]:
    """An anchor for these views, one below the other."""
    anchor = ScrollAnchor()
    lay_out(anchor, *views)
    return anchor, [cast("MessageView", view) for view in views]


def lay_out(anchor: ScrollAnchor, *views: Rows) -> None:
    tops: dict[MessageView, int] = {}
    at = 0
    for view in views:
        tops[cast("MessageView", view)] = at
        at += view.size.height
    anchor.set_layout(tops, at)


def test_the_end_is_followed_until_a_reader_scrolls() -> None:
    anchor, _ = laid_out(Rows(30))
    assert anchor.scroll_to(0, HEIGHT) == 20
    anchor.following = False
    assert anchor.scroll_to(7, HEIGHT) == 7


def test_what_is_read_stays_when_rows_come_above_it() -> None:
    above, read = Rows(20), Rows(30)
    anchor, _ = laid_out(above, read)
    anchor.following = False
    anchor.hold(25)
    above.size = Size(26)
    lay_out(anchor, above, read)
    assert anchor.scroll_to(25, HEIGHT) == 31
    read.shift = 3
    assert anchor.scroll_to(31, HEIGHT) == 34


def test_a_view_that_is_gone_leaves_the_position_where_it_was() -> None:
    gone, left = Rows(20), Rows(30)
    anchor, _ = laid_out(gone, left)
    anchor.following = False
    anchor.hold(5)
    lay_out(anchor, left)
    assert anchor.scroll_to(5, HEIGHT) == 5


@pytest.mark.parametrize(("y", "within"), [(-5, 0), (100, 20)])
def test_the_position_is_never_outside_the_rows(y: float, within: float) -> None:
    anchor, _ = laid_out(Rows(30))
    anchor.following = False
    assert anchor.scroll_to(y, HEIGHT) == within


@pytest.mark.parametrize(
    ("offset", "before", "y"),
    [(0, None, 20), (4, 2, 16), (None, 3, 17), (None, -8, 20), (None, 30, 16), (None, None, 17)],
)
def test_a_message_is_scrolled_to_where_it_is_wanted_or_as_little_as_possible(
    offset: int | None, before: int | None, y: float
) -> None:
    anchor, (_, view, _) = laid_out(Rows(20), Rows(5), Rows(40))
    anchor.following = False
    entry = Chat().ask("q")
    anchor.anchor_to(view, ScrollTarget(entry, focus=False, offset=offset), before, HEIGHT)
    assert anchor.moved
    assert anchor.scroll_to(0, HEIGHT) == y


@pytest.mark.parametrize(("match", "before", "y"), [(12, None, 29), (12, 2, 29), (12, -8, 28)])
def test_a_match_in_sight_stays_and_another_comes_to_a_third_of_the_height(
    match: int, before: int | None, y: float
) -> None:
    anchor, (_, view) = laid_out(Rows(20), Rows(40, match))
    anchor.following = False
    pattern = SearchPattern.of("x")
    assert pattern is not None
    anchor.anchor_to(view, MatchTarget(pattern, Chat().ask("q"), (0, 1)), before, HEIGHT)
    assert anchor.scroll_to(0, HEIGHT) == y


def test_the_views_in_sight_are_those_with_a_visible_row() -> None:
    anchor, views = laid_out(Rows(10), Rows(10), Rows(10))
    assert anchor.in_sight(0, 9) == views[:1]
    assert anchor.in_sight(9, 9) == views[:2]
    assert anchor.in_sight(15, 10) == views[1:]
    assert anchor.top_of(views[2]) == 20
