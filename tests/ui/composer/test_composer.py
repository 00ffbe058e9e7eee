"""The composer alone, in an app that only notes what it posts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual import on
from textual.events import Key, Paste
from textual.widgets import Static

from tests.ui.scripted import until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.session import Queued
from tui_chat.commands import COMMANDS
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.queue_bar import QueueBar
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.message import Message as TextualMessage
    from textual.pilot import Pilot

    from tui_chat.chat.message import Message


class ComposerHost(ThemedApp):
    """A composer below a filler, as on the screen of a chat."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()
        self.posted: list[tuple[object, ...]] = []
        """The composer's messages in their order, but for those that only say that the draft has changed."""
        self.drafts: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static()
        yield self.composer

    async def on_mount(self) -> None:
        self.screen.query_one(Static).styles.height = "1fr"
        await self.composer.mount_hidden_parts()
        self.composer.focus_prompt()

    @on(Composer.Submitted)
    @on(Composer.EditSubmitted)
    @on(Composer.CommandEntered)
    @on(Composer.StopPressed)
    @on(Composer.Refused)
    @on(QueueBar.Back)
    @on(QueueBar.Dropped)
    @on(QueueBar.Moved)
    @on(Prompt.EditorWanted)
    def note(self, event: TextualMessage) -> None:
        fields = [
            value
            for name, value in vars(event).items()
            if not name.startswith("_") and name not in {"time", "chat", "attachments"}
        ]
        self.posted.append((type(event).__name__, *fields))

    @on(Composer.DraftChanged)
    def note_draft(self) -> None:
        self.drafts.append(self.composer.unsent)


@asynccontextmanager
async def composing(size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[ComposerHost, Composer, Pilot[None]]]:
    app = ComposerHost()
    async with app.run_test(size=size) as pilot:
        yield app, app.composer, pilot


def question(text: str) -> Message:
    return Conversation().add_question(text)


async def enter(app: ComposerHost, pilot: Pilot[None], text: str) -> None:
    """Press Enter over a text, and wait until something is posted."""
    before = len(app.posted)
    app.composer.prompt.put(text)
    await pilot.press("enter")
    await until(pilot, lambda: len(app.posted) > before, "a message of the composer")


async def test_what_is_typed_is_submitted_by_enter_and_leaves_the_prompt() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press(*"hello")
        assert composer.text == composer.unsent == "hello"
        await pilot.press("enter")
        await until(pilot, lambda: app.posted)
        assert app.posted == [("Submitted", "hello")]
        assert composer.text == ""
        assert app.drafts == ["h", "he", "hel", "hell", "hello", ""]


async def test_keys_that_come_in_one_breath_are_two_texts_in_their_order() -> None:
    async with composing() as (app, composer, pilot):
        for key in (*"ab", "enter", *"cd", "enter", "e"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: composer.text == "e")
        await until(pilot, lambda: len(app.posted) == 2)
        assert app.posted == [("Submitted", "ab"), ("Submitted", "cd")]


async def test_enter_in_an_empty_prompt_submits_an_empty_text() -> None:
    async with composing() as (app, _, pilot):
        await enter(app, pilot, "")
        await enter(app, pilot, " \n ")
        assert app.posted == [("Submitted", ""), ("Submitted", "")]


async def test_a_paste_with_line_ends_submits_nothing() -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste("one\r\ntwo\rthree"))
        await until(pilot, lambda: composer.text == "one\ntwo\nthree")
        assert app.posted == []


@pytest.mark.parametrize("text", ["👩\u200d👩\u200d👧", "می\u200cخواهم"])
async def test_a_joiner_that_comes_alone_stays_where_it_belongs(text: str) -> None:
    async with composing() as (app, composer, pilot):
        for character in text:
            app.post_message(Paste(character))
        await until(pilot, lambda: composer.text == text)


async def test_a_text_that_is_given_back_stands_in_front_of_what_was_typed_since() -> None:
    async with composing() as (_, composer, pilot):
        await pilot.press(*"since")
        composer.give_back("refused")
        assert composer.text == "refused\nsince"


async def test_a_text_of_another_chat_cannot_be_undone() -> None:
    async with composing() as (_, composer, pilot):
        await pilot.press(*"mine")
        composer.take("theirs")
        await pilot.press("alt+z")
        assert composer.text == "theirs"


# Slash commands


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/retry", "retry", ""),
        ("/RETRY", "retry", ""),
        ("/clear", "new", ""),
        ("/rename A new title", "rename", "A new title"),
        ("/system one\ntwo", "system", "one\ntwo"),
        ("/retry  ", "retry", ""),
    ],
)
async def test_a_slash_word_is_a_command(text: str, command: str, argument: str) -> None:
    async with composing() as (app, composer, pilot):
        await enter(app, pilot, text)
        [(kind, entered, what_follows)] = app.posted
        assert (kind, getattr(entered, "id", None), what_follows) == ("CommandEntered", command, argument)
        assert composer.text == ""
        await pilot.press("up")
        assert composer.text == text


