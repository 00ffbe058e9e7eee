"""The window of mounted views over a path, with views that have a height and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.ui.host import Chat
from tui_chat.ui.transcript.branch_path import BranchPath
from tui_chat.ui.transcript.view_window import FAR, GAP, KEPT_WHEN_FULL, MOST_MOUNTED, ViewWindow

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView

WIDTH, HEIGHT = 60, 20


class Rows:
    """A view of so many rows."""

    def __init__(self, messages: list[Message], rows: int) -> None:
        self.messages = messages
        self.rows = rows

    def fit_width(self, width: int) -> int:
        return self.rows


def window_over(exchanges: int, rows: int = 4) -> ViewWindow:
    """The window over a path of so many questions and answers, whose views have `rows` rows each."""
    chat = Chat()
    chat.fill(exchanges)
    path = BranchPath()
    path.show(chat.conversation)
    return ViewWindow(path, lambda entry: cast("MessageView", Rows(path.messages_of(entry), rows)))


def opened(window: ViewWindow, at: int) -> ViewWindow:
    """The window after it was opened around an entry, with its views mounted."""
    window.open_around(at, WIDTH, HEIGHT)
    window.moves()
    return window


def test_a_window_has_a_screen_above_and_two_below_where_it_was_opened() -> None:
    window = opened(window_over(100), 100)
    rows = 4 + GAP
    assert (100 - window.low) * rows == HEIGHT
    assert (window.high - 100) * rows == 2 * HEIGHT
    assert (window.above, window.below) == (window.low, 200 - window.high)


@pytest.mark.parametrize(("at", "low", "high"), [(0, 0, 8), (199, 195, 200)])
def test_a_window_at_an_end_stops_there(at: int, low: int, high: int) -> None:
    window = opened(window_over(100), at)
    assert (window.low, window.high) == (low, high)


def test_one_step_renders_some_twenty_entries_at_most() -> None:
    window = window_over(100, rows=0)
    window.open_at(100)
    window.extend(WIDTH, 1_000, up=False)
    assert window.high - window.low == MOST_MOUNTED - KEPT_WHEN_FULL


def test_views_are_mounted_once_in_runs_before_the_one_that_follows() -> None:
    window = window_over(10)
    window.open_at(10)
    window.extend(WIDTH, 10, up=False)
    runs, gone = window.moves()
    assert [(len(run), before) for run, before in runs] == [(2, None)]
    assert gone == []
    first = window.views[0]
    window.extend(WIDTH, 10, up=True)
    runs, gone = window.moves()
    assert [(len(run), before) for run, before in runs] == [(2, first)]
    assert window.moves() == ([], [])


def test_a_window_that_is_too_large_loses_the_end_that_is_farther_from_the_reader() -> None:
    window = window_over(100, rows=1)
    window.open_at(0)
    while window.high <= MOST_MOUNTED:
        window.extend(WIDTH, 1_000, up=False)
    window.moves()
    high = window.high
    window.trim(window.views[-2:], from_top=False)
    assert (window.high, window.high - window.low) == (high, KEPT_WHEN_FULL)
    assert len(window.moves().gone) == high - KEPT_WHEN_FULL


def test_visible_views_stay_however_large_the_window_is() -> None:
    window = window_over(100, rows=1)
    window.open_at(0)
    while window.high <= MOST_MOUNTED:
        window.extend(WIDTH, 1_000, up=False)
    window.moves()
    window.trim(window.views, from_top=True)
    assert window.low == 0


def test_long_messages_far_from_the_reader_go_at_both_ends() -> None:
    window = window_over(20, rows=FAR * HEIGHT + 1)
    window.open_at(0)
    window.extend(WIDTH, 40 * FAR * HEIGHT, up=False)
    window.extend(WIDTH, 40 * FAR * HEIGHT, up=False)
    window.moves()
    assert window.high == 40
    window.remove_far_rows(window.views[20:21], WIDTH, HEIGHT)
    assert (window.low, window.high) == (19, 22)


def test_a_view_whose_entry_has_another_message_is_made_again() -> None:
    window = opened(window_over(3), 2)
    view = window.views[0]
    view.messages.append(view.messages[0])
    runs, gone = window.moves()
    assert gone == [view]
    assert len(runs) == 1
