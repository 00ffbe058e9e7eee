"""The menu of files and addresses behind an `@`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.events import Key

from tests.ui.compare.side_by_side import shown
from tests.ui.composer.attaching import chips, names
from tests.ui.kept import toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

if TYPE_CHECKING:
    from pathlib import Path


async def test_at_finds_files_and_what_is_chosen_is_attached_and_sent(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"Sum up @nts")
        menu = app.chat.composer.file_menu
        await until(pilot, lambda: menu.open and menu.region.height == 1)
        await pilot.press("tab")
        assert app.chat.composer.text == "Sum up notes.md "
        await until(pilot, lambda: names(app) == ["notes.md"])
        assert chips(app) == " notes.md 8 B ~2 tokens × "
        await until(pilot, lambda: app.chat.composer.chips.region.height == 1)
        await pilot.press("enter")
        await until(pilot, lambda: model.model.questions)
        asked = model.model.questions[0].messages[-1]
        assert (asked.text, [(each.name, each.data) for each in asked.attachments]) == (
            "Sum up notes.md ", [("notes.md", b"# Notes\n")],
        )  # fmt: skip
        assert names(app) == []
        assert not app.chat.composer.chips.display


async def test_a_fast_typist_is_ahead_of_the_search_and_of_the_disk(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        for key in (*"@main", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: names(app) == ["main program.py"])
        assert app.chat.composer.text == "src/main program.py "
        assert model.model.questions == []
        app.chat.commands.attaching.attach("notes.md")
        await pilot.press("enter")
        await until(pilot, lambda: model.model.questions)
        assert [each.name for each in model.model.questions[0].messages[-1].attachments] == [
            "main program.py",
            "notes.md",
        ]


async def test_an_at_that_fits_no_file_is_text(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        for key in (*"tell ", "@", *"zzqx", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: model.model.questions)
        assert model.model.questions[0].messages[-1].text == "tell @zzqx"
        await pilot.press(*"me@example.org")
        assert not app.chat.composer.file_menu.open


async def test_an_at_sign_in_a_commands_argument_is_no_file(folder: Path) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.composer.prompt.put("/model ")
        await pilot.press("@", "n")
        await pilot.pause()
        assert not app.chat.composer.file_menu.searching
        assert not app.chat.composer.file_menu.open
        app.chat.composer.prompt.put("/no-command ")
        await pilot.press("@", "n")
        await until(pilot, lambda: app.chat.composer.file_menu.open)


async def test_escape_closes_the_menu_and_leaves_the_word(folder: Path) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("@", "n")
        await until(pilot, lambda: app.chat.composer.file_menu.open)
        await pilot.press("escape")
        assert not app.chat.composer.file_menu.open
        assert app.chat.composer.text == "@n"


async def test_an_address_is_fetched_when_it_is_confirmed(folder: Path) -> None:
    model = ScriptedBackend()
    page = b"<html><head><title>x</title></head><body><h1>Head</h1><script>evil()</script><p>One &amp; two</p></body>"
    model.pages["https://example.org/page"] = FetchedPage("https://example.org/page", "text/html; charset=utf-8", page)
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"@https://example.org/page")
        await until(pilot, lambda: app.chat.composer.file_menu.open)
        assert "Fetch https://example.org/page and attach it" in app.chat.composer.file_menu.render().plain
        assert names(app) == []
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == ["example.org/page.txt"])
        assert app.chat.composer.attachments[0].data == b"Head\n\nOne & two"
        await until(pilot, lambda: isinstance(app.screen, AttachmentPreview) and "One & two" in shown(app))
        assert "evil" not in shown(app)
        await pilot.press("delete")
        await until(pilot, lambda: names(app) == [] and app.screen is app.chat)
        app.chat.composer.attaching.attach_address("https://example.org/no")  # type: ignore[union-attr]
        await until(pilot, lambda: "There is no such page." in toasts(app))


async def test_the_preview_of_a_page_does_not_take_the_keys_of_a_person_who_writes_on() -> None:
    model = ScriptedBackend()
    gate = asyncio.Event()

    async def fetch(url: str) -> FetchedPage:
        await gate.wait()
        return FetchedPage(url, "text/plain", b"a page")

    model.fetch = fetch  # type: ignore[method-assign]
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"@https://example.org/page")
        await until(pilot, lambda: app.chat.composer.file_menu.open)
        await pilot.press("enter", *" is what?")
        gate.set()
        await until(pilot, lambda: "page is attached; Alt+P shows what is sent of it." in toasts(app))
        assert app.screen is app.chat
        assert app.chat.composer.text.endswith(" is what?")