@pytest.mark.parametrize("text", ["/usr/bin is what?", " /retry", "/ retry", "/1", "say /retry"])
async def test_other_texts_with_a_slash_are_texts(text: str) -> None:
    async with composing() as (app, _, pilot):
        await enter(app, pilot, text)
        assert app.posted == [("Submitted", text)]


async def test_a_slash_word_that_there_is_not_goes_back_and_is_said() -> None:
    async with composing() as (app, composer, pilot):
        await enter(app, pilot, "/retyr now")
        [(kind, reason)] = app.posted
        assert kind == "Refused"
        assert "no command /retyr; did you mean /retry?" in str(reason)
        assert composer.text == "/retyr now"


async def test_the_menu_shows_what_fits_and_tab_completes_it() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press("/", "r", "e", "n")
        await until(pilot, lambda: composer.menu.open and composer.menu.region.height == 1)
        await pilot.press("tab")
        assert composer.text == "/rename "
        await until(pilot, lambda: not composer.menu.open)
        assert app.posted == []


async def test_enter_completes_a_word_that_takes_no_argument_and_enters_it() -> None:
    async with composing() as (app, _, pilot):
        await pilot.press("/", "r", "e", "t", "enter")
        await until(pilot, lambda: app.posted)
        assert [(kind, getattr(command, "id", "")) for kind, command, _ in app.posted] == [("CommandEntered", "retry")]


async def test_arrows_move_in_the_open_menu_and_not_through_earlier_prompts() -> None:
    async with composing() as (_, composer, pilot):
        composer.remember("earlier")
        await pilot.press("/")
        await until(pilot, lambda: composer.menu.open)
        first = composer.menu.picked
        await pilot.press("down")
        assert composer.menu.picked is not first
        await pilot.press("up")
        assert composer.menu.picked is first
        assert composer.text == "/"


# Editing an earlier question


async def test_an_edit_puts_the_draft_aside_and_brings_it_back_when_it_is_left() -> None:
    async with composing() as (_, composer, pilot):
        await pilot.press(*"draft")
        composer.begin_edit(question("asked"))
        await until(pilot, lambda: composer.editing_line.region.height == 1)
        assert (composer.editing, composer.text, composer.unsent) == (True, "asked", "draft")
        await pilot.press("!")
        assert composer.unsent == "draft\n\nasked!"
        assert composer.end_edit()
        assert (composer.editing, composer.text) == (False, "draft")
        assert not composer.editing_line.display
        assert not composer.end_edit()
        await pilot.press("up")
        assert composer.text == "asked!", "changed words are among the earlier prompts"


async def test_an_edited_question_is_submitted_as_one_and_the_draft_comes_back_when_it_is_asked() -> None:
    async with composing() as (app, composer, pilot):
        asked = question("asked")
        await pilot.press(*"draft")
        composer.begin_edit(asked)
        await enter(app, pilot, "asked anew")
        assert app.posted == [("EditSubmitted", asked, "asked anew")]
        assert composer.editing, "until whoever handles the message says so"
        composer.finish_edit()
        assert (composer.editing, composer.editing_line.display, composer.text) == (False, False, "draft")


async def test_an_edit_that_is_refused_goes_on() -> None:
    async with composing() as (app, composer, pilot):
        asked = question("asked")
        composer.begin_edit(asked)
        await enter(app, pilot, "asked anew")
        composer.give_back("asked anew")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.posted) == 2)
        assert app.posted == [("EditSubmitted", asked, "asked anew")] * 2


async def test_an_edit_to_nothing_is_refused_and_goes_on() -> None:
    async with composing() as (app, composer, pilot):
        composer.begin_edit(question("asked"))
        await enter(app, pilot, "")
        [(kind, reason)] = app.posted
        assert kind == "Refused"
        assert "Esc leaves the question" in str(reason)
        assert composer.editing


async def test_a_command_leaves_the_edit() -> None:
    async with composing() as (app, composer, pilot):
        composer.begin_edit(question("asked"))
        await enter(app, pilot, "/help")
        assert app.posted[0][0] == "CommandEntered"
        assert not composer.editing


# The queue, the button, the host line


async def test_the_queue_shows_its_texts_and_asks_for_them_back() -> None:
    async with composing() as (app, composer, pilot):
        composer.queue_bar.show([Queued("one"), Queued("two")], held=False)
        await until(pilot, lambda: composer.queue_bar.region.height == 3)
        title, first, second = composer.queue_bar.render().plain.split("\n")
        assert title.split("  ")[0] == "Queue · sent one by one as replies end"
        assert title.endswith("Alt+Q edit the last")
        assert (first.split(), second.split()) == (["1", "one", "edit", "remove"], ["2", "two", "up", "edit", "remove"])
        composer.queue_bar.action_edit(1)
        composer.queue_bar.action_drop(0)
        composer.queue_bar.action_up(1)
        await until(pilot, lambda: len(app.posted) == 3)
        assert app.posted == [("Back", 1), ("Dropped", 0), ("Moved", 1, -1)]
        composer.queue_bar.show([], held=False)
        await until(pilot, lambda: composer.queue_bar.region.height == 0)


