"""Toasts lie over the conversation, never over the prompt or what stands above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.roles import WELL_READABLE, contrast, role_variables

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp


def lowest_row(app: ChatApp) -> int:
    """The row below the toasts that are shown; 0 where none is."""
    return max((toast.region.bottom for toast in app.chat.query("Toast")), default=0)


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_a_toast_stays_above_a_prompt_of_any_height(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size, toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.composer.put("one\ntwo\nthree")
        await until(pilot, lambda: app.chat.composer.prompt.region.height >= 3, "the higher prompt")
        app.chat.show_notice("A confirmation.", seconds=600)
        await until(pilot, lambda: 0 < lowest_row(app) <= app.chat.composer.region.y, "the toast above the prompt")
        app.chat.composer.put("one\ntwo\nthree\nfour\nfive")
        await until(pilot, lambda: app.chat.composer.prompt.region.height > 3, "the even higher prompt")
        await until(pilot, lambda: 0 < lowest_row(app) <= app.chat.composer.region.y, "the toast higher up")


async def test_a_toast_stays_above_the_sentence_about_another_host() -> None:
    async with running(ScriptedBackend(), toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.show_notice("The endpoint is saved.", seconds=600)
        sentence = "This chat was with here.example; all of it goes to far.example now."
        app.chat.composer.host_line.show(sentence, tried=False)
        await until(pilot, lambda: app.chat.composer.host_line.region.height > 0, "the sentence")
        await until(
            pilot, lambda: 0 < lowest_row(app) <= app.chat.composer.host_line.region.y, "the toast above the sentence"
        )


async def test_a_dialog_shows_a_toast_where_the_chat_has_it() -> None:
    async with running(ScriptedBackend(), toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.composer.put("one\ntwo\nthree")
        app.chat.show_notice("A confirmation.", seconds=600)
        await until(pilot, lambda: 0 < lowest_row(app) <= app.chat.composer.region.y, "the toast above the prompt")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.chat and app.screen.query("Toast"), "the toast in the dialog")
        here = app.chat.query("Toast").first()
        await until(pilot, lambda: app.screen.query("Toast").first().region == here.region, "the same place")


def toasts_in_sight(app: ChatApp) -> list[str]:
    """The texts of the toasts on the screen of the chat."""
    return [str(toast.render()) for toast in app.chat.query("Toast") if toast.region]


async def test_a_small_screen_shows_only_the_newest_toast_and_no_blank_rows() -> None:
    async with running(ScriptedBackend(), size=(40, 12), toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        for text in ("One.", "Two."):
            app.chat.show_notice(text, seconds=600)
        await until(pilot, lambda: toasts_in_sight(app) == ["Two."], "the newest toast")
        assert [toast.region.height for toast in app.chat.query("Toast") if toast.region] == [1]
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: toasts_in_sight(app) == ["One.", "Two."], "both toasts")


async def test_what_is_said_again_is_there_once() -> None:
    async with running(ScriptedBackend(), toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.show_notice("One.", seconds=600)
        await until(pilot, lambda: toasts_in_sight(app) == ["One."], "the toast")
        first = app.chat.query("Toast").first()
        app.chat.show_notice("One.", seconds=600)
        await until(pilot, lambda: app.chat.query("Toast").first() is not first and len(app.chat.query("Toast")) == 1)


async def test_a_toast_can_be_read_in_every_theme() -> None:
    async with running(ScriptedBackend(), toasts=True) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.show_notice("A confirmation.", seconds=600)
        await until(pilot, lambda: toasts_in_sight(app) == ["A confirmation."], "the toast")
        toast = app.chat.query("Toast").first()
        for theme in app.available_themes.values():
            app.theme = theme.name
            overlay = Color.parse(role_variables(theme)["role-overlay"])
            await until(pilot, lambda overlay=overlay: toast.styles.background == overlay, theme.name)  # type: ignore[misc]
            ground, ink = overlay.tint(toast.styles.background_tint), toast.styles.color
            if theme.ansi:
                assert (ground.ansi, ink.ansi) == (-1, -1), theme.name  # the terminal's own, and no shade of its own
                assert toast.styles.border_top[0] == "round", theme.name
            else:
                assert contrast(ground, ink) >= WELL_READABLE, theme.name
                assert contrast(ground, overlay) >= 1.1, theme.name  # it may lie over a dialog
