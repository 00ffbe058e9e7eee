"""Moving among messages and branches, decided without a screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.chat.fake_pane import FakePane, FakeView, Notices
from tests.ui.host import Chat
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.ui.chat.navigation_commands import NavigationCommands, VersionCommands

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.ui.dialogs.version_diff import VersionDiff


class Navigation:
    """The commands over a chat of some answers."""

    def __init__(self, answers: int) -> None:
        self.chat = Chat()
        for number in range(answers):
            self.chat.answer(f"question {number}", f"answer {number}")
        self.pane = FakePane(self.chat.conversation)
        self.said = Notices()
        self.back_in_the_prompt = 0
        self.commands = NavigationCommands(self.pane.as_transcript, self._focus_prompt, self.said)

    def _focus_prompt(self) -> None:
        self.back_in_the_prompt += 1
        self.pane.focused_view = None

    @property
    def focused(self) -> str:
        """The text of the focused message; empty: none is."""
        view = self.pane.focused_view
        return view.message.text if view is not None else ""


def test_the_focus_walks_from_the_prompt_up_and_back_to_the_prompt() -> None:
    screen = Navigation(2)
    walked = []
    for _ in range(5):
        screen.commands.previous_message()
        walked.append(screen.focused)
    assert walked == ["answer 1", "question 1", "answer 0", "question 0", "question 0"]
    screen.commands.last_message()
    assert screen.focused == "answer 1"
    screen.commands.next_message()
    assert (screen.focused, screen.back_in_the_prompt) == ("", 1)
    screen.commands.first_message()
    assert screen.focused == "question 0"


def test_an_empty_chat_has_nothing_to_focus() -> None:
    screen = Navigation(0)
    for move in (screen.commands.previous_message, screen.commands.first_message, screen.commands.last_message):
        move()
    assert (screen.focused, screen.back_in_the_prompt) == ("", 0)
    screen.commands.next_message()
    assert screen.back_in_the_prompt == 1


def test_without_another_reply_it_is_said_how_to_get_one() -> None:
    screen = Navigation(1)
    screen.commands.older_reply()
    assert screen.said.refusals == ["There is no other reply here: r on a message asks again."]
    screen.commands.previous_message()
    screen.commands.newer_reply()
    assert screen.said.refusals[1:] == ["There is no other version of this."]


@pytest.mark.parametrize("focused", [True, False])
def test_the_last_message_with_others_beside_it_is_switched_wherever_the_focus_is(focused: bool) -> None:
    screen = Navigation(1)
    conversation = screen.chat.conversation
    first = conversation.path()[0]
    conversation.add_question("edited", beside=first)
    screen.pane.reread()
    if focused:
        screen.commands.last_message()
        assert screen.focused == "edited"
    screen.commands.older_reply()
    assert [message.text for message in conversation.path()] == ["question 0", "answer 0"]
    assert screen.pane.revealed[-1] is first
    assert (screen.pane.focused_view is not None) is focused
    screen.pane.reread()
    screen.commands.older_reply()
    assert screen.said.refusals == ["There is no older one."]
    screen.commands.newer_reply()
    assert [message.text for message in conversation.path()] == ["edited"]


def test_the_focused_message_is_folded_else_the_last_reply() -> None:
    screen = Navigation(2)
    screen.commands.fold()  # no view: nothing to fold
    question, reply = (FakeView([message]) for message in screen.chat.conversation.path()[-2:])
    screen.pane.views = [question, reply]
    screen.commands.fold()
    assert (question.folds, reply.folds) == (0, 1)
    screen.pane.focused_view = question
    screen.commands.fold()
    assert (question.folds, reply.folds) == (1, 1)


class Versions(Navigation):
    """One question with some answers."""

    def __init__(self, answers: int) -> None:
        super().__init__(1)
        self.question = self.chat.conversation.path()[0]
        for number in range(1, answers):
            self.answer(f"answer {number}")
        self.pane.reread()
        self.opened: list[VersionDiff] = []
        screen: Any = SimpleNamespace(app=SimpleNamespace(push_screen=self.opened.append))
        self.versions = VersionCommands(screen, self.pane.as_transcript, self.said)

    def answer(self, text: str, *, whole: bool = True) -> Message:
        """Add another reply to the question."""
        reply = self.chat.conversation.begin_reply(self.question, model="m", endpoint="e", at=0.0)
        self.chat.conversation.apply(reply, TextDelta(text, at=0.1))
        if whole:
            self.chat.conversation.apply(reply, Finished("stop", "eof"))
        return reply

    @property
    def compared(self) -> tuple[str, str, str]:
        """The title and the texts of the dialog that is open."""
        (dialog,) = self.opened
        return dialog.title or "", dialog._old, dialog._new


@pytest.mark.parametrize(
    ("back", "compared"),
    [
        (0, ("Changes: version 2 to 3", "answer 1", "answer 2")),
        (1, ("Changes: version 1 to 2", "answer 0", "answer 1")),
        (2, ("Changes: version 1 to 2", "answer 0", "answer 1")),
    ],
)
def test_a_version_is_compared_with_the_one_before_it(back: int, compared: tuple[str, str, str]) -> None:
    screen = Versions(3)
    for _ in range(back):
        screen.commands.older_reply()
        screen.pane.reread()
    screen.versions.compare()
    assert screen.compared == compared


def test_the_focused_message_is_compared_and_not_the_last_with_versions() -> None:
    screen = Versions(2)
    screen.chat.answer("and now?", "answer 9")
    screen.pane.reread()
    screen.commands.last_message()
    screen.versions.compare()
    assert screen.said.refusals == ["There is no other version to compare this with: r asks again, e edits."]
    screen.pane.focused_view = None
    screen.versions.compare()
    assert screen.compared[1:] == ("answer 0", "answer 1")


def test_a_version_that_is_still_coming_is_not_compared() -> None:
    screen = Versions(1)
    screen.answer("half", whole=False)
    screen.pane.reread()
    screen.versions.compare()
    assert screen.said.refusals == ["A version is still being written: compare when it has ended."]
    assert screen.opened == []
