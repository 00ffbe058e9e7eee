"""The real program in a real terminal: what a stream writes of the rows around the prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer, chunked, head
from tests.conftest import own_renderer
from tests.screen.test_in_a_terminal import data, program, quit_in_order, seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.byte_server import Request, Step

PAUSE = 0.005
MOVES = re.compile(rb"\x1b\[(\d+);\d+H")


async def five_hundred_deltas(_: Request) -> AsyncIterator[Step]:
    """A reply of 500 deltas, and then silence."""
    yield head()
    for number in range(500):
        yield chunked([data({"content": f"word{number} " + "\n\n" * (number % 25 == 0)})])[0]
        yield PAUSE
    yield 30.0


@own_renderer
async def test_a_reply_of_500_deltas_sends_no_byte_of_the_frame() -> None:
    async with ByteServer(five_hundred_deltas, quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "─ tiny · ")
            terminal.send("go\r")
            await seen(terminal, "word30")
            written = len(terminal.raw)
            await seen(terminal, "word499")
            sent = bytes(terminal.raw[written:])
            rows = terminal.text.split("\n")
            top, bottom = (next(y for y, row in enumerate(rows, 1) if row.startswith(corner)) for corner in "╭╰")
            assert bottom - top == 2
            assert {int(row) for row in MOVES.findall(sent)}.isdisjoint({top, bottom})
            assert not any(sign.encode() in sent for sign in "╭─╮│╰╯›")
            assert b"Stop" not in sent
            terminal.send("\x1b")
            await seen(terminal, "topped")
            await quit_in_order(terminal)
