"""The endpoint of the benchmark: a process that paces deltas exactly and writes down when it sent them.

`python -m tests.benchmarks.paced_server` answers any POST with the job it was given on standard input (`job.py`), as a
stream of chat completions with the fields that servers send, and tells on standard output what happened and when.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from time import monotonic

from tests.benchmarks.job import GO, SIZE, Job, Told
from tests.benchmarks.texts import deltas, mark, text

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD_START_PIECE = 400
"""Characters of one delta of the head start."""
HEAD_START_PAUSE = 0.01
"""Seconds between two of them."""


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


def tell(what: str, job: int = 0, *, began: float = 0.0, late: float = 0.0, port: int = 0, at: float = 0.0) -> None:
    """A line for the benchmark."""
    told = Told(what, job, at or monotonic(), began, late, port)
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    sys.stdout.flush()


class Server:
    """One job at a time."""

    def __init__(self) -> None:
        self._job = Job(0)
        self._go = asyncio.Semaphore(0)

    def take(self, line: str) -> None:
        """A line from the benchmark."""
        if line == GO:
            self._go.release()
        else:
            self._job = Job.read(line)
            self._go = asyncio.Semaphore(0)
            tell("taken", self._job.number)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: questions, each answered with the job of the moment, until it is closed."""
        try:
            while (size := await self._question(reader)) is not None:
                await reader.readexactly(size)
                await self._watched(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has left, which `_watched` has told
        finally:
            writer.close()

    @staticmethod
    async def _question(reader: asyncio.StreamReader) -> int | None:
        """The length of the body of the next request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return int(line.partition(b":")[2])
        return 0

    async def _watched(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer, and notice at once when the client hangs up."""
        job = self._job
        tell("asked", job.number)
        answer = asyncio.create_task(self._answer(job, writer))
        more = asyncio.create_task(reader.read(1))
        await asyncio.wait({answer, more}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            tell("hung-up", job.number)
            answer.cancel()
        else:
            more.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await more
        with suppress(asyncio.CancelledError):
            await answer

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

    @staticmethod
    async def _paced(job: Job, writer: asyncio.StreamWriter) -> None:
        events = [event(delta) for delta in deltas(job.kind, job.before, job.deltas - 1, SIZE)]
        events.append(event(mark(job.kind, job.last_mark)))
        began = due = monotonic()
        late = 0.0
        for data in events:
            if job.rate:
                wait = due - monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                late = max(late, monotonic() - due)
                due += 1 / job.rate
            writer.write(data)
            await writer.drain()
        tell("sent", job.number, began=began, late=late, at=monotonic())


async def main() -> None:
    """Serve until standard input ends."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    tell("listening", port=listening.sockets[0].getsockname()[1])
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        server.take(line.decode().strip())


if __name__ == "__main__":
    asyncio.run(main())
