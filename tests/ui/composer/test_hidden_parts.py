"""The parts of the composer that come after the first frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Paste

from tests.ui.composer.test_composer import composing
from tests.ui.scripted import until
from tui_chat.ui.composer.chip_row import ChipRow
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.composer.file_menu import FileMenu
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from textual.app import ComposeResult


class EarlyHost(ThemedApp):
    """The composer as it is in the first frame."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()

    def compose(self) -> ComposeResult:
        yield self.composer

    def on_mount(self) -> None:
        self.composer.focus_prompt()


async def test_the_first_frame_has_the_frame_and_the_prompt_alone() -> None:
    app = EarlyHost()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is app.composer.prompt)
        assert list(app.composer.children) == [app.composer.frame]
        app.post_message(Paste("typed early"))
        await until(pilot, lambda: app.composer.text == "typed early")
        assert app.composer._hidden._chips is None


async def test_the_parts_are_mounted_once_and_in_their_order() -> None:
    async with composing() as (_, composer, _pilot):
        await composer.mount_hidden_parts()
        assert list(composer.children) == [
            composer.menu,
            composer.file_menu,
            composer.queue_bar,
            composer.editing_line,
            composer.host_line,
            composer.frame,
        ]
        assert len(composer.query(FileMenu)) == len(composer.query(ChipRow)) == 1


async def test_chips_shown_before_they_are_mounted_are_mounted_with_the_rest() -> None:
    app = EarlyHost()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is app.composer.prompt)
        app.post_message(Paste("\n".join("abcdefghijk")))
        await until(pilot, lambda: app.composer.prompt.folded)
        await app.composer.mount_hidden_parts()
        await until(pilot, lambda: app.composer.chips.region.height == 1)
        assert app.composer.chips.render().plain == " Pasted 11 lines open "
