"""The endpoint of the benchmark: a process that paces deltas exactly and writes down when it sent them.

`python -m tests.benchmarks.paced_server` answers any POST with the job it was given on standard input (`job.py`), as a
stream of chat completions with the fields that servers send, and tells on standard output what happened and when.
Whatever else it is asked is not there: a client that opens its connection before the question must not use up the job.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from time import monotonic

from tests.benchmarks.job import GO, SIZE, Job, Told
from tests.benchmarks.texts import deltas, mark, text
from tests.hostile_markdown import hostile_text

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
HEAD_START_PIECE = 400
"""Characters of one delta of the head start."""
HEAD_START_PAUSE = 0.01
"""Seconds between two of them."""

HOSTILE_PIECE = 400
"""Characters of one delta of a hostile text, on average."""


def event(content: str | None, reason: str | None = None) -> bytes:
    """One delta as a server sends it, in an HTTP chunk of its own."""
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    body = {
        "id": "chatcmpl-0123456789",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "paced",
        "choices": [choice],
    }
    return chunk(b"data: " + json.dumps(body).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    """An HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def pieces(whole: str, seed: int) -> list[str]:
    """A text cut at random, some `HOSTILE_PIECE` characters each."""
    chance = random.Random(seed)
    cut, at = [], 0
    while at < len(whole):
        size = 1 + int(chance.expovariate(1 / HOSTILE_PIECE))
        cut.append(whole[at : at + size])
        at += size
    return cut


def tell(what: str, job: int = 0, *, began: float = 0.0, late: float = 0.0, port: int = 0, at: float = 0.0) -> None:
    """A line for the benchmark."""
    told = Told(what, job, at or monotonic(), began, late, port)
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    sys.stdout.flush()


class Server:
    """One job at a time, whichever connection asks."""

    def __init__(self) -> None:
        self._job = Job(0)
        self._events: list[bytes] = []
        self._go = asyncio.Semaphore(0)

    def take(self, line: str) -> None:
        """A line from the benchmark."""
        if line == GO:
            self._go.release()
        else:
            self._job = job = Job.read(line)
            if job.hostile:
                self._events = [event(piece) for piece in pieces(hostile_text(job.hostile, job.length), job.seed)]
            else:
                self._events = [event(delta) for delta in deltas(job.kind, job.before, job.deltas - 1, SIZE)]
                self._events.append(event(mark(job.kind, job.last_mark)))
            self._go = asyncio.Semaphore(0)
            tell("taken", self._job.number)

    async def serve(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer each question of a connection with the job of the moment, until it is closed."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # the client has left, which `line` has told
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_body_length(head))
                if not head.startswith(b"POST "):
                    writer.write(NOT_FOUND)
                    continue
                line.answering = self._job
                tell("asked", self._job.number)
                await self._answer(self._job, writer)
                line.answering = None
        writer.close()

    async def _answer(self, job: Job, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        if job.before:
            start = text(job.kind, job.before)
            for at in range(0, job.before, HEAD_START_PIECE):
                writer.write(event(start[at : at + HEAD_START_PIECE]))
                await writer.drain()
                await asyncio.sleep(HEAD_START_PAUSE)
            writer.write(event(mark(job.kind, job.head_mark)))
            tell("ahead", job.number)
        await self._go.acquire()
        await self._paced(job, writer)
        if job.held:
            await self._go.acquire()
        writer.write(event(None, "stop") + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()
        tell("over", job.number)

    async def _paced(self, job: Job, writer: asyncio.StreamWriter) -> None:
        began = due = monotonic()
        late = 0.0
        for data in self._events:
            if job.rate:
                wait = due - monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                late = max(late, monotonic() - due)
                due += 1 / job.rate
            writer.write(data)
            await writer.drain()
        tell("sent", job.number, began=began, late=late, at=monotonic())


class Line(asyncio.StreamReaderProtocol):
    """A connection that tells of a hang-up in the moment the system says so."""

    def __init__(self, server: Server) -> None:
        super().__init__(asyncio.StreamReader(), partial(server.serve, self))
        self.answering: Job | None = None

    def eof_received(self) -> bool:
        """The client has closed its side."""
        self._notice()
        return bool(super().eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, or was reset."""
        self._notice()
        super().connection_lost(exc)

    def _notice(self) -> None:
        if self.answering is not None:
            tell("hung-up", self.answering.number)
            self.answering = None


def _body_length(head: bytes) -> int:
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0]) if lengths else 0


async def main() -> None:
    """Serve until standard input ends."""
    server = Server()
    listening = await asyncio.get_running_loop().create_server(lambda: Line(server), "127.0.0.1", 0)
    tell("listening", port=listening.sockets[0].getsockname()[1])
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        server.take(line.decode().strip())


if __name__ == "__main__":
    asyncio.run(main())
