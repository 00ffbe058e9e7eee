"""What is there again at the next start, with the real program and its history on disk."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from random import Random
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import answer, endless, program, quit_in_order, seen, until

if TYPE_CHECKING:
    from pathlib import Path


def folders(home: Path) -> dict[str, str]:
    """A home of its own, of which the next program knows, too."""
    return {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("DATA", "STATE", "CACHE", "CONFIG")}


async def test_after_a_kill_the_reply_the_queue_and_the_draft_are_there(tmp_path: Path) -> None:
    async with ByteServer(endless, quiet_head=True) as server:
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hello there\r")
            await seen(terminal, "word20")
            terminal.send("queued\r")
            await seen(terminal, "1 queued")
            terminal.send("half a thought")
            await seen(terminal, "› half a thought")
            kept = tmp_path / "data" / "tui-chat" / "history.db-wal"
            await until(terminal, lambda: kept.exists() and b"half a thought" in kept.read_bytes(), "the draft on disk")
            terminal.process.kill()
            await asyncio.to_thread(terminal.process.wait)
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "Restored after tui-chat")  # first: it goes away by itself
            await seen(terminal, "› half a thought")
            await seen(terminal, "Queue paused · Enter sends the first")
            await seen(terminal, "word20")
            await seen(terminal, "✂ Cut off: tui-chat ended before the reply did")
            await quit_in_order(terminal)


async def test_the_line_at_the_end_leads_back_to_the_chat(tmp_path: Path) -> None:
    async with ByteServer(lambda _: answer("Because it is."), quiet_head=True) as server:
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("why?\r")
            await seen(terminal, "Because it is.")
            terminal.send("unsent")
            await seen(terminal, "› unsent")
            await quit_in_order(terminal)
            line = re.search(r"tui-chat --cid ([0-9a-f]{8})   # why\?", terminal.text)
        assert line is not None
        env = {**folders(tmp_path), "TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "tiny"}
        with Terminal([sys.executable, "-m", "tui_chat", "--cid", line[1]], env) as terminal:
            await seen(terminal, "Because it is.")
            await seen(terminal, "› unsent")
            await quit_in_order(terminal)


async def test_after_a_kill_what_was_attached_is_there_and_is_sent(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("the notes")
    async with ByteServer(lambda _: answer("Thanks."), quiet_head=True) as server:
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "● Ready")
            terminal.send(f"\x1b[200~{tmp_path}/notes.md\x1b[201~")
            await seen(terminal, "notes.md 9 B ~2 tokens ×")
            terminal.send("read it")
            kept = tmp_path / "data" / "tui-chat" / "history.db-wal"
            await until(terminal, lambda: kept.exists() and b"read it" in kept.read_bytes(), "the draft on disk")
            terminal.process.kill()
            await asyncio.to_thread(terminal.process.wait)
        (tmp_path / "notes.md").unlink()
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "› read it")
            await seen(terminal, "notes.md 9 B ~2 tokens ×")
            terminal.send("\r")
            await seen(terminal, "Thanks.")
            await quit_in_order(terminal)
    assert (
        "notes.md:\\n```\\nthe notes\\n```\\n\\nread it"
        in [each.body for each in server.requests if each.body][-1].decode()
    )
    assert list((tmp_path / "state" / "tui-chat" / "attachments").iterdir()) == []


async def test_a_long_paste_in_any_cuts_is_one_chip_and_is_sent_as_it_came(tmp_path: Path) -> None:
    random = Random(7)
    pasted = "\n".join(f"line {number} ünï 中 \t \\ {'x' * random.randrange(90)}" for number in range(40))
    data = f"\x1b[200~{pasted}\x1b[201~".replace("\n", "\r").encode()
    async with ByteServer(lambda _: answer("Thanks."), quiet_head=True) as server:
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("before ")
            while data:
                size = random.randrange(1, 400)
                terminal.send_bytes(data[:size])
                data = data[size:]
                await asyncio.sleep(0)
            await seen(terminal, "Pasted 40 lines open")
            terminal.send(" after")
            await seen(terminal, "› before ▤ after")
            assert not any(each.body for each in server.requests)
            terminal.send("\r")
            await seen(terminal, "Thanks.")
            await quit_in_order(terminal)
    assert (
        json.loads([each.body for each in server.requests if each.body][-1])["messages"][-1]["content"]
        == f"before {pasted} after"
    )
