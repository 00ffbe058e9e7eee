"""Pieces of a replay wait for their time, for steps while it is paused, and for nothing else."""

from __future__ import annotations

import asyncio
from threading import Thread

from tui_chat.chat.inspection.replay_control import ReplayControl


async def begun(control: ReplayControl, seconds: float) -> asyncio.Task[None]:
    """A piece that waits."""
    task = asyncio.create_task(control.wait(seconds))
    await asyncio.sleep(0)
    return task


async def test_a_piece_waits_for_its_time() -> None:
    control = ReplayControl()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await control.wait(0.02)
    assert loop.time() - before >= 0.02
    await control.wait(0)


async def test_a_step_lets_one_piece_go_at_once_and_the_next_waits() -> None:
    control = ReplayControl()
    first = await begun(control, 3600)
    control.step()
    await first
    assert control.paused
    second = await begun(control, 0)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not second.done()
    control.step()
    await second


async def test_steps_ahead_of_the_pieces_are_not_lost() -> None:
    control = ReplayControl()
    control.pause(paused=True)
    for _ in range(3):
        control.step()
    for _ in range(3):
        await control.wait(3600)
    fourth = await begun(control, 0)
    assert not fourth.done()
    fourth.cancel()


async def test_a_pause_ends_from_another_thread() -> None:
    control = ReplayControl()
    control.pause(paused=True)
    waiting = await begun(control, 0)
    thread = Thread(target=lambda: control.pause(paused=False))
    thread.start()
    await waiting
    thread.join()
    assert not control.paused


async def test_steps_that_were_left_do_not_count_after_going_on() -> None:
    control = ReplayControl()
    control.step()
    control.step()
    control.pause(paused=False)
    control.pause(paused=True)
    waiting = await begun(control, 0)
    assert not waiting.done()
    waiting.cancel()
