"""A list of frames of any length draws and searches what is in sight, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time
from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.inspection.wire_ports import StreamFacts, WireExchange, WireFrame
from tui_chat.ui.inspector.frame_list import FrameList, heads
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_chat.chat.inspection.wire_ports import FrameKind, TokenScore

TEXT: FrameKind = "text"
KINDS: tuple[FrameKind, ...] = ("keep-alive", *[TEXT] * 9)
EXCHANGE = WireExchange(1, "q", 1, datetime.now(UTC), 0.0, "POST", "http://h/v1", 200, 0.1, 0.1, 9.0, "end")


class MadeLog:
    """Frames without a wire."""

    def __init__(self, count: int) -> None:
        self.frames = [
            WireFrame(at * 0.01, 0.01, KINDS[at % 10], "", at * 100, at * 100 + 100, f'"word {at}"')
            for at in range(count)
        ]
        self.dropped = 0
        self.facts = StreamFacts()

    def body(self, most: int) -> str:
        return ""

    def update(self, seconds: float) -> bool:
        return False

    def raw(self, frame: WireFrame) -> bytes:
        return b""

    def find(self, words: str) -> set[int]:
        return {index for index, frame in enumerate(self.frames) if words in frame.shown}

    def scores(self, frame: WireFrame) -> Sequence[TokenScore]:
        return ()


class CountingList(FrameList):
    """Counts the rows that are drawn."""

    drawn = 0

    def row(self, index: int, width: int) -> object:  # type: ignore[override]
        self.drawn += 1
        return super().row(index, width)


class Host(ThemedApp):
    def __init__(self) -> None:
        super().__init__()
        self.frames = CountingList()

    def compose(self) -> ComposeResult:
        yield self.frames


async def moved(count: int) -> tuple[int, float, str]:
    """The rows drawn and the seconds of the processor for some moves in a list of so many frames, and its last row."""
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.frames.show_exchange(EXCHANGE, MadeLog(count))
        app.frames.focus()
        await pilot.pause()
        app.frames.drawn, began = 0, process_time()
        for _ in range(4):
            for move in ("first", "page down", "down", "last", "page up", "up"):
                app.frames.move(move)
                await pilot.pause()
        cost, drawn = process_time() - began, app.frames.drawn
        app.frames.move("last")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        return drawn, cost, strips[-1].text


async def test_moves_in_a_hundred_thousand_frames_cost_as_much_as_in_two_hundred() -> None:
    few, cheap, last = await moved(200)
    assert "body complete" in last
    many, most, last = await moved(100_000)
    assert "body complete" in last
    assert many <= few * 1.2
    assert most < cheap * 3


async def test_a_search_in_a_hundred_thousand_frames_shows_what_it_found_and_where_one_was() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.frames.show_exchange(EXCHANGE, MadeLog(100_000))
        await pilot.pause()
        app.frames.pick_frame(99_999_00)
        app.frames.set_filter(frozenset(), "word 7777")
        assert app.frames.matches == 11
        frame = app.frames.frame
        assert frame is not None
        assert frame.shown == '"word 77779"'
        app.frames.set_filter(frozenset({"keep-alive"}), "word 7777")
        assert app.frames.matches == 1
        app.frames.set_filter(frozenset(), "")
        assert app.frames.matches == 100_000
        assert app.frames.frame is not None
        assert app.frames.frame.shown == '"word 77770"'


async def test_the_picked_frame_stays_picked_when_older_ones_are_forgotten() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        log = MadeLog(1000)
        app.frames.show_exchange(EXCHANGE, log)
        await pilot.pause()
        app.frames.pick_frame(500_00)
        del log.frames[:300]
        log.dropped = 300
        app.frames.update_from(EXCHANGE, 0.01)
        await pilot.pause()
        assert app.frames.frame is not None
        assert app.frames.frame.shown == '"word 500"'


async def test_the_picked_frame_of_a_filter_stays_picked_when_older_ones_are_forgotten() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        log = MadeLog(1000)
        app.frames.show_exchange(EXCHANGE, log)
        await pilot.pause()
        app.frames.set_filter(frozenset({"keep-alive"}), "")
        app.frames.pick_frame(500_00)
        assert (app.frames.matches, app.frames.pick) == (100, 50)
        del log.frames[:305]  # 31 of those that the filter lets through
        log.dropped = 305
        app.frames.update_from(EXCHANGE, 0.01)
        await pilot.pause()
        assert (app.frames.matches, app.frames.pick) == (69, 19)
        assert app.frames.frame is not None
        assert app.frames.frame.shown == '"word 500"'


async def test_the_next_problem_is_an_error_unreadable_bytes_or_a_stall_and_behind_the_last_comes_the_first() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        log = MadeLog(100)
        log.frames[20] = log.frames[20]._replace(kind="error")
        log.frames[40] = log.frames[40]._replace(problem="5 bytes cannot be read")
        log.frames[60] = log.frames[60]._replace(gap=9.0)
        app.frames.show_exchange(EXCHANGE, log)
        await pilot.pause()
        app.frames.pick_row(0)
        found = []
        for _ in range(4):
            assert app.frames.pick_trouble()
            assert app.frames.frame is not None
            found.append(app.frames.frame.start // 100)
        assert found == [20, 40, 60, 20]


async def test_without_a_problem_the_pick_stays_where_it_is() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.frames.show_exchange(EXCHANGE, MadeLog(100))
        await pilot.pause()
        app.frames.pick_row(50)
        assert not app.frames.pick_trouble()
        assert app.frames.pick == 50


async def test_unreadable_bytes_are_named_before_the_text_of_their_frame() -> None:
    app = Host()
    async with app.run_test(size=(100, 24)) as pilot:
        log = MadeLog(3)
        log.frames[1] = log.frames[1]._replace(problem="16 bytes before it cannot be read")
        app.frames.show_exchange(EXCHANGE, log)
        await pilot.pause()
        assert any('! 16 bytes before it cannot be read  "word 1"' in row for row in drawn(app))


@pytest.mark.parametrize("gap", [0.0, 9.9, 999.0, 3_600.0, 200_000.0])
async def test_the_columns_stay_where_they_are_however_long_a_wait_was(gap: float) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        log = MadeLog(3)
        log.frames[1] = log.frames[1]._replace(gap=gap, at=gap)
        app.frames.show_exchange(EXCHANGE, log)
        await pilot.pause()
        at = {row.index('"word') for row in drawn(app) if '"word' in row}
        assert at == {heads(78).index("data")}


def drawn(app: Host) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("width", [1, 3, 10, 47, 48, 63, 64, 200])
async def test_rows_are_as_wide_as_the_list(width: int) -> None:
    app = Host()
    async with app.run_test(size=(width, 10)) as pilot:
        app.frames.show_exchange(EXCHANGE, MadeLog(50))
        await pilot.pause()
        assert {strip.cell_length for strip in app.screen._compositor.render_strips()} == {width}
