"""The screen on a real pty against faults while a person does something: an end, modes restored, words kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream
from tests.faults.cases import ALIVE, LIMIT, ONE, SAID, SETTINGS, TWO, script
from tests.pty_terminal import Terminal
from tui_chat.history.store import Store
from tui_chat.ui.chat.chat_screen import ESC_IGNORED_AFTER_CLOSING

if TYPE_CHECKING:
    from tests.byte_server import Request

FAULTS = ("close", "reset", "stall", "garbage", "endless comments", "drip", "empty data left open")
ACTS = {
    "Esc": "\x1b",
    "Ctrl+C twice": "\x03\x03",
    "quit": "\x11",
    "resize": "",
    "new chat": "/new\r",
    "switch chat": "\x13\x1b",
    "retry": "\x1br",
    "queue a prompt": "another\r",
    "paste": "\x1b[200~pasted words\nand more\x1b[201~",
    "SIGTERM": "",
    "kill -9": "",
}
"""What a person does, and the keys for it."""
SAMPLE = [("stall", "Esc"), ("reset", "resize"), ("close", "queue a prompt"), ("endless comments", "SIGTERM")]
ENDING = {"quit": {0}, "SIGTERM": {143}, "kill -9": {-9}}
"""Acts that end the program, and its exit status."""


def sockets(pid: int) -> int:
    """How many sockets a program has open."""
    links = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            links.append(str(descriptor.readlink()))
    return sum(link.startswith("socket:") for link in links)


async def until(terminal: Terminal, condition: str) -> None:
    await asyncio.to_thread(terminal.until, lambda: condition in terminal.text, repr(condition))


async def played(fault: str, act: str, home: Path) -> float:
    """One case; gives the seconds until the program had ended after the act."""
    asked = 0

    def answer(request: Request) -> object:
        nonlocal asked
        asked += request.method == "POST"
        return script(fault, "mid text") if asked == 1 else stream([ONE, TWO, b"data: [DONE]\n\n"])

    async with ByteServer(answer, quiet_head=True) as server:  # type: ignore[arg-type]
        env = os.environ | SETTINGS
        env |= {"TUI_CHAT_BASE_URL": server.url, "XDG_DATA_HOME": str(home), "TERM": "xterm-256color"}
        with Terminal([sys.executable, "-m", "tui_chat"], env) as terminal:
            await until(terminal, "● Ready")
            before = sockets(terminal.process.pid)
            terminal.send("hello\r")
            await until(terminal, SAID)
            if act == "kill -9":
                await asyncio.to_thread(terminal.until, lambda: SAID in kept(home), "the text on disk")
            began = monotonic()
            if act == "resize":
                terminal.resize(60, 20)
            elif act == "SIGTERM":
                os.kill(terminal.process.pid, signal.SIGTERM)
            elif act == "kill -9":
                os.kill(terminal.process.pid, signal.SIGKILL)
            else:
                terminal.send(ACTS[act])
            # A reply that a new chat leaves behind goes on, and ends with the program.
            if act not in ENDING and not (act == "new chat" and fault in ALIVE):
                await settled(terminal, before, by_hand=fault in ALIVE)
            if act not in ENDING:
                terminal.send("\x11")
            async with asyncio.timeout(LIMIT):
                status = await asyncio.to_thread(terminal.wait)
            took = monotonic() - began
            assert status in ENDING.get(act, {0}), terminal.text
            assert b"Traceback" not in terminal.raw
            assert act == "kill -9" or terminal.modes_left_on() == []
        await server.until(lambda: not server.open)
    assert SAID in kept(home)
    return took


async def settled(terminal: Terminal, before: int, *, by_hand: bool) -> None:
    """Wait until no reply is under way, and all connections but the one that waits are closed. `by_hand`: the reply
    ends by Esc alone, which is pressed until it does, since one that closes something else stops nothing."""
    pid, end = terminal.process.pid, monotonic() + LIMIT
    press = monotonic()
    while "Send" not in terminal.text or sockets(pid) > before + 1:
        assert monotonic() < end, f"no end:\n{terminal.text}\n{sockets(pid)} sockets, {before} before"
        assert terminal.process.poll() is None, terminal.text
        if by_hand and "Send" not in terminal.text and monotonic() >= press:
            terminal.send("\x1b")
            press = monotonic() + 2 * ESC_IGNORED_AFTER_CLOSING
        await asyncio.sleep(0.05)


def kept(home: Path) -> str:
    """All texts of replies that the history has."""
    with closing(Store(home / "tui-chat")) as history:
        replies = [
            message.text
            for chat in history.chats()
            for message in history.open(chat.id).messages.values()
            if message.role == "assistant"
        ]
    return "\n".join(replies)


@pytest.mark.parametrize(("fault", "act"), SAMPLE)
async def test_a_fault_while_a_person_does_something(fault: str, act: str, tmp_path: Path) -> None:
    await played(fault, act, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_act_of_a_person_during_every_fault(fault: str, act: str, tmp_path: Path) -> None:
    print(f"{fault} | {act} | {await played(fault, act, tmp_path):.1f} s")
