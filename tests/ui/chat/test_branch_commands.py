"""Asking again, continuing, editing and deleting, decided without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.ui.chat.fake_pane import FakePane, FakeView, Notices
from tests.ui.host import Chat
from tui_chat.chat.events import CutOff, TextDelta
from tui_chat.ui.chat.branch_commands import BranchCommands

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation, Removal
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.ui.composer.composer import Composer


class FakeSession:
    """Remembers what was asked."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.busy = False
        self.asked: list[str] = []

    def retry(self, message: Message | None) -> bool:
        """Note the call."""
        self.asked.append(f"retry {message.text if message else 'the last'}")
        return True

    def continue_(self) -> None:
        """Note the call."""
        leaf = self.conversation.leaf
        self.asked.append(f"continue {leaf.text if leaf else ''}")

    def answers(self, _: Message) -> bool:
        """Whether a reply is under way here."""
        return self.busy


class FakeScreen:
    """A chat, with commands over it; `allowed`: questions may go."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.connections = self.switcher = self
        self.pane = FakePane(chat.conversation)
        chat.conversation.subscribe(lambda *_: self.pane.reread())
        self.fake_session = FakeSession(chat.conversation)
        self.session = cast("Session | None", self.fake_session)
        self.removals: list[Removal] = []
        self.prompt_has_focus = False
        self.allowed = True
        self.followed = 0
        self.edited: list[str] = []
        self.in_the_prompt = 0
        self.said = Notices()
        self.commands = BranchCommands(self, self.pane.as_transcript, cast("Composer", self), self.said)

    def may_ask(self) -> bool:
        """Return what the test has set."""
        return self.allowed

    def follow_turn(self) -> None:
        """Note the call."""
        self.followed += 1

    def begin_edit(self, question: Message) -> None:
        """Note the call."""
        self.edited.append(question.text)

    def focus_prompt(self) -> None:
        """Note the call."""
        self.in_the_prompt += 1
        self.pane.focused_view = None

    def focus(self, index: int) -> Message:
        """Focus an entry of the path."""
        message = self.pane.path.entries[index]
        self.pane.focused_view = FakeView(self.pane.path.messages_of(message))
        return message


def chat_of(answers: int) -> Chat:
    """A chat with so many whole answers."""
    chat = Chat()
    for number in range(answers):
        chat.answer(f"question {number}", f"answer {number}")
    return chat


def cut_off(chat: Chat, text: str) -> None:
    """One more question, the reply to which was cut off."""
    chat.ask("more?")
    chat.tell(TextDelta(text, at=chat.asked + 0.5), CutOff("the wire broke", at=chat.asked + 1))


@pytest.mark.parametrize("why", ["no session", "a reply is coming", "nothing was asked"])
def test_what_cannot_be_asked_again_is_refused(why: str) -> None:
    screen = FakeScreen(chat_of(0 if why == "nothing was asked" else 1))
    screen.fake_session.busy = why == "a reply is coming"
    if why == "no session":
        screen.session = None
    screen.commands.retry()
    screen.commands.continue_reply()
    assert (screen.fake_session.asked, screen.followed) == ([], 0)
    coming = "A reply is still coming here: stop it with Esc, then"
    assert screen.said.refusals == (
        [f"{coming} ask again.", f"{coming} continue it."]
        if screen.fake_session.busy
        else ["There is nothing to ask again right now.", "There is nothing to continue."]
    )


def test_a_question_that_may_not_go_is_not_asked() -> None:
    screen = FakeScreen(chat_of(1))
    cut_off(screen.chat, "half")
    screen.allowed = False
    screen.commands.retry()
    screen.commands.continue_reply()
    assert (screen.fake_session.asked, screen.followed, screen.said.refusals) == ([], 0, [])


def test_the_last_question_or_that_of_the_focused_message_is_asked_again() -> None:
    screen = FakeScreen(chat_of(2))
    screen.commands.retry_focused()  # none is focused
    screen.commands.retry()
    screen.focus(1)
    screen.commands.retry_focused()
    assert screen.fake_session.asked == ["retry the last", "retry answer 0"]
    assert screen.followed == 2


def test_only_a_reply_that_is_not_whole_is_continued_and_an_earlier_one_becomes_a_branch() -> None:
    screen = FakeScreen(chat_of(1))
    screen.commands.continue_reply()
    assert screen.said.refusals == ["There is nothing to continue."]
    cut_off(screen.chat, "half")
    screen.chat.answer("and then?", "whole")
    screen.focus(3)
    screen.commands.continue_focused()
    assert screen.fake_session.asked == ["continue half"]
    assert screen.chat.conversation.path()[-1].text == "half"


def test_the_question_of_the_focused_reply_is_edited_else_the_last() -> None:
    screen = FakeScreen(chat_of(2))
    screen.commands.edit()
    screen.focus(1)
    screen.commands.edit_focused()
    assert screen.edited == ["question 1", "question 0"]
    empty = FakeScreen(chat_of(0))
    empty.commands.edit()
    assert (empty.edited, empty.said.refusals) == ([], ["There is no question to edit yet."])


def test_what_is_deleted_comes_back_and_the_focus_stays_near() -> None:
    screen = FakeScreen(chat_of(2))
    screen.commands.delete_focused()  # none is focused
    screen.focus(2)
    screen.commands.delete_focused()
    assert screen.said.sentences == ["2 messages are deleted; u brings them back."]
    assert screen.pane.focused_view is not None
    assert screen.pane.focused_view.message.text == "answer 0"
    screen.focus(0)
    screen.commands.delete_focused()
    assert screen.said.sentences[1:] == ["2 messages are deleted; /undelete brings them back."]
    assert (screen.in_the_prompt, screen.pane.path.entries) == (1, [])
    screen.commands.undelete()
    screen.commands.undelete()
    assert [message.text for message in screen.chat.conversation.path()][-1] == "answer 1"
    assert screen.said.refusals == []
    screen.commands.undelete()
    assert screen.said.refusals == ["There is nothing to restore here."]


def test_while_a_reply_is_coming_nothing_around_it_is_deleted() -> None:
    screen = FakeScreen(chat_of(1))
    screen.fake_session.busy = True
    screen.focus(0)
    screen.commands.delete_focused()
    assert screen.said.refusals == ["A reply is still coming here: stop it with Esc, then delete."]
    assert len(screen.chat.conversation.messages) == 2