async def test_the_button_sends_or_stops_as_it_says_and_the_prompt_keeps_the_focus() -> None:
    async with composing() as (app, composer, pilot):
        composer.button.active_effect_duration = 0  # while it looks pressed it takes no click
        await pilot.press(*"typed")
        composer.button.show_stop(True)
        assert str(composer.button.label) == "Stop"
        await pilot.click("#send-stop")
        await until(pilot, lambda: app.posted)
        assert composer.text == "typed"
        composer.button.show_stop(False)
        assert str(composer.button.label) == "Send"
        await pilot.click("#send-stop")
        await until(pilot, lambda: len(app.posted) == 2)
        assert app.posted == [("StopPressed",), ("Submitted", "typed")]
        assert composer.prompt.has_focus


async def test_a_change_of_host_is_said_above_the_prompt() -> None:
    async with composing() as (_, composer, pilot):
        composer.host_line.show("It goes to b.example.", tried=False)
        await until(pilot, lambda: composer.host_line.region.height == 1)
        assert composer.host_line.region.bottom == composer.frame.region.y


# Earlier prompts, and an editor


async def test_earlier_prompts_come_from_the_file_and_new_ones_go_there(tmp_path: Path) -> None:
    async with composing() as (_, composer, pilot):
        PromptHistory(tmp_path / "prompts").add("of before")
        composer.history = PromptHistory(tmp_path / "prompts")
        composer.remember("of this run")
        await pilot.press(*"typed", "up", "up")
        assert composer.text == "of before"
        await pilot.press("down", "down")
        assert composer.text == "typed"
        assert PromptHistory(tmp_path / "prompts").earlier("") == "of this run"


# Its size, and its keys


@pytest.mark.parametrize("lines", [1, 7, 8, 9, 300])
async def test_a_tall_prompt_takes_a_third_of_the_screen_and_keeps_its_cursor_in_sight(lines: int) -> None:
    async with composing((80, 24)) as (_, composer, pilot):
        composer.prompt.put("\n".join(f"line {number}" for number in range(lines)))
        await until(pilot, lambda: composer.prompt.document.line_count == lines)
        await until(pilot, lambda: composer.prompt.region.height == min(lines, 8))
        await until(pilot, lambda: composer.prompt.region.contains(*composer.prompt.cursor_screen_offset))
        assert composer.region.bottom == 24
        assert composer.region.height == min(lines, 8) + 2  # the frame


DONE_BY_KEY: dict[str, tuple[str, Callable[[ComposerHost], bool]]] = {
    "send": ("ab", lambda app: app.posted == [("Submitted", "ab")]),
    "newline": ("ab", lambda app: app.composer.text == "ab\n"),
    "undo": ("ab", lambda app: app.composer.text == ""),
    "redo": ("", lambda app: app.composer.text == "ab"),
    "editor": ("ab", lambda app: app.posted == [("EditorWanted",)]),
    "history_previous": ("ab", lambda app: app.composer.text == "before"),
    "history_next": ("before", lambda app: app.composer.text == "ab"),
}
"""What a key of the table's rows for the prompt does: the text that stands there, and what is true afterwards."""


@pytest.mark.parametrize(
    ("command", "key"), [(each.id, key) for each in COMMANDS if each.place == "prompt" for key in each.default_keys]
)
async def test_each_key_that_the_table_names_for_the_prompt_does_what_it_says(command: str, key: str) -> None:
    text, done = DONE_BY_KEY[command]
    async with composing() as (app, composer, pilot):
        composer.remember("before")
        composer.prompt.put("ab")
        if command == "redo":
            await pilot.press("alt+z")
        elif command == "history_next":
            await pilot.press("up")
        assert composer.text == text
        await pilot.press(key)
        await until(pilot, lambda: done(app), f"{command} by {key}")


async def test_what_is_submitted_names_the_chat_that_it_was_written_in() -> None:
    posted: list[str] = []

    class Noting(ComposerHost):
        @on(Composer.Submitted)
        def note_chat(self, event: Composer.Submitted) -> None:
            posted.append(event.chat)

    app = Noting()
    async with app.run_test() as pilot:
        app.composer.write_in("one")
        app.composer.prompt.put("hello")
        app.composer.prompt.done()
        app.composer.write_in("two")
        await until(pilot, lambda: posted, "what was submitted")
    assert posted == ["one"]


async def test_the_words_for_earlier_and_later_prompts_do_not_find_themselves() -> None:
    async with composing() as (_, composer, pilot):
        composer.remember("first")
        composer.remember("second")
        for word, expected in (("/earlier", "second"), ("/earlier", "first"), ("/later", "second")):
            composer.put(word)
            await pilot.press("enter")
            assert composer.text == "", "the command is the screen's"
            composer.show_earlier() if word == "/earlier" else composer.show_later()
            assert composer.text == expected


async def test_without_a_folded_paste_that_is_said() -> None:
    async with composing() as (app, composer, pilot):
        composer.open_paste()
        await until(pilot, lambda: app.posted == [("Refused", "No folded paste is in the prompt.")])
