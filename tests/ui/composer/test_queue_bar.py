"""Queued messages are picked, moved, edited and removed by keys alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


@asynccontextmanager
async def queued(*texts: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[ChatApp, Pilot[None]]]:
    """A chat with a running reply and these messages in its queue."""
    backend = ScriptedBackend()
    async with running(backend, size=size) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.sender.submit("first")
        await pilot.pause()
        backend.model.say(ResponseStarted(200, "http://t"), TextDelta("a word", at=0.1))
        for text in texts:
            app.chat.sender.submit(text)
            await pilot.pause()
        await until(pilot, lambda: waiting(app) == [*texts], "the queue")
        yield app, pilot


def waiting(app: ChatApp) -> list[str]:
    session = app.chat.session
    return [] if session is None else [each.text for each in session.queue]


def rows(app: ChatApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_any_message_is_moved_edited_and_removed_by_keys(size: tuple[int, int]) -> None:
    async with queued("one", "two", "three", size=size) as (app, pilot):
        await pilot.press("alt+m")
        assert app.focused is app.chat.composer.queue_bar
        await until(pilot, lambda: "▸ three" in rows(app), "the pick")
        await pilot.press("up")
        await until(pilot, lambda: "▸ two" in rows(app), "the pick above")
        await pilot.press("shift+up")
        await until(pilot, lambda: waiting(app) == ["two", "one", "three"], "another order")
        await until(pilot, lambda: "▸ two" in rows(app), "the same pick")
        await pilot.press("shift+up", "shift+down", "shift+down", "shift+down")
        await until(pilot, lambda: waiting(app) == ["one", "three", "two"], "the last place")
        await pilot.press("K", "delete")
        await until(pilot, lambda: waiting(app) == ["one", "three"], "one less")
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.composer.text == "three", "the prompt")
        assert app.chat.composer.prompt.has_focus


async def test_keys_of_the_queue_are_shown_while_it_has_the_focus_and_esc_goes_back() -> None:
    async with queued("one") as (app, pilot):
        assert "Shift+↑ ↓ move" not in rows(app)
        await pilot.press("alt+m")
        await until(pilot, lambda: "Esc returns here" in rows(app), "how to come back")
        await until(pilot, lambda: "↑ ↓ pick  Shift+↑ ↓ move  Enter edit  Del remove  Esc back" in rows(app), "keys")
        await pilot.press("escape")
        await until(pilot, lambda: app.chat.composer.prompt.has_focus and "Del remove" not in rows(app), "the prompt")
        await until(pilot, lambda: "Ask anything" in rows(app), "what can be done")
        assert waiting(app) == ["one"]


async def test_the_prompt_has_the_focus_again_when_the_queue_is_empty() -> None:
    async with queued("one") as (app, pilot):
        await pilot.press("alt+m", "d")
        await until(pilot, lambda: waiting(app) == [], "no queue")
        await until(pilot, lambda: app.chat.composer.prompt.has_focus, "the focus")
        await pilot.press("alt+m")
        assert app.chat.composer.prompt.has_focus
