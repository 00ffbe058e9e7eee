"""The real program in a process of its own, against a server that sends what the test says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, chunked, head, stream, whole
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.byte_server import Request, Step

PROGRAM = (sys.executable, "-m", "tui_chat")
DONE = b"data: [DONE]\n\n"


def data(**choice: Any) -> bytes:
    return b"data: " + json.dumps({"model": "m-1", "choices": [{"index": 0, **choice}]}).encode() + b"\n\n"


def text(content: str) -> bytes:
    return data(delta={"content": content})


def end(reason: str = "stop") -> bytes:
    return data(delta={}, finish_reason=reason)


def answer(*pieces: bytes) -> list[Step]:
    return stream(pieces)


@asynccontextmanager
async def asking(
    server: ByteServer,
    *arguments: str,
    stdin: bytes | None = None,
    stdout: int | IO[bytes] = PIPE,
    **variables: str,
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "m", **variables}
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else PIPE,
        stdout=stdout,
        stderr=PIPE,
    )
    if stdin is not None and process.stdin is not None:
        process.stdin.write(stdin)
        process.stdin.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ask(
    steps: list[Step], *arguments: str, stdin: bytes | None = None, **variables: str
) -> tuple[int | None, str, str, list[Request]]:
    """Status, standard output, standard error, and what the server was asked."""
    async with ByteServer(lambda _: steps) as server:
        async with asking(server, "ask", *arguments, stdin=stdin, stdout=PIPE, **variables) as process:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode(), server.requests


async def read(process: asyncio.subprocess.Process, count: int) -> bytes:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return await process.stdout.readexactly(count)


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, bytes, bytes]:
    """Status, and what was not read of its outputs."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return process.returncode, out, err


async def test_the_answer_is_on_stdout_exactly_and_nothing_is_on_stderr() -> None:
    status, out, err, requests = await ask(answer(text("He\x1b[31mllo\r\n"), text("你好 "), end(), DONE), "hi", "there")
    assert (status, out, err) == (0, "He\x1b[31mllo\r\n你好 ", "")
    body = json.loads(requests[0].body)
    assert body["messages"] == [{"role": "user", "content": "hi there"}]
    assert (body["model"], body["stream"]) == ("m", True)


async def test_each_delta_is_there_before_the_next_one_is_sent() -> None:
    gate = asyncio.Event()
    head_and_first = [head(), *chunked([text("first")])]
    steps: list[Step] = [*head_and_first, gate, *chunked([text(" second"), end(), DONE]), LAST_CHUNK]
    async with ByteServer(lambda _: steps) as server, asking(server, "ask", "?") as process:
        assert await read(process, 5) == b"first"
        assert process.returncode is None
        gate.set()
        assert await ended(process) == (0, b" second", b"")


async def test_what_is_piped_in_stands_before_the_prompt() -> None:
    _, _, _, requests = await ask(answer(text("ok"), end()), "explain", stdin="\ufefffile\nof two lines\n".encode())
    assert json.loads(requests[0].body)["messages"][0]["content"] == "file\nof two lines\n\nexplain"


@pytest.mark.parametrize(
    ("words", "piped", "title"),
    [(["explain", "this"], b"diff --git a b\n", "explain this"), ([], b"diff --git a b\n+x", "diff --git a b")],
)
async def test_a_chat_is_called_by_the_words_and_not_by_what_is_piped_in(
    words: list[str], piped: bytes, title: str
) -> None:
    await ask(answer(text("ok"), end()), *words, stdin=piped)
    listed = await asyncio.to_thread(subprocess.check_output, [*PROGRAM, "chats", "--json"])
    assert [chat["title"] for chat in json.loads(listed)] == [title]


async def test_a_pipe_alone_is_the_prompt() -> None:
    _, _, _, requests = await ask(answer(text("ok"), end()), stdin=b"question\n")
    assert json.loads(requests[0].body)["messages"][0]["content"] == "question"


async def test_flags_set_model_and_system_prompt() -> None:
    _, _, _, requests = await ask(answer(text("ok"), end()), "-m", "other", "-s", "be brief", "-n", "?")
    body = json.loads(requests[0].body)
    assert body["model"] == "other"
    assert body["messages"][0] == {"role": "system", "content": "be brief"}


