from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.server.patterns.conftest import events
from tui_chat.server.patterns.streams import event

if TYPE_CHECKING:
    import httpx

    from tests.server.conftest import Accesses

STREAMS = {
    "/stream": "text/event-stream; charset=utf-8",
    "/stream-data": "text/plain; charset=utf-8",
    "/stream-with-context": "text/event-stream; charset=utf-8",
    "/stream-json": "application/x-ndjson",
}


@pytest.mark.parametrize("path", STREAMS)
async def test_the_first_piece_comes_at_once_and_nothing_holds_it_up(fetcher: httpx.AsyncClient, path: str) -> None:
    async with fetcher.stream("GET", f"{path}?every=3600") as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == STREAMS[path]
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["connection"] == "keep-alive"
        heard = b""
        async for chunk in response.aiter_raw():
            heard += chunk
            if b"1" in heard.removeprefix(b"retry: 1000"):
                break


@pytest.mark.parametrize("path", STREAMS)
async def test_the_head_alone_starts_no_stream(fetcher: httpx.AsyncClient, accesses: Accesses, path: str) -> None:
    response = await fetcher.head(path)
    assert (response.status_code, response.headers["content-type"]) == (200, STREAMS[path])
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert (access.outcome, access.bytes) == ("answered", 0)


async def test_the_ticker_numbers_its_events(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.get("/stream?every=0.001&count=4")
    assert response.content.startswith(b"retry: 1000\n\n")
    ticks = events(response.content)
    assert [tick.id for tick in ticks] == ["1", "2", "3", "4"]
    assert [json.loads(tick.data)["tick"] for tick in ticks] == [1, 2, 3, 4]
    assert all(json.loads(tick.data)["time"].endswith("Z") for tick in ticks)


async def test_who_comes_back_to_the_ticker_gets_the_rest(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.get("/stream?every=0.001&count=4", headers={"Last-Event-ID": "2"})
    assert [tick.id for tick in events(response.content)] == ["3", "4"]


@pytest.mark.parametrize("heard", ["4", "9999999999999"])
async def test_who_comes_back_to_a_ticker_that_has_ended_is_sent_away_for_good(
    fetcher: httpx.AsyncClient, heard: str
) -> None:
    response = await fetcher.get("/stream?every=0.001&count=4", headers={"Last-Event-ID": heard})
    assert (response.status_code, response.content) == (204, b"")


async def test_an_id_that_is_not_the_tickers_own_starts_it_anew(fetcher: httpx.AsyncClient) -> None:
    for foreign in ("", "-1", "two", "٣", "1e3", "9" * 5000):
        response = await fetcher.get("/stream?every=0.001&count=1", headers={b"Last-Event-ID": foreign.encode()})
        assert [tick.id for tick in events(response.content)] == ["1"], foreign


async def test_text_comes_in_lines_with_a_type_that_browsers_do_not_guess(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.get("/stream-data?every=0.001&count=3")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text == "Chunk 1 of 3\nChunk 2 of 3\nChunk 3 of 3\n"


async def test_json_comes_in_lines(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.get("/stream-json?every=0.001&count=2")
    assert [json.loads(line)["line"] for line in response.text.splitlines()] == [1, 2]
    assert response.text.endswith("\n")


async def test_updates_have_their_name_and_go_on_until_the_hang_up_which_is_logged(
    fetcher: httpx.AsyncClient, accesses: Accesses
) -> None:
    heard = b""
    async with fetcher.stream("GET", "/stream-with-context?every=0.001") as response:
        async for chunk in response.aiter_raw():
            heard += chunk
            if heard.count(b"\n\n") > 20:
                break
    assert {update.event for update in events(heard) if update.complete} == {"update"}
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert access.chunks > 20
    assert "GET /stream-with-context 200" in str(access)
    assert f"chunks={access.chunks} hang-up after" in str(access)


@pytest.mark.parametrize("path", STREAMS)
async def test_an_interval_that_makes_no_sense_is_refused(fetcher: httpx.AsyncClient, path: str) -> None:
    for every in ("0", "-1", "nan", "inf", "", "1s", "3601"):
        response = await fetcher.get(f"{path}?every={every}")
        assert response.status_code == 400, every
        assert "`every` has to be a number from 0.001 to 3600" in response.json()["error"]["message"]


async def test_a_count_that_makes_no_sense_is_refused(fetcher: httpx.AsyncClient) -> None:
    for count in ("0", "1.5", "-3", "1e12", "x"):
        response = await fetcher.get(f"/stream-json?count={count}")
        assert response.status_code == 400, count
        assert "`count` has to be a" in response.json()["error"]["message"]


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\rtwo"])
def test_a_text_of_several_lines_stays_one_event(text: str) -> None:
    (heard,) = events(event(text, name="said", id="7"))
    assert (heard.data, heard.event, heard.id) == ("one\ntwo", "said", "7")
