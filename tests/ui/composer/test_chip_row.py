"""The chips of attachments above the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.composer.attaching import chips, names
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from pathlib import Path


async def test_chips_are_removed_by_click_and_by_backspace(folder: Path) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.commands.attaching.attach_files([folder / "notes.md", folder / "bracket.png"])
        await until(pilot, lambda: len(names(app)) == 2)
        assert "bracket.png 1280×720 ~1,000 tokens ×" in chips(app)
        await until(pilot, lambda: app.chat.composer.chips.region.height == 1)
        await pilot.click("#chips", offset=(chips(app).index("×"), 0))
        await until(pilot, lambda: names(app) == ["bracket.png"])
        app.chat.composer.focus_prompt()
        await pilot.press("a", "backspace")
        assert names(app) == ["bracket.png"]
        await pilot.press("backspace")
        await until(pilot, lambda: names(app) == [])


async def test_a_chip_never_loses_its_button_and_chips_without_a_row_are_counted() -> None:
    async with running(ScriptedBackend(), size=(40, 12)) as (app, pilot):
        await app.chat.mount_late_parts()
        files = [
            Attachment(f"a-rather-long-name-of-a-file-number-{each}.md", "text/plain", b"x" * 9000) for each in "abc"
        ]
        app.chat.composer.give_back("", files)
        chips = app.chat.composer.chips
        await until(pilot, lambda: chips.region.height == 2, "two rows")
        first, second = chips.render().plain.split("\n")
        assert first.endswith("× ")
        assert len(first) <= 40
        assert second.strip() == "and 2 more"
