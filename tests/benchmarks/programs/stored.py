"""Conversations as a history on disk would give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.texts import text
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta

if TYPE_CHECKING:
    from tui_chat.chat.recipient import Recipient

ANSWER_LENGTH = 300
LAST_STORED = "LASTSTORED"
"""The last word of the last message."""


def stored(messages: int, recipient: Recipient | None = None) -> Conversation:
    """Questions and answers in turn with `recipient`; `messages` is even."""
    conversation = Conversation()
    conversation.recipient = recipient
    answer = text("mixed", ANSWER_LENGTH)
    for number in range(messages // 2):
        question = conversation.add_question(f"question {number}")
        reply = conversation.begin_reply(question, model="paced", endpoint="stored", at=0.0)
        end = f"\n\nanswer {number}" + (f" {LAST_STORED}" if number == messages // 2 - 1 else "")
        conversation.apply(reply, TextDelta(answer + end, at=0.1))
        conversation.apply(reply, Finished("stop", "done-sentinel", at=0.2))
    return conversation
