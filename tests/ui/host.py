"""A small app around the transcript, and a conversation that a test fills."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from tests.patience import PATIENCE
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.ui.themes import ThemedApp
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tui_chat.chat.events import ChatEvent, Stopped
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView

SIZE = (60, 30)
"""Columns and rows of a small terminal."""


class Chat:
    """A conversation whose replies a test writes."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.asked = 1_000.0
        """The monotonic second of every question."""
        self.reply: Message | None = None
        """The running reply."""

    def ask(self, text: str, *, model: str = "tiny-1", endpoint: str = "example.org") -> Message:
        """Add a question, and begin the reply."""
        question = self.conversation.add_question(text)
        self.reply = self.conversation.begin_reply(question, model=model, endpoint=endpoint, at=self.asked)
        return self.reply

    def tell(self, *events: ChatEvent | Stopped) -> None:
        """Apply events to the reply, one after the other."""
        assert self.reply is not None
        for event in events:
            self.conversation.apply(self.reply, event)

    def answer(self, question: str, text: str) -> Message:
        """Add a question and its complete answer."""
        reply = self.ask(question)
        self.tell(TextDelta(text, at=self.asked + 0.5), Finished("stop", "done-sentinel", at=self.asked + 1))
        return reply

    def fill(self, exchanges: int) -> None:
        """Add many short exchanges, with numbered lines."""
        for number in range(exchanges):
            self.answer(f"question {number}", f"answer {number}, line one\n\nanswer {number}, line two")


class PaneHost(ThemedApp):
    """An app with a transcript over a conversation, with our theme and without a clock on the screen."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        chat: Chat,
        now: Callable[[], float] = monotonic,
        frames_per_second: float = 30,
        time_of_day: Callable[[float], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self.chat = chat
        self.pane = Transcript(now=now, time_of_day=time_of_day, frames_per_second=frames_per_second)
        self.retries: list[MessageView] = []
        self.opened: list[str] = []
        self.below = (0, 0)
        """Rows and messages below the visible ones, as announced."""

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.chat.conversation.subscribe(self.pane.changed)
        self.pane.show(self.chat.conversation)

    def on_message_view_action_requested(self, event: MessageView.ActionRequested) -> None:
        if event.action == "retry":
            self.retries.append(event.view)

    def on_transcript_below_changed(self, event: Transcript.BelowChanged) -> None:
        self.below = (event.lines, event.messages)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        self.opened.append(url)

    def rows(self) -> list[str]:
        """The visible rows of the transcript, without the scrollbar."""
        region = self.pane.region
        strips = self.screen._compositor.render_strips()
        return [strip.text[: region.width - 1].rstrip() for strip in strips[region.y : region.bottom]]

    def find(self, text: str) -> tuple[int, int]:
        """The screen position of the first cell of a text that is on the screen."""
        for y, row in enumerate(self.rows()):
            if text in row:
                return row.index(text), y + self.pane.region.y
        raise AssertionError(f"{text!r} is not on the screen:\n" + "\n".join(self.rows()))


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition is true."""
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline, f"never came true: {what or condition}"
        await asyncio.sleep(0.005)


async def shown(pilot: Pilot[None], text: str) -> None:
    """Wait until a text is on the screen."""
    host = pilot.app
    assert isinstance(host, PaneHost)
    await until(lambda: any(text in row for row in host.rows()), f"{text!r} on the screen")


def host_of(
    *events: ChatEvent | Stopped, question: str = "hello", time_of_day: Callable[[float], str] = lambda _: ""
) -> PaneHost:
    """An app with one exchange whose reply received these events."""
    chat = Chat()
    chat.ask(question)
    chat.tell(*events)
    return PaneHost(chat, time_of_day=time_of_day)


def reply_view(host: PaneHost) -> MessageView:
    """The view of the running reply."""
    assert host.chat.reply is not None
    view = host.pane.view_of(host.chat.reply)
    assert view is not None
    return view


async def gone(host: PaneHost, text: str) -> None:
    """Wait until a text is no longer on the screen."""
    await until(lambda: not any(text in row for row in host.rows()), f"{text!r} is gone")


async def position(pilot: Pilot[None], text: str) -> tuple[int, int]:
    """The position of a text, once it is on the screen."""
    await shown(pilot, text)
    host = pilot.app
    assert isinstance(host, PaneHost)
    return host.find(text)
