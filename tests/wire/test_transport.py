"""How often a body is read that comes in pieces."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import LAST_CHUNK, ByteServer, chunked, head
from tui_chat.wire import transport
from tui_chat.wire.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.byte_server import Request, Step

PIECES = [b"piece %d " % number for number in range(300)]


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests between reads, in seconds."""
    taken: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        taken.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return taken


async def body_of(steps: Sequence[Step]) -> bytes:
    async def script(_: Request) -> AsyncIterator[Step]:
        for step in steps:
            yield step

    whole = b""
    async with ByteServer(script) as server:
        reading = Transport(server.url, connect_timeout=5, idle_timeout=5)
        async with reading.ask("GET", server.url, {}) as answer:
            while (piece := await answer.chunk()) is not None:
                whole += piece
        await reading.close()
    return whole


async def test_many_small_pieces_are_let_gather(rests: list[float]) -> None:
    paced = [step for piece in chunked(PIECES) for step in (piece, 0.0005)]
    assert await body_of([head(), *paced, LAST_CHUNK]) == b"".join(PIECES)
    assert 0 < rests.count(transport._REST) < len(PIECES) / 2


async def test_pieces_at_the_pace_of_a_model_are_read_as_they_come(rests: list[float]) -> None:
    paced = [step for piece in chunked(PIECES[:8]) for step in (piece, 5 * transport._REST)]
    await body_of([head(), *paced, LAST_CHUNK])
    assert transport._REST not in rests


async def test_what_comes_at_once_is_read_without_a_rest(rests: list[float]) -> None:
    burst = b"".join(chunked(PIECES * 100))
    assert await body_of([head(), burst, LAST_CHUNK]) == b"".join(PIECES * 100)
    assert rests.count(transport._REST) <= 3  # the network may cut off a small end


def test_the_command_line_of_httpx_is_not_loaded() -> None:
    code = "import sys, tui_chat.wire.transport; sys.exit('click' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
