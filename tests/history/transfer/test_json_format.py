from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from tests.history.trees import chats, messages
from tui_chat.chat.clean import clean
from tui_chat.history.transfer.json_format import FIRST_LINE, ChatHead, chat_document, line, message_document
from tui_chat.history.transfer.json_reader import BadLineError, chat_from, document_from, is_first_line, message_from

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

WHOLE: dict[str, Any] = {"id": "a", "role": "user", "created": 1.5}


@settings(max_examples=40)
@given(messages())
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    written = line(message_document(message))
    again = message_from(document_from(written.encode())["message"])
    assert line(message_document(again)) == written
    assert [type(part) for part in again.parts] == [type(part) for part in message.parts]


@settings(max_examples=40)
@given(chats())
def test_a_chat_comes_back_as_it_was(chat: tuple[ChatHead, list[Message]]) -> None:
    written = line(chat_document(chat[0]))
    assert line(chat_document(chat_from(document_from(written.encode())["chat"]))) == written


@settings(max_examples=40)
@given(messages())
def test_a_line_is_one_line_of_text_that_can_do_a_terminal_no_harm(message: Message) -> None:
    written = line(message_document(message))
    assert clean(written) == written
    assert written.splitlines() == [written[:-1]]
    assert json.loads(written) == json.loads(json.dumps(json.loads(written)))


def test_exact_text_is_kept_and_a_pair_of_surrogates_is_its_character() -> None:
    for text, kept in (("\ud800x", "\ud800x"), ("\ud83d\ude00", "😀"), ("a\x00\x1b\u202e", "a\x00\x1b\u202e")):
        assert json.loads(line({"text": text})) == {"text": kept}


def test_what_is_empty_is_left_out() -> None:
    assert line(message_document(message_from(WHOLE))) == '{"message": {"id": "a", "role": "user", "created": 1.5}}\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"1" * 10_000, "is not JSON"),
        (b"[]", "is not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadLineError, match=why):
        document_from(text)


def test_the_first_line_is_known_and_a_newer_version_is_refused() -> None:
    assert is_first_line(document_from(line(FIRST_LINE).encode()))
    assert not is_first_line({"chat": {}})
    with pytest.raises(BadLineError, match="version 2"):
        is_first_line({"format": "tui-chat", "version": 2})


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"id": ""}, "'id' is not an id"),
        ({"id": "a\nb"}, "'id' is not an id"),
        ({"role": "system"}, "'role' is not one of user, assistant"),
        ({"created": "now"}, "'created' is not a number"),
        ({"created": float("nan")}, "'created' is not a number that is finite"),
        ({"created": 10**400}, "'created' is not a number"),
        ({"deltas": -1}, "'deltas' is not a count"),
        ({"deltas": True}, "'deltas' is not a whole number"),
        ({"status": 2**70}, "'status' is not a number of that size"),
        ({"parts": {}}, "'parts' is not a list"),
        ({"parts": [{"kind": "video"}]}, "unknown kind"),
        ({"parts": [1]}, "a part that is not a JSON object"),
        ({"parts": [{"kind": "text"}]}, "'text' is not text"),
        ({"parts": [{"kind": "text", "text": "", "shout": 1}]}, "an unknown field 'shout'"),
        ({"attachments": [{"name": "a", "mime": "b", "data": "é"}]}, "not Base64"),
        ({"usage": {"input": 1.5}}, "'input' is not a whole number"),
        ({"role": "assistant"}, "an ending that is not a JSON object"),
        ({"role": "assistant", "ending": {"outcome": "won"}}, "'outcome' is not one of"),
        ({"role": "assistant", "ending": {"outcome": "failed"}}, "says too little"),
        ({"ending": {"outcome": "stopped"}}, "an unknown field 'ending'"),
    ],
)
def test_a_value_that_cannot_be_is_named(more: dict[str, Any], why: str) -> None:
    with pytest.raises(BadLineError, match=why):
        message_from(WHOLE | more)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"effort": "hard"}, "'effort' is not one of"),
        ({"origin": "elsewhere"}, "'origin' is not one of"),
        ({"options": [1]}, "'options' is not an object"),
        ({"persona": 1}, "'persona' is not text"),
        ({"mood": "good"}, "an unknown field 'mood'"),
    ],
)
def test_a_choice_that_cannot_be_is_named(more: dict[str, Any], why: str) -> None:
    with pytest.raises(BadLineError, match=why):
        chat_from({"id": "c", "created": 1.0, "changed": 1.0, "messages": 1} | more)


@pytest.mark.parametrize("version", [[[]], {"a": 1}, True, None, 1.0])
def test_a_version_that_is_no_number_is_refused(version: object) -> None:
    with pytest.raises(BadLineError):
        is_first_line({"format": "tui-chat", "version": version})
