"""What a server, or whoever stands in between, can do without end: each wait has a limit, and each size a bound."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, Step, chunked, head, stream, whole
from tests.patience import PATIENCE
from tests.wire.test_client import DONE, GOOD, ask, delta, failure, text
from tui_chat.chat.events import ChatEvent, CutOff, Failed, Finished, KeepAlive, TextDelta
from tui_chat.wire import reply_size
from tui_chat.wire.failures.errors import ConnectFailedError
from tui_chat.wire.http import decoding
from tui_chat.wire.http.connections import MAX_INTERIM
from tui_chat.wire.http.transport import Transport
from tui_chat.wire.reply_size import MAX_NOISE, ReplySize
from tui_chat.wire.sources import event_source
from tui_chat.wire.sources.download import DownloadInterrupted, DownloadTarget, download
from tui_chat.wire.sources.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
PAGE = b"<!doctype html><title>Sign in</title>"


async def dripped(data: Iterable[bytes], seconds: float = 0.02) -> AsyncIterator[Step]:
    """Piece by piece, for ever or until a client leaves."""
    for piece in data:
        yield piece
        yield seconds
    yield HANG


def single(data: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in data]


# ---- waits


async def test_a_head_that_comes_by_the_byte_is_given_up_after_a_time_of_its_own() -> None:
    async with ByteServer(script=lambda _: dripped(single(head()) + [b"x"] * 10_000)) as server:
        failed = await failure(server.url, head_timeout=0.2)
    assert failed.problem.endswith("began to answer, but the head of its answer was not complete within 0.2 s.")
    assert "head_timeout" in failed.hint


async def test_interim_answers_without_end_are_given_up_after_the_same_time() -> None:
    async with ByteServer(script=lambda _: dripped(repeat(EARLY))) as server:
        assert "not complete within 0.2 s" in (await failure(server.url, head_timeout=0.2)).problem


async def test_interim_answers_at_full_speed_are_given_up_by_their_number() -> None:
    async with ByteServer(script=lambda _: [EARLY * (MAX_INTERIM + 1), HANG]) as server:
        assert f"more than {MAX_INTERIM} interim answers" in (await failure(server.url)).problem


@pytest.mark.parametrize("interim", [b"HTTP/1.1 100 Continue\r\n\r\n", EARLY, EARLY * 3, b"HTTP/1.1 102 X\n\n"])
async def test_an_answer_behind_interim_ones_is_read(interim: bytes) -> None:
    async with ByteServer(script=lambda _: [interim[:9], interim[9:], *stream(GOOD)]) as server:
        assert text(await ask(server.url)) == "all well"


async def test_a_head_in_single_bytes_is_read_where_it_comes_in_time() -> None:
    async with ByteServer(
        script=lambda _: dripped(single(EARLY + head() + b"".join(chunked(GOOD)) + LAST_CHUNK), 0)
    ) as server:
        assert text(await ask(server.url)) == "all well"


async def test_silence_before_the_head_is_no_matter_of_its_time() -> None:
    async with ByteServer(script=lambda _: [0.3, *stream(GOOD)]) as server:
        assert text(await ask(server.url, head_timeout=0.1)) == "all well"


async def test_the_text_of_an_error_that_comes_by_the_byte_is_waited_for_shortly() -> None:
    steps = [head(500, "text/plain"), *chunked([b"disk full"]), *chunked([b"."] * 10_000)]
    async with ByteServer(script=lambda _: dripped(steps)) as server:
        failed = await failure(server.url, head_timeout=0.2)
    assert failed.problem.startswith("The server failed (500 Internal Server Error): disk full")
    assert failed.problem.endswith(". The rest of what it says did not come within 0.2 s.")


async def test_a_web_page_that_comes_by_the_byte_is_waited_for_shortly() -> None:
    steps = [head(200, "text/html"), *chunked([PAGE]), *chunked([b" "] * 10_000)]
    async with ByteServer(script=lambda _: dripped(steps)) as server:
        failed = await failure(server.url, head_timeout=0.2)
    assert "a web page titled “Sign in”" in failed.problem
    assert failed.problem.endswith("did not come within 0.2 s.")


async def test_a_body_whose_bytes_bring_nothing_counts_as_silent() -> None:
    steps = [head(), *chunked([delta("so far")]), b"1;", *[b"x"] * 10_000]
    async with ByteServer(script=lambda _: dripped(steps)) as server:
        events = await ask(server.url, idle_timeout=0.3)
    assert text(events) == "so far"
    assert events[-1] == CutOff("the server fell silent")


async def test_an_error_that_is_listened_to_has_the_same_limits() -> None:
    steps = [head(500, "text/plain"), *chunked([b"full."] * 10_000)]
    fetcher = Fetcher(connect_timeout=5, idle_timeout=0, head_timeout=0.2)
    async with ByteServer(script=lambda _: dripped(steps)) as server:
        happened = [each async for each in event_source.listen(fetcher, server.url, {})]
        await fetcher.close()
    assert isinstance(happened[-1], event_source.SourceEnded)
    assert "did not come within 0.2 s" in happened[-1].why


# ---- sizes of heads


@pytest.mark.parametrize(
    "line", [b"X: y\r\n", b"X: " + b"y" * 1000 + b"\r\n", b"\ty\r\n"], ids=["many", "large", "folded"]
)
async def test_headers_without_end_are_given_up(line: bytes) -> None:
    async with ByteServer(script=lambda _: [head()[:-2], line * 200_000, HANG]) as server:
        assert "the head is larger than 100 KiB" in (await failure(server.url)).problem


async def test_a_line_without_end_that_is_no_http_is_told_at_once() -> None:
    async with ByteServer(script=lambda _: [b"220 mail.example.com ESMTP", HANG]) as server:
        assert (await failure(server.url)).problem.endswith("does not answer in HTTP: 220 mail.example.com ESMTP.")


async def test_an_empty_line_before_an_answer_is_passed_over() -> None:
    async with ByteServer(script=lambda _: [b"\r\n", *stream(GOOD)]) as server:
        assert text(await ask(server.url)) == "all well"


@pytest.mark.parametrize(
    "said",
    [
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"transfer-encoding: Chunked\r\nX: y\r\nTRANSFER-ENCODING:chunked\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    ],
)
async def test_chunked_said_twice_is_read_as_browsers_do(said: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + said + b"\r\n"
    async with ByteServer(script=lambda _: [start, *stream(GOOD)[1:]]) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)


async def test_a_head_against_the_rules_of_http_says_whose_fault_it_may_be() -> None:
    async with ByteServer(script=lambda _: [head()[:-2] + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"]) as server:
        failed = await failure(server.url)
    assert "conflicting Content-Length headers" in failed.problem
    assert "proxy or gateway" in failed.hint


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("body", [b"<title" * 37_000, b"<title>" * 37_000, b"<title><" * 30_000])
async def test_a_page_made_to_be_hard_to_read_is_told_at_once(status: int, body: bytes) -> None:
    async with ByteServer(script=lambda _: whole(body, status, "text/html")) as server:
        async with asyncio.timeout(PATIENCE):
            assert (await failure(server.url)).status == status


# ---- compression


def packed(coding: str, data: bytes) -> bytes:
    if coding in {"gzip", "x-gzip"}:
        return gzip.compress(data)
    return zlib.compress(data)


def raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


BODY = b"".join(GOOD)
CODED = {
    "gzip": gzip.compress(BODY),
    "GZip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    " deflate": raw_deflate(BODY),
    "gzip, gzip": gzip.compress(gzip.compress(BODY)),
    "deflate, gzip": gzip.compress(zlib.compress(BODY)),
    "identity": BODY,
    "identity, gzip": gzip.compress(BODY),
    "gzip ": gzip.compress(BODY[:30]) + gzip.compress(BODY[30:]),
    "gzip  ": gzip.compress(BODY) + b"\0" * 500,
    "gzip   ": gzip.compress(BODY) + b"<!-- a note -->",
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("size", [1, 1000])
async def test_a_compressed_answer_is_read_however_it_comes(coding: str, size: int) -> None:
    data = CODED[coding]
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    steps = [head(Content_Encoding=coding), *chunked(pieces), LAST_CHUNK]
    async with ByteServer(script=lambda _: steps) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)


async def test_a_compressed_stream_is_heard_as_it_comes() -> None:
    packing = zlib.compressobj(wbits=31)
    first = packing.compress(delta("one")) + packing.flush(zlib.Z_SYNC_FLUSH)
    received = asyncio.Event()
    steps: list[Step] = [head(Content_Encoding="gzip"), *chunked([first]), received]
    rest = packing.compress(delta(" two", "stop") + DONE) + packing.flush()
    async with ByteServer(script=lambda _: [*steps, *chunked([rest]), LAST_CHUNK]) as server:
        transport = Transport(server.url, connect_timeout=60, idle_timeout=60)
        async with transport.ask("GET", server.url, {}) as answer:
            assert await answer.chunk() == delta("one")
            received.set()
            assert await answer.chunk() == delta(" two", "stop") + DONE
            assert await answer.chunk() is None
        await transport.close()


@pytest.mark.parametrize("size", [7, 1000])
async def test_a_compressed_answer_that_is_damaged_keeps_the_text_before(size: int) -> None:
    data = gzip.compress(delta("all well"))[:-8] + b"x" * 8
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    steps = [head(Content_Encoding="gzip"), *chunked(pieces), LAST_CHUNK]
    async with ByteServer(script=lambda _: steps) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert events[-1] == CutOff("the compressed body was damaged")


async def test_an_answer_that_breaks_off_inside_its_compression_is_cut_off() -> None:
    packing = zlib.compressobj(wbits=31)
    data = packing.compress(delta("so far")) + packing.flush(zlib.Z_SYNC_FLUSH)
    async with ByteServer(script=lambda _: [head(Content_Encoding="gzip"), *chunked([data]), LAST_CHUNK]) as server:
        events = await ask(server.url)
    assert text(events) == "so far"
    assert events[-1] == CutOff("the compressed body broke off")


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip", "aes128gcm"])
async def test_a_coding_that_cannot_be_undone_is_named(coding: str) -> None:
    async with ByteServer(script=lambda _: whole(b"\x8b\x02\x80hello\x03", 200, Content_Encoding=coding)) as server:
        failed = await failure(server.url)
    assert f"(Content-Encoding: {coding.removeprefix('gzip, ') if 'br' in coding else coding})" in failed.problem
    assert "proxy or gateway" in failed.hint
    assert "hello" not in repr(failed)


async def test_an_error_in_such_a_coding_is_told_by_its_status() -> None:
    async with ByteServer(script=lambda _: whole(b"\x8b\x02\x80hello\x03", 503, Content_Encoding="br")) as server:
        failed = await failure(server.url)
    assert failed.problem == "The server is overloaded or still loading (503 Service Unavailable)."


async def test_who_listens_is_told_of_such_a_coding() -> None:
    fetcher = Fetcher(connect_timeout=60, idle_timeout=60)
    steps = whole(b"\x8b\x02\x80hello\x03", 200, "text/event-stream", Content_Encoding="br")
    async with ByteServer(script=lambda _: steps) as server:
        happened = [each async for each in event_source.listen(fetcher, server.url, {}, reconnect=False)]
        await fetcher.close()
    assert happened[-1] == event_source.SourceEnded(
        "the answer is compressed (br) in a way that cannot be undone here", whole=False
    )


def bomb(mebibytes: int) -> bytes:
    packing = zlib.compressobj(9, wbits=31)
    block = b"a" * (1 << 20)
    inner = b"".join(packing.compress(block) for _ in range(mebibytes)) + packing.flush()
    return gzip.compress(inner)


async def test_a_text_that_unpacks_without_measure_is_ended_at_the_bound_of_a_reply() -> None:
    data = bomb(64)
    assert len(data) < 2000
    async with ByteServer(script=lambda _: whole(data, 200, "text/plain", Content_Encoding="gzip, gzip")) as server:
        events = await ask(server.url, max_reply=1)
    assert (1 << 20) - (1 << 17) <= len(text(events)) <= 1 << 20
    assert events[-1] == CutOff("it is larger than a reply may be (max_reply: 1 MiB)")


async def test_no_more_is_unpacked_than_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    decompress = zlib.decompressobj

    class Counted:
        def __init__(self, window: int) -> None:
            self._inner = decompress(window)

        def decompress(self, data: bytes, most: int) -> bytes:
            nonlocal unpacked
            piece: bytes = self._inner.decompress(data, most)
            unpacked += len(piece)
            return piece

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

    monkeypatch.setattr(zlib, "decompressobj", Counted)
    async with ByteServer(script=lambda _: whole(bomb(64), 200, Content_Encoding="gzip, gzip")) as server:
        transport = Transport(server.url, connect_timeout=60, idle_timeout=60)
        async with transport.ask("GET", server.url, {}) as answer:
            assert len(await answer.chunk() or b"") <= 128 * 1024
            for _ in range(1000):
                await asyncio.sleep(0)
            assert unpacked < 4 << 20
        await transport.close()


async def test_a_file_that_unpacks_without_measure_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_MUCH", 1 << 20)
    fetcher = Fetcher(connect_timeout=60, idle_timeout=60)
    steps = whole(bomb(16), 200, "application/zip", Content_Encoding="gzip, gzip")
    async with ByteServer(script=lambda _: steps) as server:
        happened = [each async for each in download(fetcher, server.url, {}, DownloadTarget(tmp_path), tries=0)]
        await fetcher.close()
    assert isinstance(happened[-1], DownloadInterrupted)
    assert happened[-1].why == "the compressed body unpacks to more than 2,000 times its size"
    assert happened[-1].done <= 2 << 20


async def test_empty_gzip_members_without_end_leave_the_loop_its_turns() -> None:
    data = gzip.compress(gzip.compress(b"") * 200_000)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    async with ByteServer(script=lambda _: whole(data, 200, Content_Encoding="gzip, gzip")) as server:
        transport = Transport(server.url, connect_timeout=5, idle_timeout=30)
        async with transport.ask("GET", server.url, {}) as answer:
            assert await answer.chunk() is None
        await transport.close()
    counting.cancel()
    assert turns > 1000


# ---- sizes of replies


async def test_a_plain_text_without_end_is_ended_at_the_bound_of_a_reply() -> None:
    steps = dripped([head(200, "text/plain"), *chunked(repeat(b"word " * 10_000, 100))], 0)
    async with ByteServer(script=lambda _: steps) as server:
        events = await ask(server.url, max_reply=1)
    assert 900_000 < len(text(events)) <= 1 << 20
    assert events[-1] == CutOff("it is larger than a reply may be (max_reply: 1 MiB)")


async def test_a_reply_below_the_bound_is_whole() -> None:
    words = [delta("x" * 1000) for _ in range(1000)]
    async with ByteServer(script=lambda _: stream([*words, *GOOD])) as server:
        events = await ask(server.url, max_reply=1)
    assert len(text(events)) == 1_000_008
    assert isinstance(events[-1], Finished)


def test_what_surrounds_a_text_has_a_bound_too() -> None:
    size = ReplySize(1)
    batch: list[ChatEvent] = [TextDelta("a")]
    assert size.bounded(batch, 32 << 20) is batch
    assert isinstance(size.bounded(batch, (32 << 20) + 1)[-1], CutOff)


def test_what_brings_nothing_has_a_bound_of_its_own() -> None:
    pings: list[ChatEvent] = [KeepAlive()]
    assert isinstance(ReplySize(16).bounded(pings, MAX_NOISE + 1)[-1], Failed)
    size = ReplySize(16)
    size.bounded([TextDelta("a")], 1000)
    assert size.bounded(pings, MAX_NOISE + 1000) is pings
    assert size.bounded(pings, MAX_NOISE + 1001)[-1] == CutOff("32 MiB came without content")


async def test_pings_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_size, "MAX_NOISE", 1 << 20)
    steps = dripped([head(), *chunked(repeat(b": ping\n\n" * 5000, 1000))], 0)
    async with ByteServer(script=lambda _: steps) as server:
        assert "came without content" in (await failure(server.url)).problem


def test_an_ending_stands_though_the_bound_is_reached() -> None:
    batch: list[ChatEvent] = [TextDelta("a" * 1000), Finished("stop", "done-sentinel")]
    assert ReplySize(1).bounded(batch, 64 << 20) is batch


async def test_what_came_in_one_read_is_handed_over_in_slices() -> None:
    async with ByteServer(script=lambda _: whole(b"x" * 1_000_000)) as server:
        transport = Transport(server.url, connect_timeout=60, idle_timeout=60)
        async with transport.ask("GET", server.url, {}) as answer:
            sizes: list[int] = []
            while (chunk := await answer.chunk()) is not None:
                sizes.append(len(chunk))
        await transport.close()
    assert sum(sizes) == 1_000_000
    assert max(sizes) <= 2 * 64 * 1024


async def test_a_connection_that_ends_inside_a_head_is_told() -> None:
    async with ByteServer(script=lambda _: [head()[:20], CLOSE]) as server:
        transport = Transport(server.url, connect_timeout=60, idle_timeout=60)
        with pytest.raises(ConnectFailedError) as caught:
            async with transport.ask("GET", server.url, {}):
                pass
        await transport.close()
    assert isinstance(caught.value.failed, Failed)
    assert "closed the connection without" in caught.value.failed.problem
