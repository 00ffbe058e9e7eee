"""What the views of a transcript share: styles, matches, footers."""

from __future__ import annotations

from time import monotonic

import pytest

from tests.ui.host import SIZE, host_of, reply_view, shown, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.ui.transcript.branch_path import BranchPath
from tui_chat.ui.transcript.frame_clock import FrameClock
from tui_chat.ui.transcript.text.text_matcher import SearchPattern
from tui_chat.ui.transcript.view_maker import ViewMaker


async def test_a_view_is_not_made_before_the_styles_are_known() -> None:
    host = host_of(TextDelta("one"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        maker = ViewMaker(BranchPath(), FrameClock(host.pane, 30), now=monotonic, time_of_day=str)
        with pytest.raises(RuntimeError, match="styles"):
            maker.make(reply_view(host).message, host)


async def test_a_view_that_is_made_later_has_the_matches_too() -> None:
    host = host_of(TextDelta("one two"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "two")
        maker, view = host.pane.maker, reply_view(host)
        maker.find(SearchPattern.of("two"), view.messages[0], (0, 1))
        made = maker.make(view.messages[0], host)
        made.fit_width(40)
        assert made._body.highlights.match is not None
        assert view._body.highlights.pattern is None
        maker.highlight_matches((view,))
        assert view.match_is_known


async def test_only_the_entry_of_the_current_match_has_one() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"), question="one")
    async with host.run_test(size=SIZE):
        await until(lambda: len(host.pane.views) == 2)
        question, reply = host.pane.views
        host.pane.find(SearchPattern.of("one"), reply.messages[0], (0, 1))
        assert (question.match_is_known, reply.match_is_known) == (False, True)


async def test_another_theme_restyles_the_views_that_there_are() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        before = host.pane.maker.styles
        host.theme = "textual-light"
        await until(lambda: host.pane.maker.styles != before)
        assert reply_view(host)._body.canvas.styles is host.pane.maker.styles