async def test_without_a_command_and_without_a_terminal_it_asks() -> None:
    async with ByteServer(lambda _: answer(text("ok"), end())) as server, asking(server, "-q", "?") as process:
        assert (await ended(process))[:2] == (0, b"ok")


async def test_reasoning_is_not_the_answer() -> None:
    steps = answer(data(delta={"reasoning_content": "hm"}), text("so"), end(), DONE)
    assert (await ask(steps, "?"))[:3] == (0, "so", "")


async def test_a_refusal_is_printed_in_the_answers_place() -> None:
    assert (await ask(answer(data(delta={"refusal": "I can't"}), end(), DONE), "?"))[:2] == (0, "I can't")


async def test_no_stream_asks_for_one_document() -> None:
    document = {"model": "m-1", "choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}
    status, out, _, requests = await ask(whole(json.dumps(document).encode()), "--no-stream", "?")
    assert (status, out) == (0, "all")
    assert json.loads(requests[0].body).get("stream", False) is False


async def test_extract_prints_the_first_code_block_alone() -> None:
    status, out, err, _ = await ask(answer(text("See:\n```py\nx = 1"), text("\n```\nbye"), end()), "-x", "?")
    assert (status, out, err) == (0, "x = 1\n", "")


async def test_extract_without_a_block_prints_all_and_says_so() -> None:
    status, out, err, _ = await ask(answer(text("x = 1"), end()), "-x", "?")
    assert (status, out) == (0, "x = 1")
    assert "no code block" in err


async def test_usage_goes_to_stderr() -> None:
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 23, "completion_tokens": 19, "total_tokens": 42}}\n\n'
    status, out, err, _ = await ask(answer(text("a"), end(), usage, DONE), "-u", "-q", "?")
    assert (status, out) == (0, "a")
    assert err.startswith("tokens: 23 in, 19 out, 42 total · ")


async def test_json_is_one_object_with_the_exact_text_and_no_raw_control() -> None:
    status, out, _, _ = await ask(answer(text("a\x1b\x9b\u202e\n你"), end(), DONE), "--json", "?")
    assert status == 0
    assert out.endswith("}\n")
    assert out.count("\n") == 1
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
    assert "你" in out
    result = json.loads(out)
    assert result["text"] == "a\x1b\x9b\u202e\n你"
    assert (result["outcome"], result["ended"], result["model"]) == ("finished", "done-sentinel", "m-1")


async def test_json_of_a_failure_has_the_error_and_the_status_of_it() -> None:
    body = b'{"error": {"message": "bad key", "type": "auth", "code": "invalid_api_key"}}'
    status, out, err, _ = await ask(whole(body, 401), "--json", "?")
    result = json.loads(out)
    assert (status, result["outcome"], result["status"]) == (3, "failed", 401)
    assert result["error"]["message"] == "bad key"
    assert "bad key" in err


@pytest.mark.parametrize(("http", "status"), [(400, 1), (401, 3), (403, 3), (404, 1), (429, 4), (500, 5), (503, 5)])
async def test_each_refusal_has_its_exit_status(http: int, status: int) -> None:
    body = b'{"error": {"message": "told you"}}'
    got, out, err, requests = await ask(whole(body, http), "--api", "openai-chat", "?", TUI_CHAT_MAX_RETRIES="0")
    assert (got, out) == (status, "")
    assert "told you" in err
    assert "/v1/chat/completions" in err
    assert f"HTTP {http}" in err
    assert len(requests) == 1


async def test_nobody_there_is_a_network_failure_with_the_url() -> None:
    async with ByteServer() as server:
        pass
    async with asking(server, "ask", "?", TUI_CHAT_MAX_RETRIES="0") as process:
        status, out, err = await ended(process)
    assert (status, out) == (5, b"")
    assert server.url in err.decode()


async def test_retries_are_told_and_counted() -> None:
    async with ByteServer() as server:
        fine = answer(text("ok"), end())
        busy = whole(b"{}", 503, Retry_After="0")
        server.script = lambda _: busy if len(server.requests) < 3 else fine
        async with asking(server, "ask", "?", TUI_CHAT_MAX_RETRIES="2") as process:
            status, out, err = await ended(process)
    assert (status, out) == (0, b"ok")
    assert "(1 of 2)" in err.decode()
    assert "(2 of 2)" in err.decode()


