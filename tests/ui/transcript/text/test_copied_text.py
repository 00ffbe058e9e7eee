"""The text of messages as it is copied."""

from __future__ import annotations

from tests.ui.host import Chat
from tui_chat.chat.events import CutOff, Failed, TextDelta
from tui_chat.ui.transcript.text.copied_text import as_markdown, code_blocks, text_of


def test_the_replies_of_an_entry_are_one_text() -> None:
    chat = Chat()
    first = chat.ask("question")
    chat.tell(TextDelta("one ", at=1_001), CutOff("", at=1_002))
    chat.reply = rest = chat.conversation.begin_reply(first, model="m", endpoint="h", at=1_003.0)
    chat.tell(TextDelta("two", at=1_004))
    assert text_of([first, rest]) == "one two"


def test_of_a_reply_that_failed_before_its_first_word_the_error_is_copied() -> None:
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(Failed("The key was refused.", "Set another key.", "key", at=1_001))
    assert text_of([reply]).startswith("The key was refused.")
    assert "Set another key." in text_of([reply])


def test_code_is_copied_block_by_block_without_its_last_line_end() -> None:
    reply = Chat().answer("question", "See\n\n```sh\nls\n```\n\nand\n\n    indented\n\n```\nopen\n")
    assert code_blocks([reply]) == ["ls", "indented", "open"]


def test_a_chat_is_copied_with_a_heading_for_each_speaker() -> None:
    chat = Chat()
    chat.answer("question", "answer\n")
    question, reply = chat.conversation.path()
    assert as_markdown([[question], [reply]]) == "## You\n\nquestion\n\n## tiny-1\n\nanswer\n"
