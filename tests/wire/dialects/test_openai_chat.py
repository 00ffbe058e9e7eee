from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.corpus import Case, cases, check, cut, needs_corpus, params
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Citation,
    CutOff,
    Failed,
    Finished,
    Image,
    ModelNamed,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.turn import Question
from tui_chat.wire.dialects.openai_chat import OpenAIChat
from tui_chat.wire.framing import EventStream, Frame
from tui_chat.wire.request_messages import request_messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.message import Message


def frame(document: object, event: str = "") -> Frame:
    return Frame("data", document if isinstance(document, str) else json.dumps(document), event)


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def parsed(*documents: object, end: bool = True, **options: Any) -> list[ChatEvent]:
    """The events of some documents (strings are data as they stand), and of the end of the body."""
    dialect = OpenAIChat(**options)
    found = [event for document in documents for event in dialect.decode(frame(document))]
    return [*found, *dialect.close()] if end else found


def reply(pieces: Iterable[bytes]) -> Message:
    """The message that a body in pieces becomes."""
    conversation = Conversation()
    message = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=0.0)
    framing, dialect = EventStream(), OpenAIChat()
    for piece in pieces:
        for got in framing.feed(piece):
            for event in dialect.decode(got):
                conversation.apply(message, event)
    for got in framing.close():
        for event in dialect.decode(got):
            conversation.apply(message, event)
    for event in dialect.close():
        conversation.apply(message, event)
    return message


# ---- request


def test_turns_with_nothing_said_are_not_sent_and_reasoning_stays_here() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    assert conversation.leaf is not None
    failed = conversation.begin_reply(conversation.leaf, model="m", endpoint="e", at=0.0)
    conversation.apply(failed, ReasoningDelta("hmm"))
    conversation.apply(failed, Failed("It broke."))
    stopped = conversation.begin_reply(conversation.add_question("two"), model="m", endpoint="e", at=0.0)
    conversation.apply(stopped, ReasoningDelta("well"))
    conversation.apply(stopped, TextDelta("half an ans"))
    conversation.apply(stopped, CutOff("lost"))
    conversation.add_question("three")
    body = OpenAIChat().body(request_messages(Question(tuple(conversation.path()), "  ", ""), endpoint="e"))
    assert body["messages"] == [
        {"role": "user", "content": "one\n\ntwo"},
        {"role": "assistant", "content": "half an ans"},
        {"role": "user", "content": "three"},
    ]
    assert "model" not in body


def test_usage_is_asked_for_in_streams_only() -> None:
    asked = Question((Conversation().add_question("x"),), "s", "m")
    assert OpenAIChat().body(request_messages(asked, endpoint="e"))["stream_options"] == {"include_usage": True}
    assert OpenAIChat().body(request_messages(asked, endpoint="e", stream=False)) == {
        "model": "m",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "x"}],
        "stream": False,
    }


# ---- text and reasoning


def test_text_comes_as_a_string_or_as_parts() -> None:
    parts = [{"type": "text", "text": "b"}, "c", {"type": "reference", "reference_ids": [1]}, None]
    assert parsed(chunk(content="a"), chunk(content=parts), end=False) == [
        TextDelta("a"),
        TextDelta("b"),
        TextDelta("c"),
    ]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "why"},
        {"reasoning": "why"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "why"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "why"}, {"type": "reasoning.encrypted"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]},
        {"content": [{"type": "thinking", "thinking": "why"}]},
        {"content": "<think>why</think>"},
    ],
)
def test_reasoning_is_found_in_all_its_places(delta: dict[str, Any]) -> None:
    assert parsed(chunk(**delta), end=False) == [ReasoningDelta("why")]


def test_the_same_reasoning_in_two_fields_is_taken_once() -> None:
    details = [{"text": "why"}]
    assert parsed(chunk(reasoning="why", reasoning_details=details), end=False) == [ReasoningDelta("why")]
    assert parsed(chunk(reasoning_details=details, reasoning="why"), end=False) == [ReasoningDelta("why")]
    both = {"reasoning": "why", "reasoning_content": "why"}
    assert parsed(chunk(**both), chunk(**both), end=False) == [ReasoningDelta("why")] * 2


def test_reasoning_comes_before_the_text_of_the_same_delta() -> None:
    assert parsed(chunk(content="so", reasoning="why"), end=False) == [ReasoningDelta("why"), TextDelta("so")]


