"""Which views of a transcript are tinted."""

from __future__ import annotations

from tests.ui.host import SIZE, host_of, reply_view, shown
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.inspection.heat import HeatSpan
from tui_chat.ui.transcript.text.text_tint import TextTint

TINT = TextTint({"text": [HeatSpan(0, 3, 2)]})


async def test_the_heat_of_a_reply_is_shown_once_it_has_ended() -> None:
    host = host_of(TextDelta("one"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        tints, view = host.pane.maker.tints, reply_view(host)
        tints.heat_of = lambda _: TINT
        tints.apply(view)
        shown_heat = [view._body.highlights.heat]
        host.chat.tell(Finished("stop", "eof"))
        shown_heat.append(view._body.highlights.heat)
        tints.heat_of = None
        tints.apply(view)
        assert [*shown_heat, view._body.highlights.heat] == [None, TINT, None]


async def test_a_question_has_no_heat() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        host.pane.maker.tints.heat_of = lambda _: TINT
        for view in host.pane.views:
            host.pane.maker.tints.apply(view)
        assert [view._body.highlights.heat for view in host.pane.views] == [None, TINT]


async def test_the_marked_place_is_in_one_entry_alone() -> None:
    host = host_of(TextDelta("one"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one")
        host.pane.mark_place(reply_view(host).message, TINT)
        assert [view._body.highlights.place for view in host.pane.views] == [None, TINT]
