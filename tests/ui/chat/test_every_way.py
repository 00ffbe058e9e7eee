"""Every command of the table does the same by its slash words, from the palette and by the mouse alone. (By its key:
`test_rebound_keys`.)"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, ReasoningDelta, TextDelta
from tui_chat.commands import COMMANDS, Command
from tui_chat.ui.chat import dispatch
from tui_chat.ui.dialogs.command_palette import CommandPalette
from tui_chat.ui.dialogs.help_screen import HelpScreen
from tui_chat.ui.dialogs.row_list import ListRow
from tui_chat.ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from textual.pilot import Pilot
    from textual.screen import Screen

    from tui_chat.commands import KeyContext, Way
    from tui_chat.ui.app import ChatApp
    from tui_chat.ui.dialogs.list_dialog import ListDialog

OPENS = ("commands.display.palette", "commands.display.help")
"""Handlers that are really called, since the ways lead through them."""


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handlers that were called."""
    called: list[str] = []
    real = dispatch.handler_of

    def noted(screen: Screen[None], handler: str) -> Callable[..., object]:
        called.append(handler)
        return real(screen, handler) if handler in OPENS else lambda *_: None

    monkeypatch.setattr(dispatch, "handler_of", noted)
    return called


@asynccontextmanager
async def a_chat() -> AsyncIterator[tuple[ChatApp, Pilot[None]]]:
    """A chat with one exchange, and room for the whole list of commands."""
    backend = ScriptedBackend()
    backend.model.say(TextDelta("an answer", at=0.1), Finished("stop", "done-sentinel", at=0.2))
    async with running(backend, size=(100, 40)) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.sender.submit("a question")
        await until(pilot, lambda: len(app.chat.query(MessageView)) == 2, "the messages")
        yield app, pilot


async def focus(app: ChatApp, pilot: Pilot[None], place: KeyContext) -> None:
    """Put the focus where commands of a place work; by a click where that is a message."""
    if place == "message":
        view = app.chat.query(MessageView).last()
        await pilot.click(view, offset=(4, 0))
        await until(pilot, lambda: app.chat.pane.focused_view is view, "the focus on the message")
    else:
        app.chat.composer.focus_prompt()


@asynccontextmanager
async def kept_open(dialog: ListDialog[Command | None]) -> AsyncIterator[list[Command | None]]:
    """The results that a dialog would have been closed with; it stays open, so that it is opened once for all."""
    results: list[Command | None] = []
    with patch.object(dialog, "dismiss", results.append):
        yield results
    dialog.dismiss()


async def pick(dialog: ListDialog[Command | None], pilot: Pilot[None], command: Command) -> int:
    """Filter the list of a dialog, and return where the row of the command stands in the list."""
    dialog.filter.text = command.title
    await until(pilot, lambda: [*dialog.list.items] == [*dialog.items(command.title)], "the filter")
    return next(at for at, row in enumerate(listed(dialog)) if row.value == command)


def listed(dialog: ListDialog[Command | None]) -> list[ListRow]:
    return [item for item in dialog.list.items if isinstance(item, ListRow)]


async def test_each_slash_word_runs_its_command(ran: list[str]) -> None:
    async with a_chat() as (app, pilot):
        for command in COMMANDS:
            assert bool(command.words) == ("slash" not in dict(command.without)), command.id
            for word in command.words:
                ran.clear()
                app.chat.composer.focus_prompt()
                app.chat.composer.put(f"/{word}")
                await pilot.press("enter")
                await until(pilot, lambda: ran, f"/{word}")
                assert ran == [command.handler]
                if app.screen is not app.chat:
                    await pilot.press("escape")
                    await until(pilot, lambda: app.screen is app.chat, "the chat")


@pytest.mark.parametrize("place", ["prompt", "message"])
async def test_the_palette_runs_each_command(ran: list[str], place: KeyContext) -> None:
    async with a_chat() as (app, pilot):
        await focus(app, pilot, place)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.is_mounted, "the palette")
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        chosen = commands_of(place, without="palette")
        async with kept_open(palette) as results:
            for command in chosen:
                palette.action_move(await pick(palette, pilot, command))
                palette.action_choose()
        assert results == chosen
        await until(pilot, lambda: app.screen is app.chat, "the chat")
        await runs_all(app, pilot, ran, chosen)


@pytest.mark.parametrize("place", ["prompt", "message"])
async def test_the_mouse_runs_each_command(ran: list[str], place: KeyContext) -> None:
    async with a_chat() as (app, pilot):
        await focus(app, pilot, place)
        await pilot.click(app.chat.status, offset=(app.chat.status.size.width - 4, 0))  # `F1 help`, or `F1 more`
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.is_mounted, "the help")
        page = app.screen
        assert isinstance(page, HelpScreen)
        await pilot.click(page.hint_row, offset=(30, 1))  # `Tab list them`
        chosen = commands_of(place)
        async with kept_open(page) as results:
            for command in chosen:
                line = await pick(page, pilot, command)
                await pilot.click(page.list, offset=(8, line))
        assert results == chosen
        await until(pilot, lambda: app.screen is app.chat, "the chat")
        await runs_all(app, pilot, ran, chosen)


def commands_of(place: KeyContext, without: Way | None = None) -> list[Command]:
    """The commands for a focused message, or all others; only those that can be run in a way."""
    listed = [command for command in COMMANDS if (command.place == "message") == (place == "message")]
    return [command for command in listed if without not in dict(command.without)]


async def runs_all(app: ChatApp, pilot: Pilot[None], ran: list[str], chosen: Sequence[Command]) -> None:
    """What a list returns is run, as its own callback has it."""
    for command in chosen:
        ran.clear()
        app.chat.commands.display.run_chosen(command)
        await until(pilot, lambda: ran, command.id)
        assert ran == [command.handler]
        if app.screen is not app.chat:
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.chat, "the chat")


def test_an_exception_has_its_reason() -> None:
    assert all(len(reason) > 10 for command in COMMANDS for _, reason in command.without)


async def test_commands_for_a_message_are_listed_only_while_one_has_the_focus() -> None:
    async with a_chat() as (app, pilot):
        places: dict[KeyContext, bool] = {"prompt": False, "message": True}
        for place, listed_too in places.items():
            await focus(app, pilot, place)
            await pilot.press("ctrl+p")
            await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.is_mounted, "the palette")
            assert isinstance(app.screen, CommandPalette)
            found = [row.value for row in listed(app.screen)]
            assert all((command in found) == listed_too for command in commands_of("message"))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.chat, "the chat")


async def test_enter_folds_the_focused_message() -> None:
    backend = ScriptedBackend()
    backend.model.say(ReasoningDelta("hm", at=0.1), TextDelta("so", at=0.2), Finished("stop", "done-sentinel", at=0.3))
    async with running(backend) as (app, pilot):
        app.chat.sender.submit("a question")
        await until(pilot, lambda: len(app.chat.query(MessageView)) == 2, "the messages")
        view = app.chat.query(MessageView).last()
        await until(pilot, lambda: view.size.height > 2, "the reply with its footer")
        app.chat.set_focus(view)
        rows = view.size.height
        await pilot.press("enter")
        await until(pilot, lambda: view.size.height > rows, "the reasoning")
        await pilot.press("enter")
        await until(pilot, lambda: view.size.height == rows, "the folded reasoning")
