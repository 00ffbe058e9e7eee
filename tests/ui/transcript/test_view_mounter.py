"""Mounting the views of the window, with a transcript that only notes what it is told."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from textual.geometry import Size

from tests.ui.transcript.test_view_window import HEIGHT, WIDTH, Rows, window_over
from tui_chat.ui.transcript.scroll_anchor import ScrollAnchor, ScrollTarget
from tui_chat.ui.transcript.view_mounter import ViewMounter
from tui_chat.ui.transcript.view_window import GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.view_window import ViewWindow

ROWS = 4
"""Rows of each view."""


class Pane:
    """A scrolled widget that holds views and lays out nothing."""

    def __init__(self) -> None:
        self.size = Size(WIDTH, HEIGHT)
        self.scroll_y = 0.0
        self.views: list[MessageView] = []
        self.updates = 0
        self.focused: object = None
        self.app = SimpleNamespace(batch_update=self._batch)
        self.screen = SimpleNamespace(set_focus=self._focus)

    def _batch(self) -> nullcontext[None]:
        self.updates += 1
        return nullcontext()

    def _focus(self, view: object, *, scroll_visible: bool) -> None:
        self.focused = view

    async def mount_all(self, views: Sequence[MessageView], *, before: MessageView | None) -> None:
        at = len(self.views) if before is None else self.views.index(before)
        self.views[at:at] = views

    async def remove_children(self, gone: Sequence[MessageView]) -> None:
        self.views = [view for view in self.views if view not in gone]

    def refresh(self, *, layout: bool) -> None:
        pass


class Case:
    """A mounter over a chat of 100 exchanges."""

    def __init__(self, exchanges: int = 100) -> None:
        self.pane = Pane()
        self.window: ViewWindow = window_over(exchanges, ROWS)
        self.anchor = ScrollAnchor()
        self.mounter = ViewMounter(cast("Widget", self.pane), self.window._path, self.window, self.anchor)

    async def update(self) -> None:
        """Mount and remove, and lay the views out below each other, as the transcript does afterwards."""
        await self.mounter.update(WIDTH, HEIGHT)
        height = ROWS + GAP
        self.anchor.set_layout({view: index * height for index, view in enumerate(self.pane.views)}, self.rows)
        self.pane.scroll_y = self.anchor.scroll_to(self.pane.scroll_y, HEIGHT)

    @property
    def rows(self) -> int:
        return len(self.pane.views) * (ROWS + GAP)


async def at(where: str) -> Case:
    """A case in which the reader has gone to the end or the top."""
    case = Case()
    case.mounter.jumping = where  # type: ignore[assignment]
    case.anchor.following = where == "end"
    await case.update()
    return case


async def test_at_the_end_two_screens_are_mounted_up_to_the_last_message() -> None:
    case = await at("end")
    assert case.pane.views == case.window.views
    assert (case.window.below, case.window.high) == (0, 200)
    assert case.rows == 2 * HEIGHT
    assert case.mounter.jumping is None


async def test_at_the_top_the_first_message_is_at_the_edge_whatever_is_mounted_below() -> None:
    case = await at("top")
    assert (case.window.above, case.rows) == (0, 2 * HEIGHT)
    assert case.pane.scroll_y == 0


async def test_what_is_mounted_is_extended_when_the_reader_comes_near_an_end() -> None:
    case = await at("end")
    assert not case.mounter.short()
    case.anchor.following = False
    case.pane.scroll_y = HEIGHT - 1
    assert case.mounter.short_above()
    assert not case.mounter.short_below()  # there is nothing more
    before = list(case.pane.views)
    await case.update()
    assert case.pane.views[-len(before) :] == before
    assert len(case.pane.views) > len(before)
    top = await at("top")
    top.pane.scroll_y = 1
    assert not top.mounter.short_above()
    assert top.mounter.short_below()
    high = top.window.high
    await top.update()
    assert top.window.high > high
    assert top.pane.views == top.window.views


async def test_nothing_is_touched_while_the_window_stays() -> None:
    case = await at("end")
    updates = case.pane.updates
    await case.update()
    assert case.pane.updates == updates


@pytest.mark.parametrize("focus", [True, False])
async def test_going_to_a_distant_message_mounts_its_surroundings_and_scrolls_to_it(focus: bool) -> None:
    case = await at("end")
    case.anchor.following = False
    entry = case.window._path.entries[50]
    case.mounter.jumping = ScrollTarget(entry, focus=focus, offset=3)
    await case.update()
    view = case.window.view_of(entry)
    assert view is not None
    assert case.anchor.top_of(view) == case.pane.scroll_y + 3
    assert case.pane.focused is (view if focus else None)
    assert case.pane.views == case.window.views


async def test_a_message_that_is_gone_meanwhile_is_not_gone_to() -> None:
    case, other = await at("end"), window_over(1)
    views = list(case.pane.views)
    case.mounter.jumping = ScrollTarget(other._path.entries[0], focus=True, offset=0)
    await case.update()
    assert (case.pane.views, case.pane.focused) == (views, None)


async def test_what_is_below_is_counted_in_rows_and_messages_without_views() -> None:
    case = await at("top")
    assert case.mounter.below(0, HEIGHT) == (HEIGHT - GAP, 200 - case.window.high)
    assert case.mounter.below(5.4, HEIGHT) == (HEIGHT - GAP - 5, 200 - case.window.high)
    case.mounter.jumping = "end"
    assert case.mounter.below(0, HEIGHT) == (0, 0)
    assert (await at("end")).mounter.below(HEIGHT, HEIGHT) == (0, 0)


async def test_the_views_in_sight_are_those_of_which_some_row_is_visible() -> None:
    case = await at("top")
    height = ROWS + GAP
    case.pane.scroll_y = 2 * height
    seen = case.mounter.in_sight()
    assert seen[0] is case.pane.views[2]
    assert len(seen) == HEIGHT // height + 1
    assert all(isinstance(view, Rows) for view in seen)