def test_think_tags_stay_in_the_text_where_that_is_wanted() -> None:
    assert parsed(chunk(content="<think>why</think>so"), end=False, inline_reasoning=False) == [
        TextDelta("<think>why</think>so")
    ]


def test_a_held_beginning_of_a_tag_is_not_lost_at_the_end() -> None:
    assert parsed(chunk("stop", content="<thi")) == [TextDelta("<thi"), Finished("stop", "eof")]
    assert parsed(chunk(content="<thi"), {"error": "broke"})[0] == TextDelta("<thi")
    assert parsed(chunk(content="<thi"))[0] == TextDelta("<thi")


def test_a_character_cut_in_two_is_joined_and_a_lone_half_is_not_lost() -> None:
    halves = [chunk(reasoning="\ud83d"), chunk(reasoning="\ude80!"), chunk(content="a\ud83d"), chunk(content="\ude80")]
    assert parsed(*halves, end=False) == [ReasoningDelta("🚀!"), TextDelta("a"), TextDelta("🚀")]
    assert parsed(chunk("stop", content="\ud83d")) == [TextDelta("\ud83d"), Finished("stop", "eof")]
    assert parsed(chunk(content="\ud83d"), chunk(content="b"), end=False) == [TextDelta("\ud83db")]


def test_a_refusal_has_its_own_field_and_an_empty_one_is_none() -> None:
    assert parsed(chunk(refusal="", content="a"), chunk(refusal="No."), end=False) == [
        TextDelta("a"),
        RefusalDelta("No."),
    ]


def test_only_the_first_choice_is_heard() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "stop"}]}
    assert parsed(other, chunk(content="a"), end=False) == [TextDelta("a")]


def test_the_model_is_named_once() -> None:
    named = {"model": "m-1", **chunk(content="a")}
    assert parsed(named, named, end=False) == [ModelNamed("m-1"), TextDelta("a"), TextDelta("a")]


def test_images_and_citations_are_heard_once_each() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    cited = {"type": "url_citation", "url_citation": {"url": "https://a", "title": "A"}}
    assert parsed(chunk(images=[picture]), chunk(annotations=[cited]), chunk(annotations=[cited]), end=False) == [
        Image("data:image/png;base64,AA"),
        Citation("https://a", "A"),
    ]
    assert parsed({"citations": ["https://a", "https://b"]}, {"citations": ["https://a"]}, end=False) == [
        Citation("https://a"),
        Citation("https://b"),
    ]


def test_a_message_in_place_of_a_delta_is_read_unless_deltas_came() -> None:
    whole = {"choices": [{"index": 0, "message": {"content": "all"}, "finish_reason": "stop"}]}
    assert parsed(whole, end=False) == [TextDelta("all")]
    assert parsed(chunk(content="all"), whole, end=False) == [TextDelta("all")]
    assert parsed({"choices": [{"text": "old"}]}, end=False) == [TextDelta("old")]


# ---- tool calls


def call(**fields: Any) -> dict[str, Any]:
    return chunk(tool_calls=[fields])


def test_tool_calls_go_by_their_index() -> None:
    events = parsed(
        call(index=1, id="a", function={"name": "f", "arguments": ""}),
        call(index=2, id="b", function={"name": "g", "arguments": '{"x"'}),
        call(index=1, id="", function={"name": "", "arguments": "{}"}),
        call(index=2, function={"arguments": ":1}"}),
        end=False,
    )
    assert events == [
        ToolCallDelta(1, "a", "f", ""),
        ToolCallDelta(2, "b", "g", '{"x"'),
        ToolCallDelta(1, "", "", "{}"),
        ToolCallDelta(2, "", "", ":1}"),
    ]


def test_tool_calls_without_an_index_go_by_id_then_by_name() -> None:
    events = parsed(
        call(id="a", function={"name": "f", "arguments": "{"}),
        call(function={"arguments": "}"}),
        call(id="b", function={"name": "f"}),
        call(id="a", function={"arguments": "!"}),
        chunk(tool_calls=[{"function": {"name": "h"}}, {"function": {"name": "i"}}]),
        end=False,
    )
    assert [event.index for event in events if isinstance(event, ToolCallDelta)] == [0, 0, 1, 0, 1, 2]


def test_arguments_may_be_null_missing_or_an_object() -> None:
    assert parsed(
        call(index=0, function={"name": "f", "arguments": None}),
        call(index=0, function={"name": "f"}),
        call(index=1, function={"name": "g", "arguments": {"city": "Köln"}}),
        end=False,
    )[2] == ToolCallDelta(1, "", "g", '{"city": "Köln"}')


