"""The menu of files and addresses behind an `@`."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from tests.ui.compare.side_by_side import shown
from tests.ui.composer.attaching import chips, names
from tests.ui.kept import toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.attachments import file_list
from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.ui.composer import file_menu
from tui_chat.ui.composer.file_menu import _shortened
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp
    from tui_chat.ui.composer.file_menu import FileMenu


class Disk:
    """A disk that answers when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers = threading.Event()
        self.asked = threading.Event()
        find = file_list.files_in

        def files_in(folder: Path) -> list[str]:
            self.asked.set()
            self.answers.wait(60)
            return find(folder)

        monkeypatch.setattr(file_list, "files_in", files_in)


def menu_rows(app: ChatApp) -> list[str]:
    return [row.rstrip() for row in app.chat.composer.file_menu.render().plain.splitlines()]


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


async def test_a_slow_search_is_said_and_enter_waits_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    monkeypatch.setattr(file_menu, "PATIENCE", 600.0)
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"@notes")
        await until(pilot, lambda: menu_rows(app) == ["  Looking for files…"] and app.chat.composer.file_menu.display)
        await pilot.press("enter")
        assert app.chat.composer.text == "@notes"
        disk.answers.set()
        await until(pilot, lambda: names(app) == ["notes.md"])
        assert app.chat.composer.text == "notes.md "
        assert not app.chat.composer.file_menu.display
    assert model.model.questions == []


async def test_a_disk_that_does_not_answer_keeps_no_prompt_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    monkeypatch.setattr(file_menu, "PATIENCE", 0.2)
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"hello @ann", "enter")
        await until(pilot, lambda: model.model.questions)
        assert model.model.questions[0].messages[-1].text == "hello @ann"
        await pilot.press(*"and @eve", "escape", "enter")  # Esc: not looked for
        await until(pilot, lambda: len(model.model.questions) == 2)
        assert disk.asked.is_set()
        disk.answers.set()


async def test_tab_takes_nothing_that_fits_an_older_word_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("@", "n")
        await until(pilot, lambda: app.chat.composer.file_menu.open)
        for key in (*"pgm", "tab"):  # `n` fits notes.md; `npgm` fits `main program.py` alone
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: names(app) == ["main program.py"])


async def test_a_file_whose_name_looks_like_a_home_folder_is_attached(folder: Path) -> None:
    (folder / "~nobody-has-this-name").write_text("x")
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("@", "~", "n")
        await until(pilot, lambda: app.chat.composer.file_menu.open)
        await pilot.press("tab")
        await until(pilot, lambda: names(app) == ["~nobody-has-this-name"])


async def test_a_file_is_reached_folder_by_folder_also_through_names_with_blanks(home: Path, folder: Path) -> None:
    deep = home / "My  Documents" / "日本 語"
    deep.mkdir(parents=True)
    (deep / "a b.md").write_text("x")
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"see @~/M")
        for _ in range(2):
            await until(pilot, lambda: app.chat.composer.file_menu.open and not app.chat.composer.file_menu.searching)
            await pilot.press("tab")
        assert app.chat.composer.text == r"see @~/My\ \ Documents/日本\ 語/"
        await until(pilot, lambda: menu_rows(app) == ["▸ ~/My Documents/日本 語/a b.md"])
        await pilot.press("tab")
        await until(pilot, lambda: names(app) == ["a b.md"])
        assert app.chat.composer.text == "see ~/My Documents/日本 語/a b.md "


async def test_files_above_the_working_folder_are_reached_by_dots(folder: Path) -> None:
    (folder.parent / "above.md").write_text("x")
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"看@../abo")
        await until(pilot, lambda: menu_rows(app) == ["▸ ../above.md"])
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == ["above.md"])


def test_a_long_path_keeps_its_name() -> None:
    assert _shortened("src/deep/name.py", 80) == ("src/deep/", "name.py")
    assert _shortened("a/very/long/folder/name.py", 16) == ("…/folder/", "name.py")
    assert _shortened("文档/文档/文档/文件.md", 12) == ("…档/", "文件.md")
    assert _shortened("~/folder/", 80) == ("~/", "folder/")
    assert _shortened("name.py", 3) == ("", "name.py")


async def with_many_files(pilot: Pilot[None], app: ChatApp, folder: Path) -> FileMenu:
    """The menu over forty files."""
    for number in range(40):
        (folder / f"page_{number:02}.md").write_text("text")
    await app.chat.mount_late_parts()
    await pilot.press(*"@page")
    menu = app.chat.composer.file_menu
    await until(pilot, lambda: menu.open and not menu.searching and menu.word == "@page")
    return menu


@pytest.mark.parametrize(("size", "rows"), [((80, 24), 8), ((40, 12), 4), ((40, 8), 2)])
async def test_the_pick_is_always_visible_and_a_longer_list_says_so(
    folder: Path, size: tuple[int, int], rows: int
) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        menu = await with_many_files(pilot, app, folder)
        await until(pilot, lambda: menu.region.height == rows)
        for pressed in range(41):
            shown = menu.render().plain.splitlines()
            assert len(shown) == rows
            assert [row.strip() for row in shown if row.startswith("▸")] == [f"▸ page_{pressed % 40:02}.md"]
            assert rows < 3 or f"{pressed % 40 + 1} of 40" in shown[-1]
            await pilot.press("down")


async def test_a_file_is_attached_with_the_mouse(folder: Path) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        menu = await with_many_files(pilot, app, folder)
        await until(pilot, lambda: menu.region.height > 2)
        await pilot.click(menu, offset=(4, 2))
        await until(pilot, lambda: names(app) == ["page_02.md"])
        assert app.chat.composer.text == "page_02.md "
        assert app.focused is app.chat.composer.prompt
