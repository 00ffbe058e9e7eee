"""The pane of one reply of a comparison, alone in a small app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.host import Chat, until
from tui_chat.chat.events import Failed, Finished, ReasoningDelta, TextDelta, Usage, UsageReport
from tui_chat.ui.compare.side_pane import OneReply, SidePane
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message

SIZE = (60, 20)
DONE = Finished("stop", "done-sentinel")


class SideHost(ThemedApp):
    """An app with a pane that is told the changes of its reply, and notes how far it was scrolled."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self.chat = chat
        self.pane = SidePane(30)
        self.scrolled: list[float] = []
        chat.conversation.subscribe(self._changed)

    def compose(self) -> ComposeResult:
        yield self.pane

    def _changed(self, _: Conversation, message: Message | None, change: Change) -> None:
        if message is not None and message is self.pane.reply:
            self.pane.update_reply(message, change)

    def note_scrolling(self) -> None:
        """Note from now on how many rows are reported."""
        self.pane.on_scrolled = lambda pane, rows: self.scrolled.append(rows if pane is self.pane else 0)

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    async def shown(self, *texts: str) -> None:
        """Wait until texts are on the screen."""
        await until(lambda: all(text in self.text() for text in texts), f"{texts} on the screen")

    async def gone(self, text: str) -> None:
        """Wait until a text is no longer on the screen."""
        await until(lambda: text not in self.text(), f"{text!r} is gone")


def lines(first: int, last: int) -> TextDelta:
    """Numbered paragraphs."""
    return TextDelta("".join(f"line {number}\n\n" for number in range(first, last)))


async def at_the_end_of_a_long_reply(host: SideHost) -> Message:
    """Show a reply that runs and is longer than the pane."""
    reply = host.chat.ask("Which?")
    host.chat.tell(lines(0, 60))
    host.pane.update_reply(reply)
    await host.shown("line 59")
    await until(lambda: host.pane.scroll_y == host.pane.max_scroll_y > SIZE[1], "the end")
    return reply


def test_the_path_of_one_reply_has_neither_its_question_nor_what_follows_it() -> None:
    chat = Chat()
    reply = chat.answer("Which?", "this one")
    chat.answer("And then?", "that one")
    alone = OneReply(reply)
    assert alone.leaf is reply
    assert alone.path() == alone.path(reply) == [reply]
    assert len(chat.conversation.path()) == 4


async def test_a_reply_is_shown_without_its_question_and_goes_on_as_it_comes() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        reply = host.chat.ask("Which?")
        host.chat.tell(TextDelta("left "))
        host.pane.update_reply(reply)
        await host.shown("left")
        host.chat.tell(TextDelta("words"))
        await host.shown("left words")
        assert "Which?" not in host.text()
        assert host.pane.reply is reply


async def test_a_change_of_a_reply_that_is_not_shown_yet_shows_all_of_it() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        reply = host.chat.ask("Which?")
        host.chat.tell(TextDelta("all of it"))
        host.pane.update_reply(reply, DONE)
        await host.shown("all of it")


async def test_the_reply_of_a_second_try_takes_the_place_of_the_first_and_is_followed() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        await at_the_end_of_a_long_reply(host)
        host.pane.top()
        await until(lambda: not host.pane.following)
        host.chat.tell(Failed("Rate limited (429)", kind="rate-limit", status=429))
        second = host.chat.ask("Which?")
        host.pane.update_reply(second)
        await host.gone("line")
        host.chat.tell(TextDelta("now it works"))
        await host.shown("now it works")
        assert host.pane.following


async def test_a_reply_that_is_named_again_stays_where_it_is_read() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE) as pilot:
        reply = await at_the_end_of_a_long_reply(host)
        host.pane.top()
        await host.shown("line 0 ")
        host.pane.update_reply(reply)
        await pilot.pause()
        assert (host.pane.following, host.pane.scroll_y) == (False, 0)
        assert "line 0 " in host.text()


async def test_the_rows_that_a_person_scrolls_are_reported() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        await at_the_end_of_a_long_reply(host)
        end = host.pane.scroll_y
        host.note_scrolling()
        host.pane.scroll_by(-5)
        host.pane.scroll_by(2)
        host.pane.top()
        assert host.scrolled == [-5, 2, 3 - end]
        assert not host.pane.following


async def test_rows_that_come_while_the_end_is_followed_are_nobodys_scrolling() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        await at_the_end_of_a_long_reply(host)
        end = host.pane.scroll_y
        host.note_scrolling()
        host.chat.tell(lines(60, 90))
        await host.shown("line 89")
        assert host.pane.scroll_y > end
        assert host.scrolled == []


async def test_reasoning_is_unfolded_and_folded_again() -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        reply = host.chat.ask("Which?")
        host.chat.tell(ReasoningDelta("secret thought"), TextDelta("answer"), DONE)
        host.pane.update_reply(reply)
        await host.shown("answer", "Thought")
        assert "secret thought" not in host.text()
        host.pane.fold()
        await host.shown("secret thought")
        host.pane.fold()
        await host.gone("secret thought")


@pytest.mark.parametrize(
    ("ending", "said", "not_offered"),
    [
        (DONE, "left words", "↓122 out"),
        (Failed("There is no such model.", kind="request", status=404), "There is no such model", "other model"),
    ],
    ids=["figures", "other model"],
)
async def test_below_a_reply_stands_nothing_that_belongs_to_a_chat(
    ending: Finished | Failed, said: str, not_offered: str
) -> None:
    host = SideHost(Chat())
    async with host.run_test(size=SIZE):
        reply = host.chat.ask("Which?")
        host.chat.tell(TextDelta("left words"), UsageReport(Usage(input=23, output=122)), ending)
        host.pane.update_reply(reply)
        await host.shown("left words", said)
        assert not_offered not in host.text()
        host.pane.maker.in_chat = True
        host.pane.update_reply(host.chat.ask("Which?"))
        host.chat.tell(TextDelta("right words"), UsageReport(Usage(input=23, output=122)), ending)
        await host.shown("right words", not_offered)


def test_the_pane_is_painted_as_often_as_the_screen_says() -> None:
    assert SidePane(12).clock.frames_per_second == 12
