"""`tui-chat listen` as a process of its own, against a server that sends what the test says."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, chunked, head, stream, whole
from tests.cli.test_recording import tapes
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal
from tests.wire.sources.test_download import DATA, File
from tui_chat.cli.streams.listen import ListenOptions, drawn, run
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.patterns.download import BLOCK, _block
from tui_chat.wire.sources.download import DownloadProgress, DownloadTarget
from tui_chat.wire.sources.partial_file import PartialFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.byte_server import Request, Script, Step

PROGRAM = (sys.executable, "-m", "tui_chat", "listen")
TIME = r"\d\d:\d\d:\d\d\.\d{3}  "


@asynccontextmanager
async def listening(*arguments: str, folder: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    """Status, standard output and standard error."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


class Hearing:
    """The door in this process, with what it says on both outputs."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    async def __call__(self, answer: list[Step] | Script, **options: Any) -> tuple[int, str, str]:
        """Status, standard output and standard error."""
        async with ByteServer(answer if callable(answer) else lambda _: answer) as server:
            async with asyncio.timeout(PATIENCE):
                how: dict[str, Any] = {"connect_timeout": 5, "idle_timeout": 5, "head_timeout": 5}
                status = await run(f"{server.url}/x", {}, ListenOptions(**options), **how)
        out, err = self._capfd.readouterr()
        return status, out, err


@pytest.fixture
def heard(capfd: pytest.CaptureFixture[str]) -> Hearing:
    return Hearing(capfd)


EVENTS = [b"id: 1\ndata: one\n\n", b"event: update\ndata: two\ndata: lines\n\n"]


async def test_events_are_shown_with_time_name_and_id_and_the_end_is_told(heard: Hearing) -> None:
    status, out, err = await heard(stream(EVENTS), reconnect=False)
    assert status == 0
    first, second, third = out.splitlines()
    assert re.fullmatch(TIME + "message  #1  one", first)
    assert re.fullmatch(TIME + "update  #1  two", second)
    assert third == " " * 14 + "lines"
    assert "sends an event stream (200, text/event-stream)" in err
    assert "the connection ended" in err
    assert re.search(r"2 events in \d", err)


async def test_each_event_is_there_before_the_next_one_is_sent() -> None:
    gate = asyncio.Event()
    steps: list[Step] = [head(), *chunked(EVENTS[:1]), gate, *chunked(EVENTS[1:]), LAST_CHUNK]
    async with ByteServer(lambda _: steps) as server, listening("--no-reconnect", server.url) as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert b"one" in await process.stdout.readline()
        gate.set()
        assert (await ended(process))[0] == 0


async def test_json_is_a_line_for_each_event_and_count_ends_it(heard: Hearing) -> None:
    pieces = [*EVENTS, b"data: \x1b[31m\n\n", *EVENTS]
    status, out, _ = await heard([head(), *chunked(pieces), HANG], json=True, count=3)
    assert status == 0
    assert "\x1b" not in out
    told = [json.loads(line) for line in out.splitlines()]
    assert [(each["event"], each["id"], each["data"]) for each in told] == [
        ("message", "1", "one"),
        ("update", "1", "two\nlines"),
        ("message", "1", "\x1b[31m"),
    ]
    assert all(isinstance(each["t"], float) for each in told)


async def test_for_ends_it_after_so_long(heard: Hearing) -> None:
    status, out, err = await heard([head(), *chunked(EVENTS), HANG], seconds=0.3, quiet=True)
    assert (status, err) == (0, "")
    assert "one" in out


async def test_it_comes_back_with_the_last_id_until_there_is_no_more(heard: Hearing) -> None:
    status, _, err = await heard(
        lambda request: (
            whole(b"", 204, None) if "last-event-id" in request.headers else stream([b"retry: 1\n\n", *EVENTS])
        )
    )
    assert status == 0
    assert "reconnecting in 0.1 s with Last-Event-ID: 1" in err
    assert "there is no more (204)" in err


async def test_raw_is_the_body_and_json_lines_are_told_as_such(heard: Hearing) -> None:
    status, out, _ = await heard(stream(EVENTS), raw=True, reconnect=False)
    assert (status, out) == (0, b"".join(EVENTS).decode())
    status, out, err = await heard(stream([b'{"a": 1}\n'], "application/x-ndjson"))
    assert status == 0
    assert re.fullmatch(TIME + r'\{"a": 1\}\n', out)
    assert "sends JSON (200, application/x-ndjson)" in err


@pytest.mark.parametrize(
    ("steps", "status", "says"),
    [
        (whole(b"", 401, None), 3, "401 Unauthorized"),
        (whole(b"", 429, None, Retry_After="7"), 4, "Try again in 7 s."),
        (whole(b"", 503, None), 5, "503"),
        (whole(b"", 404, None), 1, "404"),
        (whole(b"<html>", 200, "text/html"), 1, "not a stream of events or text: text/html"),
        ([head(), *chunked(EVENTS), CLOSE], 6, "the connection was lost"),
        ([head(200, "text/plain"), *chunked([b"x"]), CLOSE], 6, "the connection was lost"),
    ],
)
async def test_the_status_tells_how_it_ended(heard: Hearing, steps: list[Step], status: int, says: str) -> None:
    found, _, err = await heard(steps, reconnect=False)
    assert (found, says in err) == (status, True), err


async def test_ctrl_c_ends_it_and_hangs_up() -> None:
    async with ByteServer(lambda _: [head(), *chunked(EVENTS), HANG]) as server, listening(server.url) as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        status, _, err = await ended(process)
        await server.until(lambda: len(server.hang_ups) == 1)
    assert status == 130
    assert "Traceback" not in err


async def test_a_reader_that_has_had_enough_ends_it_quietly() -> None:
    async def endless(_: object) -> AsyncIterator[Step]:
        yield head()
        while True:
            yield chunked([b"data: x\n\n"])[0]
            yield 0.005

    async with ByteServer(endless) as server:
        command = f"{' '.join(PROGRAM)} -q {server.url} | head -n 2"
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}", stdout=PIPE, stderr=PIPE
        )
        status, out, err = await ended(process)
    assert (status, out.count("\n"), err) == (0, 2, "")


def test_nothing_a_server_sends_drives_the_terminal() -> None:
    async def served() -> bytes:
        evil = "event: e\x1b]0;t\x07\nid: \x1b[2J\ndata: \x1b[31m\x9bevil\u202e\n\n".encode()
        async with ByteServer(lambda _: stream([evil])) as server:
            with Terminal([*PROGRAM, "--no-reconnect", server.url], {**os.environ, "TERM": "xterm"}) as terminal:
                assert await asyncio.to_thread(terminal.wait) == 0
                await asyncio.to_thread(terminal.until_text, "1 event in")
                return bytes(terminal.raw)

    raw = asyncio.run(served())
    assert b"\x1b" not in raw
    assert "\x9b".encode() not in raw


# ---- files


async def test_a_file_is_saved_and_its_path_is_on_stdout(heard: Hearing, tmp_path: Path) -> None:
    status, out, err = await heard(File().answer, place=DownloadTarget(tmp_path))
    assert (status, out) == (0, f"{tmp_path}/data.bin\n")
    assert "\r" not in err
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_a_file_in_the_way_stays(heard: Hearing, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    status, _, err = await heard(File().answer, place=DownloadTarget(tmp_path, "mine"))
    assert status == 1
    assert "exists already" in err
    status, out, _ = await heard(File().answer, place=DownloadTarget(tmp_path, "mine", force=True), json=True)
    assert (status, json.loads(out)["bytes"]) == (0, len(DATA))


async def test_a_killed_download_is_gone_on_with(tmp_path: Path) -> None:
    async with ByteServer() as server:
        server.script = lambda _: [File().answer_to(None)[0], DATA[:100_000], HANG]
        async with listening(server.url, "--save", "mine", folder=tmp_path) as process:
            async with asyncio.timeout(PATIENCE):
                while PartialFile(tmp_path / "mine").done < 100_000:  # noqa: ASYNC110 (nothing tells of another's writing)
                    await asyncio.sleep(0.01)
            process.kill()
            await ended(process)
        file = File()
        server.script = file.answer
        async with listening(server.url, "--save", "mine", folder=tmp_path) as process:
            status, _, err = await ended(process)
    assert status == 0
    assert "100 kB of it are there already" in err
    assert file.asked == [("bytes=100000-", '"v1"')]
    assert (tmp_path / "mine").read_bytes() == DATA


@pytest.mark.slow
def test_a_large_file_is_killed_and_gone_on_with_in_little_memory(tmp_path: Path) -> None:
    size, place = 2**29, tmp_path / "large"
    with EmbeddedServer(key=None) as server:
        url = f"{server.base_url.removesuffix('/v1')}/download-large-file?size={size}"
        command = [*PROGRAM, "-q", "--save", str(place), url]
        with subprocess.Popen(command) as first:
            while PartialFile(place).done < size // 8:
                assert first.poll() is None
            first.kill()
        assert 0 < PartialFile(place).done < size
        second = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(second.pid, 0)
        second.returncode = os.waitstatus_to_exitcode(status)
    assert second.returncode == 0
    assert used.ru_maxrss < 80_000  # kilobytes; most of it are Python and the HTTP client
    expected, found = hashlib.sha256(), hashlib.sha256()
    for number in range(size // BLOCK):
        expected.update(_block(number))
    with place.open("rb") as file:
        while data := file.read(2**20):
            found.update(data)
    place.unlink()
    assert found.digest() == expected.digest()


async def test_a_file_that_breaks_off_for_good_says_what_is_kept(heard: Hearing, tmp_path: Path) -> None:
    status, _, err = await heard(File(etag="", cuts=[5000]).answer, place=DownloadTarget(tmp_path))
    assert status == 6
    assert f"5.0 kB of it are in {tmp_path}/data.bin.part; the server does not support resuming" in err


def test_a_terminal_sees_how_far_it_is_and_nothing_of_that_is_left(tmp_path: Path) -> None:
    async def served() -> None:
        gate = asyncio.Event()
        begun, body = File().answer_to(None)
        assert isinstance(body, bytes)
        async with ByteServer(lambda _: [begun, body[:150_000], gate, body[150_000:]]) as server:
            argv = [*PROGRAM, "--save", str(tmp_path / "mine"), server.url]
            with Terminal(argv, {**os.environ, "TERM": "xterm"}, columns=90) as terminal:
                await asyncio.to_thread(terminal.until_text, "of 300 kB")
                assert re.search(r"\[#+ +\] +\d+%", terminal.text)
                gate.set()
                assert await asyncio.to_thread(terminal.wait) == 0
                await asyncio.to_thread(terminal.until_text, "saved 300 kB")
                assert "[#" not in terminal.text

    asyncio.run(served())


def test_the_bar_fits_its_width() -> None:
    bar = f"[{'#' * 12}{' ' * 13}]   50%  500 B of 1.0 kB  100 B/s  0:05 left"
    assert drawn(DownloadProgress(500, 1000), 100, len(bar)) == bar
    assert len(drawn(DownloadProgress(500, 1000), 100, 20)) == 20
    assert drawn(DownloadProgress(500, None), 100, 70) == "500 B  100 B/s"


async def test_a_stream_is_recorded_with_each_reconnection_and_no_key(tmp_path: Path) -> None:
    def script(request: Request) -> list[Step]:
        if "last-event-id" in request.headers:
            return whole(b"", 204)
        return [head(), *chunked([b"retry: 1\n\nid: 7\ndata: one\n\n", b"data: sk-canary-0123456789\n\n"]), LAST_CHUNK]

    async with ByteServer(script) as server:
        words = ("--record", str(tmp_path), "-H", "Authorization: Bearer sk-canary-0123456789", f"{server.url}/x")
        async with listening(*words) as process:
            status, out, errors = await ended(process)
    assert (status, "one" in out) == (0, True), errors
    first, second = tapes(tmp_path)
    assert (first.status, second.status, first.how) == (200, 204, "end")
    assert b"".join(data for _, data in first.pieces).startswith(b"retry: 1\n\nid: 7\ndata: one\n\n")
    assert dict(second.headers)["Last-Event-ID"] == "7"
    assert not mentions(tmp_path, b"canary")


def mentions(folder: Path, word: bytes) -> list[Path]:
    return [path for path in folder.iterdir() if word in path.read_bytes()]
