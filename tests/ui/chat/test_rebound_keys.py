"""Every command of the table does its work by the key that the settings give it, and no longer by its old one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.patience import PATIENCE
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.commands import COMMANDS, Command, KeyContext
from tui_chat.keymap import key_name, read_keys
from tui_chat.ui.app import ChatApp
from tui_chat.ui.chat import dispatch
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from tui_chat.chat.backend_ports import Setup

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FREE = [f"{held}+{letter}" for held in ("alt+ctrl", "alt+ctrl+shift", "super+ctrl", "super+alt") for letter in LETTERS]
"""Keys that no command has, enough for all."""
SWAPPED = {command.id: (key,) for command, key in zip(COMMANDS, FREE, strict=False)}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handlers that keys have called, and the ids of commands that the prompt has run."""
    called: list[str] = []

    def noted(name: str) -> Callable[..., None]:
        return lambda *_: called.append(name)

    def run_command(_: Prompt, command: Command) -> bool:
        called.append(command.id)
        return True

    monkeypatch.setattr(dispatch, "handler_of", lambda _, handler: noted(handler))
    monkeypatch.setattr(Prompt, "run_command", run_command)
    return called


async def focus(app: ChatApp, pilot: Pilot[None], place: KeyContext) -> None:
    """Put the focus where a command's keys work."""
    widget = next(iter(app.chat.query(MessageView))) if place == "message" else app.chat.composer.prompt
    app.chat.set_focus(widget)
    await pilot.pause()


def asked(command: Command) -> str:
    return command.id if command.place == "prompt" else command.handler


async def test_each_command_is_run_by_its_new_key_alone(ran: list[str]) -> None:
    assert len(FREE) >= len(COMMANDS)
    backend = ScriptedBackend(keys=read_keys(SWAPPED, str))
    backend.model.say(TextDelta("an answer", at=0.1), Finished("stop", "done-sentinel", at=0.2))
    async with running(backend) as (app, pilot):
        app.chat.sender.submit("a question")
        await until(pilot, lambda: len(app.chat.query(MessageView)) == 2, "the messages")
        for command in COMMANDS:
            await focus(app, pilot, command.place)
            ran.clear()
            await pilot.press(key_name(SWAPPED[command.id][0]))
            await until(pilot, lambda: ran, f"{command.id} by {SWAPPED[command.id][0]}")
            assert ran == [asked(command)]
        for command in COMMANDS:
            for key in command.default_keys:
                await focus(app, pilot, command.place)
                ran.clear()
                await pilot.press(key)
                assert ran == [], f"{key} still runs something"


async def test_esc_closes_what_is_open_whatever_key_stops(ran: list[str]) -> None:
    async with running(ScriptedBackend(keys=read_keys({"stop": ("ctrl+x",)}, str))) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("/")
        await until(pilot, lambda: app.chat.composer.menu.open, "the menu")
        await pilot.press("escape")
        assert not app.chat.composer.menu.open
        await pilot.press("escape", "escape")
        assert ran == []
        await pilot.press("ctrl+x")
        assert ran == ["screen.stop_reply"]


async def test_keys_that_were_pressed_before_the_settings_came_mean_what_the_settings_say() -> None:
    backend = ScriptedBackend(keys=read_keys({"newline": ("enter",), "send": ("ctrl+enter",)}, str))
    loaded = threading.Event()
    load = backend.load

    def load_late() -> Setup:
        loaded.wait(PATIENCE)
        return load()

    backend.load = load_late  # type: ignore[method-assign]
    app = ChatApp(backend, own_keys=True)
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two")
        assert app.chat.composer.text == ""
        loaded.set()
        await until(pilot, lambda: app.chat.composer.text == "one\ntwo", "two lines")
        assert backend.model.questions == []
