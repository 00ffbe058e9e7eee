"""A reply in any style is read the same by its dialect, and what the styles look like as bytes."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args

import pytest

from tests.server.test_round_trip import SPEECHES, gist, read
from tui_chat.chat.events import (
    Failed,
    Finished,
    KeepAlive,
    ModelNamed,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.server.chat_input import ChatInput, InputMessage
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.openai_chat import ErrorShape, OpenAIChatEncoder
from tui_chat.server.formats.style import PLAIN, EventLines, Newline, Style, UsageTelling
from tui_chat.server.scripted.scripts import SCRIPTS, reply

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent

TEXT = "Grüße 👩‍🚀\u2028\r\n\ndata: [DONE]\n\n"
USAGE = UsageReport(Usage(input=3, output=2))
SAID: list[ChatEvent] = [
    UsageReport(Usage(input=3, output=0)),
    ReasoningDelta("思考"),
    KeepAlive(),
    TextDelta(TEXT),
    ToolCallDelta(0, "call_1", "look", '{"at": 1}'),
    USAGE,
]
USAGES: list[UsageTelling] = ["last", "every"]
ENDS: list[Literal["done", "empty"]] = ["done", "empty"]
STYLES = [
    Style(usage, "given", end, newline, space, event)
    for usage, end in product(USAGES, ENDS)
    for newline, space, event in product(get_args(Newline), (True, False), get_args(EventLines))
]


def body_of(name: str, style: Style, events: list[ChatEvent]) -> bytes:
    return b"".join(map(ENCODERS[name]("m", style).encode, events))


@pytest.mark.parametrize("name", SPEECHES)
def test_every_style_is_read_as_the_plain_one_is(name: str) -> None:
    reason, sign = SPEECHES[name].reasons[0], SPEECHES[name].sign
    said = [*SAID, Finished(reason, sign)]  # type: ignore[arg-type]
    wanted = gist([ModelNamed("m"), *said])
    for style in STYLES:
        found = gist(read(name, body_of(name, style, said), []))
        if name == "openai-chat" and style.end == "empty":
            assert found["ending"] == (reason, "eof")
            found["ending"] = wanted["ending"]
        assert found == wanted, style


@pytest.mark.parametrize("name", SPEECHES)
def test_a_reply_without_its_last_event_keeps_its_words(name: str) -> None:
    found = gist(read(name, body_of(name, PLAIN, [*SAID, Finished("stop", "eof")]), []))
    assert found["TextDelta"] == TEXT
    whole = {"openai-chat": ("stop", "eof"), "anthropic-messages": ("end_turn", "eof"), "gemini": ("STOP", "eof")}
    assert found["ending"] == whole.get(name, "cut off")


@pytest.mark.parametrize("shape", get_args(ErrorShape))
def test_every_shape_of_an_error_is_read(shape: ErrorShape) -> None:
    failed = Failed("It broke.", type="overloaded", code="529")
    encoder = OpenAIChatEncoder("m", PLAIN)
    found = read("openai-chat", encoder.encode(TextDelta("Hel")) + encoder.error(failed, shape), [])
    assert isinstance(found[-1], Failed)
    assert found[-1].message == "It broke."
    assert found[-1].type == ("overloaded" if shape != "string" else None)


# ---- on the wire


def chunks(style: Style, text: str = "ab cd") -> list[Any]:
    """The chunks of a short echo, `[DONE]` and the like as text."""
    events = reply(SCRIPTS["echo"], ChatInput((InputMessage("user", text),)), style)
    body = b"".join(map(OpenAIChatEncoder("m", style).encode, events)).decode()
    datas = [line.removeprefix("data: ") for line in body.split("\n") if line.startswith("data: ")]
    return [json.loads(data) if data[:1] == "{" else data for data in datas]


def test_usage_in_every_chunk_looks_as_deepseeks_does_at_siliconflow() -> None:
    first, second, last, end = chunks(Style(usage="every", end="empty"))
    assert first["choices"][0]["delta"] == {"content": "ab", "reasoning_content": None, "role": "assistant"}
    assert second["choices"][0]["delta"] == {"content": " cd", "reasoning_content": None, "role": "assistant"}
    assert last["choices"][0]["delta"] == {"content": "", "reasoning_content": None, "role": "assistant"}
    assert [chunk["choices"][0]["finish_reason"] for chunk in (first, second, last)] == [None, None, "stop"]
    assert [chunk["usage"]["completion_tokens"] for chunk in (first, second, last)] == [1, 2, 2]
    assert first["usage"]["completion_tokens_details"] == {"reasoning_tokens": 0}
    assert end == ""


def test_reasoning_stands_beside_a_content_that_is_null() -> None:
    (chunk,) = read_chunks(OpenAIChatEncoder("m", Style(usage="every")).encode(ReasoningDelta("Hm")))
    assert chunk["choices"][0]["delta"] == {"content": None, "reasoning_content": "Hm", "role": "assistant"}


def read_chunks(body: bytes) -> list[Any]:
    return [json.loads(block.removeprefix(b"data: ")) for block in body.split(b"\n\n") if block]


def test_usage_and_finish_reason_may_be_kept_back() -> None:
    told = chunks(Style(usage="never", finish="never", end="none"))
    assert [chunk["choices"][0]["finish_reason"] for chunk in told] == [None, None]
    assert all("usage" not in chunk for chunk in told)


def test_framing_as_gins_is_exact() -> None:
    style = Style(event="message", space=False, newline="crlf")
    encoder = OpenAIChatEncoder("m", style)
    body = (
        encoder.encode(TextDelta("Hi")) + encoder.encode(KeepAlive()) + encoder.encode(Finished(None, "done-sentinel"))
    )
    assert body.startswith(b'event:message\r\ndata:{"id"')
    assert body.endswith(b"}\r\n\r\n: keep-alive\r\n\r\nevent:message\r\ndata:[DONE]\r\n\r\n")


def test_named_events_keep_their_names_and_may_lose_them() -> None:
    said: list[ChatEvent] = [TextDelta("Hi")]
    assert body_of("anthropic-messages", Style(event="message"), said).startswith(b"event: message_start\n")
    assert b"event:" not in body_of("openai-responses", Style(event="none"), said)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_seed_gives_the_same_bytes_again(name: str) -> None:
    events: list[ChatEvent] = [*SAID, Finished("stop", "done-sentinel")]
    assert body_of(name, Style(seed="7"), events) == body_of(name, Style(seed="7"), events)
    if name != "ollama-chat":  # which has no ids
        assert body_of(name, Style(seed="7"), events) != body_of(name, Style(seed="8"), events)
        assert body_of(name, PLAIN, events) != body_of(name, PLAIN, events)
