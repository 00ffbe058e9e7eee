"""What is copied, decided without a screen."""

from __future__ import annotations

import pytest

from tests.ui.chat.fake_pane import FakePane, FakeView, Notices
from tests.ui.host import Chat
from tui_chat.chat.events import TextDelta
from tui_chat.ui.chat.copy_commands import CopyCommands

CODE = "First:\n\n```sh\none\n```\n\nthen\n\n```sh\ntwo\n```\n"


class Copying:
    """The commands over a chat."""

    def __init__(self, *answers: str) -> None:
        self.chat = Chat()
        for answer in answers:
            self.chat.answer("question", answer)
        self.pane = FakePane(self.chat.conversation)
        self.said = Notices()
        self.copied: list[tuple[str, str]] = []
        self.commands = CopyCommands(self.pane.as_transcript, lambda *what: self.copied.append(what), self.said)

    def focus(self, index: int) -> None:
        """Focus an entry of the path."""
        self.pane.focused_view = FakeView([self.chat.conversation.path()[index]])


def test_an_empty_chat_has_nothing_to_copy_and_each_command_says_so() -> None:
    chat = Copying()
    for command in (chat.commands.copy_reply, chat.commands.copy_code, chat.commands.copy_chat):
        command()
    chat.commands.copy_next_code()
    chat.commands.copy_message()  # none is focused: nothing to say either
    assert chat.copied == []
    assert chat.said.refusals == [
        "There is no text to copy yet.",
        "The last reply has no code block.",
        "The chat is empty.",
        "The message has no code block.",
    ]


def test_the_last_reply_the_focused_message_and_the_chat() -> None:
    chat = Copying("first", "last")
    chat.commands.copy_reply()
    chat.focus(1)
    chat.commands.copy_message()
    chat.commands.copy_chat()
    assert chat.copied[:2] == [("last", "the last reply"), ("first", "the message")]
    whole, what = chat.copied[2]
    assert what == "the chat (4 messages)"
    assert whole.index("## You") < whole.index("first") < whole.index("last")


def test_of_a_reply_that_is_still_coming_the_beginning_is_copied_and_that_is_said() -> None:
    chat = Copying()
    chat.chat.ask("question")
    chat.chat.tell(TextDelta("the beginn", at=chat.chat.asked + 0.5))
    chat.commands.copy_reply()
    assert chat.copied == [("the beginn", "what has come of the last reply")]


def test_code_blocks_by_number() -> None:
    chat = Copying(CODE)
    chat.commands.copy_code()
    chat.commands.copy_code("1")
    assert chat.copied == [("two", "code block 2 of 2"), ("one", "code block 1 of 2")]


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1.5"])
def test_a_number_that_no_block_has_is_refused(number: str) -> None:
    chat = Copying(CODE)
    chat.commands.copy_code(number)
    assert chat.copied == []
    assert chat.said.refusals == [f"The last reply has 2 code blocks; there is no block {number}."]


def test_code_blocks_of_a_message_go_round_and_another_message_begins_with_its_first() -> None:
    chat = Copying(CODE, CODE)
    chat.focus(1)
    for _ in range(3):
        chat.commands.copy_next_code()
    chat.commands.copy_next_code()
    chat.focus(3)
    chat.commands.copy_next_code()
    assert [text for text, _ in chat.copied] == ["one", "two", "one", "two", "one"]