async def test_a_reply_that_breaks_off_is_kept_told_and_has_its_own_status() -> None:
    status, out, err, _ = await ask([head(), *chunked([text("half")]), CLOSE], "?")
    assert (status, out) == (6, "half")
    assert "cut off" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("reason", "says"),
    [("length", "length limit"), ("content_filter", "content filter"), ("abort", "broke the reply off")],
)
async def test_a_shortened_reply_is_told_and_is_not_whole(reason: str, says: str) -> None:
    status, out, err, _ = await ask(answer(text("half"), end(reason), DONE), "-q", "?")
    assert (status, out) == (6, "half")
    assert says in err


async def test_an_unknown_reason_is_told() -> None:
    status, out, err, _ = await ask(answer(text("whole"), end("brand_new"), DONE), "?")
    assert (status, out.strip()) == (0, "whole")
    assert "brand_new" in err


async def test_an_empty_reply_is_told() -> None:
    status, out, err, _ = await ask(answer(end(), DONE), "?")
    assert (status, out) == (0, "")
    assert "the reply is empty" in err


async def test_tool_calls_are_named_and_not_run() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "look", "arguments": '{"x":1}'}}
    status, out, err, _ = await ask(answer(data(delta={"tool_calls": [call]}), end("tool_calls"), DONE), "?")
    assert (status, out) == (0, "")
    assert 'look({"x":1})' in err


async def test_an_error_in_the_stream_keeps_the_text_before_it() -> None:
    broken = b'data: {"error": {"message": "overloaded"}}\n\n'
    status, out, err, _ = await ask(answer(text("half"), broken), "?")
    assert (status, out) == (5, "half")
    assert "overloaded" in err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_a_signal_stops_the_request_and_keeps_what_was_printed(number: int, status: int) -> None:
    steps: list[Step] = [head(), *chunked([text("partial")]), HANG]
    async with ByteServer(lambda _: steps) as server, asking(server, "ask", "?") as process:
        assert await read(process, 7) == b"partial"
        process.send_signal(number)
        assert await ended(process) == (status, b"", b"tui-chat: stopped\n")
        await server.until(lambda: bool(server.hang_ups))


async def test_a_signal_before_the_first_byte_stops_it_too() -> None:
    async with ByteServer(lambda _: [HANG]) as server, asking(server, "ask", "--json", "?") as process:
        await server.until(lambda: bool(server.requests))
        process.send_signal(signal.SIGTERM)
        status, out, _ = await ended(process)
        await server.until(lambda: bool(server.hang_ups))
    assert status == 143
    assert json.loads(out)["outcome"] == "stopped"


async def test_a_signal_ends_it_though_nobody_reads_its_output() -> None:
    flood: list[Step] = [head(), *chunked([text("x" * 60_000)] * 50), HANG]
    reading, writing = os.pipe()
    async with ByteServer(lambda _: flood) as server, asking(server, "ask", "?", stdout=writing) as process:
        os.close(writing)
        await asyncio.to_thread(os.read, reading, 1)  # then the pipe fills up
        process.send_signal(signal.SIGINT)
        assert (await ended(process))[0] == 130
    os.close(reading)


async def test_a_closed_pipe_ends_quietly_and_stops_the_request() -> None:
    gate = asyncio.Event()
    steps: list[Step] = [head(), *chunked([text("first")]), gate, *chunked([text("more")]), HANG]
    reading, writing = os.pipe()
    async with ByteServer(lambda _: steps) as server, asking(server, "ask", "?", stdout=writing) as process:
        os.close(writing)
        assert await asyncio.to_thread(os.read, reading, 5) == b"first"
        os.close(reading)
        gate.set()
        status, _, err = await ended(process)
        assert (status, err) == (0, b"")
        await server.until(lambda: bool(server.hang_ups))


async def test_a_full_disk_is_told() -> None:
    full = Path("/dev/full").open("wb")  # noqa: ASYNC230, SIM115 (a device, opened at once)
    async with (
        ByteServer(lambda _: answer(text("a"), end())) as server,
        asking(server, "ask", "?", stdout=full) as process,
    ):
        full.close()
        status, _, err = await ended(process)
    assert status == 1
    assert b"cannot be written: No space left" in err


