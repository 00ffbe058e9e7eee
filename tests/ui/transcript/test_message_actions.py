from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Ending, Finished, TextDelta
from tui_chat.ui.transcript.message_actions import message_actions

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

NEIGHBOURS = ["message_next", "message_previous"]


def reply(ending: Ending | None) -> Message:
    conversation = Conversation()
    message = conversation.begin_reply(conversation.add_question("why"), model="m", endpoint="e", at=0.0)
    conversation.apply(message, TextDelta("because", at=1.0))
    if ending is not None:
        conversation.apply(message, ending)
    return message


def ids(message: Message, *, blocks: int = 0, can_fold: bool = False, has_versions: bool = False) -> list[str]:
    return [name for name, _ in message_actions(message, blocks=blocks, can_fold=can_fold, has_versions=has_versions)]


def test_a_question_is_edited_and_a_reply_asked_for_again() -> None:
    question = Conversation().add_question("why")
    assert ids(question) == ["message_copy", "message_edit", "message_branch", "message_delete", *NEIGHBOURS]
    whole = reply(Finished("stop", "eof", at=2.0))
    own = ["message_copy", "message_retry", "message_branch", "message_wire", "message_delete"]
    assert ids(whole) == [*own, *NEIGHBOURS]


@pytest.mark.parametrize("ending", [None, CutOff("lost", at=2.0)])
def test_only_what_is_possible_is_named(ending: Ending | None) -> None:
    found = ids(reply(ending))
    assert ("message_retry" in found, "message_continue" in found) == (ending is not None, ending is not None)


def test_the_number_of_blocks_is_said_and_a_long_list_is_cut_before_the_neighbours() -> None:
    cut_off = reply(CutOff("lost", at=2.0))
    words = message_actions(cut_off, blocks=2, can_fold=True, has_versions=True)
    assert ("message_code", "code 2") in words
    assert [name for name, _ in words][-3:] == ["message_older", *NEIGHBOURS]
