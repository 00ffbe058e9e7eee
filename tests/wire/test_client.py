"""The client against a real socket: what it sends, and the failure for each error."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, RESET, ByteServer, Step, chunked, head, stream, whole
from tests.patience import PATIENCE
from tests.wire.corpus import cut
from tests.wire.tls import tls_server
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Ending,
    Failed,
    Finished,
    KeepAlive,
    ResponseStarted,
    Retrying,
    TextDelta,
)
from tui_chat.chat.turn import Question
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.style import PLAIN
from tui_chat.wire import client as client_module
from tui_chat.wire import ending_wait
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.failures import refused_response
from tui_chat.wire.framing import EventStream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request


def delta(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
GOOD = [delta("all "), delta("well", "stop"), DONE]


def question(text: str = "hello", **options: Any) -> Question:
    asked = (Conversation().add_question(text),)
    return Question(asked, options.pop("system", ""), options.pop("model", "m"), options.pop("options", {}))


async def ask(url: str, *, key: str = "", asked: Question | None = None, **options: Any) -> list[ChatEvent]:
    """All events of one question to a fresh client."""
    endpoint = Endpoint(url, key=key, **options.pop("endpoint", {}))
    client = Client(endpoint, **{"max_retries": 0, **options})
    events = [event async for batch in client.reply(asked or question()) for event in batch]
    await client.aclose()
    assert [event for event in events if isinstance(event, Ending)] == events[-1:]
    return events


async def test_what_comes_at_once_is_heard_together_each_delta_an_event_of_its_own() -> None:
    words = [delta(f"{number} ") for number in range(50)]
    async with ByteServer(script=lambda _: [head(), b"".join(chunked([*words, *GOOD])), LAST_CHUNK]) as server:
        client = Client(Endpoint(server.url))
        batches = [batch async for batch in client.reply(question())]
        await client.aclose()
    assert sum(isinstance(event, TextDelta) for batch in batches for event in batch) == 52
    assert len(batches) < 10  # the head, what came, and perhaps the network has cut it


async def failure(url: str, **options: Any) -> Failed:
    events = await ask(url, **options)
    assert isinstance(events[-1], Failed)
    assert events[-1].hint
    assert events[-1].problem.endswith((".", "…"))
    return events[-1]


def text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def sent(request: Request) -> dict[str, Any]:
    body = json.loads(request.body)
    assert isinstance(body, dict)
    return body


async def test_a_connection_serves_turn_after_turn() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        for _ in range(3):
            events = [event async for batch in client.reply(question()) for event in batch]
            assert text(events) == "all well"
        await client.aclose()
    assert [request.connection for request in server.requests] == [1, 1, 1]


def test_the_client_is_imported_without_httpx() -> None:
    code = "import sys, tui_chat.wire.client; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- how an answer ends


async def test_a_whole_answer_ends_finished() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        events = await ask(server.url)
    assert events[0] == ResponseStarted(200, server.url + "/chat/completions")
    assert text(events) == "all well"
    assert events[-1] == Finished("stop", "done-sentinel")


async def test_reading_stops_at_done_even_if_the_connection_stays_open() -> None:
    async with ByteServer(script=lambda _: [head(), *chunked(GOOD), HANG]) as server:
        async with asyncio.timeout(PATIENCE):
            events = await ask(server.url)
        await server.until(lambda: len(server.hang_ups) == 1)
    assert events[-1] == Finished("stop", "done-sentinel")


async def test_after_a_finish_reason_an_open_connection_is_waited_for_only_shortly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_REASON_WITH_CONTENT", 0.05)
    async with ByteServer(script=lambda _: [head(), *chunked(GOOD[:2]), HANG]) as server:
        async with asyncio.timeout(PATIENCE):
            events = await ask(server.url)
        await server.until(lambda: len(server.hang_ups) == 1)
    assert events[-1] == Finished("stop", "eof")


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic-messages", "gemini"])
async def test_every_api_without_its_last_event_is_whole_after_its_finish_reason(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_REASON", 0.05)
    encoder = ENCODERS[dialect]("m", PLAIN)
    pieces = [encoder.encode(event) for event in (TextDelta("all well"), Finished("stop", "eof"))]
    async with ByteServer(script=lambda _: [head(), *chunked(pieces), HANG]) as server:
        async with asyncio.timeout(PATIENCE):
            events = await ask(server.url, endpoint={"dialect": dialect})
        await server.until(lambda: len(server.hang_ups) == 1)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)
    assert events[-1].sign == "eof"


@pytest.mark.parametrize("dialect", ["openai-responses", "anthropic-messages", "ollama-chat"])
async def test_reading_stops_at_the_last_event_even_if_the_connection_stays_open(dialect: str) -> None:
    encoder = ENCODERS[dialect]("m", PLAIN)
    pieces = [encoder.encode(event) for event in (TextDelta("all well"), Finished("stop", "terminal-event"))]
    async with ByteServer(script=lambda _: [head(), *chunked(pieces), HANG]) as server:
        async with asyncio.timeout(PATIENCE):
            events = await ask(server.url, endpoint={"dialect": dialect})
        await server.until(lambda: len(server.hang_ups) == 1)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)
    assert events[-1].sign == "terminal-event"


async def test_usage_that_comes_after_the_finish_reason_is_heard() -> None:
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
    async with ByteServer(script=lambda _: [head(), *chunked(GOOD[:2]), 0.01, *chunked([usage, DONE])]) as server:
        events = await ask(server.url)
    assert [type(event).__name__ for event in events[-2:]] == ["UsageReport", "Finished"]


@pytest.mark.parametrize("end", [[CLOSE], [RESET], [LAST_CHUNK]], ids=["close", "reset", "last-chunk"])
async def test_an_answer_that_breaks_off_is_cut_off_and_keeps_its_text(end: list[Step]) -> None:
    async with ByteServer(script=lambda _: [head(), *chunked([delta("all ")]), 0.02, *end]) as server:
        events = await ask(server.url)
    assert text(events) == "all "
    assert isinstance(events[-1], CutOff)
    assert events[-1].why


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["close", "reset"])
async def test_a_loss_after_the_finish_reason_is_still_a_whole_answer(end: Step) -> None:
    async with ByteServer(script=lambda _: [head(), *chunked(GOOD[:2]), 0.02, end]) as server:
        events = await ask(server.url)
    assert events[-1] == Finished("stop", "eof")


async def test_a_loss_before_any_delta_is_a_failure() -> None:
    async with ByteServer(script=lambda _: [head(), *chunked([b": working\n\n"]), 0.02, RESET]) as server:
        failed = await failure(server.url)
    assert failed.kind == "network"


async def test_keep_alives_are_heard_and_reset_the_idle_clock() -> None:
    ticks: list[Step] = [0.2, *chunked([b": ping\n\n"])] * 10
    async with ByteServer(script=lambda _: [head(), *ticks, *chunked(GOOD), LAST_CHUNK]) as server:
        events = await ask(server.url, idle_timeout=1.9)
    assert events.count(KeepAlive()) >= 9  # the last one may come together with the text
    assert text(events) == "all well"


async def test_silence_in_mid_answer_cuts_it_off() -> None:
    async with ByteServer(script=lambda _: [head(), *chunked([delta("a")]), HANG]) as server:
        events = await ask(server.url, idle_timeout=0.1)
    assert text(events) == "a"
    assert isinstance(events[-1], CutOff)
    assert "silent" in events[-1].why


async def test_silence_before_the_head_is_a_failure_that_says_how_long() -> None:
    async with ByteServer(script=lambda _: [HANG]) as server:
        failed = await failure(server.url, idle_timeout=0.1)
    assert failed.kind == "network"
    assert "0.1 s" in failed.problem
    assert failed.url == server.url + "/chat/completions"


async def test_gzip_is_read_though_it_was_not_asked_for() -> None:
    body = gzip.compress(b"".join(GOOD))
    async with ByteServer(
        script=lambda _: [head(Content_Encoding="gzip"), *chunked([body[:9], body[9:]]), LAST_CHUNK]
    ) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert events[-1] == Finished("stop", "done-sentinel")


async def test_a_damaged_gzip_body_is_told() -> None:
    async with ByteServer(
        script=lambda _: [head(Content_Encoding="gzip"), *chunked([b"\x1f\x8b" + b"not gzip at all"]), LAST_CHUNK]
    ) as server:
        assert "compressed" in (await failure(server.url)).problem


async def test_an_endless_line_ends_the_answer_and_keeps_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_chat.wire.response_reader.EventStream", lambda **how: EventStream(1 << 20, **how))
    endless = [delta("a"), *[b"x" * 100_000] * 20]
    async with ByteServer(script=lambda _: [head(), *chunked(endless), HANG]) as server:
        events = await ask(server.url)
        await server.until(lambda: len(server.hang_ups) == 1)
    assert text(events) == "a"
    assert isinstance(events[-1], CutOff)
    assert "MiB" in events[-1].why


# ---- answers that are not streams


async def test_a_web_page_is_refused_by_name() -> None:
    page = b"<!DOCTYPE html><title>Sign in</title>"
    async with ByteServer(script=lambda _: whole(page, content_type="text/html")) as server:
        failed = await failure(server.url)
    assert "Sign in" in failed.problem
    assert "/v1" in failed.hint


@pytest.mark.parametrize("body", [b"", b"\n\n", b": ping\n\n", DONE])
async def test_an_empty_answer_is_a_failure(body: bytes) -> None:
    async with ByteServer(script=lambda _: whole(body, content_type="text/event-stream")) as server:
        assert "empty" in (await failure(server.url)).problem


@pytest.mark.parametrize("body", [b"data: out of memory\n\n", b"out of memory", b"out of memory\n"])
async def test_a_text_in_place_of_an_event_stream_is_shown(body: bytes) -> None:
    async with ByteServer(script=lambda _: whole(body, content_type="text/event-stream")) as server:
        failed = await failure(server.url)
    assert failed.message == "out of memory"


@pytest.mark.parametrize("content_type", ["text/plain; charset=utf-8", "Text/Plain", None, "application/octet-stream"])
async def test_an_answer_in_plain_text_is_heard_as_it_comes(content_type: str | None) -> None:
    body = "Grüße, [1] not {JSON}".encode()
    pieces = [body[:4], body[4:]]  # in the middle of the ü
    async with ByteServer(script=lambda _: stream(pieces, content_type)) as server:
        events = await ask(server.url)
    assert text(events) == body.decode()
    assert events[-1] == Finished(None, "eof")


@pytest.mark.parametrize("text", ["d", "data", "[1] A source", "<think> is a tag", "<b", "{}, said he"])
async def test_a_plain_text_may_begin_as_something_else(text: str) -> None:
    async with ByteServer(script=lambda _: stream(cut(text.encode(), "bytes"), "text/plain")) as server:
        events = await ask(server.url)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    assert events[-1] == Finished(None, "eof")


async def test_a_plain_text_that_breaks_off_is_cut_off() -> None:
    async with ByteServer(script=lambda _: [head(200, "text/plain"), *chunked([b"half an"]), 0.02, RESET]) as server:
        events = await ask(server.url)
    assert text(events) == "half an"
    assert isinstance(events[-1], CutOff)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json", "application/octet-stream"])
async def test_an_event_stream_is_one_whatever_its_type_says(content_type: str | None) -> None:
    async with ByteServer(script=lambda _: stream(cut(b"".join(GOOD), "sevens"), content_type)) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert events[-1] == Finished("stop", "done-sentinel")


@pytest.mark.parametrize("content_type", [None, "text/plain", "text/event-stream", "text/html"])
async def test_chunks_that_come_as_json_lines_are_heard(content_type: str | None) -> None:
    lines = b"".join(GOOD[:2]).replace(b"data: ", b"").replace(b"\n\n", b"\r\n")
    async with ByteServer(script=lambda _: stream(cut(lines, "sevens"), content_type)) as server:
        events = await ask(server.url)
    assert text(events) == "all well"
    assert events[-1] == Finished("stop", "eof")


async def test_a_whole_answer_as_json_is_shown() -> None:
    body = b'{"model":"x","choices":[{"message":{"content":"all","reasoning":"why"},"finish_reason":"stop"}]}'
    async with ByteServer(script=lambda _: whole(body)) as server:
        events = await ask(server.url, stream=False)
    assert text(events) == "all"
    assert events[-1] == Finished("stop", "eof")
    assert sent(server.requests[0])["stream"] is False
    assert "stream_options" not in sent(server.requests[0])
    assert server.requests[0].headers["accept"] == "application/json"


@pytest.mark.parametrize("body", [b'{"ok": true}', b'{"choices": [', b"[]", b"[[["])
async def test_json_that_is_no_answer_is_told(body: bytes) -> None:
    async with ByteServer(script=lambda _: whole(body)) as server:
        assert "JSON" in (await failure(server.url)).problem


# ---- failures before an answer


async def test_a_refused_connection_says_where() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    failed = await failure(f"http://127.0.0.1:{port}/v1")
    assert failed.kind == "network"
    assert "refused" in failed.problem
    assert f"127.0.0.1:{port}" in failed.problem
    assert failed.url == f"http://127.0.0.1:{port}/v1/chat/completions"


async def test_a_name_that_does_not_exist_is_told() -> None:
    failed = await failure("http://no-such-host.invalid/v1")
    assert failed.kind == "network"
    assert "no-such-host.invalid" in failed.problem


async def test_a_connection_that_is_not_made_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("anyio.connect_tcp", never)
    failed = await failure("http://127.0.0.1:9/v1", connect_timeout=0.05)
    assert "0.05 s" in failed.problem


async def test_https_to_a_plain_http_port_is_told() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        failed = await failure(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    assert "TLS" in failed.problem
    assert "http://" in failed.hint


async def test_a_certificate_of_an_unknown_authority_is_told(own_certificate: tuple[Path, Path]) -> None:
    async with tls_server(own_certificate) as port:
        failed = await failure(f"https://127.0.0.1:{port}/v1")
    assert "not trusted" in failed.problem
    assert "SSL_CERT_FILE" in failed.hint


async def test_an_expired_certificate_is_to_be_renewed(
    expired_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(expired_certificate[0]))
    async with tls_server(expired_certificate) as port:
        failed = await failure(f"https://localhost:{port}/v1")
    assert "expired" in failed.problem
    assert "renew" in failed.hint


async def test_a_certificate_of_ones_own_authority_is_trusted(
    own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(step for step in stream(GOOD) if isinstance(step, bytes)))
        await writer.drain()
        writer.close()

    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    async with tls_server(own_certificate, answer) as port:
        events = await ask(f"https://localhost:{port}/v1")
    assert text(events) == "all well"


async def test_a_server_that_closes_without_an_answer_is_told() -> None:
    async with ByteServer(script=lambda _: [CLOSE]) as server:
        assert "without an answer" in (await failure(server.url)).problem


async def test_a_server_that_does_not_speak_http_is_told() -> None:
    async with ByteServer(script=lambda _: [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", CLOSE]) as server:
        assert (await failure(server.url)).problem.endswith("does not answer in HTTP: SSH-2.0-OpenSSH_9.6.")


@pytest.mark.parametrize("api", ["openai-chat", "ollama-chat"])
async def test_half_a_json_document_is_told_as_what_it_is(api: str) -> None:
    body = b'{"choices": [{"message": {"content": "half'
    async with ByteServer(script=lambda _: [head(200, "application/json"), *chunked([body]), LAST_CHUNK]) as server:
        failed = await failure(server.url, endpoint={"dialect": api})
        assert failed.problem == "The server's answer breaks off in the middle of its JSON."


async def test_a_bad_proxy_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "socks://p:1")
    failed = await failure("https://api.example.com")
    assert failed.problem.startswith("HTTPS_PROXY")


async def test_a_proxy_is_asked_for_what_is_not_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with ByteServer(script=lambda _: stream(GOOD)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert text(await ask("http://llm.example/v1")) == "all well"
    assert proxy.requests[0].target == "http://llm.example/v1/chat/completions"


async def test_a_proxy_that_refuses_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with ByteServer(script=lambda _: whole(b"", 407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@127.0.0.1:{proxy.port}")
        failed = await failure("https://llm.example/v1")
    assert f"127.0.0.1:{proxy.port}" in failed.problem
    assert "hush" not in repr(failed)


async def test_a_certificate_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    assert (await failure("https://127.0.0.1:9")).problem.startswith("SSL_CERT_FILE")


async def test_loopback_is_never_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        assert text(await ask(server.url)) == "all well"


async def test_the_key_is_masked_where_a_server_quotes_it() -> None:
    body = b'{"error":{"message":"Bad key sk-very-secret given"}}'
    async with ByteServer(script=lambda _: whole(body, 401)) as server:
        failed = await failure(server.url, key="sk-very-secret")
    assert "very-secret" not in repr(failed)
    assert "Bad key" in (failed.message or "")


async def test_an_error_body_without_end_does_not_hold_the_failure_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_response, "ERROR_BODY_WAIT", 0.05)
    async with ByteServer(script=lambda _: [head(500, "text/plain"), *chunked([b"disk full"]), HANG]) as server:
        failed = await failure(server.url)
        await server.until(lambda: len(server.hang_ups) == 1)
    assert (failed.status, failed.message) == (500, "disk full")


# ---- asking again


def first(times: int, bad: list[Step], good: list[Step]) -> Any:
    """A script that answers `times` requests with `bad` and the others with `good`."""
    count = iter(range(1000))
    return lambda _: bad if next(count) < times else good


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "backoff", lambda _: 0.01)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
async def test_a_passing_trouble_is_tried_again_visibly(status: int) -> None:
    async with ByteServer(script=first(2, whole(b"busy", status, "text/plain"), stream(GOOD))) as server:
        events = await ask(server.url, max_retries=2)
    retries = [event for event in events if isinstance(event, Retrying)]
    assert [(event.attempt, event.of) for event in retries] == [(1, 2), (2, 2)]
    assert str(status) in retries[0].why
    assert text(events) == "all well"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("bad", [[CLOSE], [RESET]], ids=["close", "reset"])
async def test_a_lost_connection_without_an_answer_is_tried_again(bad: list[Step]) -> None:
    async with ByteServer(script=first(1, bad, stream(GOOD))) as server:
        assert text(await ask(server.url, max_retries=1)) == "all well"


@pytest.mark.usefixtures("quick")
async def test_the_last_failure_stands_when_the_retries_are_used_up() -> None:
    async with ByteServer(script=lambda _: whole(b"busy", 503, "text/plain")) as server:
        events = await ask(server.url, max_retries=3)
    assert isinstance(events[-1], Failed)
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    async with ByteServer(script=lambda _: whole(b"no", status, "text/plain")) as server:
        await failure(server.url, max_retries=3)
    assert len(server.requests) == 1


async def test_nothing_is_tried_again_once_text_has_come() -> None:
    async with ByteServer(script=lambda _: [head(), *chunked([delta("a")]), 0.02, RESET]) as server:
        events = await ask(server.url, max_retries=3)
    assert isinstance(events[-1], CutOff)
    assert len(server.requests) == 1


async def test_no_retries_means_none() -> None:
    async with ByteServer(script=lambda _: whole(b"busy", 503, "text/plain")) as server:
        await failure(server.url, max_retries=0)
    assert len(server.requests) == 1


async def test_a_used_up_quota_is_not_tried_again() -> None:
    body = b'{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}'
    async with ByteServer(script=lambda _: whole(body, 429)) as server:
        failed = await failure(server.url, max_retries=3)
    assert len(server.requests) == 1
    assert "quota" in failed.problem


@pytest.mark.parametrize("form", ["seconds", "date", "milliseconds"])
async def test_the_pause_a_server_asks_for_is_kept_and_hurry_ends_it(form: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=111), usegmt=True)
    headers = {
        "seconds": {"Retry_After": "110"},
        "date": {"Retry_After": date},
        "milliseconds": {"Retry_After_Ms": "110000"},
    }[form]
    asked = question()
    async with ByteServer(script=first(1, whole(b"slow down", 429, "text/plain", **headers), stream(GOOD))) as server:
        client = Client(Endpoint(server.url))
        events: list[ChatEvent] = []
        async with asyncio.timeout(PATIENCE):
            async for batch in client.reply(asked):
                events += batch
                if isinstance(events[-1], Retrying):
                    asked.retry_now.set()
        await client.aclose()
    wait = next(event.wait for event in events if isinstance(event, Retrying))
    assert 60 < wait < 112
    assert text(events) == "all well"


async def test_a_pause_of_hours_is_told_and_not_waited_for() -> None:
    async with ByteServer(script=lambda _: whole(b"", 429, Retry_After="7200")) as server:
        failed = await failure(server.url, max_retries=3)
    assert "2 h" in failed.hint
    assert len(server.requests) == 1


# ---- the API by what answers


OLLAMA = b'{"message":{"content":"all well"},"done":false}\n{"done":true,"done_reason":"stop"}\n'
ANTHROPIC = b"".join(
    b"data: " + json.dumps(event).encode() + b"\n\n"
    for event in (
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "all well"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    )
)


@pytest.mark.parametrize(
    ("path", "pieces"), [("/api/chat", [OLLAMA]), ("/v1/messages", [ANTHROPIC]), ("/v1/chat/completions", GOOD)]
)
async def test_a_server_is_asked_in_the_api_it_has_and_that_is_remembered(path: str, pieces: list[bytes]) -> None:
    async with ByteServer(
        script=lambda request: stream(pieces) if request.target == path else whole(b"Not Found", 404, "text/plain")
    ) as server:
        client = Client(Endpoint(f"http://127.0.0.1:{server.port}", dialect="auto"), max_retries=0)
        first = [event async for batch in client.reply(question()) for event in batch]
        tried = len(server.requests)
        again = [event async for batch in client.reply(question()) for event in batch]
        await client.aclose()
    assert text(first) == text(again) == "all well"
    assert len(server.requests) == tried + 1
    assert server.requests[-1].target == path


async def test_where_no_api_is_found_the_first_refusal_stands() -> None:
    async with ByteServer(script=lambda _: whole(b"Not Found", 404, "text/plain")) as server:
        failed = await failure(server.url, endpoint={"dialect": "auto"})
    assert failed.url == server.url + "/chat/completions"
    assert len({request.target for request in server.requests}) == len(server.requests) == 5


async def test_a_model_that_is_not_known_is_no_reason_to_ask_in_another_api() -> None:
    body = b'{"error":{"message":"model \'m\' not found, try pulling it first"}}'
    async with ByteServer(script=lambda _: whole(body, 404)) as server:
        await failure(server.url, endpoint={"dialect": "auto"})
    assert len(server.requests) == 1


async def test_an_explicit_api_is_the_only_one_that_is_asked() -> None:
    async with ByteServer(script=lambda _: whole(b"Not Found", 404, "text/plain")) as server:
        await failure(server.url, endpoint={"dialect": "openai-chat"})
    assert len(server.requests) == 1


@pytest.mark.parametrize("pieces", [[OLLAMA], [ANTHROPIC], GOOD])
async def test_an_answer_in_another_api_than_was_asked_is_understood(pieces: list[bytes]) -> None:
    async with ByteServer(script=lambda _: stream(pieces)) as server:
        events = await ask(server.url, endpoint={"dialect": "auto"})
        explicit = await ask(server.url)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)
    assert text(explicit) == "all well"  # the text is kept, and the server said that it was all
    assert explicit[-1] == Finished("stop" if pieces is GOOD else None, "done-sentinel" if pieces is GOOD else "eof")


# ---- connections


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced_without_a_word() -> None:
    async with ByteServer(script=lambda _: [*stream(GOOD), CLOSE]) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        for _ in range(2):
            assert text([event async for batch in client.reply(question()) for event in batch]) == "all well"
            await server.until(lambda: not server.open)
        await client.aclose()
    assert [request.connection for request in server.requests] == [1, 2]


async def test_warming_tells_nobody_when_it_fails() -> None:
    client = Client(Endpoint("http://127.0.0.1:9"))
    await client.warm()
    await client.aclose()
