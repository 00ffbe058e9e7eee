"""The box of the prompt alone: what it invites to, what its keys mean at its edges, and what it makes of a paste."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual import on
from textual.widgets import Button, TextArea
from textual.widgets.text_area import Selection

from tests.ui.scripted import until
from tui_chat.commands import by_id
from tui_chat.keymap import Keymap
from tui_chat.ui import clipboard
from tui_chat.ui.composer.file_menu import FileMenu
from tui_chat.ui.composer.prompt import FIRST_MARK, FOLD_CHARACTERS, LONGEST_PATHS, Prompt, invitation
from tui_chat.ui.composer.slash_menu import SlashMenu
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.message import Message
    from textual.pilot import Pilot

LONG = "x" * (FOLD_CHARACTERS + 1)
"""A text that is folded when it is pasted."""


class PromptHost(ThemedApp):
    """The box with its menus and something else that can have the focus."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, keymap: Keymap | None = None) -> None:
        super().__init__()
        self.keymap = keymap or Keymap()
        self.menu, self.files = SlashMenu(), FileMenu(lambda: None)
        self.prompt = Prompt(self.menu)
        self.elsewhere = Button("Elsewhere")
        self.posted: list[Message] = []
        """The messages of the box in their order, but for those of its changes."""

    def compose(self) -> ComposeResult:
        yield self.menu
        yield self.files
        yield self.prompt
        yield self.elsewhere

    def on_mount(self) -> None:
        self.prompt.files = self.files
        self.screen.set_focus(self.prompt)

    @on(TextArea.Changed)
    def show_menus(self) -> None:
        self.prompt.show_menus()

    @on(Prompt.Submitted)
    @on(Prompt.Earlier)
    @on(Prompt.Later)
    @on(Prompt.EditorWanted)
    @on(Prompt.CommandPressed)
    @on(Prompt.PathsPasted)
    @on(Prompt.ImageWanted)
    @on(Prompt.BackspaceAtStart)
    def note(self, event: Message) -> None:
        self.posted.append(event)


@asynccontextmanager
async def prompting(
    size: tuple[int, int] = (80, 24), keymap: Keymap | None = None
) -> AsyncIterator[tuple[PromptHost, Prompt, Pilot[None]]]:
    app = PromptHost(keymap)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.prompt.content_size.width > 0 and app.prompt.has_focus, "the box")
        yield app, app.prompt, pilot


# The invitation


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (35, "Ask anything   Enter sends · @ file"),
        (34, "Ask anything   Enter sends"),
        (26, "Ask anything   Enter sends"),
        (25, "Ask anything"),
        (5, "Ask a"),
        (0, ""),
        (-1, ""),
    ],
)
def test_hints_are_shown_whole_and_in_their_order_as_far_as_there_is_room(room: int, text: str) -> None:
    assert invitation(["Enter sends", "@ file"], room) == text


async def test_the_empty_box_names_its_keys_or_the_way_back_to_it() -> None:
    async with prompting() as (app, prompt, pilot):
        hints = "Ask anything   Enter sends · Ctrl+J new line · / commands · @ file"
        await until(pilot, lambda: str(prompt.placeholder) == hints, "the keys")
        app.screen.set_focus(app.elsewhere)
        await until(pilot, lambda: str(prompt.placeholder) == "Esc returns here", "the way back")
        await pilot.resize_terminal(12, 24)
        await until(pilot, lambda: str(prompt.placeholder) == "Esc return", "as much as fits")
        app.screen.set_focus(prompt)
        await until(pilot, lambda: str(prompt.placeholder) == "Ask anythi", "as much of the other")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: str(prompt.placeholder) == hints, "all keys again")
        app.screen.set_focus(None)
        await pilot.pause()
        prompt.invite()
        assert str(prompt.placeholder) == hints


async def test_a_key_is_named_as_the_settings_have_it_and_one_that_there_is_not_is_not() -> None:
    async with prompting(keymap=Keymap({"send": ("ctrl+b",), "newline": ()})) as (_, prompt, pilot):
        hints = "Ask anything   Ctrl+B sends · / commands · @ file"
        await until(pilot, lambda: str(prompt.placeholder) == hints, "the key of the settings")


# Keys at the edges


async def test_up_and_down_ask_for_other_prompts_only_at_the_edges_of_the_text() -> None:
    async with prompting() as (app, prompt, pilot):
        prompt.put("one\ntwo")
        await pilot.press("up")
        assert prompt.cursor_location == (0, 3)
        await pilot.press("down")
        assert prompt.cursor_location == (1, 3)
        assert app.posted == []
        await pilot.press("down")
        await until(pilot, lambda: app.posted == [Prompt.Later()], "the prompt after")
        await pilot.press("up", "up")
        await until(pilot, lambda: app.posted == [Prompt.Later(), Prompt.Earlier()], "the prompt before")
        assert prompt.cursor_location == (0, 3)


