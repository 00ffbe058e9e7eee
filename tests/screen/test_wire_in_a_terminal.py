"""The wire inspector and `tap` in a real terminal, with a real server: what came is seen, and no key is."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import httpx

from tests.byte_server import LAST_CHUNK, ByteServer, chunked, head
from tests.canaries import leaks
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import quit_in_order, seen, until
from tests.ui.inspector.wires import DONE, delta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.byte_server import Request, Step

KEY = "sk-canary-0123456789abcdef"


def kept_back(release: asyncio.Event) -> object:
    """A script whose second word waits until a test lets it go."""

    async def script(_: Request) -> AsyncIterator[Step]:
        yield head(X_Echo=KEY)
        for piece in chunked([delta("first "), f": your key is {KEY}\n\n".encode()]):
            yield piece
        yield release
        for piece in chunked([delta("second"), DONE]):
            yield piece
        yield LAST_CHUNK

    return script


async def test_frames_are_shown_as_they_come_and_the_key_never(home: Path) -> None:
    release = asyncio.Event()
    async with ByteServer(kept_back(release), quiet_head=True) as server:  # type: ignore[arg-type]
        env = os.environ | {"TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_API_KEY": KEY}
        with Terminal([sys.executable, "-m", "tui_chat", "-m", "m", "hello"], env, columns=120) as terminal:
            await seen(terminal, "first")
            terminal.send("\x1b[24~")
            await seen(terminal, '"first "')
            assert '"second"' not in terminal.text
            release.set()
            await seen(terminal, '"second"')
            await seen(terminal, "body complete")
            for tab in "234":
                terminal.send(tab)
                await seen(terminal, {"2": "Bearer ••••", "3": "content-type", "4": "time to first token"}[tab])
            terminal.send("1")
            await seen(terminal, "gaps")
            terminal.resize(60, 16)
            await until(terminal, lambda: "Ready" not in terminal.text, "the inspector covers the chat")
            terminal.send("\x1b[24~")
            await seen(terminal, "Ready")
            await quit_in_order(terminal)
            assert leaks(KEY, terminal.raw.decode("utf-8", "replace")) == []


async def test_tap_shows_what_passes_and_hands_the_body_on_unchanged(home: Path, tmp_path: Path) -> None:
    release = asyncio.Event()
    release.set()
    async with ByteServer(kept_back(release)) as server:  # type: ignore[arg-type]
        env = os.environ | {"TERM": "xterm-256color"}
        words = ["tap", server.url, "--port", "0", "--record", str(tmp_path / "tapes")]
        with Terminal([sys.executable, "-m", "tui_chat", *words], env, columns=100) as terminal:
            await seen(terminal, "→")
            url = next(word for word in terminal.text.split() if word.startswith("http://127.0.0.1"))
            async with httpx.AsyncClient() as client:
                headers = {"Authorization": f"Bearer {KEY}"}
                answer = await client.post(f"{url}/chat/completions", headers=headers, json={"model": "m"})
            assert answer.content.endswith(delta("second") + DONE)
            await seen(terminal, '"second"')
            await seen(terminal, "body complete")
            terminal.send("2")
            await seen(terminal, "••••")
            terminal.send("q")
            assert await asyncio.to_thread(terminal.wait) == 0
            assert terminal.modes_left_on() == []
            assert leaks(KEY, terminal.raw.decode("utf-8", "replace")) == []
    recorded = [path.read_text() for path in (tmp_path / "tapes").iterdir()]
    assert len(recorded) == 1
    assert leaks(KEY, recorded[0]) == []


async def test_tap_ends_with_a_signal_and_says_a_port_that_is_taken(home: Path) -> None:
    async with ByteServer() as server:
        env = os.environ | {"TERM": "xterm-256color"}
        argv = [sys.executable, "-m", "tui_chat", "tap", server.url, "--port"]
        with Terminal([*argv, "0"], env) as terminal:
            await seen(terminal, "→")
            terminal.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(terminal.wait) == 143
        with Terminal([*argv, str(server.port)], env) as terminal:
            assert await asyncio.to_thread(terminal.wait) == 2
            assert f"port {server.port} cannot be used" in terminal.raw.decode("utf-8", "replace")
