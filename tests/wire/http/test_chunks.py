"""Chunks that were received together are joined, and a body stays the same to whoever reads it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.wire.http.chunks import ChunkJoiner

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def chunk(data: bytes, size: str = "{:x}", end: bytes = b"\r\n") -> bytes:
    """A chunk, perhaps with another size line or end than it should have."""
    return size.format(len(data)).encode() + b"\r\n" + data + end


CHUNKS = st.one_of(
    st.binary(min_size=1, max_size=40).map(chunk),
    st.sampled_from([b"\r\n", b"0\r\n", b"5\r\n", b"abc"]).map(chunk),
    st.builds(chunk, st.binary(min_size=1, max_size=9), st.sampled_from(["{:X}", "000{:x}", "{:x};a=b", "{:x} "])),
    st.builds(chunk, st.binary(max_size=9), st.sampled_from(["{:x}", "g", "", "1{:x}"]), st.sampled_from([b"", b"\n"])),
)


def read(pieces: Sequence[bytes]) -> tuple[bytes, str]:
    """The body that h11 reads, and how it ended."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    body = b""
    for piece in (HEAD, *pieces, b""):
        try:
            client.receive_data(piece)
            while (event := client.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.EndOfMessage):
                    return body, f"whole, trailers {list(event.headers)}"
                if isinstance(event, h11.Data):
                    body += event.data
        except h11.RemoteProtocolError as error:
            return body, str(error)
    return body, "open"


@given(st.lists(CHUNKS, max_size=8), st.sampled_from([LAST, b"0\r\nA: b\r\n\r\n", b""]), st.sets(st.integers(0, 300)))
def test_a_body_reads_the_same_however_it_is_cut(chunks: list[bytes], end: bytes, cuts: set[int]) -> None:
    whole = b"".join(chunks) + end
    places = [0, *sorted(cut for cut in cuts if 0 < cut < len(whole)), len(whole)]
    pieces = [whole[start:stop] for start, stop in pairwise(places) if start < stop]
    joiner = ChunkJoiner(HEAD)
    joined = [joiner.joined(piece) for piece in pieces]
    assert read(joined) == read(pieces)
    assert all(len(after) <= len(before) for after, before in zip(joined, pieces, strict=True))
    assert all(joined)


def test_what_came_together_is_one_chunk_and_what_is_incomplete_does_not_wait() -> None:
    joiner = ChunkJoiner(HEAD)
    assert joiner.joined(chunk(b"one ") + chunk(b"two ") + b"6\r\nth") == chunk(b"one two ") + b"6\r\nth"
    assert joiner.joined(b"ree \r\n" + chunk(b"four ") + chunk(b"five ") + b"1") == (
        b"ree \r\n" + chunk(b"four five ") + b"1"
    )
    assert joiner.joined(b"0\r\n" + b"x" * 16 + b"\r\n" + chunk(b"a") + chunk(b"b") + LAST) == (
        b"0\r\n" + b"x" * 16 + b"\r\n" + chunk(b"ab") + LAST
    )


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: transfer-encoding: chunked\r\n\r\n",
        b"",
    ],
)
def test_other_bodies_are_left_alone(head: bytes) -> None:
    body = chunk(b"one ") + chunk(b"two ")
    assert ChunkJoiner(head).joined(body) == body