def test_an_old_function_call_is_a_tool_call() -> None:
    assert parsed(chunk(function_call={"name": "f", "arguments": "{}"}), end=False) == [ToolCallDelta(0, "", "f", "{}")]


# ---- usage

RAW = {
    "prompt_tokens": 3,
    "completion_tokens": 5,
    "total_tokens": 9,
    "completion_tokens_details": {"reasoning_tokens": 1},
    "prompt_tokens_details": {"cached_tokens": 2},
    "cost": 0.25,
}
USAGE = Usage(3, 5, 9, 1, 2, 0.25)


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [], "usage": RAW},
        {"usage": RAW},
        {"choices": [{"index": 0, "delta": {}, "usage": RAW}]},
        {"choices": [], "x_groq": {"usage": RAW}},
    ],
)
def test_usage_is_read_wherever_it_comes(document: dict[str, Any]) -> None:
    assert parsed(document, end=False) == [UsageReport(USAGE)]


def test_a_later_null_does_not_erase_the_usage_and_repeats_are_not_told() -> None:
    reports = parsed({"usage": RAW}, {"usage": None, "choices": []}, {"usage": RAW}, {"usage": {}}, end=False)
    assert reports == [UsageReport(USAGE)]


def test_odd_usage_is_not_reported_as_numbers() -> None:
    raw = {"prompt_tokens": "7", "completion_tokens": True, "prompt_tokens_details": None, "cost": {"total_cost": 1}}
    assert parsed({"usage": raw}, end=False) == []
    assert parsed({"usage": raw | {"total_tokens": 9}}, end=False) == [UsageReport(Usage(total=9))]


# ---- endings


@pytest.mark.parametrize("done", ["[DONE]", " [DONE] ", "[DONE]\r"])
def test_done_ends_the_answer_and_nothing_counts_after_it(done: str) -> None:
    assert parsed(chunk("stop", content="a"), done, chunk(content="b"), {"error": "late"}) == [
        TextDelta("a"),
        Finished("stop", "done-sentinel"),
    ]


def test_an_answer_without_done_ends_with_its_finish_reason() -> None:
    assert parsed(chunk("length", content="a"))[-1] == Finished("length", "eof")


def test_a_done_without_a_finish_reason_gives_no_reason() -> None:
    assert parsed(chunk(content="a"), "[DONE]")[-1] == Finished(None, "done-sentinel")


def test_done_is_the_last_event_of_the_completions_that_were_before_the_chat() -> None:
    pieces = [{"choices": [{"text": text, "finish_reason": None}]} for text in ("one ", "two")]
    assert parsed(*pieces, "[DONE]", end=False)[-1] == Finished(None, "terminal-event")
    mixed = [{"choices": [{"text": "one "}]}, {"choices": [{"delta": {"content": "two"}}]}]
    assert parsed(*mixed, "[DONE]", end=False)[-1] == Finished(None, "done-sentinel")


def test_an_empty_data_line_at_the_end_is_a_sign_of_the_end() -> None:
    assert parsed(chunk(content="a"), "")[-1] == Finished(None, "empty-data")
    assert isinstance(parsed(chunk(content="a"), "", chunk(content="b"))[-1], CutOff)
    assert isinstance(parsed("")[-1], Failed)


def test_a_body_that_breaks_off_after_the_words_data_has_not_ended() -> None:
    dialect = OpenAIChat()
    dialect.decode(frame(chunk(content="a")))
    dialect.decode(Frame("data", "", complete=False))
    assert isinstance(dialect.close()[-1], CutOff)


def test_an_answer_without_any_sign_of_the_end_is_cut_off() -> None:
    assert isinstance(parsed(chunk(content="a"))[-1], CutOff)


def test_an_answer_that_broke_off_says_how() -> None:
    dialect = OpenAIChat()
    dialect.decode(frame(chunk(content="a")))
    assert dialect.close("the line was cut") == (CutOff("the line was cut"),)


