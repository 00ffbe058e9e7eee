"""The real program in a real terminal: what a person sees, and what their terminal is left with."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import HANG, LAST_CHUNK, ByteServer, chunked, head, stream
from tests.byte_server import whole as whole_body
from tests.conftest import RENDERER, own_renderer
from tests.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.byte_server import Request, Step

DRIVING = (
    "\x1b]52;c;ZXZpbA==\x07 \x1b[2J \x9b31m \x1b[?1049l \u202eevil\u202c \x1bP1$r\x1b\\ [/oops] [@click=app.quit]x[/]"
)
"""What must not reach a terminal as it is: a clipboard write, controls in 7 and 8 bits, bidi, and live markup."""


def data(delta: dict[str, object], reason: str | None = None, model: str = "tiny") -> bytes:
    """One event of a chat completions stream."""
    chunk = {"model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def answer(*texts: str) -> list[Step]:
    """A whole answer in these pieces."""
    return stream([*(data({"content": text}) for text in texts), data({}, "stop"), b"data: [DONE]\n\n"])


async def endless(_: Request) -> AsyncIterator[Step]:
    """Words at 200 a second until the client leaves."""
    yield head()
    for number in range(100_000):
        yield chunked([data({"content": f"word{number} "})])[0]
        yield 0.005


async def slow(_: Request) -> AsyncIterator[Step]:
    """Thirty words, and then one a second: they stay on the screen until somebody has looked at them."""
    yield head()
    for number in range(10_000):
        yield chunked([data({"content": f"word{number} "})])[0]
        yield 0.005 if number < 30 else 1.0


def program(url: str, **environment: str) -> Terminal:
    """`tui-chat` against the endpoint at `url`, or with nothing configured where it is empty."""
    return program_in(100, url, **environment)


def program_in(columns: int, url: str, **environment: str) -> Terminal:
    """The same in a terminal of so many columns."""
    env = os.environ | {"TERM": "xterm-256color", "TUI_CHAT_MAX_RETRIES": "0"} | environment
    if url:
        env |= {"TUI_CHAT_BASE_URL": url, "TUI_CHAT_MODEL": "tiny"}
    return Terminal([sys.executable, "-m", "tui_chat"], env, columns)


def asked_of(server: ByteServer) -> list[bytes]:
    """The bodies of the questions; a server is also asked for its models."""
    return [request.body for request in server.requests if request.body]


async def until(terminal: Terminal, condition: Callable[[], object], what: str) -> None:
    await asyncio.to_thread(terminal.until, condition, what)


async def seen(terminal: Terminal, text: str) -> None:
    await until(terminal, lambda: text in terminal.text, repr(text))


async def quit_in_order(terminal: Terminal) -> None:
    terminal.send("\x11")
    assert await asyncio.to_thread(terminal.wait) == 0
    assert terminal.modes_left_on() == []


@asynccontextmanager
async def streaming() -> AsyncIterator[tuple[ByteServer, Terminal]]:
    """A server with an endless reply, and the program that shows its first words."""
    async with ByteServer(endless, quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("go\r")
            await seen(terminal, "word20")
            yield server, terminal


async def test_start_type_stream_stop_and_quit() -> None:
    async with ByteServer(slow, quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hello there\r")
            await seen(terminal, "word20")
            assert "Stop" in terminal.text
            terminal.send("\x1b")
            await seen(terminal, "■ Stopped")
            await server.until(lambda: len(server.hang_ups) == 1)
            assert "hello there" in terminal.text
            await quit_in_order(terminal)
    asked = json.loads(asked_of(server)[0])
    assert asked["messages"] == [{"role": "user", "content": "hello there"}]


async def test_with_nothing_configured_the_demo_answers_and_says_so() -> None:
    with program("") as terminal:
        await seen(terminal, "You are talking to the built-in demo.")
        await seen(terminal, "● Ready")
        terminal.send("count\r")
        await seen(terminal, "Chat 21 tokens")
        await seen(terminal, "● Ready")
        await quit_in_order(terminal)


async def test_keys_typed_during_a_stream_all_arrive_in_order() -> None:
    typed = "the quick brown fox jumps over the lazy dog, 0123456789"
    async with streaming() as (_, terminal):
        for character in typed:
            terminal.send(character)
        await seen(terminal, f"› {typed}")
        terminal.send("\x1b")
        await seen(terminal, "■ Stopped")
        assert f"› {typed}" in terminal.text
        await quit_in_order(terminal)


@own_renderer
async def test_lines_that_come_in_one_burst_are_a_paste_and_enter_sends_them() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("alpha line\rbeta line\r\tgamma line")
            await seen(terminal, "gamma line")
            assert server.requests == [] or all(request.method == "HEAD" for request in server.requests)
            terminal.send("\x1b\r\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b[?62;22c\x1bP>|tmux 3.3a\x1b\\delta")
            await seen(terminal, "delta")
            await asyncio.sleep(0.3)  # a burst ends by time alone: an Enter sooner than this belongs to the paste
            terminal.send("\r")
            await seen(terminal, "yes")
            await quit_in_order(terminal)
    text = json.loads(asked_of(server)[-1])["messages"][0]["content"]
    assert text == "alpha line\nbeta line\n\tgamma line\ndelta"


async def test_what_is_typed_before_the_first_frame_is_sent() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url) as terminal:
            await until(terminal, lambda: b"\x1b[?1049h" in terminal.raw, "the alternate screen")
            terminal.send("typed early\r")
            await seen(terminal, "yes")
            await quit_in_order(terminal)
    assert json.loads(asked_of(server)[0])["messages"][0]["content"] == "typed early"


@own_renderer
async def test_what_is_typed_before_the_program_has_the_terminal_is_sent() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url) as terminal:
            terminal.send("typed very early\r")  # the terminal makes LF of the CR, as it does for a shell
            await seen(terminal, "yes")
            await quit_in_order(terminal)
    assert json.loads(asked_of(server)[0])["messages"][0]["content"] == "typed very early"


async def test_what_is_typed_right_after_ctrl_f_is_looked_for() -> None:
    async with ByteServer(lambda _: answer("one two one"), quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hi\r")
            await seen(terminal, "one two one")
            terminal.send("\x06one")
            await seen(terminal, "of 2")
            terminal.send("\x1b")
            await until(terminal, lambda: "of 2" not in terminal.text, "the end of the search")
            terminal.send("next")
            await seen(terminal, "› next")
            await quit_in_order(terminal)


async def test_a_slash_word_typed_fast_is_completed_as_typed() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("/th\r")
            await seen(terminal, "› /theme")
            terminal.send("tui-chat-light\r")
            await until(terminal, lambda: "› /theme" not in terminal.text, "the command is taken")
            terminal.send("hello\r")
            await seen(terminal, "yes")
            await quit_in_order(terminal)
    assert [json.loads(body)["messages"][-1]["content"] for body in asked_of(server)] == ["hello"]


@pytest.mark.parametrize("columns", [100, 180])
async def test_painting_all_anew_shows_what_was_there_after_rows_have_moved(columns: int) -> None:
    shown_on: list[Terminal] = []

    async def long_reply(_: Request) -> AsyncIterator[Step]:
        yield head()
        for number in range(60):
            yield chunked([data({"content": f"- item {number} 漢字 — **bold**\n"})])[0]
            yield 0.02
            if number % 3 == 0 and number:  # else a busy machine shows many of them in one frame
                await seen(shown_on[0], f"item {number - 1}")
        yield chunked([data({}, "stop"), b"data: [DONE]\n\n"])[0]
        yield LAST_CHUNK

    async with ByteServer(long_reply, quiet_head=True) as server:
        with program_in(columns, server.url) as terminal:
            shown_on.append(terminal)
            await seen(terminal, "● Ready")
            terminal.send("go\r")
            await seen(terminal, "item 59")
            await seen(terminal, "● Ready")
            moved = len(re.findall(rb"\x1b\[\d+;\d+r", terminal.raw))
            terminal.send("\x1b[5~")
            await seen(terminal, "lines below")
            shown, painted = terminal.text, len(terminal.raw)
            terminal.send("\x0c")
            await until(terminal, lambda: len(terminal.raw) > painted, "the rows, painted anew")
            await until(terminal, lambda: terminal.raw[painted:].count(b"item ") >= shown.count("item "), "the last")
            assert terminal.text == shown
            assert moved > 5 or RENDERER == "textual"  # only the own renderer has the terminal move rows
            await quit_in_order(terminal)


@pytest.mark.parametrize("where", ["content", "reasoning_content", "model", "error", "http-error"])
async def test_nothing_a_server_sends_drives_the_terminal(where: str) -> None:
    def script(_: Request) -> list[Step]:
        if where == "http-error":
            return whole_body(json.dumps({"error": {"message": f"no {DRIVING} END"}}).encode(), 400)
        if where == "error":
            return stream(
                [data({"content": "so "}), b"data: " + json.dumps({"error": f"{DRIVING} END"}).encode() + b"\n\n"]
            )
        if where == "model":
            return stream([data({"content": "so END"}, "stop", model=DRIVING), b"data: [DONE]\n\n"])
        fence = f"{DRIVING}\n\n```python\n{DRIVING}\n```\n\n| a |\n|---|\n| {DRIVING} |\n\nEND"
        return stream([data({where: fence}), data({}, "stop"), b"data: [DONE]\n\n"])

    async with ByteServer(script, quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hi\r")
            await seen(terminal, "END")
            await until(terminal, lambda: "streaming" not in terminal.text, "the end of the reply")
            written = bytes(terminal.raw).decode("utf-8", "replace")
            await quit_in_order(terminal)
    assert "\x1b]52" not in written
    assert "\x1b[2J" not in written
    assert "\x1bP" not in written
    assert "\x9b" not in written
    assert "\u202e" not in written
    assert written.count("\x1b[?1049l") == 0  # looked at before the program left the alternate screen itself


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131), (signal.SIGUSR1, 138), (signal.SIGALRM, 142)],
)
async def test_a_signal_ends_it_in_order(number: signal.Signals, status: int) -> None:
    async with streaming() as (server, terminal):
        terminal.process.send_signal(number)
        assert await asyncio.to_thread(terminal.wait) == status
        assert terminal.modes_left_on() == []
        await server.until(lambda: len(server.hang_ups) == 1)
        assert "/props" not in [request.target for request in server.requests]  # nothing is asked on the way out


async def test_closing_the_window_ends_it_and_the_request() -> None:
    async with streaming() as (server, terminal):
        terminal.hang_up()
        assert await asyncio.to_thread(terminal.wait) == 129
        await server.until(lambda: len(server.hang_ups) == 1)


def whole(text: str) -> bool:
    """Whether a screen of 24 rows shows a run of the endless reply's words, the prompt and the status bar."""
    rows = text.split("\n")
    numbers = [int(word) for word in re.findall(r"word(\d+)", "\n".join(rows[:-4]))]
    return (
        len(rows) == 24
        and rows[-1].startswith("  ■ Stopped")
        and rows[-3].startswith("│ ›")
        and bool(numbers)
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )


