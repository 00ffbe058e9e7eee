from __future__ import annotations

from itertools import pairwise
from time import monotonic

import pytest

from tui_chat.chat.events import ChatEvent, Finished, KeepAlive, TextDelta
from tui_chat.server.scripted.pacing import AT_ONCE, Metronome, Pace, paced

EVENTS: list[ChatEvent] = [
    KeepAlive(),
    TextDelta("a"),
    TextDelta("b"),
    TextDelta("c"),
    Finished("stop", "done-sentinel"),
]


async def test_deltas_are_never_early() -> None:
    began = monotonic()
    heard = [(event, monotonic() - began) async for event in paced(EVENTS, Pace(rate=50, first=0.03))]
    assert [event for event, _ in heard] == EVENTS
    times = [after for event, after in heard if isinstance(event, TextDelta)]
    for time, due in zip(times, [0.03, 0.05, 0.07], strict=True):
        assert time >= due - 0.002  # the loop's clock may run a timer a tick early


async def test_what_is_no_delta_does_not_wait() -> None:
    events = paced([KeepAlive(), TextDelta("never reached")], Pace(first=3600))
    assert await anext(events) == KeepAlive()
    await events.aclose()


async def test_without_a_rate_everything_comes_at_once() -> None:
    assert [event async for event in paced(EVENTS * 200, AT_ONCE)] == EVENTS * 200


async def due(pace: Pace, seed: str) -> list[float]:
    """The gaps that a metronome plans."""
    metronome = Metronome(pace, seed)
    times = [metronome._due]
    for _ in range(50):
        await metronome.beat()
        times.append(metronome._due)
    return [later - sooner for sooner, later in pairwise(times)]


async def test_jitter_keeps_the_rate_and_is_the_same_with_the_same_seed() -> None:
    gaps = await due(Pace(rate=2000, first=0, jitter=1), "1")
    assert gaps == pytest.approx(await due(Pace(rate=2000, first=0, jitter=1), "1"))
    assert gaps != pytest.approx(await due(Pace(rate=2000, first=0, jitter=1), "2"))
    assert 0 <= min(gaps) < 0.0001 < 0.0009 < max(gaps) <= 0.001
    assert sum(gaps) == pytest.approx(50 / 2000, rel=0.3)
    assert await due(Pace(rate=2000, first=0), "1") == pytest.approx([1 / 2000] * 50)


async def test_a_sign_of_life_comes_only_into_a_silence() -> None:
    first, *rest = [event async for event in paced(EVENTS[1:], Pace(rate=None, first=0.1, keep_alive=0.04))]
    assert first == KeepAlive()
    assert [event for event in rest if event != KeepAlive()] == EVENTS[1:]
    lively = [event async for event in paced(EVENTS[1:], Pace(rate=1000, first=0.0, keep_alive=10))]
    assert lively == EVENTS[1:]
