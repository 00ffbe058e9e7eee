"""How `tui-chat serve` bears many clients and large files, on this machine's loopback.

    python -m tests.benchmarks.server_load                       all three, as large as promised: two minutes
    python -m tests.benchmarks.server_load streams --streams 50 --seconds 10
    python -m tests.benchmarks.server_load hang-ups --streams 500
    python -m tests.benchmarks.server_load download --size 200M

Exit status 1 means that an event was lost, a hang-up not noticed, something leaked, or a download was not the file.
Linux only: it counts from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import http.client
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.benchmarks.counters import cpu_seconds, resident_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PATIENCE = 30.0
"""Seconds after which what should have happened is given up."""

ROUNDS = 3
"""How many times all clients come and hang up; what leaks grows with each."""

SAMPLING = 0.5
"""Seconds between two measurements of the server's memory."""

MEGABYTE = 1_000_000

_TICK = re.compile(rb'"tick":(\d+),"time":"([^"]+)Z"}\n\n')
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


@dataclass(frozen=True)
class Server:
    """`tui-chat serve` in a process of its own."""

    pid: int
    host: str
    port: int
    log: Path

    def open_files(self) -> int:
        """How many file descriptors it has."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def resident(self) -> float:
        """Resident memory, in MB."""
        return resident_bytes(self.pid) / MEGABYTE

    def peak(self) -> float:
        """The most memory it ever had resident, in MB."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found is not None
        return int(found[1]) * 1024 / MEGABYTE

    def logged(self, words: str) -> int:
        """How many lines of its log have these words."""
        return self.log.read_text().count(words)


@contextmanager
def serving(*flags: str) -> Iterator[Server]:
    """A server that ends with the `with` block."""
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "access.log")
        command = [sys.executable, "-m", "tui_chat", "serve", "--port", "0", "--ready-fd", str(writer), *flags]
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, pass_fds=[writer])
        os.close(writer)
        try:
            with os.fdopen(reader) as ready:
                url = urlsplit(ready.read().strip())
            assert url.hostname is not None
            assert url.port is not None
            yield Server(process.pid, url.hostname, url.port, log)
        finally:
            process.terminate()
            process.wait(PATIENCE)


class Listener(asyncio.Protocol):
    """One client of the ticker."""

    def __init__(self, path: str, late: list[float]) -> None:
        """`late` gets the seconds from each event's making to its arrival here."""
        self.ticks = 0
        self.broken = False
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self._path = path
        self._late = late
        self._rest = b""
        self.connection: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self.connection = transport
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Count what came, and see that no number is missing."""
        now = time.time()
        self._rest += data
        end = 0
        for tick in _TICK.finditer(self._rest):
            self.ticks += 1
            self.broken |= int(tick[1]) != self.ticks
            self._late.append(now - datetime.fromisoformat(f"{tick[2].decode()}+00:00").timestamp())
            end = tick.end()
        self._rest = self._rest[end:]
        if self.ticks:
            self.began.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The answer has ended, or we have."""
        self.ended.set()