async def test_without_a_model_the_only_one_is_asked() -> None:
    def script(request: Request) -> list[Step]:
        if request.target == "/v1/models":
            return whole(b'{"data": [{"id": "sole"}]}')
        return answer(text("ok"), end())

    async with ByteServer(script) as server, asking(server, "ask", "?", TUI_CHAT_MODEL="") as process:
        assert (await ended(process))[:2] == (0, b"ok")
    assert json.loads(server.requests[-1].body)["model"] == "sole"


async def test_without_a_model_several_are_named() -> None:
    listed = whole(b'{"data": [{"id": "one"}, {"id": "two"}]}')
    async with ByteServer(lambda _: listed) as server, asking(server, "ask", "?", TUI_CHAT_MODEL="") as process:
        status, out, err = await ended(process)
    assert (status, out) == (2, b"")
    assert b"one, two" in err
    assert [request.target for request in server.requests] == ["/v1/models"]


async def test_without_a_list_of_models_the_endpoint_decides() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b"{}", 404) if request.target == "/v1/models" else answer(text("ok"), end())

    async with ByteServer(script) as server, asking(server, "ask", "?", TUI_CHAT_MODEL="") as process:
        assert (await ended(process))[:2] == (0, b"ok")


async def test_with_nothing_configured_the_demo_says_that_it_is_one() -> None:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *("ask", "-m", "echo", "ping"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    status, out, err = await ended(process)
    assert status == 0
    assert b"ping" in out
    assert b"this is the demo" in err


async def test_on_a_terminal_the_answer_is_cleaned_and_ends_its_line() -> None:
    steps = answer(data(delta={"reasoning_content": "hm"}), text("a\x1b]0;owned\x07\x9bb\r\nc"), end(), DONE)
    async with ByteServer(lambda _: steps) as server:
        environment = {**os.environ, "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "m", "TERM": "xterm"}
        shown = "thinking…\r\x1b[Ka�]0;owned��b\r\nc\r\n"
        with Terminal([*PROGRAM, "ask", "?"], environment) as terminal:
            await asyncio.to_thread(terminal.until, lambda: terminal.raw.decode(errors="replace") == shown)
            assert await asyncio.to_thread(terminal.wait) == 0


# ---- options, attachments, events, dry run


async def test_sampling_options_are_sent_as_what_they_read_as() -> None:
    given = {"temperature": "0.7", "seed": "3", "logprobs": "true", "user": "me", "stop": '["a", "b"]', "x": "NaN"}
    flags = [word for pair in given.items() for word in ("-o", *pair)]
    _, _, _, requests = await ask(answer(text("ok"), end()), *flags, "?")
    body = json.loads(requests[0].body)
    assert {name: body[name] for name in given} == {
        "temperature": 0.7,
        "seed": 3,
        "logprobs": True,
        "user": "me",
        "stop": ["a", "b"],
        "x": "NaN",
    }


async def test_options_may_stand_before_the_command() -> None:
    async with (
        ByteServer(lambda _: answer(text("ok"), end())) as server,
        asking(server, "-o", "temperature", "0", "ask", "?") as process,
    ):
        assert (await ended(process))[:2] == (0, b"ok")
    assert json.loads(server.requests[0].body)["temperature"] == 0


async def test_files_go_along_with_the_question(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("remember the milk")
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    files = ["-a", str(tmp_path / "notes.txt"), "-a", str(tmp_path / "dot.png")]
    _, _, _, requests = await ask(answer(text("ok"), end()), *files, "what is that?")
    (message,) = json.loads(requests[0].body)["messages"]
    sent = json.dumps(message)
    assert "remember the milk" in sent
    assert "what is that?" in sent
    assert "data:image/png;base64,iVBORw0KGgoAAA==" in sent


async def test_a_file_that_cannot_go_along_is_one_line_and_nothing_is_sent(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"\x7fELF\0\0")
    for name in ("program", "absent"):
        status, out, err, requests = await ask([], "-a", str(tmp_path / name), "?")
        assert (status, out, err.count("\n"), requests) == (2, "", 1, [])
        assert err.startswith(f"tui-chat: --attach: {tmp_path / name} ")


async def test_each_event_is_a_line_of_json_and_the_result_is_the_last() -> None:
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 23, "completion_tokens": 19, "total_tokens": 42}}\n\n'
    call = {"index": 0, "id": "c", "function": {"name": "look", "arguments": '{"x":1}'}}
    steps = answer(
        data(delta={"reasoning_content": "hm"}),
        text("a\x1b\n"),
        text("b"),
        data(delta={"tool_calls": [call]}),
        end("tool_calls"),
        usage,
        DONE,
    )
    status, out, err, _ = await ask(steps, "--ndjson", "-q", "?")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    *events, result = [json.loads(line) for line in out.splitlines()]
    times = [event.pop("t") for event in [*events, result]]
    assert times == sorted(times)
    assert events == [
        {"event": "reasoning", "text": "hm"},
        {"event": "text", "text": "a\x1b\n"},
        {"event": "text", "text": "b"},
        {"event": "tool_call", "index": 0, "id": "c", "name": "look", "arguments": '{"x":1}'},
        {"event": "usage", "input": 23, "output": 19, "total": 42, "reasoning": None, "cached": None},
        {"event": "finished", "finish_reason": "tool_calls", "ended": "done-sentinel"},
    ]
    assert (result["event"], result["text"], result["outcome"]) == ("result", "a\x1b\nb", "finished")


async def test_an_event_is_written_before_the_next_one_comes() -> None:
    gate = asyncio.Event()
    steps: list[Step] = [head(), *chunked([text("first")]), gate, *chunked([end(), DONE]), LAST_CHUNK]
    async with ByteServer(lambda _: steps) as server, asking(server, "ask", "--ndjson", "?") as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = json.loads(await process.stdout.readline())
        assert (line["event"], line["text"], process.returncode) == ("text", "first", None)
        gate.set()
        assert (await ended(process))[0] == 0


async def test_events_tell_of_retries_and_of_a_reply_that_breaks_off() -> None:
    async with ByteServer() as server:
        busy = whole(b"{}", 503, Retry_After="0")
        half: list[Step] = [head(), *chunked([text("half")]), CLOSE]
        server.script = lambda _: busy if len(server.requests) < 2 else half
        async with asking(server, "ask", "--ndjson", "-q", "?", TUI_CHAT_MAX_RETRIES="1") as process:
            status, out, _ = await ended(process)
    retrying, said, cut, result = [json.loads(line) for line in out.splitlines()]
    assert (status, said["text"], result["outcome"]) == (6, "half", "cut-off")
    assert [retrying[name] for name in ("event", "attempt", "of", "wait")] == ["retrying", 1, 1, 0.0]
    assert (cut["event"], cut["ended"]) == ("cut-off", "eof")


async def test_events_of_a_failure_have_its_error() -> None:
    status, out, _, _ = await ask(whole(b'{"error": {"message": "bad key", "code": "k"}}', 401), "--ndjson", "?")
    failed, result = [json.loads(line) for line in out.splitlines()]
    assert (status, failed["event"], failed["status"], failed["kind"]) == (3, "failed", 401, "key")
    assert failed["error"] == result["error"]
    assert (result["event"], result["outcome"], result["error"]["message"]) == ("result", "failed", "bad key")


async def test_events_of_a_stopped_reply_end_with_stopped() -> None:
    steps: list[Step] = [head(), *chunked([text("partial")]), HANG]
    async with ByteServer(lambda _: steps) as server, asking(server, "ask", "--ndjson", "?") as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        status, out, _ = await ended(process)
    stopped, result = [json.loads(line) for line in out.splitlines()]
    assert (status, stopped["event"], result["outcome"], result["text"]) == (130, "stopped", "stopped", "partial")


async def test_an_endpoint_is_asked_by_its_name_with_its_own_key(home: Path) -> None:
    folder = home / ".config" / "tui-chat"
    folder.mkdir(parents=True)
    async with ByteServer(lambda _: answer(text("ok"), end())) as server:
        (folder / "config.toml").write_text(
            f'[endpoints.mine]\nbase_url = "{server.url}"\nkey_command = "echo key-mine"\nmodel = "m-mine"\n'
        )
        elsewhere = asking(
            *(server, "ask", "-e", "mine", "?"),
            TUI_CHAT_BASE_URL="https://other.example",
            TUI_CHAT_API_KEY="not-for-mine",
            TUI_CHAT_MODEL="",
        )
        async with elsewhere as process:
            assert (await ended(process))[:2] == (0, b"ok")
    assert server.requests[0].headers["authorization"] == "Bearer key-mine"
    assert json.loads(server.requests[0].body)["model"] == "m-mine"
