"""The widget of an empty conversation comes and goes with its messages."""

from __future__ import annotations

import asyncio

from textual.app import App
from textual.containers import Vertical
from textual.widgets import Static

from tui_chat.ui.transcript.welcome_slot import WelcomeSlot


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pane = Vertical()
        self.empty = True
        self.slot = WelcomeSlot(self.pane, lambda: self.empty)

    def on_mount(self) -> None:
        self.mount(self.pane)


async def test_it_is_mounted_while_the_conversation_is_empty() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        welcome = Static("welcome")
        await app.slot.put(welcome)
        assert list(app.pane.children) == [welcome]
        await app.slot.update()
        assert list(app.pane.children) == [welcome]
        app.empty = False
        await app.slot.update()
        assert list(app.pane.children) == []


async def test_another_takes_the_place_of_the_first_and_none_leaves_nothing() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        one, other = Static("one"), Static("other")
        await app.slot.put(one)
        await app.slot.put(other)
        assert list(app.pane.children) == [other]
        await app.slot.put(None)
        assert list(app.pane.children) == []


async def test_updates_at_once_mount_it_once() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        welcome = Static("welcome")
        await asyncio.gather(app.slot.put(welcome), app.slot.update(), app.slot.update())
        assert list(app.pane.children) == [welcome]


async def test_before_the_pane_is_attached_nothing_is_mounted() -> None:
    slot = WelcomeSlot(pane := Vertical(), lambda: True)
    await slot.put(Static("welcome"))
    assert list(pane.children) == []