async def test_forty_resizes_during_a_stream_leave_a_whole_screen() -> None:
    async with streaming() as (_, terminal):
        for number in range(40):
            terminal.resize(60 + number % 7 * 10, 16 + number % 5 * 6)
            shown = len(terminal.raw)
            await until(terminal, lambda shown=shown: len(terminal.raw) > shown, "a repaint")  # type: ignore[misc]
        terminal.resize(80, 24)
        terminal.send("\x1b")
        await seen(terminal, "■ Stopped")
        await until(terminal, lambda: terminal.text.count("›") == 1, "one prompt")
        await until(terminal, lambda: whole(terminal.text), "a whole screen")
        await quit_in_order(terminal)


async def test_a_size_that_is_back_before_it_was_noticed_leaves_a_whole_screen() -> None:
    with program("") as terminal:
        await seen(terminal, "● Ready")
        rows = ["New chat", "You are talking to the built-in demo", "› Ask anything", "● Ready"]
        terminal.flicker()
        await until(terminal, lambda: all(terminal.text.count(row) == 1 for row in rows), "a whole screen")
        await quit_in_order(terminal)


async def test_a_bad_setting_is_one_line_on_the_normal_screen() -> None:
    with program("", TUI_CHAT_THEMME="dark") as terminal:
        assert await asyncio.to_thread(terminal.wait) == 2
        await seen(terminal, "TUI_CHAT_THEMME")
        assert terminal.modes_left_on() == []
        after = bytes(terminal.raw).rpartition(b"\x1b[?1049l")[2]
        assert len(re.findall(rb"tui-chat: .*TUI_CHAT_THEMME", after)) == 1
        assert b"Traceback" not in after


async def test_a_reply_that_breaks_off_is_shown_as_cut_off_and_can_be_retried() -> None:
    def script(_: Request) -> list[Step]:
        if len(server.requests) == 1:
            return [head(), *chunked([data({"content": "only half"})]), LAST_CHUNK]
        return answer("the whole")

    async with ByteServer(quiet_head=True) as server:
        server.script = script
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hi\r")
            await seen(terminal, "✂ Cut off")
            assert "only half" in terminal.text
            terminal.send("/retry\r")
            await seen(terminal, "the whole")
            await quit_in_order(terminal)


async def test_a_server_that_says_nothing_can_be_stopped() -> None:
    async with ByteServer(lambda _: [HANG], quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("hi\r")
            await seen(terminal, "Connecting")
            await server.until(lambda: len(server.requests) == 1)
            terminal.send("\x1b")
            await seen(terminal, "■ Stopped")
            await server.until(lambda: len(server.hang_ups) == 1)
            await quit_in_order(terminal)
