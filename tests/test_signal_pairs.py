"""Two signals at once, or one after the other, whatever the program is doing: one end, in order."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.byte_server import HANG, ByteServer, chunked, head
from tests.pty_terminal import Terminal
from tui_chat.history.store import Store

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAIRS = list(itertools.product(SIGNALS, SIGNALS))
HALF = b'data: {"choices": [{"index": 0, "delta": {"content": "half a reply"}}]}\n\n'


def environment(url: str) -> dict[str, str]:
    return os.environ | {"TUI_CHAT_BASE_URL": url, "TUI_CHAT_MODEL": "m", "TERM": "xterm-256color"}


def kept() -> str:
    """The reply that the history has."""
    with closing(Store(Path(os.environ["XDG_DATA_HOME"]) / "tui-chat")) as history:
        (chat,) = history.chats()
        return history.open(chat.id).path()[-1].text


async def ended_by(door: tuple[str, ...], pair: tuple[signal.Signals, signal.Signals], gap: float) -> None:
    """Start a program, let half a reply come, and send it both signals."""
    async with ByteServer(lambda _: [head(), *chunked([HALF]), HANG], quiet_head=True) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tui_chat", *door,
            env=environment(server.url), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        if door[0] == "plain":
            process.stdin.write(b"hello\n")
        else:
            process.stdin.close()
        assert await process.stdout.readexactly(4) == b"half"
        process.send_signal(pair[0])
        if gap:
            await asyncio.sleep(gap)
        if process.returncode is None:
            process.send_signal(pair[1])
        async with asyncio.timeout(20):
            _, err = await process.communicate()
        # By the time of the second one there may be nothing left that heeds it: then it ends what remains.
        numbers = {int(number) for number in pair}
        assert process.returncode in {128 + number for number in numbers} | {-number for number in numbers}
        assert b"Traceback" not in err
        assert b"race condition" not in err
        assert b"never awaited" not in err
    assert kept() == "half a reply"


@pytest.mark.parametrize("pair", [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGHUP)], ids=str)
@pytest.mark.parametrize("door", [("ask", "hello"), ("plain", "-q")], ids=lambda door: door[0])
async def test_two_signals_at_once(door: tuple[str, ...], pair: tuple[signal.Signals, signal.Signals]) -> None:
    await ended_by(door, pair, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.001, 0.01, 0.05, 0.2])
@pytest.mark.parametrize("pair", PAIRS, ids=str)
@pytest.mark.parametrize("door", [("ask", "hello"), ("plain", "-q")], ids=lambda door: door[0])
async def test_any_two_signals(door: tuple[str, ...], pair: tuple[signal.Signals, signal.Signals], gap: float) -> None:
    await ended_by(door, pair, gap)


async def screen_ended_by(pair: tuple[signal.Signals, signal.Signals], wait: float, gap: float) -> None:
    async with ByteServer(lambda _: [head(), *chunked([HALF]), HANG], quiet_head=True) as server:
        with Terminal([sys.executable, "-m", "tui_chat"], environment(server.url)) as terminal:
            await asyncio.to_thread(terminal.until, lambda: "● Ready" in terminal.text, "the start")
            terminal.send("hello\r")
            await asyncio.to_thread(terminal.until, lambda: "half a reply" in terminal.text, "the reply")
            if wait:
                await asyncio.sleep(wait)
            for number in pair:
                if terminal.process.poll() is None:
                    os.kill(terminal.process.pid, number)
                await asyncio.sleep(gap)
            status = await asyncio.to_thread(terminal.wait)
            assert status in {128 + int(number) for number in pair} | {-int(number) for number in pair}
            if status > 0:
                assert terminal.modes_left_on() == []
            assert b"Traceback" not in terminal.raw
            assert b"never awaited" not in terminal.raw
    assert kept() == "half a reply"


@pytest.mark.parametrize("pair", [(signal.SIGINT, signal.SIGTERM), (signal.SIGHUP, signal.SIGTERM)], ids=str)
async def test_two_signals_at_once_end_the_screen_in_order(pair: tuple[signal.Signals, signal.Signals]) -> None:
    await screen_ended_by(pair, 0.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.005, 0.05])
@pytest.mark.parametrize("pair", [*PAIRS, (signal.SIGQUIT, signal.SIGTERM), (signal.SIGWINCH, signal.SIGTERM)], ids=str)
async def test_any_two_signals_end_the_screen(pair: tuple[signal.Signals, signal.Signals], gap: float) -> None:
    await screen_ended_by(pair, random.random() / 5, gap)
