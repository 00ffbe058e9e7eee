"""The button beside the prompt: its two looks in every kind of theme."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from rich.style import Style

from tests.ui.scripted import until
from tui_chat.ui.composer.send_button import SendButton
from tui_chat.ui.themes import THEMES, ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.pilot import Pilot

WIDTH = 8
KINDS = [*(theme.name for theme in THEMES), "ansi-dark", "ansi-light"]


class ButtonHost(ThemedApp):
    """The button alone."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.button = SendButton("Send")

    def compose(self) -> ComposeResult:
        yield self.button

    def row(self) -> str:
        """The cells of the button."""
        return self.screen._compositor.render_strips()[0].text[:WIDTH]

    def style(self) -> Style:
        """The style of the label."""
        return next(
            (part.style or Style() for part in self.screen._compositor.render_strips()[0] if part.text.strip()), Style()
        )

    def colours(self) -> tuple[object, object]:
        """The colours of the label and of what is behind it."""
        return self.style().color, self.style().bgcolor


@asynccontextmanager
async def shown(theme: str = THEMES[0].name) -> AsyncIterator[tuple[ButtonHost, SendButton, Pilot[None]]]:
    app = ButtonHost()
    async with app.run_test(size=(20, 5)) as pilot:
        app.theme = theme
        await until(pilot, lambda: app.button.region.width == WIDTH, "the button")
        await pilot.pause()
        yield app, app.button, pilot


def test_its_label_and_its_meaning_change_together() -> None:
    button = SendButton("Send")
    assert not button.stops
    for stops, label in ((True, "Stop"), (True, "Stop"), (False, "Send")):
        button.show_stop(stops)
        assert (button.stops, str(button.label)) == (stops, label)


@pytest.mark.parametrize("theme", KINDS)
async def test_stop_looks_other_than_send_in_the_same_cells(theme: str) -> None:
    async with shown(theme) as (app, button, pilot):
        await until(pilot, lambda: app.row() == "  Send  ", "the first look")
        send = app.colours()
        button.show_stop(True)
        await until(pilot, lambda: app.row() == "  Stop  " and app.colours()[1] != send[1], "the other look")
        assert (button.region.width, button.region.height) == (WIDTH, 1)
        colour, behind = app.colours()
        assert colour != behind
        button.show_stop(False)
        await until(pilot, lambda: app.row() == "  Send  " and app.colours() == send, "the first look again")


async def test_the_pointer_is_answered_over_send_and_does_not_hide_that_the_other_stops() -> None:
    async with shown() as (_, button, pilot):
        send = button.styles.background
        button.show_stop(True)
        await until(pilot, lambda: button.styles.background != send, "the colour of Stop")
        stop = button.styles.background
        button.show_stop(False)
        await pilot.hover(button)
        await until(pilot, lambda: button.styles.background not in (send, stop), "the answer")
        button.show_stop(True)
        await until(pilot, lambda: button.styles.background == stop, "the colour of Stop under the pointer")


async def test_the_focus_is_seen() -> None:
    async with shown() as (app, button, pilot):
        assert not app.style().reverse
        app.screen.set_focus(button)
        await until(pilot, lambda: app.style().reverse, "another look")
        app.screen.set_focus(None)
        await until(pilot, lambda: not app.style().reverse, "the look before")