async def test_a_line_that_wraps_has_as_many_rows_as_are_seen() -> None:
    async with prompting(size=(20, 24)) as (app, prompt, pilot):
        prompt.put("word " * 12)
        rows = prompt.wrapped_document.height
        assert prompt.document.line_count == 1
        assert rows > 3
        await pilot.press(*["up"] * (rows - 1))
        assert app.posted == []
        await pilot.press("up")
        await until(pilot, lambda: app.posted == [Prompt.Earlier()], "the prompt before")
        await pilot.press(*["down"] * (rows - 1))
        assert app.posted == [Prompt.Earlier()]
        await pilot.press("down")
        await until(pilot, lambda: app.posted == [Prompt.Earlier(), Prompt.Later()], "the prompt after")


async def test_arrows_only_move_where_the_settings_give_earlier_prompts_other_keys() -> None:
    keymap = Keymap({"history_previous": ("alt+p",), "history_next": ("alt+n",)})
    async with prompting(keymap=keymap) as (app, prompt, pilot):
        prompt.put("ab")
        await pilot.press("up")
        assert prompt.cursor_location == (0, 0)
        await pilot.press("down")
        assert prompt.cursor_location == (0, 2)
        assert app.posted == []
        await pilot.press("alt+p", "alt+n")
        await until(pilot, lambda: app.posted == [Prompt.Earlier(), Prompt.Later()], "the other keys")


async def test_selecting_beyond_the_edges_asks_for_no_other_prompt() -> None:
    async with prompting() as (app, prompt, pilot):
        prompt.put("ab")
        prompt.move_cursor((0, 1))
        await pilot.press("shift+up")
        assert prompt.selection == Selection((0, 1), (0, 0))
        prompt.move_cursor((0, 1))
        await pilot.press("shift+down")
        assert prompt.selection == Selection((0, 1), (0, 2))
        assert app.posted == []


@pytest.mark.parametrize(
    ("selection", "text", "told"),
    [
        (Selection.cursor((0, 0)), "ab\nc", True),
        (Selection.cursor((0, 1)), "b\nc", False),
        (Selection.cursor((1, 0)), "abc", False),
        (Selection((0, 2), (0, 0)), "\nc", False),
    ],
)
async def test_backspace_is_told_only_where_there_is_nothing_to_delete(
    selection: Selection, text: str, *, told: bool
) -> None:
    async with prompting() as (app, prompt, pilot):
        prompt.put("ab\nc")
        prompt.selection = selection
        await pilot.press("backspace")
        await until(pilot, lambda: prompt.text == text, "the deletion")
        await until(pilot, lambda: app.posted == [Prompt.BackspaceAtStart()] * told, "what is told")


async def test_commands_that_are_not_the_boxs_are_passed_on() -> None:
    async with prompting() as (app, prompt, pilot):
        for command in ("newline", "editor", "retry"):
            assert prompt.run_command(by_id(command))
        wanted = [Prompt.EditorWanted(), Prompt.CommandPressed("retry")]
        await until(pilot, lambda: app.posted == wanted, "the others' commands")
        assert prompt.text == "\n"


# Sending and completing


@pytest.mark.parametrize(
    ("typed", "left", "sent"),
    [
        ("/ren", "/rename ", None),  # an argument may follow
        ("/ret", "", "/retry"),
        ("/rename", "", "/rename"),
        ("/q", "", "/q"),  # a whole word, though not the one of the menu
        ("ret", "", "ret"),
    ],
)
async def test_enter_completes_the_beginning_of_a_slash_word_and_sends_a_whole_one(
    typed: str, left: str, sent: str | None
) -> None:
    async with prompting() as (app, prompt, pilot):
        prompt.chat = "the chat"
        await pilot.press(*typed, "enter")
        await until(pilot, lambda: prompt.text == left, "the text")
        assert prompt.submitted == (sent is not None)
        wanted = [] if sent is None else [Prompt.Submitted(sent, "the chat")]
        await until(pilot, lambda: app.posted == wanted, "what is sent")


async def test_what_comes_back_is_put_before_what_is_there_with_its_pastes() -> None:
    async with prompting() as (_, prompt, _pilot):
        prompt.give_back("refused")
        assert prompt.text == "refused"
        prompt.take("")
        prompt.insert_pasted(LONG)
        assert len(prompt.text) == 1
        prompt.give_back("refused")
        assert prompt.text == f"refused\n{LONG}"


@pytest.mark.parametrize(
    ("text", "then"), [("", "@"), ("  ", "  @"), ("see", "see @"), ("one\n", "one\n@"), ("one\ntwo", "one\ntwo @")]
)
async def test_a_word_for_a_file_is_set_apart_from_what_stands_before_it_in_its_line(text: str, then: str) -> None:
    async with prompting() as (_, prompt, _pilot):
        prompt.put(text)
        prompt.begin_file_word()
        assert prompt.text == then


