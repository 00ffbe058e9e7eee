"""The one-line inputs of dialogs: they stay one line, and leave the dialog its keys in their order."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual import on
from textual.events import Key, Paste
from textual.widgets import TextArea

from tests.ui.scripted import until
from tui_chat.ui.dialogs.filter_input import DialogInput, OneLine
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.pilot import Pilot

WIDTH = 20


class InputHost(ThemedApp):
    """An input alone, with the keys of a dialog."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, text: str) -> None:
        super().__init__()
        self.keys = {"enter": "choose", "delete": "remove"}
        self.input = DialogInput(self.keys, text)
        self.came: list[str] = []
        """The actions that were asked for, and `changed` for each change of the text, in their order."""

    def compose(self) -> ComposeResult:
        yield self.input

    @on(TextArea.Changed)
    def note_change(self) -> None:
        self.came.append("changed")

    @on(DialogInput.Pressed)
    def note_action(self, event: DialogInput.Pressed) -> None:
        self.came.append(event.action)


@asynccontextmanager
async def typing(text: str = "") -> AsyncIterator[tuple[InputHost, DialogInput, Pilot[None]]]:
    app = InputHost(text)
    async with app.run_test(size=(WIDTH, 5)) as pilot:
        await until(pilot, lambda: app.input.has_focus and app.input.size.width == WIDTH, "the input")
        await pilot.pause()
        app.came.clear()
        yield app, app.input, pilot


async def test_the_text_that_it_begins_with_is_cleaned_to_one_line_with_the_cursor_at_its_end() -> None:
    async with typing("  one\n two\t\x1b[2Jthree") as (_, box, pilot):
        assert box.text == "one two \ufffd[2Jthree"
        await pilot.press("!")
        assert box.text == "one two \ufffd[2Jthree!"


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter", "ctrl+enter"])
async def test_no_key_starts_another_line(key: str) -> None:
    async with typing("one") as (app, box, pilot):
        await pilot.press(key, "x")
        await until(pilot, lambda: app.came == ["changed"], "the letter behind the key")
        assert box.text == "onex"


async def test_a_paste_becomes_one_line_at_the_cursor() -> None:
    async with typing("one!") as (app, box, pilot):
        await pilot.press("left")
        app.post_message(Paste(" two\r\nthree\t\x07four\n"))
        await until(pilot, lambda: box.text == "onetwo three \ufffdfour!", "the paste")


async def test_a_long_text_is_one_row_that_scrolls_with_the_cursor() -> None:
    async with typing() as (_, box, pilot):
        box.put("word " * 20)
        await until(pilot, lambda: box.scroll_offset.x > 60, "the end of the text")
        assert box.wrapped_document.height == box.size.height == 1
        await until(pilot, lambda: box.region.contains(*box.cursor_screen_offset), "the cursor")
        await pilot.press("home")
        await until(pilot, lambda: box.scroll_offset.x == 0, "the beginning of the text")


async def test_the_dialogs_keys_ask_for_their_actions_in_their_place_among_the_letters() -> None:
    async with typing() as (app, box, pilot):
        for key, letter in (("a", "a"), ("enter", None), ("b", "b")):
            app.post_message(Key(key, letter))
        await until(pilot, lambda: app.came == ["changed", "choose", "changed"], "the action between the letters")
        assert box.text == "ab"


async def test_keys_that_the_dialog_gets_later_hold_and_others_are_the_inputs_own() -> None:
    async with typing("one") as (app, box, pilot):
        await pilot.press("ctrl+u")
        await until(pilot, lambda: (box.text, app.came) == ("", ["changed"]), "the empty input")
        app.keys["ctrl+u"] = "undo all"
        await pilot.press("x", "ctrl+u")
        await until(pilot, lambda: app.came == ["changed", "changed", "undo all"], "the action")
        assert box.text == "x"


async def test_delete_is_the_dialogs_only_behind_the_text() -> None:
    async with typing("ab") as (app, box, pilot):
        await pilot.press("home", "delete")
        await until(pilot, lambda: (box.text, app.came) == ("b", ["changed"]), "the letter is gone")
        await pilot.press("end", "delete")
        await until(pilot, lambda: app.came == ["changed", "remove"], "the action")
        assert box.text == "b"


async def test_what_means_nothing_in_a_line_is_left_to_others_and_the_rest_is_not() -> None:
    async with typing() as (app, _, _pilot):
        box = OneLine("one")
        await app.mount(box)
        taken = [key for key in ("ctrl+j", "shift+enter", "enter", "delete", "f2", "x") if box.own_key(key)]
        assert taken == ["ctrl+j", "shift+enter", "enter"]
        assert box.text == "one"
