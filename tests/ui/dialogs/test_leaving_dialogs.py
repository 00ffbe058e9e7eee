"""A dialog is opened and closed at every moment of its work; nothing accesses removed widgets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.patience import PATIENCE
from tests.ui import host
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.endpoint_ports import TestReport
from tui_chat.chat.model_ports import LocalServer, ModelInfo
from tui_chat.ui.app import ChatApp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Failed

INSIDE = {
    "connect": ("tab", "enter", "tab"),
    "model": ("a", "down"),
    "system": ("a", "left"),
    "rename": ("a", "left"),
    "chats": ("a", "f2", "escape", "ctrl+d"),
    "export": ("a", "left"),
    "theme": ("down", "up"),
    "help": ("/", "a", "tab", "down"),
    "commands": ("a", "down", "pagedown"),
    "find": ("a", "enter"),
}
"""Slash commands that open a dialog, and keys that start something in it."""
TURNS = [(0, 1, 3, 8), pytest.param((2, 5, 13), marks=pytest.mark.slow)]
"""Turns of the event loop between two keys: the first few are the awaits of an opening dialog."""


class SlowBackend(ScriptedBackend):
    """A backend that answers when the test says so, or after some turns of the event loop."""

    def __init__(self) -> None:
        super().__init__(demo=True)
        self.names = ["test.example", "two"]
        self.manager.reports = [TestReport(doing="Asking")]
        self.manager.find_local_servers = self._look  # type: ignore[method-assign]
        self.gate: asyncio.Event | None = None

    async def _wait(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        for _ in range(3):
            await asyncio.sleep(0)

    def export(self, conversation: Conversation, target: Path) -> Path:
        return target

    async def _look(self) -> Sequence[LocalServer]:
        await self._wait()
        return [LocalServer("a", "http://127.0.0.1:1/v1", ("m", "n")), LocalServer("b", "http://127.0.0.1:2/v1", ())]

    async def models(self) -> Sequence[ModelInfo] | Failed:
        await self._wait()
        return [ModelInfo("m"), ModelInfo("n")]


def press(app: ChatApp, *keys: str) -> None:
    """Press a key as a terminal does, without waiting for its effect."""
    for key in keys:
        app.post_message(events.Key({"/": "slash"}.get(key, key), key if len(key) == 1 else None))


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


@pytest.mark.parametrize("all_turns", TURNS)
@pytest.mark.parametrize("word", INSIDE)
async def test_a_dialog_is_left_after_any_number_of_turns_of_the_loop(word: str, all_turns: tuple[int, ...]) -> None:
    async with running(SlowBackend()) as (app, pilot):
        for turns in all_turns:
            for count in range(len(INSIDE[word]) + 1):
                press(app, "/", *word, "enter")
                for key in INSIDE[word][:count]:
                    await turn(turns)
                    press(app, key)
                await turn(turns)
                press(app, "escape", "escape")
                await until(pilot, lambda: app._exception is not None or len(app.screen_stack) >= 1)
                while len(app.screen_stack) > 1 and app._exception is None:
                    press(app, "escape")
                    await asyncio.sleep(0.01)  # the pilot would wait for widgets that are removed meanwhile
                assert app._exception is None, f"{word}: {count} keys, {turns} turns apart"
                app.chat._esc_ignored_until = 0.0
                app.chat.finding.close()
                app.chat.composer.focus_prompt()
                app.chat.composer.prompt.put("")
                await pilot.pause()


@pytest.mark.parametrize(("word", "inside"), [("connect", ("tab", "enter")), ("model", ())])
async def test_an_answer_that_comes_when_its_dialog_has_been_left_is_dropped(
    word: str, inside: tuple[str, ...]
) -> None:
    backend = SlowBackend()
    backend.gate = backend.manager.test_gate = asyncio.Event()
    async with running(backend) as (app, pilot):
        press(app, "/", *word, "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2, "the dialog")
        await pilot.press(*inside)
        dialog = app.screen
        workers = [worker for worker in app.workers if worker.node in {dialog, *dialog.query("*")}]
        assert workers
        press(app, "escape", "escape")  # the first one ends the test of an endpoint
        backend.gate.set()
        await until(pilot, lambda: len(app.screen_stack) == 1, "its end")
        await until(pilot, lambda: all(worker.is_finished for worker in workers), "the end of its workers")
        assert app._exception is None


@pytest.mark.parametrize("word", ["connect", "model", "chats", "commands", "theme", "help", "system"])
async def test_the_program_is_quit_while_a_dialog_opens(word: str) -> None:
    for turns in (0, 3, 7, 15):
        backend = SlowBackend()
        app = ChatApp(backend)
        program = asyncio.create_task(app.run_async(headless=True, size=(80, 24)))
        await host.until(lambda app=app: app.chat.ready)  # type: ignore[misc]
        press(app, "/", *word, "enter")
        await turn(turns)
        press(app, "ctrl+q")
        async with asyncio.timeout(PATIENCE):
            await program
        assert backend.closed
        assert app._exception is None


async def test_whoever_ends_the_program_a_second_time_waits_for_the_first() -> None:
    async with running(SlowBackend()) as (app, _):
        first, second = asyncio.create_task(app.chat.switcher.leave()), asyncio.create_task(app.chat.switcher.leave())
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert app.chat.switcher._leaving is not None
        assert app.chat.switcher._leaving.done()