@dataclass
class Verdict:
    """What was measured, line by line, and whether it is as promised."""

    failures: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Remember and say what does not hold."""
        if not holds:
            self.failures.append(otherwise)
            print(f"  NOT AS PROMISED: {otherwise}")


async def streams(server: Server, number: int, rate: float, seconds: float, verdict: Verdict) -> None:
    """So many clients of the ticker at once."""
    events = round(rate * seconds)
    late: list[float] = []
    listeners = [Listener(f"/stream?every={1 / rate:.6f}&count={events}", late) for _ in range(number)]
    loop = asyncio.get_running_loop()
    idle = server.resident()
    cpu, own, began = cpu_seconds(server.pid), time.process_time(), time.monotonic()

    async def listen(listener: Listener) -> None:
        await asyncio.sleep(random.uniform(0, 1))  # clients do not come in step
        await loop.create_connection(lambda: listener, server.host, server.port)
        await listener.ended.wait()

    async def watch() -> float:
        most = idle
        while True:
            try:
                await asyncio.sleep(SAMPLING)
            except asyncio.CancelledError:
                return most
            most = max(most, server.resident())

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(seconds + PATIENCE):
        await asyncio.gather(*map(listen, listeners))
    watching.cancel()
    took, cpu, own = time.monotonic() - began, cpu_seconds(server.pid) - cpu, time.process_time() - own
    heard, wanted = sum(listener.ticks for listener in listeners), number * events
    print(f"{number} streams at {rate:g} events/s for {took:.1f} s: {heard:,} of {wanted:,} events came")
    print(
        f"  server: CPU {100 * cpu / took:.0f} % of a core, {1e6 * cpu / heard:.0f} µs an event;"
        f" memory {idle:.1f} MB idle, {await watching:.1f} MB at most, {server.resident():.1f} MB afterwards"
    )
    print(f"  clients (this process): CPU {100 * own / took:.0f} % of a core")
    late.sort()
    shown = ", ".join(f"{name} {1000 * late[int(part * (len(late) - 1))]:.1f} ms" for name, part in PARTS.items())
    print(f"  from an event's making to its arrival: {shown}")
    verdict.expect(heard == wanted, f"{wanted - heard} events were lost")
    verdict.expect(not any(listener.broken for listener in listeners), "events came out of order")


PARTS = {"median": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}


async def hang_ups(server: Server, number: int, verdict: Verdict) -> None:
    """So many clients that leave in the same moment, again and again."""
    await _hang_up(server, 1)  # whatever the server opens but once is open now
    files = server.open_files()
    for turn in range(1, ROUNDS + 1):
        noticed, took = await _hang_up(server, number)
        freed = await _until(lambda: server.open_files() <= files)
        print(
            f"{number} hang-ups at once, turn {turn}: {noticed} in the log after {1000 * took:.0f} ms;"
            f" {server.open_files() - files} descriptors left; {server.resident():.1f} MB"
        )
        verdict.expect(noticed == number, f"{number - noticed} hang-ups were not noticed")
        verdict.expect(freed, "file descriptors were left open")


async def _hang_up(server: Server, number: int) -> tuple[int, float]:
    """How many of the clients the log says have hung up, and after how many seconds the last of them did."""
    loop = asyncio.get_running_loop()
    before = server.logged("hang-up after")
    listeners = [Listener("/stream?every=0.05", []) for _ in range(number)]
    for listener in listeners:
        await loop.create_connection(partial(_itself, listener), server.host, server.port)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(listener.began.wait() for listener in listeners))
    began = time.monotonic()
    for listener in listeners:
        assert listener.connection is not None
        listener.connection.abort()
    await _until(lambda: server.logged("hang-up after") - before >= number)
    return server.logged("hang-up after") - before, time.monotonic() - began


def _itself(listener: Listener) -> Listener:
    return listener


async def _until(condition: Callable[[], bool]) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.002)
    return True


def download(size: int, verdict: Verdict) -> None:
    """A file of `size` bytes, broken off in the middle and resumed, and as many bytes made up."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "large.bin")
        checksum = _write(file, size)
        with serving("--file", str(file)) as server:
            idle, cpu, began = server.resident(), cpu_seconds(server.pid), time.monotonic()
            got = hashlib.sha256()
            etag, first = _fetch(server, "/download-large-file", got, {}, stop=int(size * 0.4))
            verdict.expect(_waited(lambda: server.logged("hang-up after") == 1), "the hang-up was not noticed")
            resumed = {"Range": f"bytes={first}-", "If-Range": etag}
            _, second = _fetch(server, "/download-large-file", got, resumed)
            took, cpu = time.monotonic() - began, cpu_seconds(server.pid) - cpu
            print(f"a file of {size:,} bytes, broken off at {first:,} and resumed: {first + second:,} bytes came")
            print(f"  checksum {'the same' if got.digest() == checksum else 'ANOTHER'}")
            print(
                f"  {size / took / MEGABYTE:.0f} MB/s; server: CPU {cpu:.1f} s,"
                f" {idle:.1f} MB idle, {server.peak():.1f} MB peak"
            )
            print(f"  client (this process): {_own_peak():.1f} MB peak")
            verdict.expect(got.digest() == checksum, "the checksum is another")
    with serving() as server:
        began = time.monotonic()
        _, came = _fetch(server, f"/download-large-file?size={size}", hashlib.sha256(), {})
        took = time.monotonic() - began
        print(f"as many bytes made up: {came / took / MEGABYTE:.0f} MB/s; server: {server.peak():.1f} MB peak")
        verdict.expect(came == size, "the made-up download was not whole")


def _write(file: Path, size: int) -> bytes:
    """A file that holds something else everywhere; gives its checksum."""
    checksum, noise, left = hashlib.sha256(), random.Random(1), size
    with file.open("wb") as out:
        while left:
            piece = noise.randbytes(min(left, 1 << 20))
            checksum.update(piece)
            left -= out.write(piece)
    return checksum.digest()


def _fetch(
    server: Server, path: str, into: hashlib._Hash, headers: dict[str, str], stop: int | None = None
) -> tuple[str, int]:
    """The ETag, and how many bytes came, at most about `stop` of them."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    assert response.status == (206 if headers else 200), response.status
    came, buffer = 0, memoryview(bytearray(1 << 16))
    while (stop is None or came < stop) and (length := response.readinto(buffer)):
        into.update(buffer[:length])
        came += length
    response.close()
    connection.close()
    return response.headers["ETag"], came


def _waited(condition: Callable[[], bool]) -> bool:
    return asyncio.run(_until(condition))


def _own_peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([KMG]?)", text.upper())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not a size; 2G is one")
    return int(found[1]) * _UNITS[found[2]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 when all is as promised."""
    parser = argparse.ArgumentParser("tests.benchmarks.server_load")
    parser.add_argument("parts", nargs="*", default=[], help="streams, hang-ups, download (default: all)")
    parser.add_argument("--streams", type=int, default=200, help="how many at once (default: 200)")
    parser.add_argument("--rate", type=float, default=20.0, help="events a second of each (default: 20)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they go on (default: 60)")
    parser.add_argument("--size", type=_size, default=2**31, help="of the download (default: 2G)")
    given = parser.parse_args(arguments)
    parts = given.parts or ["streams", "hang-ups", "download"]
    if unknown := set(parts) - {"streams", "hang-ups", "download"}:
        parser.error(f"there is no part {unknown.pop()}")
    verdict = Verdict()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if "streams" in parts:
        with serving() as server:
            asyncio.run(streams(server, given.streams, given.rate, given.seconds, verdict))
    if "hang-ups" in parts:
        with serving() as server:
            asyncio.run(hang_ups(server, given.streams, verdict))
    if "download" in parts:
        download(given.size, verdict)
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
