"""Ctrl+R: an earlier prompt is found by its words and taken into the box, or the box stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.dialogs.prompt_search import PromptSearch, _row

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

PROMPTS = ("bake bread", "explain monads", "second line\nof bread\nand butter", "bake bread")


async def opened(app: ChatApp, pilot: Pilot[None]) -> PromptSearch:
    for prompt in PROMPTS:
        app.chat.composer.remember(prompt)
    await pilot.press(*"typed", "ctrl+r")
    await until(pilot, lambda: isinstance(app.screen, PromptSearch) and app.screen.list.picked)
    assert isinstance(app.screen, PromptSearch)
    return app.screen


def values(dialog: PromptSearch) -> list[object]:
    return [getattr(item, "value", None) for item in dialog.list.items]


async def test_the_newest_come_first_and_each_once() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        dialog = await opened(app, pilot)
        assert values(dialog) == ["bake bread", PROMPTS[2], "explain monads"]


async def test_words_find_a_prompt_and_enter_takes_it_whole_and_undo_brings_the_box_back() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        dialog = await opened(app, pilot)
        await pilot.press(*"bread butter")
        await until(pilot, lambda: values(dialog) == [PROMPTS[2]])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.composer.text == PROMPTS[2]
        await pilot.press("alt+z")
        assert app.chat.composer.text == "typed"


async def test_the_words_are_marked_and_the_lines_of_a_prompt_are_counted() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        dialog = await opened(app, pilot)
        await pilot.press(*"BUTTER line")
        await until(pilot, lambda: values(dialog) == [PROMPTS[2]])
        row = dialog.list.picked
        assert row is not None
        assert "".join(row.name[at] for at in row.letters) == "linebutter"
        assert dialog.list.render().plain.rstrip().endswith("3 lines")


async def test_letters_apart_find_what_no_word_does_and_escape_leaves_the_box() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        dialog = await opened(app, pilot)
        await pilot.press(*"mnds")
        await until(pilot, lambda: values(dialog) == ["explain monads"])
        await pilot.press(*"zzz")
        await until(pilot, lambda: values(dialog) == [None])
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.composer.text == "typed"


def test_a_long_prompt_is_shown_from_its_match_on() -> None:
    row = _row("x" * 500 + " needle " + "y" * 500, ["needle"])
    assert row.name.startswith("…x")
    assert "needle" in row.name
    assert len(row.name) <= 201
    assert row.value == "x" * 500 + " needle " + "y" * 500
