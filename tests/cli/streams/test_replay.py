"""`tui-chat replay`: a tape's reply again, in the screen or on standard output."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import quit_in_order, seen, until
from tui_chat.cli.streams.replay import question_in
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from pathlib import Path

APIS = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat"]


async def run(*words: str, **variables: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_chat", *words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=os.environ | variables
    )
    out, error = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


async def recorded(folder: Path, api: str, model: str = "count", question: str = "count to 5") -> Path:
    """A tape of our own endpoint's answer in that API."""
    with ChatEndpoint() as endpoint:
        url = endpoint.base_url if api.startswith("openai") else endpoint.root_url
        words = ["ask", "--record", str(folder), "--base-url", url, "--api", api, "-m", model, question]
        await run(*words, TUI_CHAT_API_KEY=endpoint.key)
    (tape,) = await asyncio.to_thread(lambda: list(folder.iterdir()))
    return tape


@pytest.mark.parametrize("api", APIS)
async def test_a_reply_of_any_api_is_replayed(api: str, tmp_path: Path) -> None:
    tape = await recorded(tmp_path / "tapes", api)
    assert (await run("replay", "--speed", "0", str(tape)))[:2] == (0, "1 2 3 4 5")


async def test_a_cut_off_reply_is_replayed_as_cut_off(tmp_path: Path) -> None:
    tape = await recorded(tmp_path / "tapes", "openai-chat", "count?fault=cut&after=3")
    status, out, _ = await run("replay", "--speed", "1000", str(tape))
    assert (status, out) == (6, "1 2 3")


async def test_the_screen_asks_the_recorded_question(tmp_path: Path) -> None:
    tape = await recorded(tmp_path / "tapes", "openai-chat")
    words = [sys.executable, "-m", "tui_chat", "replay", str(tape)]
    with Terminal(words, os.environ | {"TERM": "xterm-256color"}) as terminal:
        await seen(terminal, "count to 5")
        await seen(terminal, "1 2 3 4 5")
        await quit_in_order(terminal)


async def test_what_is_no_tape_of_a_chat_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "no.tape").write_text("hello\n")
    (tmp_path / "other.tape").write_text('{"tape": 1, "method": "GET", "url": "http://host/v1/models"}\n')
    for name, why in [("no", "first line"), ("other", "not a tape of a chat"), ("none", "cannot be read")]:
        status, _, error = await run("replay", str(tmp_path / f"{name}.tape"))
        assert status == 2
        assert why in error
        assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("body", "question"),
    [
        ({}, ""),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, "a"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]}, "a"),
        ({"input": "a"}, "a"),
        ({"contents": [{"parts": [{"text": "a"}, {"text": "b"}]}]}, "a\nb"),
        ({"messages": [1, {"role": "user", "content": 7}, None]}, ""),
        ({"messages": {"role": "user"}}, ""),
    ],
)
def test_the_question_is_found_in_the_request_of_any_api(body: dict[str, object], question: str) -> None:
    assert question_in(body) == question


def changed(terminal: Terminal, before: str) -> bool:
    return terminal.text != before


async def test_a_replay_is_stepped_through_piece_by_piece(tmp_path: Path) -> None:
    tape = await recorded(tmp_path / "tapes", "openai-chat")
    words = [sys.executable, "-m", "tui_chat", "replay", "--step", str(tape)]
    # Where each piece waits for a key, no silence is too long.
    with Terminal(words, os.environ | {"TERM": "xterm-256color", "TUI_CHAT_IDLE_TIMEOUT": "0.05"}) as terminal:
        await seen(terminal, "count to 5")
        await seen(terminal, "Esc stop")
        steps = 0
        while "1 2" not in terminal.text:
            assert "1 2 3 4" not in terminal.text
            before = terminal.text
            terminal.send("\x1b[21~")
            steps += 1
            assert steps < 10
            await until(terminal, partial(changed, terminal, before), "the next piece")
        terminal.send("\x1b[20~")
        await seen(terminal, "1 2 3 4 5")
        await quit_in_order(terminal)


async def test_keys_of_a_replay_say_that_there_is_none(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-m", "tui_chat"], os.environ | {"TERM": "xterm-256color"}) as terminal:
        await seen(terminal, "● Ready")
        terminal.send("\x1b[21~")
        await seen(terminal, "Nothing is replayed here")
        await quit_in_order(terminal)
