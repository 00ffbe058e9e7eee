"""What `tui-chat tap` costs: `python -m tests.foreign.tap_cost` prints the delay of a chunk and the processor's time.

A server sends chunks with the time in them, and a client reads them, directly and through the tap, which is a process
of its own and records all.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tests.server.sdk.environment import tapped
from tui_chat.chat.metrics.replies import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNKS = 200
EVERY = 0.01
"""Seconds between two chunks of one stream."""
STREAMS = 50
PACE = [EVERY]
"""The seconds between two chunks of each stream at the moment."""
FILLING = b"x" * 200
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD)
    begin = monotonic()
    for number in range(CHUNKS):
        await asyncio.sleep(max(0.0, begin + number * PACE[0] - monotonic()))
        event = b"data: %.6f %s\n\n" % (monotonic(), FILLING)
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


async def _read(port: int, path: str) -> list[float]:
    """The delay of each chunk in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    delays = []
    while (size := int(await reader.readline(), 16)) > 0:
        events = await reader.readexactly(size)  # more than one if the tap was given them together
        now = monotonic()
        delays += [now - float(event.split()[1]) for event in events.split(b"\n\n") if event]
        await reader.readexactly(2)
    assert len(delays) == CHUNKS
    writer.close()
    return delays


def _told(name: str, delays: list[float]) -> str:
    ordered = sorted(delays)
    return (
        f"{name:<28} median {percentile(ordered, 0.5) * 1000:6.2f} ms   p99 {percentile(ordered, 0.99) * 1000:6.2f} ms"
        f"   {len(delays):,} chunks"
    )


def _processor(process: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children() -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == os.getpid():
            yield int(status.parent.name)


async def _measured(port: int, tap: int, process: int) -> None:
    for streams, every in ((1, EVERY), (STREAMS, 10 * EVERY)):
        PACE[0] = every
        for name, at in (("directly", port), ("through the tap", tap)):
            before = _processor(process)
            found = await asyncio.gather(*(_read(at, f"/{number}") for number in range(streams)))
            print(
                _told(
                    f"{streams} stream{'s' if streams > 1 else ''} {name}", [delay for each in found for delay in each]
                ),
                end="",
            )
            used = _processor(process) - before
            print(f"   tap: {used / (CHUNKS * streams) * 1e6:.0f} µs of processor a chunk" if at == tap else "")


async def main() -> None:
    """Measure and print."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, tapped(f"http://127.0.0.1:{port}", Path(folder)) as url:
        await _measured(port, int(url.rsplit(":", 1)[1].strip("/")), next(_children()))
    server.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
