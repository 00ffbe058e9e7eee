"""Chats that were kept before the screen begins, and what the tests of keeping look at."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from tests.ui.scripted import ScriptedBackend, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, ResponseStarted, TextDelta
from tui_chat.chat.memory_history import MemoryHistory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.pilot import Pilot

    from tui_chat.chat.history_ports import Draft
    from tui_chat.chat.message import Message
    from tui_chat.ui.app import ChatApp

OPENED = ResponseStarted(200, "http://test.example/v1/chat/completions")
DONE = Finished("stop", "done-sentinel")
HOUR = 3600.0


class KeptHistory(MemoryHistory):
    """A history with chats in it, and with what an earlier run may have left."""

    def __init__(self) -> None:
        super().__init__()
        self.left: Sequence[str] = ()
        """Ids of chats that an earlier run could not close."""
        self.tell: Callable[[str], None] = lambda _: None
        """Tells of the disk."""

    def keep(
        self, question: str, answer: str = "An answer.", *, hours_ago: float = 1.0, now: float | None = None
    ) -> Conversation:
        """One more chat of one exchange, so long before `now`."""
        chat = Conversation()
        self.record(chat)
        self.exchange(chat, question, answer)
        self._changed[chat.id] = (time() if now is None else now) - hours_ago * HOUR
        for message in chat.messages.values():
            message.created = self._changed[chat.id]
        return chat

    @staticmethod
    def exchange(chat: Conversation, question: str, answer: str) -> Message:
        """Ask and answer in a chat."""
        reply = chat.begin_reply(chat.add_question(question), model="kept-model", endpoint="kept.example", at=0.0)
        chat.apply(reply, TextDelta(answer, at=0.5))
        chat.apply(reply, Finished("stop", "done-sentinel", at=1.0))
        return reply

    def unfinished_chats(self) -> Sequence[str]:
        """Each is given once."""
        left, self.left = self.left, ()
        return left

    def watch(self, tell: Callable[[str], None]) -> None:
        """Keep it for the test."""
        self.tell = tell

    def drafted(self, chat: str, draft: Draft) -> None:
        """What an earlier run kept of a chat."""
        self.keep_draft(chat, draft)


def backend(history: KeptHistory | None = None, chat: str = "") -> ScriptedBackend:
    """A backend that keeps chats."""
    return ScriptedBackend(history=history if history is not None else KeptHistory(), chat=chat)


def texts(app: ChatApp) -> list[str]:
    """What stands on the shown branch."""
    return [message.text for message in app.chat.conversation.path()]


def toasts(app: ChatApp) -> str:
    """What is said in the corner."""
    return "\n".join(notification.message for notification in app._notifications)


async def send(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    """Write a text and press Enter, and let it be taken."""
    app.chat.composer.focus_prompt()
    app.chat.composer.prompt.put(text)
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.composer.prompt.text != text, f"{text!r} is taken")


async def exchange(pilot: Pilot[None], app: ChatApp, question: str, answer: str) -> None:
    """Ask, and get a whole answer."""
    assert isinstance(app.backend, ScriptedBackend)
    asked = len(app.backend.model.questions)
    await send(pilot, app, question)
    await until(pilot, lambda: len(app.backend.model.questions) > asked)  # type: ignore[attr-defined]
    app.backend.model.say(OPENED, TextDelta(answer), DONE)
    await until(pilot, lambda: texts(app)[-1:] == [answer] and not app.chat.conversation.replying)


async def focused(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    """Go up among the messages to the last with this text."""
    app.chat.composer.focus_prompt()
    for _ in range(10):
        await pilot.press("alt+up")
        view = app.chat.pane.focused_view
        if view is not None and view.message.text == text:
            return
    raise AssertionError(f"no message says {text!r}")
