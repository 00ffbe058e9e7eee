"""The list of requests: which one is picked when new ones come, and what a row says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from tui_chat.chat.inspection.wire_ports import WireExchange
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.inspector.exchange_list import ExchangeList, status_of
from tui_chat.ui.themes import ThemedApp

ONE = WireExchange(1, "q", 1, datetime.now(UTC), 0.0, "POST", "http://h/v1/chat/completions", 200, 0.1, 0.1, 9.0, "end")


def numbered(*numbers: int) -> list[WireExchange]:
    return [replace(ONE, number=number) for number in numbers]


class Host(ThemedApp):
    ENABLE_COMMAND_PALETTE = False

    def on_mount(self) -> None:
        self.mount(ExchangeList())


@pytest.mark.parametrize(
    ("exchange", "status"),
    [
        (ONE, ("200", "success")),
        (replace(ONE, ended=None), ("200", "accent")),
        (replace(ONE, status=429), ("429", "error")),
        (replace(ONE, how="lost"), ("200", "error")),
        (replace(ONE, status=None, ended=None), ("…", "accent")),
        (replace(ONE, status=None), ("✗", "error")),
    ],
)
def test_a_status_has_a_sign_and_a_role(exchange: WireExchange, status: tuple[str, str]) -> None:
    assert status_of(exchange) == status


async def test_a_new_request_is_followed_while_the_last_one_is_picked() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        exchanges = app.query_one(ExchangeList)
        exchanges.show_exchanges(numbered(1, 2))
        exchanges.show_exchanges(numbered(1, 2, 3))
        assert exchanges.exchange == numbered(3)[0]
        exchanges.pick_row(0)
        exchanges.show_exchanges(numbered(1, 2, 3, 4))
        assert exchanges.exchange == numbered(1)[0]


async def test_the_picked_request_stays_picked_when_older_ones_go_and_the_last_takes_its_place() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        exchanges = app.query_one(ExchangeList)
        exchanges.show_exchanges(numbered(1, 2, 3))
        exchanges.pick_row(1)
        exchanges.show_exchanges(numbered(2, 3))
        assert (exchanges.pick, exchanges.exchange) == (0, numbered(2)[0])
        exchanges.show_exchanges(numbered(7, 8))
        assert exchanges.exchange == numbered(8)[0]
        exchanges.show_exchanges([])
        assert exchanges.exchange is None


@pytest.mark.parametrize("width", [12, 25, 39, 40, 80])
def test_the_path_gives_way_in_a_narrow_list(width: int) -> None:
    exchanges = ExchangeList()
    exchanges.exchanges = [replace(ONE, attempt=3)]
    pieces = exchanges.row(0, width)
    shown = "".join(text for text, _ in pieces)
    assert "200" in shown
    assert "↻ 3" in shown
    assert ("/v1/chat/completions" in shown) == (width == 80)
    if width >= 25:
        assert cell_len(shown) <= width


@pytest.mark.parametrize(
    ("exchange", "word"),
    [
        (replace(ONE, ended=None), "running"),
        (replace(ONE, ended=None, status=None), "waiting"),
        (replace(ONE, how="lost"), "cut off"),
        (replace(ONE, how="failed", status=None), "failed"),
        (replace(ONE, how="stopped"), "hung up"),
    ],
)
def test_what_is_not_complete_says_so_in_a_word(exchange: WireExchange, word: str) -> None:
    exchanges = ExchangeList()
    exchanges.exchanges = [exchange]
    for width in (36, 80, 160):
        assert word in row_of(exchanges, width)


def row_of(exchanges: ExchangeList, width: int) -> str:
    return "".join(text for text, _ in exchanges.row(0, width))


@pytest.mark.parametrize("width", range(30, 180, 7))
def test_the_model_is_shown_rather_than_the_path_and_the_columns_end_where_the_list_does(width: int) -> None:
    exchanges = ExchangeList()
    exchanges.exchanges = [replace(ONE, model="qwen3")]
    shown = row_of(exchanges, width)
    assert "qwen3" in shown
    assert cell_len(shown) == width
    assert ("/v1/chat/completions" in shown) == (width >= 58), width


async def test_it_takes_a_share_of_a_high_window_and_one_row_of_a_low_one() -> None:
    app = Host()
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.pause()
        exchanges = app.query_one(ExchangeList)
        exchanges.show_exchanges(numbered(*range(1, 51)))
        for rows, low, height in ((60, False, 15), (24, False, 6), (12, True, 1), (16, False, 4)):
            exchanges.fit(rows, low=low)
            await pilot.pause()
            assert exchanges.size.height == height


def test_requests_are_counted_with_those_that_run() -> None:
    exchanges = ExchangeList()
    exchanges.exchanges = numbered(1)
    assert exchanges.counts(all_chats=True) == ""
    exchanges.exchanges = [*numbered(1, 2), replace(ONE, ended=None)]
    assert exchanges.counts(all_chats=False) == "3 requests, 1 running"
    assert exchanges.counts(all_chats=True) == "3 requests of all chats, 1 running"
