"""Text that came is text, whatever the shape around it and whatever stands beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Ending,
    Failed,
    Finished,
    Image,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.wire.dialects import DIALECTS, ResponseDecoder
from tui_chat.wire.dialects.detect import DetectedDialect
from tui_chat.wire.framing import Frame


def guessing() -> ResponseDecoder:
    return DetectedDialect(DIALECTS["openai-chat"](), "openai-chat", lambda name: DIALECTS[name]())


def parsed(decoder: str | ResponseDecoder, *data: Any, end: bool = True) -> list[ChatEvent]:
    """The events of some documents (strings are data as they stand), and of the end of the body."""
    dialect = DIALECTS[decoder]() if isinstance(decoder, str) else decoder
    found: list[ChatEvent] = []
    for document in data:
        text = document if isinstance(document, str) else json.dumps(document)
        found += dialect.decode(Frame("data", text))
    return [*found, *dialect.close()] if end else found


def text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def reasoning(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, ReasoningDelta))


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, **fields}]}


CHAT_PIECES: dict[str, Any] = {
    "numbered choices": lambda piece: {"choices": {"0": {"index": 0, "delta": {"content": piece}}}},
    "numbered parts": lambda piece: choice(delta={"content": {"0": {"type": "text", "text": piece}}}),
    "delta": lambda piece: choice(delta={"content": piece}),
    "a string as delta": lambda piece: choice(delta=piece),
    "text in delta": lambda piece: choice(delta={"text": piece}),
    "message": lambda piece: choice(message={"role": "assistant", "content": piece}),
    "message beside an empty delta": lambda piece: choice(delta=None, message={"content": piece}),
    "a string as message": lambda piece: choice(message=piece),
    "text": lambda piece: choice(text=piece, logprobs=None, finish_reason=None),
    "content": lambda piece: choice(content=piece),
    "parts": lambda piece: choice(delta={"content": [{"type": "text", "text": piece}, {"type": "odd"}, None, 3]}),
    "one part": lambda piece: choice(delta={"content": {"type": "text", "text": piece}}),
    "strings": lambda piece: choice(delta={"content": [piece[:1], piece[1:]]}),
    "a part of an unknown type": lambda piece: choice(delta={"content": [{"type": "new", "text": piece}]}),
    "a value in a text": lambda piece: choice(delta={"content": [{"type": "text", "text": {"value": piece}}]}),
    "a negative index": lambda piece: {"choices": [{"index": -1, "delta": {"content": piece}}]},
    "no index": lambda piece: {"choices": [{"delta": {"content": piece}}]},
    "index as a word": lambda piece: {"choices": [{"index": "0", "delta": {"content": piece}}]},
    "another index alone": lambda piece: {"choices": [{"index": 1, "delta": {"content": piece}}]},
    "one choice as an object": lambda piece: {"choices": {"delta": {"content": piece}}},
    "a string as choice": lambda piece: {"choices": [piece]},
    "a list of documents": lambda piece: [choice(delta={"content": piece})],
    "no choices": lambda piece: {"content": piece},
    "response": lambda piece: {"response": piece},
    "token": lambda piece: {"token": {"id": 7, "text": piece}, "generated_text": None},
    "odd neighbours": lambda piece: {
        "usage": [1],
        "model": 7,
        "citations": "x",
        "x_groq": [],
        **choice(delta={"content": piece, "tool_calls": "x", "reasoning_details": {"a": 1}, "refusal": 7}),
    },
}


@pytest.mark.parametrize("name", CHAT_PIECES)
def test_every_shape_of_a_chat_completion_gives_its_text(name: str) -> None:
    events = parsed("openai-chat", *map(CHAT_PIECES[name], ["one ", "two ", "three"]), "[DONE]")
    assert text(events) == "one two three"
    # `[DONE]` is the last event of the old completions, which have `text` in each choice.
    assert events[-1] == Finished(None, "terminal-event" if name == "text" else "done-sentinel")


PIECES: dict[str, tuple[str, Any]] = {
    "anthropic: a string as delta": ("anthropic-messages", lambda p: {"type": "content_block_delta", "delta": p}),
    "anthropic: no types": ("anthropic-messages", lambda p: {"delta": {"text": p}}),
    "anthropic: unknown delta": (
        "anthropic-messages",
        lambda p: {"type": "content_block_delta", "index": "x", "delta": {"type": "new_delta", "text": p}},
    ),
    "anthropic: text in an object": (
        "anthropic-messages",
        lambda p: {"type": "content_block_delta", "delta": {"type": "text_delta", "text": {"value": p}}},
    ),
    "anthropic: block with its text": (
        "anthropic-messages",
        lambda p: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": p}},
    ),
    "anthropic: older completions": ("anthropic-messages", lambda p: {"type": "completion", "completion": p}),
    "responses: delta in an object": (
        "openai-responses",
        lambda p: {"type": "response.output_text.delta", "delta": {"text": p}},
    ),
    "responses: another name": ("openai-responses", lambda p: {"type": "response.text.delta", "delta": p}),
    "responses: a part as delta": (
        "openai-responses",
        lambda p: {"type": "response.content_part.delta", "delta": {"text": p}},
    ),
    "responses: an unknown type": ("openai-responses", lambda p: {"type": "x", "delta": p}),
    "responses: no type": ("openai-responses", lambda p: {"delta": p}),
    "responses: odd places": (
        "openai-responses",
        lambda p: {"type": "response.output_text.delta", "output_index": [], "content_index": "x", "delta": p},
    ),
    "gemini: a string as content": ("gemini", lambda p: {"candidates": [{"content": p}]}),
    "gemini: a string as part": ("gemini", lambda p: {"candidates": [{"content": {"parts": [p]}}]}),
    "gemini: one part": ("gemini", lambda p: {"candidates": [{"content": {"parts": {"text": p}}}]}),
    "gemini: text in content": ("gemini", lambda p: {"candidates": [{"content": {"text": p}}]}),
    "gemini: one candidate": ("gemini", lambda p: {"candidates": {"content": {"parts": [{"text": p}]}}}),
    "gemini: another index": ("gemini", lambda p: {"candidates": [{"index": 2, "content": {"parts": [{"text": p}]}}]}),
    "gemini: no candidates": ("gemini", lambda p: {"text": p}),
    "ollama: content as a list": ("ollama-chat", lambda p: {"message": {"content": [{"text": p}]}, "done": False}),
    "ollama: a string as message": ("ollama-chat", lambda p: {"message": p, "done": False}),
    "ollama: response": ("ollama-chat", lambda p: {"response": p, "done": False}),
    "ollama: content alone": ("ollama-chat", lambda p: {"content": p, "done": False}),
    "ollama: done on each piece": ("ollama-chat", lambda p: {"message": {"content": p}, "done": True}),
    "simple: nested": ("simple-get", lambda p: {"data": {"result": {"text": p}}}),
}


@pytest.mark.parametrize("name", PIECES)
def test_every_shape_of_the_other_apis_gives_its_text(name: str) -> None:
    dialect, make = PIECES[name]
    assert text(parsed(dialect, *map(make, ["one ", "two ", "three"]))) == "one two three"


@pytest.mark.parametrize("repeat", [{"message": {"content": "one two"}}, {"text": "one two"}], ids=str)
def test_a_whole_answer_at_the_end_does_not_double_what_came(repeat: dict[str, Any]) -> None:
    deltas = [choice(delta={"content": "one "}), choice(delta={"content": "two"})]
    assert text(parsed("openai-chat", *deltas, choice(**repeat, finish_reason="stop"))) == "one two"
    in_messages = [choice(message={"content": "one "}), choice(message={"content": "two"})]
    assert text(parsed("openai-chat", *in_messages, choice(**repeat, finish_reason="stop"))) == "one two"


def test_messages_that_hold_all_the_text_so_far_give_what_is_new() -> None:
    grown = ["Hel", "Hello", "Hello, wor", "Hello, world", "Hello, world"]
    assert text(parsed("openai-chat", *[choice(message={"content": said}) for said in grown])) == "Hello, world"


@pytest.mark.parametrize("pieces", [["ha", "haha"], ["\n", "\nx"], ["1", "10"], ["-", "-", "-"], ["no ", "no ", "no "]])
def test_pieces_that_begin_alike_by_chance_are_all_kept(pieces: list[str]) -> None:
    assert text(parsed("openai-chat", *[choice(message={"content": piece}) for piece in pieces])) == "".join(pieces)


# ---- Responses: what only the last events say


DELTA = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": "one "}
WHOLE_PART = {"type": "output_text", "text": "one two"}
WHOLE_ITEM = {"id": "m", "type": "message", "content": [WHOLE_PART]}
COMPLETED = {"type": "response.completed", "response": {"status": "completed", "output": [WHOLE_ITEM]}}


@pytest.mark.parametrize(
    "wholes",
    [
        [{"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "one two"}],
        [{"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": WHOLE_PART}],
        [{"type": "response.output_item.done", "output_index": 0, "item": WHOLE_ITEM}],
        [COMPLETED],
        [
            {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "one two"},
            {"type": "response.output_item.done", "output_index": 0, "item": WHOLE_ITEM},
            COMPLETED,
        ],
        [{"type": "response.completed", "response": {"status": "completed", "output_text": "one two"}}],
    ],
)
@pytest.mark.parametrize("begun", [[], [DELTA], [DELTA, {**DELTA, "delta": "two"}]], ids=["none", "some", "all"])
def test_what_was_never_streamed_is_taken_from_the_last_events_once(begun: list[Any], wholes: list[Any]) -> None:
    if begun and "output_text" in wholes[0].get("response", {}):
        return  # a convenience of whole answers, where nothing is streamed
    assert text(parsed("openai-responses", *begun, *wholes)) == "one two"


def test_blocks_that_go_by_other_names_in_the_end_are_not_doubled() -> None:
    nameless = {"type": "response.output_text.delta", "delta": "one two"}
    assert text(parsed("openai-responses", nameless, COMPLETED)) == "one two"


@pytest.mark.parametrize("place", [{"output_index": []}, {"content_index": 3}, {"output_index": 9, "item_id": 7}])
def test_a_delta_with_an_odd_place_is_not_doubled_in_the_end(place: dict[str, Any]) -> None:
    odd = {**DELTA, "delta": "two", **place}
    done = {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "one two"}
    assert text(parsed("openai-responses", DELTA, odd, done, COMPLETED)) == "one two"


def test_reasoning_and_a_refusal_that_were_never_streamed_are_kept() -> None:
    output = [
        {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "id": "m", "content": [{"type": "refusal", "refusal": "no"}]},
    ]
    events = parsed("openai-responses", {"type": "response.completed", "response": {"output": output}})
    assert reasoning(events) == "hm"
    assert RefusalDelta("no") in events


# ---- fields that are not text

HOSTILE: list[Any] = [
    "1e999", "-1e999", "NaN", "Infinity", "-1", "1" + "0" * 400, "9" * 5000, '"many"', "true", "[]", "{}", "[1]",
    "null", "1.5e3", "-0.0", "[" * 700 + "]" * 700, '{"a":' * 700 + "1" + "}" * 700,
]  # fmt: skip
"""JSON texts that stand where a number or an object should."""

USAGES: dict[str, str] = {
    "openai-chat": '{"choices":[{"index":0,"delta":{"content":"kept"}}],"usage":{"prompt_tokens":%s,'
    '"completion_tokens":%s,"completion_tokens_details":%s,"cost":%s}}',
    "openai-responses": '{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":'
    '"output_text","text":"kept"}]}],"usage":{"input_tokens":%s,"output_tokens":%s,"output_tokens_details":%s,'
    '"cost":%s}}}',
    "anthropic-messages": '{"type":"message","content":[{"type":"text","text":"kept"}],"usage":{"input_tokens":%s,'
    '"output_tokens":%s,"output_tokens_details":%s,"x":%s}}',
    "gemini": '{"candidates":[{"content":{"parts":[{"text":"kept"}]}}],"usageMetadata":{"promptTokenCount":%s,'
    '"candidatesTokenCount":%s,"promptTokensDetails":%s,"x":%s}}',
    "ollama-chat": '{"message":{"content":"kept"},"done":true,"prompt_eval_count":%s,"eval_count":%s,"x":%s,"y":%s}',
    "simple-get": '{"content":"kept","usage":{"prompt_tokens":%s,"completion_tokens":%s,"total_tokens":%s,"x":%s}}',
}


@pytest.mark.parametrize("name", USAGES)
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:12])
def test_a_number_that_is_none_costs_no_text(name: str, value: str) -> None:
    if len(value) > 6000:
        return
    events = parsed(name, USAGES[name] % (value, value, value, value))
    assert text(events) == "kept"
    assert not isinstance(events[-1], Failed)
    for event in events:
        if isinstance(event, UsageReport):
            counts = (event.usage.input, event.usage.output, event.usage.total, event.usage.reasoning)
            assert all(count is None or 0 <= count <= 10**12 for count in counts)
            assert event.usage.cost is None or 0 <= event.usage.cost <= 1e12


def test_numbers_that_are_none_are_not_reported() -> None:
    usage = {"prompt_tokens": -1, "completion_tokens": 7, "total_tokens": "9", "cost": -2.0}
    assert UsageReport(Usage(output=7)) in parsed("openai-chat", {"choices": [], "usage": usage})


def test_a_usage_of_nothing_but_zeros_is_none() -> None:
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    events = parsed("openai-chat", {**choice(delta={"content": "a"}), "usage": zeros}, "[DONE]")
    assert not any(isinstance(event, UsageReport) for event in events)


@pytest.mark.parametrize(
    "details", [[{"text": 7, "index": 0}, {"text": "hm", "index": 0}], [{"text": "hm"}, {"text": [], "data": 9}]]
)
def test_reasoning_details_of_changing_types_keep_what_is_text(details: list[Any]) -> None:
    events = parsed("openai-chat", *[choice(delta={"reasoning_details": [detail]}) for detail in details], "[DONE]")
    assert reasoning(events) == "hm"


@pytest.mark.parametrize("name", [*DIALECTS, "guessed"])
@pytest.mark.parametrize("body", ["[" * 700 + "]" * 700, '{"error":' * 700 + '"x"' + "}" * 700, '[{"a":' * 300])
def test_deep_nesting_is_an_ending_like_any_other(name: str, body: str) -> None:
    events = parsed(guessing() if name == "guessed" else name, body)
    assert [event for event in events if isinstance(event, Ending)] == events[-1:]


def test_an_error_beside_the_text_keeps_the_text() -> None:
    for name, document in {
        "openai-chat": {**choice(message={"content": "kept"}), "error": {"message": "It broke."}},
        "ollama-chat": {"message": {"content": "kept"}, "done": False, "error": "It broke."},
        "anthropic-messages": {"type": "message", "content": [{"type": "text", "text": "kept"}], "error": "It broke."},
        "gemini": {"candidates": [{"content": {"parts": [{"text": "kept"}]}}], "error": {"message": "It broke."}},
    }.items():
        events = [*DIALECTS[name]().decode_document(document)]
        assert text(events) == "kept", name
        assert isinstance(events[-1], Failed)
        assert events[-1].message == "It broke."


def test_what_comes_after_an_ending_is_not_heard_in_another_api_either() -> None:
    later = {"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]}
    events = parsed(guessing(), {"error": "It broke."}, later)
    assert [type(event) for event in events] == [Failed]


# ---- what could not be read


@pytest.mark.parametrize(
    ("data", "size"),
    [
        ("ping", 0),
        (": keep-alive", 0),
        ("[PING]", 0),
        ("null", 0),
        ("1712345678", 0),
        ("true", 0),
        ("", 0),
        ("[]", 0),
        ("garbage that goes on and on", 27),
        ("\ufffd" * 700, 700),
        ('"a string among objects"', 24),
        ('["x", 3]', 4),
    ],
)
def test_garbage_is_counted_and_a_keep_alive_is_none(data: str, size: int) -> None:
    for name in DIALECTS.keys() - {"simple-get"}:  # there, it is text
        dialect = DIALECTS[name]()
        dialect.decode(Frame("data", data))
        assert dialect.skipped.bytes == size, name
        assert bool(dialect.skipped.events) is bool(size), name


def test_garbage_before_the_api_is_recognised_is_counted_too() -> None:
    dialect = guessing()
    for data in ("garbage that goes on and on", json.dumps(COMPLETED)):
        dialect.decode(Frame("data", data))
    assert (dialect.skipped.events, dialect.skipped.bytes) == (1, 27)


# ---- an empty `data:`


def test_an_empty_data_after_text_announces_the_end_until_text_follows() -> None:
    dialect = DIALECTS["openai-chat"]()
    dialect.decode(Frame("data", json.dumps({"choices": [{"delta": {"role": "assistant"}}]})))
    dialect.decode(Frame("data", ""))
    assert not dialect.ending_announced
    dialect.decode(Frame("data", json.dumps(choice(delta={"content": "a"}))))
    announced = []
    for data in ("", '{"type": "ping"}', json.dumps(choice(delta={"content": "b"}))):
        dialect.decode(Frame("data", data))
        announced.append(dialect.ending_announced)
    assert announced == [True, True, False]
    assert isinstance(dialect.close()[-1], CutOff)


# ---- more shapes of chat completions


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((name, "why") for name in ("reasoning_text", "thinking", "thought", "thoughts", "cot_summary")),
        ("thinking_blocks", [{"type": "thinking", "thinking": "why", "signature": "x"}]),
        ("reasoning_summary", [{"type": "summary_text", "text": "why"}]),
    ],
)
def test_reasoning_by_another_name_is_reasoning_and_is_not_doubled(field: str, value: object) -> None:
    alone = parsed("openai-chat", choice(delta={field: value}), choice(delta={"content": "so"}), "[DONE]")
    assert (reasoning(alone), text(alone)) == ("why", "so")
    beside = parsed("openai-chat", choice(delta={field: value, "reasoning_content": "why"}), "[DONE]")
    assert reasoning(beside) == "why"


def test_what_a_spoken_answer_says_is_its_text() -> None:
    pieces = [{"id": "a", "transcript": "one "}, {"transcript": "two"}, {"data": "UklGRg=="}]
    assert text(parsed("openai-chat", *(choice(delta={"audio": piece}) for piece in pieces), "[DONE]")) == "one two"


def test_a_call_of_a_custom_tool_has_its_name_and_input() -> None:
    call = {"index": 0, "id": "c", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    (found,) = [
        event
        for event in parsed("openai-chat", choice(delta={"tool_calls": [call]}), "[DONE]")
        if isinstance(event, ToolCallDelta)
    ]
    assert (found.name, found.arguments) == ("shell", "ls")


def test_tokens_that_are_numbers_are_text() -> None:
    pieces = ["The year ", 2026, " has ", 0, " or ", 1.5]
    events = parsed("openai-chat", *(choice(delta={"content": piece}) for piece in pieces), "[DONE]")
    assert text(events) == "The year 2026 has 0 or 1.5"


def test_a_value_that_is_nested_too_deeply_to_parse_does_not_cost_the_text_beside_it() -> None:
    deep_chunk = (
        json.dumps(choice(delta={"content": "one"})).removesuffix("}") + ', "x": ' + "[" * 9999 + "]" * 9999 + "}"
    )
    assert text(parsed("openai-chat", deep_chunk, choice(delta={"content": " two"}), "[DONE]")) == "one two"


@pytest.mark.parametrize("dialect", ["gemini", ""])
def test_answers_that_google_wraps_are_read(dialect: str) -> None:
    document = {"response": {"candidates": [{"content": {"parts": [{"text": "one"}]}, "finishReason": "STOP"}]}}
    events = parsed(dialect or guessing(), document)
    assert text(events) == "one"
    assert events[-1] == Finished("STOP", "eof")


def test_a_drawn_picture_of_a_response_is_an_image() -> None:
    item = {"id": "i", "type": "image_generation_call", "result": "QUJD"}
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    last = {"type": "response.completed", "response": {"status": "completed", "output": [item]}}
    events = parsed("openai-responses", done, last)
    assert [event for event in events if isinstance(event, Image)] == [Image("data:image/png;base64,QUJD")]


def test_thinking_of_ollamas_other_api_is_reasoning() -> None:
    events = parsed("ollama-chat", {"thinking": "why", "response": "", "done": False}, {"response": "so", "done": True})
    assert (reasoning(events), text(events)) == ("why", "so")


def test_a_reason_that_is_the_word_null_is_none() -> None:
    pieces = [
        choice(message={"content": "one"}, finish_reason="null"),
        choice(message={"content": "one"}, finish_reason="stop"),
    ]
    events = parsed("openai-chat", pieces[0])
    assert isinstance(events[-1], CutOff)
    assert parsed("openai-chat", *pieces)[-1] == Finished("stop", "eof")


@pytest.mark.parametrize(
    ("dialect", "inner", "outer"),
    [
        (
            "ollama-chat",
            {"message": {"content": "one"}, "done": True, "eval_count": 2},
            {"done": True, "eval_count": 3},
        ),
        ("ollama-chat", {"done": True, "eval_count": 2}, {}),
        ("gemini", {"candidates": [], "error": {"message": "no"}}, {"usageMetadata": {"totalTokenCount": 3}}),
        ("openai-chat", {"choices": [], "error": {"message": "no"}}, {"usage": {"total_tokens": 3}}),
        ("openai-responses", {"object": "response", "status": "completed"}, {"usage": {"total_tokens": 3}}),
        ("anthropic-messages", {"type": "message", "content": [], "stop_reason": "x"}, {"stop_reason": "end_turn"}),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_document_with_an_ending_inside_of_another_ends_a_reply_once(
    dialect: str, inner: dict[str, Any], outer: dict[str, Any], whole: bool
) -> None:
    document = {"data": inner, **outer}
    if whole:
        decoder = DIALECTS[dialect]()
        events = [*decoder.decode_document(document), *decoder.close()]
    else:
        events = parsed(dialect, document, document)
    assert [event for event in events if isinstance(event, Ending)] == events[-1:]


@pytest.mark.parametrize("code", [{}, [], {"a": 1}, [0], None, True, 1.5])
@pytest.mark.parametrize("message", [{}, ["x"], None, 7, "overloaded"])
def test_an_error_of_any_shape_is_an_error_and_no_bug(code: object, message: object) -> None:
    document = {
        "error": {"code": code, "message": message, "type": "server_error"},
        "base_resp": code,
        "errors": message,
    }
    for dialect in DIALECTS:
        assert isinstance(parsed(dialect, document)[-1], Failed)


# ---- calls and blocked prompts


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c", "name": "look", "input": "{}"},
        {"type": "mcp_approval_request", "id": "c", "name": "look", "arguments": "{}"},
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_everything_for_which_a_model_waits_is_a_call(item: dict[str, Any], streamed: bool) -> None:
    whole = {"type": "response.completed", "response": {"status": "completed", "output": [item]}}
    added = {"type": "response.output_item.added", "output_index": 0, "item": item}
    events = parsed("openai-responses", *([added] if streamed else []), whole)
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    assert {call.index for call in calls} == {0}
    assert [call.name for call in calls if call.name] == ["look"]
    assert "".join(call.arguments for call in calls) == "{}"


@pytest.mark.parametrize(
    ("feedback", "detail"),
    [({"blockReason": "OTHER"}, "OTHER"), ({"blockReason": "OTHER", "blockReasonMessage": "No."}, "OTHER: No.")],
)
def test_a_blocked_prompt_says_why(feedback: dict[str, str], detail: str) -> None:
    ending = parsed("gemini", {"promptFeedback": feedback})[-1]
    assert isinstance(ending, Finished)
    assert (ending.reason, ending.detail) == (None, detail)
