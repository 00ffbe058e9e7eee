"""A prompt of many lines leaves the screen whole: the cursor in sight, pane and status bar in their places."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.events import Key, Paste
from textual.geometry import Region

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta
from tui_chat.ui.dialogs.text_input_screen import LineBox, LineScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

SIZES = [(40, 12), (80, 24), (120, 36), (200, 60)]
LINES = [1, 8, 9, 12, 21, 40, 500]


def all_in_place(app: ChatApp) -> bool:
    """Whether the parts of the screen stand one under the other and fill it, with the prompt's cursor in sight."""
    chat = app.chat
    screen = Region(0, 0, *app.size)
    below = chat.composer.region
    last_row = chat.status if chat.status.display else chat.finding.bar
    prompt = chat.composer.prompt.region
    x, y = chat.composer.prompt.cursor_screen_offset
    return (
        chat.pane.region.height >= 1
        and chat.pane.region.width == screen.width
        and chat.pane.region.bottom == below.y
        and last_row.region == Region(0, screen.height - 1, screen.width, 1)
        and below.bottom == screen.height - 1
        and below.contains_region(prompt)
        and prompt.contains(x, y)
        and prompt.height <= max(1, screen.height // 3)
        and not chat.show_vertical_scrollbar
    )


def has_lines(app: ChatApp, lines: int) -> bool:
    return app.chat.composer.prompt.document.line_count == lines


def has_size(app: ChatApp, size: tuple[int, int]) -> bool:
    return app.size == size


async def in_place(app: ChatApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: all_in_place(app), f"a whole screen at {app.size}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_text_of_any_length(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        for lines in LINES:
            app.chat.composer.prompt.clear()
            app.chat.composer.prompt.put("\n".join(f"line {number}" for number in range(lines)))
            await until(pilot, partial(has_lines, app, lines))
            await in_place(app, pilot)
        await pilot.press("ctrl+home")  # of the conversation; the cursor stays
        app.chat.composer.prompt.move_cursor((0, 0))
        await in_place(app, pilot)


@pytest.mark.parametrize("size", SIZES[:2])
async def test_line_by_line_by_key(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        for lines in range(2, 45):
            app.post_message(Key("x", "x"))
            app.post_message(Key("shift+enter", None))
            await until(pilot, partial(has_lines, app, lines))
            await in_place(app, pilot)
        for _ in range(30):
            app.post_message(Key("up", None))
        await until(pilot, lambda: app.chat.composer.prompt.cursor_location[0] == 13)
        await in_place(app, pilot)
        app.chat.composer.prompt.move_cursor(app.chat.composer.prompt.document.end)
        for _ in range(len(app.chat.composer.prompt.text)):
            app.post_message(Key("backspace", None))
        await until(pilot, lambda: not app.chat.composer.prompt.text)
        await in_place(app, pilot)
        assert app.chat.composer.prompt.region.height == 1


async def test_one_long_line_that_wraps() -> None:
    async with running(ScriptedBackend(), size=(40, 12)) as (app, pilot):
        app.chat.composer.prompt.put("words and words " * 200)
        await until(pilot, lambda: app.chat.composer.prompt.text)
        await in_place(app, pilot)


async def test_the_window_changes_its_size_while_a_reply_streams() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 36)) as (app, pilot):
        await pilot.press("q", "enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(ResponseStarted(200, "http://test.example"))
        app.chat.composer.prompt.put("\n".join(f"line {number}" for number in range(40)))
        await until(pilot, lambda: app.chat.composer.prompt.document.line_count == 40)
        for size in [(40, 12), (120, 36), (80, 24), (41, 8), (200, 60), (30, 6), (120, 36)]:
            backend.model.say(TextDelta(f"at {size}\n\n", at=1.0))
            await pilot.resize_terminal(*size)
            await until(pilot, partial(has_size, app, size))
            await in_place(app, pilot)


@pytest.mark.parametrize("size", [*SIZES, (40, 8)])
async def test_with_all_that_can_stand_above_it(size: tuple[int, int]) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=size) as (app, pilot):
        await pilot.press("q", "enter")
        await until(pilot, lambda: backend.model.questions)
        for number in range(9):
            app.chat.composer.prompt.put(f"queued {number}")
            await pilot.press("enter")
        await until(pilot, lambda: app.chat.composer.queue_bar.display)
        await in_place(app, pilot)
        bar = app.chat.composer.queue_bar
        assert f"{9 - bar.render().plain.count('remove')} more" in bar.render().plain
        app.chat.composer.prompt.put("/")
        await until(pilot, lambda: app.chat.composer.menu.open and app.chat.composer.menu.region.height)
        await in_place(app, pilot)
        for _ in range(12):
            app.chat.composer.menu.move(1)
            assert "▸" in app.chat.composer.menu.render().plain
        app.chat.composer.prompt.put("x\n" * 40)
        await app.chat.finding.open("x")
        await in_place(app, pilot)


async def test_no_small_size_is_an_error_while_a_reply_streams() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(80, 24)) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("q", "enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(ResponseStarted(200, "http://test.example"))
        for text in ("", "typed words", "/"):
            app.chat.composer.prompt.put(text)
            for size in [(width, height) for width in (20, 12, 6, 4, 3, 2, 1) for height in (6, 2, 1)]:
                backend.model.say(TextDelta("word ", at=1.0))
                await pilot.resize_terminal(*size)
                await until(pilot, partial(has_size, app, size))
        await pilot.resize_terminal(80, 24)
        app.chat.composer.prompt.put("")
        await in_place(app, pilot)


async def test_no_size_is_an_error() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        app.post_message(Paste("\n".join("many")))
        for size in [(20, 6), (10, 3), (3, 2), (1, 1), (200, 4), (40, 1), (2, 30), (80, 24)]:
            await pilot.resize_terminal(*size)
            await until(pilot, partial(has_size, app, size))
            await asyncio.sleep(0)
        await in_place(app, pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_text_in_a_dialog_leaves_its_frame_on_the_screen(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        app.push_screen(LineScreen("System prompt", "Enter takes it", "\n".join("abcdefghijklmnopqrstuvwxyz")))
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.screen.query(LineBox))
        frame = app.screen.query_one("Vertical")
        box = app.screen.query_one(LineBox)
        await until(pilot, lambda: frame.region and Region(0, 0, *size).contains_region(frame.region))
        await until(pilot, lambda: frame.region.contains_region(box.region))
        assert box.region.contains(*box.cursor_screen_offset)