async def test_a_folder_stays_a_word_for_a_file_and_a_files_name_ends_it(home: Path) -> None:
    (home / "work").mkdir()
    (home / "words.md").write_text("# Words\n")
    async with prompting() as (app, prompt, pilot):
        await pilot.press(*"see @~/wor")
        await until(pilot, lambda: app.files.open and not app.files.searching, "the menu")
        await pilot.press("down", "tab")
        assert prompt.text == "see @~/work/"
        await until(pilot, lambda: app.files.word == "@~/work/", "the folder's own word")
        prompt.put("see @~/wor")
        await until(pilot, lambda: app.files.open and not app.files.searching, "the menu again")
        await pilot.press("tab")
        assert prompt.text == "see ~/words.md "


async def test_one_menu_is_open_at_most_and_is_closed_once() -> None:
    async with prompting() as (app, prompt, pilot):
        assert not prompt.close_menus()
        await pilot.press("/")
        await until(pilot, lambda: app.menu.open, "the menu of commands")
        assert prompt.close_menus()
        assert not app.menu.open
        assert not prompt.close_menus()
        prompt.put("@https://example.org/page")
        await until(pilot, lambda: app.files.open, "the menu of files")
        assert prompt.close_menus()
        assert not app.files.open
        assert not prompt.close_menus()


# What is pasted


@pytest.mark.parametrize("copied", ["of the clipboard", ""])
async def test_the_clipboards_text_is_taken_and_without_one_its_picture_is_asked_for(
    copied: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "paste", lambda _: copied)
    async with prompting() as (app, prompt, pilot):
        await pilot.press("ctrl+v")
        await until(pilot, lambda: prompt.text == copied, "the text")
        await until(pilot, lambda: app.posted == [Prompt.ImageWanted()] * (not copied), "the picture")


@pytest.mark.parametrize(
    ("text", "may_be_paths"),
    [
        ("/etc/hosts", True),
        (" \n~/notes.md", True),
        ("'/a b/c'", True),
        ('"~/a b"', True),
        ("file:///etc/hosts", True),
        ("see /etc/hosts", False),
        ("https://example.org/", False),
        ("/".ljust(LONGEST_PATHS, "x"), True),
        ("/".ljust(LONGEST_PATHS + 1, "x"), False),
    ],
)
async def test_a_paste_that_may_be_paths_is_told_with_what_stands_in_its_place(
    text: str, *, may_be_paths: bool
) -> None:
    async with prompting() as (app, prompt, pilot):
        prompt.insert_pasted(text)
        shown = prompt.text
        assert prompt.written == text
        assert (len(shown) == 1) == (len(text) > FOLD_CHARACTERS)
        prompt.insert_pasted(text, maybe_paths=False)
        prompt.run_command(by_id("editor"))  # tells that all before has come
        wanted = [Prompt.PathsPasted(text, shown)] * may_be_paths
        await until(pilot, lambda: app.posted == [*wanted, Prompt.EditorWanted()], "what is told")


@pytest.mark.parametrize(
    ("text", "taken", "left"),
    [
        ("one /x two /x", "/x", "one /x two "),
        ("before\n/a\n/b after", "/a\n/b", "before\n after"),
        ("/a", "/a", ""),
        ("/b", "/a", "/b"),
    ],
)
async def test_the_last_place_of_a_text_is_taken_out_where_it_still_stands(text: str, taken: str, left: str) -> None:
    async with prompting() as (_, prompt, _pilot):
        prompt.put(text)
        prompt.take_out(taken)
        assert prompt.text == left


@pytest.mark.parametrize(
    ("text", "selection", "then"),
    [
        ("", Selection.cursor((0, 0)), ""),
        ("a", Selection.cursor((0, 1)), "a"),
        ("👩", Selection.cursor((0, 1)), "👩\u200d"),
        ("👩a", Selection((0, 2), (0, 1)), "👩\u200d"),
    ],
)
async def test_a_joiner_alone_is_kept_only_behind_what_may_be_joined(
    text: str, selection: Selection, then: str
) -> None:
    async with prompting() as (_, prompt, _pilot):
        prompt.put(text)
        prompt.selection = selection
        prompt.insert_pasted("\u200d")
        assert prompt.text == then


async def test_a_text_of_another_matter_has_no_pastes_of_the_one_before() -> None:
    async with prompting() as (_, prompt, _pilot):
        prompt.insert_pasted(LONG)
        assert prompt.folded == [(chr(FIRST_MARK), LONG)]
        prompt.take(chr(FIRST_MARK))
        assert prompt.folded == []
        assert prompt.written == chr(FIRST_MARK)
