"""`tui-chat tap`: what is printed and recorded of another program's requests, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.byte_server import LAST_CHUNK, ByteServer, chunked, head
from tui_chat.tape_file import read_tape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEY = "sk-canary-0123456789"


@asynccontextmanager
async def tap(url: str, *arguments: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The running command and the base URL that it says."""
    words = [sys.executable, "-m", "tui_chat", "tap", url, "--port", "0", *arguments]
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE, env=os.environ)
    assert process.stderr is not None
    try:
        said = (await process.stderr.readline()).decode()
        assert said.startswith("tui-chat: http://127.0.0.1:"), said
        yield said.split()[1], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def ended(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGINT)
    out, error = await process.communicate()
    assert process.returncode == 130
    assert error == b""
    return out.decode()


@pytest.mark.parametrize("form", ["lines", "json", "tapes"])
async def test_what_passes_is_shown_without_the_key(form: str, tmp_path: Path) -> None:
    pieces = [b"data: %s\n\n" % KEY[:9].encode(), KEY[9:].encode(), b" \xf0\x9f", b"\x98\x80\n\n"]
    script = [head(X_Key=KEY), *chunked(pieces), LAST_CHUNK]
    arguments = {"lines": [], "json": ["--json"], "tapes": ["--record", str(tmp_path)]}[form]
    async with ByteServer(lambda _: script) as server, tap(server.url, *arguments) as (url, process):
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            asked = {"model": "m-1", "note": KEY}
            answer = await http.post(f"{url}/chat?key={KEY}", json=asked, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.content == b"".join(pieces)
        out = await ended(process)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    tapes = [path.read_text() for path in files(tmp_path)]
    assert "canary-0123456789" not in "".join([out, *tapes])
    match form:
        case "lines":
            first, last = out.splitlines()
            assert first.startswith("1 POST /v1/chat?key=••••: m-1; 200 after ")
            assert "body complete" in last
            assert f", {sum(map(len, pieces))} B, the first at " in last  # how many pieces it was is up to the network
        case "json":
            records = [json.loads(line) for line in out.splitlines()]
            assert [record["n"] for record in records] == [1] * len(records)
            assert records[-1]["end"] == "end"
        case _:
            (path,) = files(tmp_path)
            assert b"".join(data for _, data in read_tape(path).pieces).endswith("😀\n\n".encode())


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("localhost:11434", "http:// or https://"),
        ("ftp://host/", "http:// or https://"),
        ("http://user:secret-word@host/", "user"),
        ("http://host/?key=secret-word", "query"),
        ("http://[host/", "is not a URL"),
    ],
)
async def test_a_url_that_cannot_be_tapped_is_refused_with_a_sentence(url: str, why: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_chat", "tap", url, stdout=PIPE, stderr=PIPE
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert why in error.decode()
    assert error.count(b"\n") == 1
    assert b"secret-word" not in error