@pytest.mark.parametrize(
    ("document", "message", "kind", "code"),
    [
        ({"error": {"message": "m", "type": "t", "code": "c"}}, "m", "t", "c"),
        ({"error": {"message": "m", "code": 502}, "choices": []}, "m", None, "502"),
        ({"error": "m"}, "m", None, None),
        ({"object": "error", "message": "m", "type": "t", "code": 400}, "m", "t", "400"),
        ({"code": "c", "message": "m", "request_id": "r"}, "m", None, "c"),
        ({"type": "error", "error": {"type": "t", "message": "m"}}, "m", "t", None),
        ({"choices": [], "x_groq": {"error": "m"}}, "m", None, None),
        (
            {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "m", "code": 502}}]},
            "m",
            None,
            "502",
        ),
        ({"choices": [{"error": "m"}]}, "m", None, None),
    ],
)
def test_an_error_in_the_stream_ends_the_answer(
    document: dict[str, Any], message: str, kind: str | None, code: str | None
) -> None:
    ending = parsed(chunk(content="a"), document)[-1]
    assert isinstance(ending, Failed)
    assert (ending.message, ending.type, ending.code) == (message, kind, code)
    assert message in ending.problem


def test_an_error_event_is_an_error_whatever_its_data() -> None:
    for data in ('{"message": "m"}', "m", '{"error": {"message": "m"}}'):
        (ending,) = OpenAIChat().decode(Frame("data", data, "error"))
        assert isinstance(ending, Failed)
        assert ending.message == "m"


@pytest.mark.parametrize("data", ['{"error": {"message": "m"}}', '{"detail": "m"}', "m"])
def test_an_error_field_is_an_error(data: str) -> None:
    (ending,) = OpenAIChat().decode(Frame("error", data))
    assert isinstance(ending, Failed)
    assert ending.message == "m"


def test_an_error_after_a_finish_reason_keeps_the_reason_and_the_usage() -> None:
    events = parsed(chunk("length"), {"error": {"message": "m"}, "choices": [], "usage": RAW})
    assert events[0] == UsageReport(USAGE)
    assert isinstance(events[1], Failed)
    assert events[1].reason == "length"


def test_the_finish_reason_error_is_a_failure() -> None:
    assert isinstance(parsed(chunk("error", content="a"), "[DONE]")[-1], Failed)


def test_an_event_that_is_broken_json_fails_the_answer_and_says_so() -> None:
    events = parsed(chunk(content="a"), '{"choices": [{"del', chunk(content="b"))
    assert events[0] == TextDelta("a")
    assert isinstance(events[-1], Failed)
    assert "not JSON" in events[-1].problem


def test_the_open_event_of_a_broken_body_is_used_if_it_is_whole() -> None:
    dialect = OpenAIChat()
    assert dialect.decode(frame(chunk(content="a"))._replace(complete=False)) == [TextDelta("a")]
    assert list(dialect.decode(Frame("data", '{"choices": [{"del', complete=False))) == []
    assert isinstance(dialect.close()[-1], CutOff)


@pytest.mark.parametrize("data", ["null", "ping", ": keep-alive", "3", '"x"', "[]", "{}"])
def test_keep_alives_in_data_are_passed_over(data: str) -> None:
    assert parsed(chunk(content="a"), data, chunk("stop")) == [TextDelta("a"), Finished("stop", "eof")]


def test_deeply_nested_json_is_an_error_and_no_crash() -> None:
    assert isinstance(parsed("[" * 100_000)[-1], Failed)


WORDS = """choices delta content index tool_calls function name arguments id usage error reasoning reasoning_details
text finish_reason x_groq citations annotations message thinking image_url url url_citation images model type code
detail object""".split()  # noqa: SIM905 - a list would take a line each
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=25,
)


@given(st.lists(JSON, max_size=5))
def test_no_json_makes_it_crash_and_there_is_exactly_one_ending(documents: list[Any]) -> None:
    dialect = OpenAIChat()
    events = [event for document in documents for event in dialect.decode(frame(document))] + [*dialect.close()]
    endings = [event for event in events if isinstance(event, (Finished, CutOff, Failed))]
    assert endings == events[-1:]


@given(JSON)
def test_no_whole_document_makes_it_crash(document: Any) -> None:
    events = OpenAIChat().decode_document(document)
    assert isinstance(events[-1], (Finished, CutOff, Failed))


@needs_corpus
@pytest.mark.parametrize("case", params(cases(".", ".sse", dialect="openai-chat")))
def test_a_recorded_reply_cut_into_bytes_is_read_as_expected(case: Case) -> None:
    check(reply(cut(case.body, "bytes")), case.expected)


def test_a_whole_message_gives_what_stands_beside_its_text_too() -> None:
    message = {
        "role": "assistant",
        "content": "so",
        "reasoning_content": "why",
        "tool_calls": [{"index": 0, "id": "1", "function": {"name": "add", "arguments": "{}"}}],
    }
    events = parsed({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert [type(event) for event in events] == [ReasoningDelta, ToolCallDelta, TextDelta, Finished]
