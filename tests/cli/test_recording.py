"""`--record`: what went over the wire is in a file, with times and without keys, and can be served again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, chunked, head
from tests.cli.test_ask import DONE, answer, asking, end, text
from tests.patience import PATIENCE
from tui_chat.server.testing import ChatEndpoint
from tui_chat.tape_file import TapeFile, read_tape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.byte_server import Step

KEY = "sk-canary-0123456789"


def tapes(folder: Path) -> list[TapeFile]:
    return [read_tape(path) for path in sorted(folder.glob("*.tape"))]


async def asked(server: ByteServer, folder: Path, **variables: Any) -> tuple[int, str, str]:
    async with asking(server, "ask", "hello", "--record", str(folder), **variables) as process:
        out, error = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), error.decode()


async def test_a_request_and_its_response_are_recorded_as_they_were(tmp_path: Path) -> None:
    pieces = [text("Hel"), text("lo ✓"), end(), DONE]
    async with ByteServer(lambda _: answer(*pieces)) as server:
        status, out, _ = await asked(server, tmp_path / "tapes")
    assert (status, out) == (0, "Hello ✓")
    (tape,) = tapes(tmp_path / "tapes")
    assert tape.url == f"{server.url}/chat/completions"
    assert json.loads(tape.body)["messages"][-1]["content"] == "hello"
    assert (tape.status, tape.how) == (200, "end")
    assert b"".join(data for _, data in tape.pieces) == b"".join(pieces)
    times = [tape.responded or 0, *(at for at, _ in tape.pieces), tape.ended or 0]
    assert times == sorted(times)
    (path,) = (tmp_path / "tapes").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("cut", [1, 3, 7, 1000])
async def test_a_key_is_nowhere_in_a_tape_though_the_server_repeats_it_in_pieces(tmp_path: Path, cut: int) -> None:
    body = text(f"your key is {KEY}!") + end() + DONE
    pieces = [body[at : at + cut] for at in range(0, len(body), cut)]
    async with ByteServer(lambda _: [head(X_Key=KEY), *chunked(pieces), LAST_CHUNK]) as server:
        await asked(server, tmp_path / "tapes", TUI_CHAT_API_KEY=KEY, TUI_CHAT_EXTRA_BODY=f'{{"note": "{KEY}"}}')
    (path,) = (tmp_path / "tapes").iterdir()
    assert KEY not in path.read_text()
    assert "canary" not in b"".join(data for _, data in read_tape(path).pieces).decode()
    assert read_tape(path).pieces


async def test_a_program_that_is_killed_leaves_a_readable_tape(tmp_path: Path) -> None:
    await begun_and_ended_by(signal.SIGKILL, tmp_path)
    (tape,) = tapes(tmp_path)
    assert (tape.how, tape.ended) == ("", None)
    assert b"the first words" in tape.pieces[0][1]


async def test_a_reply_that_is_stopped_is_recorded_as_stopped(tmp_path: Path) -> None:
    await begun_and_ended_by(signal.SIGINT, tmp_path)
    (tape,) = tapes(tmp_path)
    assert tape.how == "stopped"


def wait_for_pieces(folder: Path) -> None:
    """Wait until a piece of a body is on a tape in this folder."""
    end = monotonic() + PATIENCE
    while not any(tape.pieces for tape in tapes(folder)):
        assert monotonic() < end
        sleep(0.01)


async def begun_and_ended_by(number: signal.Signals, folder: Path) -> None:
    """Start a recorded reply that does not end, and send a signal once its first words are on the tape."""
    script: list[Step] = [head(), *chunked([text("the first words")]), HANG]
    async with ByteServer(lambda _: script) as server, asking(server, "ask", "hi", "--record", str(folder)) as process:
        assert process.stdout is not None
        assert await process.stdout.readexactly(15) == b"the first words"
        await asyncio.to_thread(wait_for_pieces, folder)
        process.send_signal(number)
        await process.wait()


async def test_each_attempt_is_a_tape_and_so_is_one_that_got_no_answer(tmp_path: Path) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy"
    scripts: Iterator[list[Step]] = iter([[busy], answer(text("yes"), end(), DONE)])
    async with ByteServer(lambda _: next(scripts)) as server:
        status, out, _ = await asked(server, tmp_path)
        assert (status, out) == (0, "yes")
        url = server.url
    assert [tape.status for tape in tapes(tmp_path)] == [503, 200]
    async with ByteServer(lambda _: []) as other:
        status, _, _ = await asked(other, tmp_path / "refused", TUI_CHAT_BASE_URL=url, TUI_CHAT_MAX_RETRIES="0")
    (tape,) = tapes(tmp_path / "refused")
    assert (status, tape.status, tape.how) == (5, None, "failed")
    assert tape.why


async def test_a_folder_that_cannot_be_made_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with ByteServer(lambda _: answer(text("yes"), end(), DONE)) as server:
        status, _, error = await asked(server, tmp_path / "file" / "tapes")
        assert not server.requests
    assert status == 2
    assert "record" in error
    assert "cannot be made" in error


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written_loses_no_word_of_the_reply(tmp_path: Path) -> None:
    folder = tmp_path / "tapes"
    folder.mkdir(mode=0o500)
    async with ByteServer(lambda _: answer(text("yes"), end(), DONE)) as server:
        status, out, error = await asked(server, folder)
    assert (status, out) == (1, "yes")
    assert "Nothing more is recorded" in error


async def test_a_tape_is_served_again_at_its_own_pace(tmp_path: Path) -> None:
    paced: list[Step] = [head(), *[step for word in ("a", "b", "c") for step in (chunked([text(word)])[0], 0.15)]]
    script = [*paced, *chunked([end() + DONE]), LAST_CHUNK]
    async with ByteServer(lambda _: script) as server:
        await asked(server, tmp_path / "first")
    with ChatEndpoint("rate=60", key=None, replay=tmp_path / "first") as endpoint:
        async with ByteServer(lambda _: []) as unused:
            status, out, _ = await asked(unused, tmp_path / "second", TUI_CHAT_BASE_URL=endpoint.base_url)
    assert (status, out) == (0, "abc")
    (first,), (second,) = tapes(tmp_path / "first"), tapes(tmp_path / "second")
    assert b"".join(data for _, data in second.pieces) == b"".join(data for _, data in first.pieces)
    assert duration(second) >= duration(first) * 0.9  # a busy machine makes it longer


def duration(tape: TapeFile) -> float:
    """Seconds from the first piece to the last."""
    return tape.pieces[-1][0] - tape.pieces[0][0]


async def test_a_reply_that_broke_off_breaks_off_again(tmp_path: Path) -> None:
    async with ByteServer(lambda _: [head(), *chunked([text("half a")]), CLOSE]) as server:
        status, _, _ = await asked(server, tmp_path / "first")
        assert status == 6
    with ChatEndpoint(key=None, replay=tmp_path / "first") as endpoint:
        async with ByteServer(lambda _: []) as unused:
            status, out, _ = await asked(unused, tmp_path / "second", TUI_CHAT_BASE_URL=endpoint.base_url)
    assert (status, out) == (6, "half a")
    assert [tape.how for tape in tapes(tmp_path / "second")] == ["lost"]
