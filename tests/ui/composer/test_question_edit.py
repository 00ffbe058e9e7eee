"""The edit of an earlier question, and what was typed before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.composer.test_composer import composing
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from tui_chat.ui.composer.composer import Composer

NOTES = Attachment("notes.md", "text/markdown", b"x")
IMAGE = Attachment("image.png", "image/png", b"y")


def state(composer: Composer) -> tuple[str, tuple[Attachment, ...], bool]:
    """The text, the attachments, and whether the notice of an edit is shown."""
    assert composer.editing == composer.editing_line.display
    return composer.text, tuple(composer.chip_files), composer.editing


async def test_what_was_typed_comes_back_when_the_edit_is_left() -> None:
    async with composing() as (_, composer, _pilot):
        composer.take("typed before", [NOTES])
        question = Conversation().add_question("the question")
        composer.begin_edit(question)
        assert state(composer) == ("the question", (), True)
        assert composer.unsent == "typed before"
        assert composer.end_edit()
        assert state(composer) == ("typed before", (NOTES,), False)
        assert not composer.end_edit()


async def test_words_that_were_changed_and_not_sent_are_among_the_earlier_prompts() -> None:
    async with composing() as (_, composer, _pilot):
        composer.begin_edit(Conversation().add_question("the question"))
        composer.put("another question")
        composer.end_edit()
        assert composer.history.earlier("") == "another question"


async def test_a_question_that_was_not_changed_is_not_unsent() -> None:
    async with composing() as (_, composer, _pilot):
        composer.take("typed before")
        composer.begin_edit(Conversation().add_question("the question"))
        composer.put("the question, changed")
        assert composer.unsent == "typed before\n\nthe question, changed"


async def test_files_of_the_question_are_sent_already_and_new_ones_are_not() -> None:
    async with composing() as (_, composer, _pilot):
        composer.take("", [NOTES])
        question = Conversation().add_question("the question")
        question.attachments = [IMAGE]
        composer.begin_edit(question)
        assert composer.chip_files == (IMAGE,)
        assert composer.attachments == (NOTES,)


async def test_a_second_edit_takes_the_place_of_the_first_and_not_of_what_was_typed() -> None:
    async with composing() as (_, composer, _pilot):
        composer.take("typed before")
        chat = Conversation()
        composer.begin_edit(chat.add_question("one"))
        composer.begin_edit(chat.add_question("two"))
        assert composer.text == "two"
        composer.finish_edit()
        assert composer.text.startswith("typed before")
