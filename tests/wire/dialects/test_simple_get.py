"""Answers of servers that people write for themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.test_request_messages import answer
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Failed,
    Finished,
    ModelNamed,
    ReasoningDelta,
    Stopped,
    TextDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.turn import Question
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.dialects.detect import DetectedDialect, dialect_in
from tui_chat.wire.dialects.simple_get import SimpleGet
from tui_chat.wire.framing import EventStream
from tui_chat.wire.request_messages import GO_ON, request_messages


def parsed(body: str, lost: str = "") -> list[ChatEvent]:
    """The events of a body, whole and byte by byte."""
    found = []
    for pieces in ([body.encode()], [bytes([byte]) for byte in body.encode()]):
        framing, dialect = EventStream(loose=True), SimpleGet()
        events: list[ChatEvent] = []
        for piece in pieces:
            for frame in framing.feed(piece):
                events += dialect.decode(frame)
        for frame in framing.close():
            events += dialect.decode(frame)
        found.append([*events, *dialect.close(lost)])
    assert found[0] == found[1]
    return found[0]


def text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def data(*documents: Any) -> str:
    return "".join(f"data: {json.dumps(document)}\n\n" for document in documents)


@pytest.mark.parametrize(
    "first",
    [
        {"content": "Hel"},
        {"text": "Hel"},
        {"delta": "Hel"},
        {"delta": {"content": "Hel"}},
        {"delta": {"text": "Hel", "role": "assistant"}},
        {"message": "Hel"},
        {"message": {"role": "assistant", "content": "Hel"}},
        {"type": "message", "content": "Hel"},
        {"response": "Hel", "done": False},
        {"chunk": "Hel"},
        {"token": {"id": 7, "text": "Hel", "special": False}, "generated_text": None},
        {"answer": "Hel", "event": "answer"},
        {"code": 200, "msg": "success", "data": {"content": "Hel"}},
        {"content": [{"type": "text", "text": "Hel"}]},
        {"content": None, "text": "Hel", "finish_reason": "null"},
        "Hel",
    ],
)
def test_the_text_is_found_whatever_its_field_is_called(first: Any) -> None:
    rest = json.loads(json.dumps(first).replace("Hel", "lo"))
    events = parsed(data(first, rest) + "data: [DONE]\n\n")
    assert text(events) == "Hello"
    assert events[-1] == Finished(None, "done-sentinel")


def test_plain_text_is_taken_as_it_stands() -> None:
    events = parsed("data: The\n\ndata:  answer is\n\ndata:  \n\ndata: 42\n\ndata: .\n\ndata: [DONE]\n\n")
    assert text(events) == "The answer is 42."
    assert events[-1] == Finished(None, "done-sentinel")


def test_a_writer_that_puts_no_space_after_the_colon_keeps_the_texts_own() -> None:
    assert text(parsed("event:message\ndata:The\n\nevent:message\ndata: answer\n\ndata:[DONE]\n\n")) == "The answer"


def test_several_data_lines_are_joined_and_an_empty_event_is_the_break_a_server_wrote_as_it_is() -> None:
    events = parsed("data: one\ndata: two\n\ndata: \ndata: \n\ndata: three\n\ndata: \n\n\ndata: four\n\nevent: end\n\n")
    assert text(events) == "one\ntwo\nthree\nfour"
    assert events[-1] == Finished(None, "terminal-event")


def test_a_text_with_line_ends_that_was_written_as_it_was_loses_no_words() -> None:
    tokens = ["Code:", "\n```sh\nls", " -l\n```", "\n\nAnd", " more.\n\nThe: end", "."]
    body = "".join(f"data: {token}\n\n" for token in tokens) + "data: [DONE]\n\n"
    assert text(parsed(body)) == "".join(tokens)


def test_a_line_without_a_field_among_objects_is_no_text() -> None:
    odd = " data: {}\nx-odd: 1\n" + data({"content": "a"}) + "odd\n" + data({"content": "b"}) + "data: [DONE]\n\n"
    assert text(parsed(odd)) == "ab"


@pytest.mark.parametrize(
    ("end", "ending"),
    [
        ("data: [DONE]\n\n", Finished(None, "done-sentinel")),
        ("event: end\ndata: [DONE]\n\n", Finished(None, "done-sentinel")),
        ("event: done\n\n", Finished(None, "terminal-event")),
        ("event: done\n", Finished(None, "terminal-event")),
        ("event:close\ndata:\n\n", Finished(None, "terminal-event")),
        ("event: complete\ndata: {}\n\n", Finished(None, "terminal-event")),
        ("event: finish\ndata: bye\n\n", Finished(None, "terminal-event")),
        ('data: {"done": true}\n\n', Finished(None, "terminal-event")),
        ('data: {"type": "done"}\n\n', Finished(None, "terminal-event")),
        ('data: {"content": "", "finish_reason": "stop", "done": true}\n\n', Finished("stop", "terminal-event")),
        ("data: \n\n", Finished(None, "empty-data")),
        ("data:\n\n", Finished(None, "empty-data")),
    ],
)
@pytest.mark.parametrize("begun", ["data: Hello\n\n", data({"content": "Hello"})])
def test_each_sign_of_the_end_is_one(begun: str, end: str, ending: Finished) -> None:
    events = parsed(begun + end)
    assert text(events) == "Hello"
    assert events[-1] == ending


@pytest.mark.parametrize("begun", ["data: Hello\n\n", data({"content": "Hello"}), "data: Hello"])
def test_without_any_sign_of_the_end_it_is_cut_off_and_says_which_signs_there_are(begun: str) -> None:
    events = parsed(begun)
    assert text(events) == "Hello"
    assert isinstance(events[-1], CutOff)
    assert "[DONE]" in events[-1].why
    assert parsed(begun, "the connection was lost")[-1] == CutOff("the connection was lost")


def test_a_finish_reason_is_an_end() -> None:
    assert parsed(data({"text": "Hello"}, {"text": "", "finish_reason": "length"}))[-1] == Finished("length", "eof")


@pytest.mark.parametrize(
    "last", [data({"content": "Hello there", "done": True}), 'event: end\ndata: {"content": "Hello there"}\n\n']
)
def test_a_last_object_that_holds_the_whole_text_again_is_not_added(last: str) -> None:
    assert text(parsed(data({"content": "Hello"}, {"content": " there"}) + last)) == "Hello there"


def test_the_last_words_may_come_with_the_end() -> None:
    assert text(parsed(data({"content": "Hello"}, {"content": " there", "done": True}))) == "Hello there"
    assert text(parsed("event: complete\ndata: All of it.\n\n")) == "All of it."


def test_what_is_no_text_is_no_text() -> None:
    body = (
        "event: connected\ndata: ok\n\n"
        + data({"type": "start", "content": "no"}, {"session_id": "s"}, {"role": "user", "content": "Hello?"})
        + ": comment\n\nevent: ping\ndata: 1\n\ndata: yes\n\nevent: heartbeat\ndata: tick\n\ndata: [DONE]\n\n"
    )
    assert text(parsed(body)) == "yes"


def test_a_keep_alive_among_objects_is_no_text() -> None:
    assert text(parsed(data({"content": "a"}) + "data: ping\n\ndata: null\n\n" + data({"content": "b"}))) == "ab"


def test_a_damaged_object_among_objects_is_told() -> None:
    events = parsed(data({"content": "a"}) + 'data: {"content": "b\n\n')
    assert text(events) == "a"
    assert isinstance(events[-1], Failed)
    assert "not JSON" in events[-1].problem


def test_an_object_in_plain_text_is_text_unless_it_says_the_end() -> None:
    events = parsed('data: Say \n\ndata: {"content": "x"}\n\ndata: {"usage": {"output_tokens": 3}, "done": true}\n\n')
    assert text(events) == 'Say {"content": "x"}'
    assert events[-2:] == [UsageReport(Usage(output=3)), Finished(None, "terminal-event")]


def test_reasoning_model_and_usage_are_read() -> None:
    body = data({"model": "tiny", "reasoning": "Hm."}, {"type": "thinking", "content": " Ah."}, {"content": "Yes."})
    body += data({"content": "", "usage": {"prompt_tokens": 3, "completion_tokens": 2}, "done": True})
    assert parsed(body) == [
        ModelNamed("tiny"),
        ReasoningDelta("Hm."),
        ReasoningDelta(" Ah."),
        TextDelta("Yes."),
        UsageReport(Usage(input=3, output=2)),
        Finished(None, "terminal-event"),
    ]
    assert parsed("event: thinking\ndata: Oh.\n\ndata: Yes.\n\n")[:2] == [ReasoningDelta("Oh."), TextDelta("Yes.")]


@pytest.mark.parametrize(
    "error",
    [
        "event: error\ndata: It broke.\n\n",
        'event: failed\ndata: {"error": {"message": "It broke."}}\n\n',
        data({"error": "It broke."}),
        data({"type": "error", "message": "It broke."}),
        data({"status": "error", "message": "It broke."}),
        data({"code": 500, "message": "It broke."}),
        data({"success": False, "message": "It broke."}),
    ],
)
@pytest.mark.parametrize("begun", ["data: Hello\n\n", data({"content": "Hello"}), ""])
def test_an_error_is_told_and_keeps_what_came(begun: str, error: str) -> None:
    events = parsed(begun + error)
    assert text(events) == ("Hello" if begun else "")
    assert isinstance(events[-1], Failed)
    assert events[-1].message == "It broke."


def test_objects_without_any_text_are_shown_with_the_fields_that_are_known() -> None:
    (failed,) = parsed(data({"sentence": "Hello"}) + "data: [DONE]\n\n")
    assert isinstance(failed, Failed)
    assert '{"sentence": "Hello"}' in failed.problem
    assert "content, text, delta" in failed.hint


@pytest.mark.parametrize("body", ["", "data: [DONE]\n\n", ": nothing\n\n"])
def test_an_empty_answer_is_told(body: str) -> None:
    (failed,) = parsed(body)
    assert isinstance(failed, Failed)


@pytest.mark.parametrize(
    "document", [{"response": "Hello"}, "Hello", [{"content": "Hel"}, {"content": "lo"}], {"data": {"answer": "Hello"}}]
)
def test_a_whole_answer_is_one(document: Any) -> None:
    events = [*SimpleGet().decode_document(document)]
    assert text(events) == "Hello"
    assert events[-1] == Finished(None, "eof")


@pytest.mark.parametrize(
    "document", [{"detail": "It broke."}, {"error": "It broke."}, {"code": 400, "msg": "It broke."}]
)
def test_a_whole_error_is_one(document: Any) -> None:
    (failed,) = SimpleGet().decode_document(document)
    assert isinstance(failed, Failed)
    assert failed.message == "It broke."


def test_an_answer_in_a_known_apis_shape_is_heard_in_it() -> None:
    decoder = DetectedDialect(SimpleGet(), "simple-get", lambda name: DIALECTS[name]())
    framing = EventStream(loose=True)
    body = data({"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]})
    events = [event for frame in framing.feed(body.encode()) for event in decoder.decode(frame)]
    assert [*events, *decoder.close()] == [TextDelta("Hi"), Finished("stop", "eof")]


@pytest.mark.parametrize("document", [{"message": "x", "done": False}, {"type": "message", "content": "x"}])
def test_a_home_made_object_is_taken_for_no_known_apis(document: Any) -> None:
    assert dialect_in(document) is None


# ---- what is asked


def path(conversation: Conversation, system: str = "") -> str:
    return SimpleGet.path(request_messages(Question(tuple(conversation.path()), system, "m"), endpoint="here"))


def test_the_last_question_alone_stands_in_the_url() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "two", Finished("stop", "eof"))
    conversation.add_question("drei & vier?\n100% 你好/{message}\ud83d")
    assert path(conversation) == "drei%20%26%20vier%3F%0A100%25%20%E4%BD%A0%E5%A5%BD%2F%7Bmessage%7D%3F"


def test_a_system_prompt_stands_before_it() -> None:
    conversation = Conversation()
    conversation.add_question("hi")
    assert path(conversation, "Be brief.") == "Be%20brief.%0A%0Ahi"


def test_to_go_on_the_question_and_what_came_of_the_answer_are_told() -> None:
    conversation = Conversation()
    conversation.add_question("Count.")
    answer(conversation, "1 2", Stopped())
    assert (
        path(conversation)
        == f"Count.%0A%0A1%202%0A%0A{GO_ON.replace(' ', '%20').replace(':', '%3A').replace(',', '%2C')}"
    )


def test_a_picture_is_refused() -> None:
    conversation = Conversation()
    conversation.add_question("What is it?", [Attachment("p.png", "image/png", b"png")])
    with pytest.raises(SetupError, match=r"p\.png"):
        path(conversation)


def test_a_list_of_strings_is_text_and_not_also_reasoning() -> None:
    decoder = SimpleGet()
    events = [*decoder.decode_document({"message": ["one ", "two"]})]
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["one two"]
    assert not any(isinstance(event, ReasoningDelta) for event in events)
