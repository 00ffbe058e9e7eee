"""What holds for every dialect, whatever a server sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import ChatEvent, CutOff, Ending, Failed, Finished, TextDelta
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.framing import Frame

KEYS = st.sampled_from(
    """type delta text index content_block content message candidates parts functionCall args finishReason thought
    usage usageMetadata item output response status error done done_reason tool_calls function arguments input
    thinking signature stop_reason output_index item_id summary_index incomplete_details reason promptFeedback
    blockReason chunk token answer reply value result finished success groundingMetadata groundingChunks web uri
    title citation annotation url inlineData data object choices finish_reason partial_json reasoning_details
    summary role name id code thoughtSignature""".split()  # noqa: SIM905 (readable)
)
WORDS = st.sampled_from(
    """message_start content_block_start content_block_delta content_block_stop message_delta message_stop message ping
    text_delta thinking_delta input_json_delta signature_delta citations_delta text thinking tool_use error
    function_call response.created response.output_text.delta response.reasoning_text.delta response.refusal.delta
    response.output_item.added response.output_item.done response.function_call_arguments.delta response.completed
    response.output_text.annotation.added response.incomplete response.failed response reasoning stop STOP
    """.split()  # noqa: SIM905 (readable)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats(allow_nan=False) | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(KEYS, JSON, max_size=6)


def parsed(name: str, documents: list[Any]) -> list[ChatEvent]:
    dialect = DIALECTS[name]()
    found = [event for document in documents for event in dialect.decode(Frame("data", json.dumps(document)))]
    return [*found, *dialect.close()]


def settles(events: list[ChatEvent]) -> None:
    """There is exactly one ending, the last, and a conversation takes it all."""
    assert [event for event in events if isinstance(event, Ending)] == events[-1:]
    conversation = Conversation()
    message = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=0.0)
    for event in events:
        conversation.apply(message, event)
    assert message.settled


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=60)
@given(documents=st.lists(DOCUMENTS, max_size=5))
def test_no_json_makes_a_dialect_crash_and_there_is_exactly_one_ending(name: str, documents: list[Any]) -> None:
    settles(parsed(name, documents))


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=60)
@given(document=JSON | DOCUMENTS)
def test_no_whole_document_makes_a_dialect_crash(name: str, document: Any) -> None:
    settles([*DIALECTS[name]().decode_document(document)])


BEGINNING: dict[str, Any] = {
    "openai-chat": {"choices": [{"index": 0, "delta": {"content": "Hel\ud83d"}}]},
    "openai-responses": {"type": "response.output_text.delta", "output_index": 0, "delta": "Hel\ud83d"},
    "anthropic-messages": {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Hel\ud83d"},
    },
    "gemini": {"candidates": [{"content": {"parts": [{"text": "Hel\ud83d"}]}}]},
    "ollama-chat": {"message": {"content": "Hel\ud83d"}, "done": False},
    "simple-get": {"content": "Hel\ud83d"},
}


def rest_of(document: Any) -> Any:
    return json.loads(json.dumps(document).replace(r"Hel\ud83d", r"\ude80lo"))


@pytest.mark.parametrize("name", DIALECTS)
def test_an_answer_without_any_sign_of_the_end_is_cut_off(name: str) -> None:
    events = parsed(name, [BEGINNING[name]])
    assert isinstance(events[-1], CutOff)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_character_cut_in_two_is_joined_and_a_lone_half_is_not_lost(name: str) -> None:
    joined = parsed(name, [BEGINNING[name], rest_of(BEGINNING[name])])
    assert [event.text for event in joined if isinstance(event, TextDelta)] == ["Hel", "🚀lo"]
    alone = parsed(name, [BEGINNING[name]])
    assert [event.text for event in alone if isinstance(event, TextDelta)] == ["Hel", "\ud83d"]


@pytest.mark.parametrize("name", DIALECTS)
def test_think_tags_at_the_very_start_are_reasoning(name: str) -> None:
    document = json.loads(json.dumps(BEGINNING[name]).replace(r"Hel\ud83d", "<think>hmm</think>yes"))
    found = [(type(event).__name__, getattr(event, "text", "")) for event in parsed(name, [document])]
    assert ("ReasoningDelta", "hmm") in found
    assert ("TextDelta", "yes") in found


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"error": {"message": "It broke.", "type": "t", "code": 3}}, "It broke."),
        ({"error": "It broke."}, "It broke."),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "Overloaded"),
    ],
)
def test_an_error_in_the_stream_ends_the_answer_and_keeps_what_came(name: str, document: Any, message: str) -> None:
    events = parsed(name, [BEGINNING[name], document, BEGINNING[name]])
    assert isinstance(events[-1], Failed)
    assert events[-1].message == message
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hel\ud83d"


@pytest.mark.parametrize("name", DIALECTS)
def test_an_error_field_is_an_error(name: str) -> None:
    dialect = DIALECTS[name]()
    events = [*dialect.decode(Frame("error", '{"error": {"message": "out of memory"}}')), *dialect.close()]
    assert isinstance(events[-1], Failed)
    assert events[-1].message == "out of memory"


@pytest.mark.parametrize("name", DIALECTS)
def test_json_that_is_no_answer_is_told(name: str) -> None:
    (failed,) = DIALECTS[name]().decode_document({"ok": True})
    assert isinstance(failed, Failed)
    assert "JSON" in failed.problem


def test_a_blocked_prompt_of_gemini_says_why() -> None:
    events = parsed("gemini", [{"promptFeedback": {"blockReason": "SAFETY"}}])
    assert events[-1] == Finished(None, "eof", "SAFETY")


def test_geminis_array_without_alt_sse_is_read() -> None:
    first = {"candidates": [{"content": {"parts": [{"text": "a"}]}}]}
    last = {"candidates": [{"content": {"parts": [{"text": "b"}]}, "finishReason": "STOP"}]}
    events = DIALECTS["gemini"]().decode_document([first, last])
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["a", "b"]
    assert events[-1] == Finished("STOP", "eof")
