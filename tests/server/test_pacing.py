from __future__ import annotations

from time import monotonic

from tui_chat.chat.events import Alive, ChatEvent, Finished, TextDelta
from tui_chat.server.pacing import AT_ONCE, Pace, paced

EVENTS: list[ChatEvent] = [Alive(), TextDelta("a"), TextDelta("b"), TextDelta("c"), Finished("stop", "done-sentinel")]


async def test_deltas_are_never_early() -> None:
    began = monotonic()
    heard = [(event, monotonic() - began) async for event in paced(EVENTS, Pace(rate=50, first=0.03))]
    assert [event for event, _ in heard] == EVENTS
    times = [after for event, after in heard if isinstance(event, TextDelta)]
    for time, due in zip(times, [0.03, 0.05, 0.07], strict=True):
        assert time >= due - 0.002  # the loop's clock may run a timer a tick early


async def test_what_is_no_delta_does_not_wait() -> None:
    events = paced([Alive(), TextDelta("never reached")], Pace(first=3600))
    assert await anext(events) == Alive()
    await events.aclose()


async def test_without_a_rate_everything_comes_at_once() -> None:
    assert [event async for event in paced(EVENTS * 200, AT_ONCE)] == EVENTS * 200
