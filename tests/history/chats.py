"""A history for tests, and conversations that it keeps."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import fields
from time import monotonic
from typing import TYPE_CHECKING

from tests.patience import PATIENCE
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.message import Message, TextPart
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import ChatEvent, Ending


@contextmanager
def store(folder: Path) -> Iterator[Store]:
    """The history in a folder, as one program has it, closed in order."""
    opened = Store(folder)
    try:
        yield opened
    finally:
        opened.close()


def begin(conversation: Conversation, question: str = "why?", *, below: Message | None = None) -> Message:
    """Ask; gives the reply, of which nothing has come."""
    asked = below or conversation.add_question(question)
    return conversation.begin_reply(asked, model="m", endpoint="host", at=1.0)


def answer(
    conversation: Conversation, question: str, text: str, *events: ChatEvent, ending: Ending | None = None
) -> Message:
    """Ask, and let the answer come word by word."""
    reply = begin(conversation, question)
    for number, word in enumerate(text.split(" ")):
        conversation.apply(reply, TextDelta(f" {word}" if number else word, at=2.0 + number))
    for event in (*events, ending or Finished("stop", "done-sentinel", at=9.0)):
        conversation.apply(reply, event)
    return reply


def as_values(message: Message) -> dict[str, object]:
    """Everything of a message, for comparison; seconds of endings too, which equality leaves out."""
    values = {field.name: getattr(message, field.name) for field in fields(Message) if field.name != "retrying"}
    values["parts"] = [
        (part.kind, part.key, part.text, part.began, part.ended) if isinstance(part, TextPart) else part
        for part in message.parts
    ]
    return values | {"ended at": message.ending.at if message.ending else None}


def tree(conversation: Conversation) -> dict[str, object]:
    """Everything of a conversation."""
    return {
        "id": conversation.id,
        "created": conversation.created,
        "title": conversation.title,
        "named": conversation.named,
        "system": conversation.system,
        "leaf": conversation.leaf.id if conversation.leaf else None,
        "messages": [as_values(message) for message in conversation.messages.values()],
    }


def texts(conversation: Conversation) -> list[str]:
    """What is said on the current path."""
    return [message.text for message in conversation.path()]


def until(condition: Callable[[], object], what: str = "the condition") -> None:
    """Wait until `condition` holds."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end, f"{what} did not come true"
        threading.Event().wait(0.005)


@contextmanager
def looking(folder: Path) -> Iterator[sqlite3.Connection]:
    """The file as another program sees it."""
    until(lambda: (folder / "history.db").exists(), "a file")
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as database:
        until(lambda: database.execute("PRAGMA user_version").fetchone() != (0,), "tables")
        yield database
