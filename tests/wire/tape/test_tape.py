"""A tape keeps what went over the wire in bounded memory, and says how much it forgot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.secrets import Secrets
from tui_chat.wire.tape.tape import MOST_EXCHANGES, RecordedExchange, Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.wire.http.proxy import Proxy


class FakeResponse:
    """A response that a test fills."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: Mapping[str, str] = {"content-type": "text/event-stream"}
        self.proxy: Proxy | None = None
        self.reused = False
        self.sent: float | None = None
        self.opening: tuple[float | None, float | None, float | None] = (None, None, None)
        self.ending: str | None = None
        self.observer: Callable[[bytes], None] | None = None

    def receive(self, data: bytes) -> None:
        assert self.observer is not None
        self.observer(data)


def exchanged(tape: Tape, pieces: list[bytes], ending: str | None = "", body: bytes = b"{}") -> RecordedExchange:
    response = FakeResponse()
    with tape.begin("POST", "http://host/v1", {"Accept": "*/*"}, body) as taped:
        taped.responded(response, Secrets())
        for piece in pieces:
            response.receive(piece)
        response.ending = ending
    return taped.exchange


def test_pieces_are_kept_as_they_came_with_rising_times() -> None:
    exchange = exchanged(Tape(), [b"one", b"two", b"three"])
    times, data = zip(*exchange.pieces(), strict=True)
    assert data == (b"one", b"two", b"three")
    assert [*times] == sorted(times)
    assert (exchange.how, exchange.size, exchange.count) == ("end", 11, 3)
    assert [piece for _, piece in exchange.pieces(2)] == [b"three"]


def test_an_exchange_says_how_it_ended() -> None:
    tape = Tape()
    assert exchanged(tape, []).how == "end"
    assert exchanged(tape, [b"x"], None).how == "stopped"
    broken = exchanged(tape, [b"x"], "the connection was lost")
    assert (broken.how, broken.why) == ("lost", "the connection was lost")
    refused = tape.begin("GET", "http://host/", {}, b"")
    with pytest.raises(OSError, match="refused"), refused:
        raise OSError("refused")
    assert (refused.exchange.how, refused.exchange.why, refused.exchange.status) == ("failed", "refused", None)


@given(st.lists(st.lists(st.binary(max_size=300), max_size=20), max_size=12), st.integers(0, 2000))
def test_memory_stays_within_its_limit_and_what_is_dropped_is_counted(replies: list[list[bytes]], memory: int) -> None:
    tape = Tape(memory)
    whole = [exchanged(tape, pieces, body=b"x" * 40) for pieces in replies]
    used = sum(each.kept + len(each.body) for each in tape.exchanges)
    assert used <= memory
    assert tape._used == used
    for pieces, exchange in zip(replies, whole, strict=True):
        sent = b"".join(pieces)
        assert b"".join(data for _, data in exchange.pieces()) == sent[exchange.dropped_bytes :]
        assert exchange.count + exchange.dropped_pieces == len(pieces)
        assert exchange.size == len(sent)
        assert len(exchange.body) + exchange.dropped_request == 40


def test_only_the_last_thousand_exchanges_are_kept() -> None:
    tape = Tape()
    for _ in range(MOST_EXCHANGES + 5):
        exchanged(tape, [b"x"])
    assert [tape.exchanges[0].number, tape.exchanges[-1].number] == [6, MOST_EXCHANGES + 5]
    assert tape._used == sum(each.kept + len(each.body) for each in tape.exchanges)


def test_a_million_pieces_take_no_more_than_the_limit() -> None:
    tape = Tape(1_000_000)
    response = FakeResponse()
    with tape.begin("POST", "http://host/v1", {}, b"") as taped:
        taped.responded(response, Secrets())
        for _ in range(1_000_000):
            response.receive(b"data: x\n\n")
    exchange = taped.exchange
    assert exchange.kept <= 1_000_000
    assert exchange.count + exchange.dropped_pieces == 1_000_000
    assert exchange.size == 9_000_000
