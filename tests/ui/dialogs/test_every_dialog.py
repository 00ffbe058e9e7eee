"""What holds for every dialog: it fits into the window, says how it is closed, and survives any size."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.geometry import Region

from tests.ui.dialogs.test_leaving_dialogs import INSIDE, SlowBackend, press
from tests.ui.scripted import running, until
from tui_chat.chat.message import Attachment
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import HintRow, TitleRow
from tui_chat.ui.dialogs.version_diff import VersionDiff

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

WORDS = [word for word in INSIDE if word not in ("find", "export")]  # an empty chat is not exported
SIZES = [(40, 12), (80, 24), (120, 36), (200, 60)]
LOOKS = [*((size, "tui-chat-dark") for size in SIZES), *((size, "ansi-dark") for size in SIZES[:2])]
"""Borders, which only the terminal's own colours have, take the most of a small window."""


async def opened(pilot: Pilot[None], app: ChatApp, word: str) -> Dialog[object]:
    app.chat.composer.prompt.put("")
    press(app, "/", *word, "enter")
    await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.is_mounted, word)
    assert isinstance(app.screen, Dialog)
    return app.screen


async def closed(pilot: Pilot[None], app: ChatApp) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.chat)
    assert app.chat.composer.prompt.has_focus


def fits(app: ChatApp, size: tuple[int, int]) -> bool:
    """Whether the panel is inside of the window, and its first and last row inside of its border."""
    screen = app.screen
    panel, inside = screen.query_one(".panel").region, screen.query_one(".panel").content_region
    title, hints = screen.query_one(TitleRow).region, screen.query_one(HintRow).region
    return (
        app.size == size
        and bool(title and hints)
        and Region(0, 0, *size).contains_region(panel)
        and inside.contains_region(title)
        and inside.contains_region(hints)
    )


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_it_fits_into_the_window_and_says_how_it_is_closed(size: tuple[int, int], theme: str) -> None:
    async with running(SlowBackend(), size=size) as (app, pilot):
        app.theme = theme
        for word in WORDS:
            dialog = await opened(pilot, app, word)
            await until(pilot, partial(fits, app, size), f"{word} at {size}")
            assert dialog.query_one(TitleRow).render().plain.rstrip().endswith("Esc"), word
            assert dialog.query_one(HintRow).render().plain.strip(), word
            await closed(pilot, app)


@pytest.mark.parametrize("word", WORDS)
async def test_the_window_may_change_its_size_while_it_is_open(word: str) -> None:
    async with running(SlowBackend(), size=(80, 24)) as (app, pilot):
        await opened(pilot, app, word)
        for size in [(40, 12), (120, 36), (20, 5), (3, 2), (1, 1), (200, 10), (10, 60)]:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: app.size == size)  # type: ignore[misc]
            await pilot.press("down")
        await pilot.resize_terminal(80, 24)
        await until(pilot, partial(fits, app, (80, 24)), word)
        assert app._exception is None
        await closed(pilot, app)


@pytest.mark.parametrize("word", WORDS)
async def test_a_click_on_esc_closes_it(word: str) -> None:
    async with running(SlowBackend(), size=(80, 24)) as (app, pilot):
        dialog = await opened(pilot, app, word)
        await until(pilot, partial(fits, app, (80, 24)), word)
        title = dialog.query_one(TitleRow)
        await pilot.click(title, offset=(title.size.width - 4, 0))
        await until(pilot, lambda: app.screen is app.chat, word)


@pytest.mark.parametrize("word", WORDS)
async def test_what_is_below_it_can_still_be_seen(word: str) -> None:
    async with running(SlowBackend(), size=(80, 24)) as (app, pilot):
        await opened(pilot, app, word)
        await until(pilot, lambda: "New chat" in app.screen._compositor.render_strips()[0].text, f"{word}: the title")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_a_long_text_leaves_room_for_the_keys(size: tuple[int, int], theme: str) -> None:
    async with running(SlowBackend(), size=size) as (app, pilot):
        app.theme = theme
        text = "some words\n" * 500
        for dialog in (
            AttachmentPreview([Attachment("a.txt", "text/plain", text.encode())]),
            VersionDiff("Changes", text, text.replace("some", "other")),
        ):
            app.push_screen(dialog)
            await until(pilot, lambda dialog=dialog: app.screen is dialog and dialog.is_mounted)  # type: ignore[misc]
            await until(pilot, partial(fits, app, size), f"{type(dialog).__name__} at {size}")
            await closed(pilot, app)
