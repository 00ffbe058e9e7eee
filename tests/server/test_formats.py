from __future__ import annotations

import json
from typing import Any

from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.openai_chat import OpenAIChatEncoder
from tui_chat.server.formats.style import Style
from tui_chat.wire.dialects import DIALECTS

USAGE = UsageReport(Usage(input=3, output=2, total=5, reasoning=1, cached=0, cost=0.5))
DONE = Finished("stop", "done-sentinel")


def written(*events: ChatEvent, include_usage: bool = True) -> bytes:
    encoder = OpenAIChatEncoder("m", Style(usage="last" if include_usage else "asked"))
    return b"".join(map(encoder.encode, events))


def chunks(body: bytes) -> list[Any]:
    datas = [block.removeprefix(b"data: ") for block in body.split(b"\n\n") if block.startswith(b"data: ")]
    return [data.decode() if data == b"[DONE]" else json.loads(data) for data in datas]


def test_a_reply_has_openais_shape() -> None:
    first, second, finish, usage, done = chunks(written(TextDelta("Hel"), TextDelta("lo"), USAGE, DONE))
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "Hel"}
    assert second["choices"][0]["delta"] == {"content": "lo"}
    assert first["usage"] is second["usage"] is finish["usage"] is None
    assert finish["choices"][0] | {"logprobs": 0} == {"index": 0, "delta": {}, "logprobs": 0, "finish_reason": "stop"}
    assert usage["choices"] == []
    assert usage["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 1},
        "prompt_tokens_details": {"cached_tokens": 0},
        "cost": 0.5,
    }
    assert len({chunk["id"] for chunk in (first, second, finish, usage)}) == 1
    assert done == "[DONE]"


def test_usage_comes_only_when_asked_for() -> None:
    assert b"usage" not in written(TextDelta("Hello"), USAGE, DONE, include_usage=False)


def test_a_failure_in_mid_stream_is_an_error_and_nothing_after_it() -> None:
    delta, error = chunks(written(TextDelta("Hel"), Failed("It broke.", type="overloaded", code="529")))
    assert delta["choices"][0]["delta"]["content"] == "Hel"
    assert error == {"error": {"message": "It broke.", "type": "overloaded", "param": None, "code": "529"}}


def test_a_reply_that_is_cut_off_has_no_end() -> None:
    (delta,) = chunks(written(TextDelta("Hel"), CutOff("the power failed")))
    assert delta["choices"][0]["finish_reason"] is None


def test_a_tool_call_names_itself_once() -> None:
    body = written(ToolCallDelta(0, "call_1", "look", '{"at"'), ToolCallDelta(0, arguments=": 1}"))
    first, second = (chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in chunks(body))
    assert first == {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at"'}}
    assert second == {"index": 0, "function": {"arguments": ": 1}"}}


def test_text_that_is_no_utf_8_is_escaped() -> None:
    (chunk,) = chunks(written(TextDelta("half \ud83d of a pair")))
    assert chunk["choices"][0]["delta"]["content"] == "half \ud83d of a pair"


def test_a_whole_answer_is_one_completion() -> None:
    events: list[ChatEvent] = [
        ReasoningDelta("Hm"),
        ReasoningDelta("m."),
        TextDelta("Hel"),
        TextDelta("lo"),
        USAGE,
        DONE,
    ]
    status, body = OpenAIChatEncoder("m").whole(events)
    assert (status, body["object"]) == (200, "chat.completion")
    (choice,) = body["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Hello", "reasoning_content": "Hmm."}
    assert choice["finish_reason"] == "stop"
    assert body["usage"]["total_tokens"] == 5


def test_a_whole_answer_that_failed_is_an_error_with_its_status() -> None:
    status, body = OpenAIChatEncoder("m").whole([TextDelta("Hel"), Failed("Too much.", status=429, code="slow_down")])
    assert (status, body["error"]["message"], body["error"]["code"]) == (429, "Too much.", "slow_down")
    assert OpenAIChatEncoder("m").whole([TextDelta("Hel"), CutOff("gone")])[0] == 502


def test_every_encoder_has_a_dialect_that_reads_it() -> None:
    # The other half of simple-get is the route /chat: see tests/server/test_chat_by_url.py.
    assert set(ENCODERS) == set(DIALECTS) - {"simple-get"}
