from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.chats import as_values, store, tree
from tests.history.trees import ENDINGS, TEXTS, USAGES
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Citation,
    Image,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.message import Attachment
from tui_chat.history import messages

if TYPE_CHECKING:
    import sqlite3

    import pytest

    from tui_chat.chat.events import ChatEvent, Ending

Action: TypeAlias = tuple[str, int, str, "list[ChatEvent]", "Ending", list[Attachment]]
BLOCKS = st.integers(0, 2)
AT = st.floats(0, 1e9)
EVENTS: st.SearchStrategy[list[ChatEvent]] = st.lists(
    st.one_of(
        st.builds(ResponseStarted, st.integers(100, 599), TEXTS, at=AT),
        st.builds(ModelNamed, TEXTS, at=AT),
        st.builds(TextDelta, TEXTS, BLOCKS, at=AT),
        st.builds(ReasoningDelta, TEXTS, BLOCKS, at=AT),
        st.builds(RefusalDelta, TEXTS, at=AT),
        st.builds(ToolCallDelta, st.one_of(BLOCKS, st.just(10**30)), TEXTS, TEXTS, TEXTS, at=AT),
        st.builds(Citation, TEXTS, TEXTS, at=AT),
        st.builds(Image, TEXTS, at=AT),
        st.builds(Opaque, TEXTS, at=AT),
        st.builds(UsageReport, USAGES, at=AT),
    ),
    max_size=12,
)
ATTACHMENTS = st.lists(st.builds(Attachment, TEXTS, TEXTS, st.binary(max_size=8)), max_size=2)
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "ask", "ask", "again", "edit", "continue", "remove", "undo", "turn", "rename", "instruct"]
        ),
        st.integers(0, 99),
        TEXTS,
        EVENTS,
        ENDINGS,
        ATTACHMENTS,
    ),
    max_size=8,
)


def act(
    conversation: Conversation, actions: list[tuple[str, int, str, list[ChatEvent], Ending, list[Attachment]]]
) -> None:
    """Let things happen to a conversation, as a person and a server would have it."""
    removals = []
    for action, number, text, events, ending, attachments in actions:
        held = list(conversation.messages.values())
        chosen = held[number % len(held)] if held else None
        asked = None
        match action:
            case "ask":
                asked = conversation.add_question(text, attachments)
            case "edit" if chosen is not None and chosen.role == "user":
                asked = conversation.add_question(text, attachments, beside=chosen)
            case "again" if chosen is not None and chosen.role == "user":
                asked = chosen
            case "continue" if chosen is not None and chosen.role == "assistant":
                asked = chosen
            case "remove" if chosen is not None:
                removals.append(conversation.remove(chosen))
            case "undo" if removals:
                conversation.restore(removals.pop())
            case "turn":
                conversation.select(chosen)
            case "rename":
                conversation.rename(text)
            case "instruct":
                conversation.set_system(text)
        if asked is not None:
            reply = conversation.begin_reply(asked, model=text, endpoint=text, at=float(number))
            for event in (*events, ending):
                conversation.apply(reply, event)


@settings(max_examples=40)
@given(actions=ACTIONS, system=TEXTS)
def test_a_conversation_is_on_disk_as_it_was_in_memory(
    tmp_path_factory: pytest.TempPathFactory, actions: list[Action], system: str
) -> None:
    folder = tmp_path_factory.mktemp("data")
    conversation = Conversation(system)
    with store(folder) as history:
        history.record(conversation)
        act(conversation, actions)
    with store(folder) as history:
        if conversation.messages:
            assert tree(history.open(conversation.id)) == tree(conversation)
        assert [chat.messages for chat in history.chats()] == [len(conversation.messages)] * bool(conversation.messages)


@settings(max_examples=40)
@given(events=EVENTS, cuts=st.sets(st.integers(0, 12)))
def test_a_reply_that_is_under_way_can_be_put_together_from_its_journal(
    tmp_path_factory: pytest.TempPathFactory, events: list[ChatEvent], cuts: set[int]
) -> None:
    conversation = Conversation()
    with store(tmp_path_factory.mktemp("data")) as history:
        history.record(conversation)
        reply = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=1.0)
        for number, event in enumerate(events):
            conversation.apply(reply, event)
            if number in cuts:
                history.chats()  # writes what waits
        found = history.read(lambda database: _under_way(database, reply.id))
        assert found == as_values(reply)


def _under_way(database: sqlite3.Connection, id_: str) -> dict[str, object]:
    ((key,),) = database.execute("SELECT key FROM messages WHERE id = ?", (id_,))
    message, instance = messages.read(database, key)
    assert instance is not None
    return as_values(message)
