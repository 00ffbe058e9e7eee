"""`ask` against every fault at every phase: an end within its limit, the right status, and no word lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import ByteServer
from tests.faults.cases import ALIVE, FAULTS, LIMIT, PHASES, SAID, SETTINGS, said, script, whole
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLE = [
    ("close", "before head"),
    ("reset", "mid text"),
    ("garbage", "mid event"),
    ("endless 1xx", "before head"),
    ("endless comments", "after usage"),
    ("endless comments", "at close"),
    ("usage that is not a number", "mid text"),
    ("two endings", "after reason"),
    ("truncated chunk", "before first event"),
]
PERSON = 5.0
"""Seconds after the question, after which a person presses Ctrl+C where the server seems alive."""
STATUS = {"finished": {0}, "no-reason": {0}, "cut-off": {6}, "failed": {1, 5}, "stopped": {130}}
"""The exit statuses of an outcome, where nothing is wrong with the settings."""


async def asked(fault: str, phase: str, home: Path) -> tuple[int, dict[str, Any], str, float]:
    """Ask against a fault; gives status, the JSON of the answer, standard error and seconds."""
    async with ByteServer(lambda _: script(fault, phase), quiet_head=True) as server:
        began = monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tui_chat", "ask", "--json", "hello",
            env=os.environ | SETTINGS | {"TUI_CHAT_BASE_URL": server.url, "XDG_DATA_HOME": str(home)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        reading = asyncio.create_task(process.communicate())
        if fault in ALIVE and not whole(phase):
            await server.until(lambda: bool(server.requests), LIMIT)
            if not (await asyncio.wait({reading}, timeout=PERSON))[0]:
                process.send_signal(signal.SIGINT)
        if not (await asyncio.wait({reading}, timeout=LIMIT))[0]:
            process.kill()
            await reading
            pytest.fail(f"{fault}, {phase}: no end within {LIMIT} s")
        out, err = await reading
        took = monotonic() - began
        await server.until(lambda: not server.open)
    assert process.returncode is not None
    return process.returncode, json.loads(out), err.decode(), took


def check(fault: str, phase: str, status: int, told: dict[str, Any], err: str, home: Path) -> None:
    """What has to be so, whatever the fault is."""
    case = f"{fault}, {phase}: {status} {told['outcome']} {told['text'][:40]!r} {err}"
    assert "Traceback" not in err, case
    assert "bug in tui-chat" not in err, case
    assert status in STATUS[told["outcome"]] or (status == 130 and fault in ALIVE), case
    assert (told["outcome"] == "failed") == (told["error"] is not None), case
    assert status == 0 or err.startswith("tui-chat: "), case
    if said(phase):
        assert told["text"].startswith(SAID), case
    if whole(phase):
        assert told["outcome"] == "finished" or fault == "an error event", case
    with closing(Store(home / "tui-chat")) as history:
        (chat,) = history.chats()
        kept = history.open(chat.id).path()
        assert kept[0].text == "hello", case
        assert kept[-1].text == told["text"] or (not told["text"] and kept[-1].role == "user"), case


@pytest.mark.parametrize(("fault", "phase"), SAMPLE)
async def test_a_fault_ends_in_time_and_keeps_what_came(fault: str, phase: str, tmp_path: Path) -> None:
    status, told, err, _ = await asked(fault, phase, tmp_path)
    check(fault, phase, status, told, err, tmp_path)


@pytest.fixture(scope="module")
def table() -> Iterator[dict[tuple[str, str], str]]:
    """How each case ended; printed at the end."""
    rows: dict[tuple[str, str], str] = {}
    yield rows
    print("\n" + " | ".join(["fault", *PHASES]))
    for fault in FAULTS:
        print(" | ".join([fault, *(rows.get((fault, phase), "?") for phase in PHASES)]))


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_at_every_phase(fault: str, tmp_path: Path, table: dict[tuple[str, str], str]) -> None:
    turns = asyncio.Semaphore(4)

    async def one(phase: str) -> None:
        home = tmp_path / phase.replace(" ", "-")
        async with turns:
            status, told, err, took = await asked(fault, phase, home)
        table[fault, phase] = f"{status} {told['outcome']} {took:.1f} s"
        check(fault, phase, status, told, err, home)

    done = await asyncio.gather(*(one(phase) for phase in PHASES), return_exceptions=True)
    problems = [f"{phase}: {error!r}" for phase, error in zip(PHASES, done, strict=True) if error is not None]
    assert not problems, "\n".join(problems)
