"""Ends the real program in the middle of a reply, again and again, and looks at what is on the disk.

    python -m tests.benchmarks.history_kill                     # 200 runs of kill -9, 30 of each other end: 15 minutes
    python -m tests.benchmarks.history_kill --kills 20 --others 3

A server on 127.0.0.1 sends numbered deltas, 200 a second, and notes when it sent each. `tui-chat ask`, or the screen in
a pty with something typed and something queued, is ended at a random moment by kill -9, by SIGTERM or by the loss of
its terminal. Then the history is opened as the next start does. What counts is how long before the end the first delta
was sent that is not there, whether SQLite finds the file sound, and whether draft and queue are there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import sqlite3
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from tests.byte_server import ByteServer, chunked, head
from tests.pty_terminal import Terminal
from tui_chat.chat.history_ports import Draft
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.byte_server import Request, Step

Door: TypeAlias = Literal["ask", "screen"]
End: TypeAlias = Literal["kill -9", "SIGTERM", "closed terminal"]

RATE = 200
LONGEST = 2.5
"""Seconds of a reply before the end comes, at most."""
ALLOWED = 0.5
"""Seconds of deltas that may be missing after kill -9."""
TYPED = "half a question"
QUEUED = "the next one"
PATIENCE = 20.0


@dataclass
class Stream:
    """One endless reply."""

    sent: list[float] = field(default_factory=list)
    """When each delta was sent, in monotonic seconds."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def script(self, _: Request) -> AsyncIterator[Step]:
        """Numbered words until the client leaves."""
        yield head()
        while True:
            delta = {"choices": [{"index": 0, "delta": {"content": f"{len(self.sent)} "}}]}
            self.sent.append(monotonic())
            yield chunked([b"data: " + json.dumps(delta).encode() + b"\n\n"])[0]
            self.begun.set()
            yield 1 / RATE


@dataclass(frozen=True)
class Found:
    """What one run came to."""

    door: Door
    end: End
    missing: float
    """Seconds between the sending of the first delta that is not there and the end; 0: none is missing."""
    sound: bool
    marked: bool
    """The reply says that it was cut off, or stopped."""
    told: bool
    """The next start is told of the chat, of what was typed and queued in the screen, too."""


async def run(door: Door, end: End, after: float) -> Found:
    """Begin a reply, end the program `after` seconds later, and look."""
    with tempfile.TemporaryDirectory() as home:
        stream = Stream()
        async with ByteServer(stream.script, quiet_head=True) as server:
            environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
            environment |= {
                "HOME": home,
                "TERM": "xterm-256color",
                "TUI_CHAT_BASE_URL": server.url,
                "TUI_CHAT_MODEL": "numbers",
            }
            ending = _end_ask if door == "ask" else _end_screen
            ended = await ending(environment, stream, end, after)
        return await asyncio.to_thread(_look, Path(home) / ".local/share/tui-chat", door, end, stream, ended)


async def _end_ask(environment: dict[str, str], stream: Stream, end: End, after: float) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_chat", "ask", "go", env=environment, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    reading = asyncio.create_task(process.communicate())
    async with asyncio.timeout(PATIENCE):
        await stream.begun.wait()
        await asyncio.sleep(after)
        at = monotonic()
        process.send_signal({"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM}.get(end, signal.SIGHUP))
        await reading
    return at


async def _end_screen(environment: dict[str, str], stream: Stream, end: End, after: float) -> float:
    with Terminal([sys.executable, "-m", "tui_chat"], environment) as terminal:
        await asyncio.to_thread(terminal.until_text, "● Ready")
        terminal.send("go\r")
        async with asyncio.timeout(PATIENCE):
            await stream.begun.wait()
            terminal.send(QUEUED)
            await asyncio.to_thread(terminal.until_text, f"› {QUEUED}")
            terminal.send("\r")
            await asyncio.to_thread(terminal.until, lambda: f"› {QUEUED}" not in terminal.text, "the box is empty")
            terminal.send(TYPED)
            await asyncio.to_thread(terminal.until_text, TYPED)
            await asyncio.sleep(ALLOWED + after)
        at = monotonic()
        if end == "closed terminal":
            terminal.hang_up()
        else:
            terminal.process.send_signal(signal.SIGKILL if end == "kill -9" else signal.SIGTERM)
        await asyncio.to_thread(terminal.wait)
        return at


def _look(folder: Path, door: Door, end: End, stream: Stream, ended: float) -> Found:
    with closing(sqlite3.connect(folder / "history.db")) as database:
        sound = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    history = Store(folder)
    try:
        left = history.unfinished_chats()
        chat = history.newest()
        reply = history.open(chat).last_reply if chat is not None else None
        if chat is None or reply is None:
            return Found(door, end, ended - stream.sent[0], sound, marked=False, told=False)
        words = reply.text.split()
        if words != [str(number) for number in range(len(words))]:
            raise AssertionError(f"the text is not what was sent: {reply.text[-200:]!r}")
        gone = stream.sent[len(words)] if len(words) < len(stream.sent) else ended
        told = chat in left or (door == "ask" and end != "kill -9")
        if door == "screen":
            told = told and history.draft(chat) == Draft(TYPED, (QUEUED,))
        return Found(door, end, max(0.0, ended - gone), sound, marked=reply.ending is not None, told=told)
    finally:
        history.close()


def _table(found: list[Found]) -> str:
    lines = ["| end | door | runs | missing: median | most | file sound | reply marked | next start told |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for end, door in sorted({(each.end, each.door) for each in found}):
        some = [each for each in found if (each.end, each.door) == (end, door)]
        missing = sorted(each.missing for each in some)
        counts = [sum(getattr(each, name) for each in some) for name in ("sound", "marked", "told")]
        cells = [end, door, len(some), f"{missing[len(missing) // 2]:.3f} s", f"{missing[-1]:.3f} s", *counts]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


async def main(kills: int, others: int, seed: int) -> int:
    """All runs; the status is 1 if one of them broke a promise."""
    chance = random.Random(seed)
    plan: list[tuple[Door, End]] = [("screen" if number % 4 == 0 else "ask", "kill -9") for number in range(kills)]
    plan += [("screen" if number % 2 else "ask", "SIGTERM") for number in range(others)]
    plan += [("screen", "closed terminal")] * others
    found: list[Found] = []
    for number, (door, end) in enumerate(plan):
        found.append(await run(door, end, chance.uniform(0.0, LONGEST)))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number + 1} of {len(plan)}")
    print(_table(found))
    broken = [
        each
        for each in found
        if not (each.sound and each.marked and each.told)
        or each.missing > (ALLOWED if each.end == "kill -9" else 1 / RATE * 4)
    ]
    for each in broken:
        print(each)
    return 1 if broken else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--others", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    raise SystemExit(asyncio.run(main(given.kills, given.others, given.seed)))
