"""Two windows on one chat: the second says so, and neither takes what is typed in the other."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer
from tests.cli.test_ask import asking, ended
from tests.history.chats import store
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import answer, quit_in_order, seen, until
from tui_chat.chat.history_ports import Draft

if TYPE_CHECKING:
    from pathlib import Path

SAID = "open in another running"


def window(server: ByteServer, *words: str) -> Terminal:
    env = os.environ | {"TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "m"}
    return Terminal([sys.executable, "-m", "tui_chat", *words], env)


async def typed(terminal: Terminal, text: str, folder: Path) -> None:
    """Type, and wait until that is on disk."""
    terminal.send(text)
    await seen(terminal, f"› {text}")
    log = folder / "history.db-wal"
    await until(terminal, lambda: log.exists() and text.encode() in log.read_bytes(), f"{text!r} on disk")


async def test_drafts_of_two_windows_are_not_mixed_and_none_is_lost(home: Path) -> None:
    folder = home / ".local/share/tui-chat"
    async with ByteServer(lambda _: answer("Because it is."), quiet_head=True) as server:
        with window(server) as first:
            await seen(first, "● Ready")
            first.send("why?\r")
            await seen(first, "Because it is.")
            await typed(first, "first draft", folder)
            with store(folder) as history:
                chat = history.newest() or ""
            with window(server, "--cid", chat) as second:
                await seen(second, SAID)
                await seen(second, "Because it is.")
                assert "first draft" not in second.text
                await typed(second, "second draft", folder)
                await quit_in_order(second)
            async with asking(server, "ask", "--cid", chat, "and?") as process:
                status, _, err = await ended(process)
                assert status == 0
                assert SAID in err.decode()
            with window(server, "--cid", chat) as third:
                await seen(third, SAID)
                await typed(third, "third draft", folder)
                third.process.kill()
                await asyncio.to_thread(third.process.wait)
            assert "› first draft" in first.text
            await quit_in_order(first)
        with store(folder) as history:
            assert history.draft(chat) == Draft("first draft")
        with window(server, "--cid", chat) as again:
            await seen(again, "› first draft")
            assert SAID not in again.text
            prompts = home / ".local/state/tui-chat/prompts.jsonl"
            await until(again, lambda: b"third draft" in prompts.read_bytes(), "what the killed window left")
            again.send("\x03\x1b[A")  # clears the box; what was typed in a window that was killed is the newest prompt
            await seen(again, "› third draft")
            again.send("\x1b[A\x1b[A")
            await seen(again, "› second draft")
            await quit_in_order(again)
