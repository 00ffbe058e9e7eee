from __future__ import annotations

import json
from typing import Any

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    CutOff,
    Ending,
    Failed,
    Finished,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    Stopped,
    TextDelta,
    ToolCallDelta,
)
from tui_chat.chat.message import Attachment, Message
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.turn import Question
from tui_chat.wire.request_messages import (
    GO_ON,
    MessageRules,
    RequestMessage,
    RequestMessages,
    kind_of,
    request_messages,
)

WHOLE = Finished("stop", "done-sentinel")


def answer(
    conversation: Conversation, text: str, ending: Ending = WHOLE, *events: Any, endpoint: str = "here"
) -> Message:
    assert conversation.leaf is not None
    reply = conversation.begin_reply(conversation.leaf, model="m", endpoint=endpoint, at=0.0)
    for event in events:
        conversation.apply(reply, event)
    if text:
        conversation.apply(reply, TextDelta(text))
    conversation.apply(reply, ending)
    return reply


def made(conversation: Conversation, **options: Any) -> RequestMessages:
    return request_messages(Question(tuple(conversation.path()), "s", "m"), endpoint="here", **options)


def said(request: RequestMessages) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in request.messages]


@pytest.mark.parametrize("ending", [CutOff("lost"), Stopped(), Failed("It broke.")])
def test_an_unfinished_reply_goes_back_without_a_word_about_its_end_or_not_at_all(ending: Ending) -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "half", ending, ReasoningDelta("hmm"))
    conversation.add_question("two")
    assert said(made(conversation)) == [("user", "one"), ("assistant", "half"), ("user", "two")]
    assert said(made(conversation, send_unfinished=False)) == [("user", "one"), ("user", "two")]


@pytest.mark.parametrize(
    "events", [(), (ReasoningDelta("hmm"),), (TextDelta(" \n"),), (ToolCallDelta(0, "c", "look", "{}"),)]
)
def test_a_reply_with_nothing_said_is_no_turn(events: tuple[Any, ...]) -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "", WHOLE, *events)
    conversation.add_question("two")
    assert said(made(conversation)) == [("user", "one"), ("user", "two")]


def test_a_refusal_goes_back_as_what_was_said() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "", WHOLE, RefusalDelta("I cannot."))
    assert said(made(conversation))[-1] == ("assistant", "I cannot.")


def test_a_reply_and_what_goes_on_with_it_are_one_turn() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "Once upon", Finished("length", "eof"))
    answer(conversation, " a time")
    conversation.add_question("two")
    assert said(made(conversation)) == [("user", "one"), ("assistant", "Once upon a time"), ("user", "two")]


def test_a_path_that_ends_with_a_reply_asks_to_go_on() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "Once upon", CutOff("lost"))
    request = made(conversation, send_unfinished=False)  # what is to be gone on with goes along all the same
    assert request.continuing
    assert [turn.text for turn in request.begun()] == ["one", "Once upon"]
    assert [turn.text for turn in request.going_on()] == ["one", "Once upon", GO_ON]


def test_text_files_stand_before_the_question_with_their_names_and_pictures_beside_it() -> None:
    conversation = Conversation()
    picture = Attachment("p.png", "image/png", b"\x89PNG")
    code = Attachment("a.py", "text/x-python", b"x = '''```'''\n")
    unknown = Attachment("Makefile", "application/octet-stream", b"all:\n")
    conversation.add_question("What is this?", [code, picture, unknown])
    (turn,) = made(conversation).messages
    assert turn.text == "a.py:\n````\nx = '''```'''\n````\n\nMakefile:\n```\nall:\n```\n\nWhat is this?"
    assert turn.files == (picture,)


@pytest.mark.parametrize(
    ("mime", "data", "kind"),
    [
        ("image/jpeg; x=y", b"\xff\xd8", "image"),
        ("application/pdf", b"%PDF", "document"),
        ("text/plain", b"\xff\xfe", "text"),
        ("application/json", b"{}", "text"),
        ("application/ld+json", b"{}", "text"),
        ("application/octet-stream", "é".encode(), "text"),
    ],
)
def test_attachments_are_told_by_type_and_then_by_content(mime: str, data: bytes, kind: str) -> None:
    assert kind_of(Attachment("x", mime, data)) == kind


def test_an_attachment_that_no_api_takes_is_named() -> None:
    with pytest.raises(SetupError, match=r"song\.mp3 cannot be sent"):
        kind_of(Attachment("song.mp3", "audio/mpeg", b"\xff\xfb\x00"))


def test_what_has_to_go_back_goes_to_its_own_endpoint_only_and_with_a_whole_reply() -> None:
    sealed = Opaque(json.dumps({"type": "reasoning"}))
    tried: list[tuple[str, Ending, tuple[Any, ...], tuple[Any, ...]]] = [
        ("here", WHOLE, (), ({"type": "reasoning"},)),
        ("elsewhere", WHOLE, (), ()),
        ("here", CutOff("lost"), (), ()),
        ("here", WHOLE, (ToolCallDelta(0, "c", "look"),), ()),
    ]
    for endpoint, ending, extra, wanted in tried:
        conversation = Conversation()
        conversation.add_question("one")
        answer(conversation, "two", ending, sealed, *extra, endpoint=endpoint)
        assert made(conversation).messages[-1].opaque == wanted


def test_neighbours_of_one_role_are_joined_and_what_was_asked_twice_stands_there_once() -> None:
    turns = (
        RequestMessage("user", "a"),
        RequestMessage("user", "b"),
        RequestMessage("assistant", "c"),
        RequestMessage("user", "d"),
        RequestMessage("user", "d"),
    )
    request = RequestMessages("m", "", turns)
    wanted = [("user", "a\n\nb"), ("assistant", "c"), ("user", "d")]
    assert [(turn.role, turn.text) for turn in request.going_on()] == wanted
    assert [(turn.role, turn.text) for turn in request.begun()] == wanted


def test_a_question_that_failed_and_the_next_are_one_turn() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "", Failed("It broke."))
    conversation.add_question("two")
    assert [(turn.role, turn.text) for turn in made(conversation).going_on()] == [("user", "one\n\ntwo")]


def test_a_system_prompt_stands_in_the_first_question_where_the_role_is_refused() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "two")
    conversation.add_question("three")
    request = made(conversation, rules=MessageRules(system_role=False))
    assert request.system == ""
    assert [turn.text for turn in request.messages] == ["s\n\none", "two", "three"]


def test_reasoning_is_kept_with_its_reply_for_servers_that_want_it_back() -> None:
    conversation = Conversation()
    conversation.add_question("one")
    answer(conversation, "two", WHOLE, ReasoningDelta("hmm"))
    assert made(conversation).messages[-1].reasoning == "hmm"
