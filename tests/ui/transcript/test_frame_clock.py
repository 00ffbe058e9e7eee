"""When views catch up that were marked."""

from __future__ import annotations

import asyncio
from time import monotonic, thread_time
from typing import TYPE_CHECKING, cast

import pytest

from tests.ui.host import until
from tui_chat.ui.transcript import frame_clock
from tui_chat.ui.transcript.frame_clock import FrameClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_chat.terminal.streaming_scroll import StreamingScroll

FRAMES_PER_SECOND = 4
"""So few that a busy machine keeps their time, too."""


class Owner:
    """A widget as far as the clock needs it."""

    def run_soon(self, callback: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(callback)

    call_later = run_soon


class ExpensiveView:
    """Counts its frames; each takes a moment of processor time."""

    def __init__(self) -> None:
        self.frames = 0

    def catch_up(self) -> None:
        self.frames += 1
        end = thread_time() + 0.002
        while thread_time() < end:
            pass

    def tick(self) -> bool:
        return False


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> ExpensiveView:
    """A view after whose frames the clock would rest for minutes."""
    monkeypatch.setattr(frame_clock, "COST_FACTOR", 1e6)
    monkeypatch.setattr(frame_clock, "MOST_WAIT", 600.0)
    return ExpensiveView()


def clock_of() -> FrameClock:
    return FrameClock(cast("StreamingScroll", Owner()), FRAMES_PER_SECOND)


async def test_the_last_word_of_a_burst_is_shown_when_nothing_follows_it(view: ExpensiveView) -> None:
    clock = clock_of()
    clock.mark(view)
    await until(lambda: view.frames == 1)
    for _ in range(100):
        clock.mark(view)
    await until(lambda: view.frames == 2)
    assert not clock.busy


async def mark_for_two_frames(clock: FrameClock, view: ExpensiveView) -> None:
    end = monotonic() + 2 / FRAMES_PER_SECOND
    while monotonic() < end:
        clock.mark(view)
        await asyncio.sleep(0.001)


async def test_while_text_keeps_coming_the_clock_rests_as_long_as_frames_are_expensive(view: ExpensiveView) -> None:
    clock = clock_of()
    clock.mark(view)
    await until(lambda: view.frames == 1)
    clock.mark(view)
    await until(lambda: view.frames == 2)
    await mark_for_two_frames(clock, view)
    assert view.frames == 2
    clock.close()
    assert not clock.busy


async def test_one_expensive_frame_is_no_reason_to_rest(view: ExpensiveView) -> None:
    clock = clock_of()
    clock.mark(view)
    await until(lambda: view.frames == 1)
    await mark_for_two_frames(clock, view)
    assert view.frames == 2
    clock.close()
    assert not clock.busy


async def test_a_view_that_must_be_seen_at_once_does_not_wait(view: ExpensiveView) -> None:
    clock = clock_of()
    clock.mark(view)
    await until(lambda: view.frames == 1)
    clock.mark(view)
    clock.mark(view, at_once=True)
    await until(lambda: view.frames == 2)
    assert not clock.busy


async def test_garbage_is_collected_after_the_last_text_has_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(frame_clock, "collect_if_due", lambda: done.append("collected"))
    monkeypatch.setattr(frame_clock, "SETTLE_TURN", 0)
    clock = FrameClock(cast("StreamingScroll", Owner()))

    def slices(name: str) -> Iterator[None]:
        for _ in range(3):
            done.append(name)
            yield

    clock.settle(slices("one"))
    clock.settle(slices("two"))
    await until(lambda: "collected" in done and not clock.busy)
    assert done == ["one"] * 3 + ["two"] * 3 + ["collected"]


async def test_what_a_frame_has_left_is_rendered_as_soon_as_nothing_arrives(
    view: ExpensiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_clock, "QUIET", 0.001)
    clock = clock_of()
    clock.frames_per_second = 1 / 600
    rendered = view.catch_up

    def catch_up() -> None:
        rendered()
        if view.frames < 9:
            clock.mark(view)

    view.catch_up = catch_up  # type: ignore[method-assign]
    clock.mark(view)
    await until(lambda: view.frames == 9)
