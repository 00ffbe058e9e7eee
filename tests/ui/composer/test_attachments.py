"""Files that go with a prompt: found with @, dropped, pasted, fetched, sent, removed, and kept with the draft."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.events import Key, Paste

from tests.ui.kept import KeptHistory, backend, toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.chat.history_ports import draft_of
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.ui.app import ChatApp

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x05\x00\x00\x00\x02\xd0\x08\x02\x00\x00\x00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with some files."""
    here = tmp_path / "here"
    (here / "src").mkdir(parents=True)
    (here / "notes.md").write_text("# Notes\n")
    (here / "src" / "main program.py").write_text("print()\n")
    (here / "bracket.png").write_bytes(PNG)
    monkeypatch.chdir(here)
    return here


def chips(app: ChatApp) -> str:
    return " | ".join(" ".join(chip.plain for chip in row) for row in app.chat.composer.chips._rows(200))


def names(app: ChatApp) -> list[str]:
    return [each.name for each in app.chat.composer.attachments]


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


@pytest.mark.parametrize(
    "written",
    ["{folder}/notes.md", "'{folder}/src/main program.py'", "{folder}/src/main\\ program.py", "file://{folder}/notes.md",
     "file://{folder}/src/main%20program.py", "{folder}/src/main program.py", "{folder}/notes.md {folder}/bracket.png ",
     "{folder}/notes.md\r{folder}/bracket.png\r"],
)  # fmt: skip
async def test_dropped_paths_are_attached(folder: Path, written: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        app.post_message(Paste(written.format(folder=folder)))
        wanted = written.count("{folder}")
        await until(pilot, lambda: len(names(app)) == wanted)
        assert app.chat.composer.text == ""


@pytest.mark.parametrize(
    "text", ["/no/such/file", "/etc", "/usr/bin is what?", "'unclosed", "file://elsewhere/etc/hosts"]
)
async def test_other_pastes_that_begin_like_paths_are_text(text: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        app.post_message(Paste(text))
        await until(pilot, lambda: app.chat.composer.text == text)
        assert names(app) == []


async def test_what_is_typed_around_a_dropped_path_stays_and_enter_sends_a_text_that_is_none(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        for event in (Key("a", "a"), Paste(f"{folder}/notes.md"), Key("b", "b")):
            app.post_message(event)
        await until(pilot, lambda: names(app) == ["notes.md"])
        assert app.chat.composer.text == "ab"
        app.chat.composer.clear()
        app.chat.composer.clear()
        app.post_message(Paste("/no/such/file"))
        app.post_message(Key("enter", None))
        await until(pilot, lambda: model.model.questions)
        assert model.model.questions[0].messages[-1].text == "/no/such/file"


async def test_what_cannot_be_attached_is_said(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(b"\x00\x01\xff\xfe\x00")
    async with running(ScriptedBackend()) as (app, pilot):
        for name, why in (("missing", "cannot be read"), ("binary", "neither text nor a picture"), ("pipe", "pipe")):
            app.chat.commands.attaching.attach(name)
            await until(pilot, partial(is_said, app, f"{name} ", why), why)
        assert names(app) == []


def is_said(app: ChatApp, *words: str) -> bool:
    return any(all(word in sentence for word in words) for sentence in toasts(app).splitlines())


async def test_a_prompt_waits_for_its_files_and_comes_back_where_one_cannot_be_read() -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        files: list[asyncio.Future[Attachment | None]] = [asyncio.Future(), asyncio.Future()]
        for file in files:
            app.chat.composer.attach(waited_for(file))
        await pilot.press(*"one", "enter", *"two", "enter")
        await pilot.pause()
        assert model.model.questions == []
        assert app.chat.composer.unsent == "one\ntwo"
        files[0].set_result(Attachment("a.txt", "text/plain", b"a"))
        files[1].set_result(None)
        await until(pilot, lambda: "two" in app.chat.composer.text)
        await pilot.pause()
        assert (app.chat.composer.text, names(app)) == ("one\ntwo", ["a.txt"])
        assert model.model.questions == []


async def waited_for(file: asyncio.Future[Attachment | None]) -> Attachment | None:
    return await file


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
        app.chat.composer.attaching.attach_address("https://example.org/no")  # type: ignore[union-attr]
        await until(pilot, lambda: "There is no such page." in toasts(app))


async def test_what_an_endpoint_does_not_take_is_said_before_it_is_sent(folder: Path) -> None:
    model = ScriptedBackend()
    model.refusal = "bracket.png cannot be sent: this endpoint takes nothing but text."
    async with running(model) as (app, pilot):
        app.chat.commands.attaching.attach_file(folder / "bracket.png")
        await until(pilot, lambda: "takes nothing but text" in toasts(app))
        await until(pilot, lambda: names(app) == ["bracket.png"])


async def test_what_is_queued_keeps_its_attachments_and_brings_them_back(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("q", "enter")
        await until(pilot, lambda: model.model.questions)
        app.chat.commands.attaching.attach("notes.md")
        await until(pilot, lambda: names(app) == ["notes.md"])
        await pilot.press("w", "enter")
        session = app.chat.session
        assert session is not None
        await until(pilot, lambda: session.queue)
        assert [each.name for each in session.queue[0].attachments] == ["notes.md"]
        assert names(app) == []
        app.chat.sender.take_back_last()
        assert (app.chat.composer.text, names(app)) == ("w", ["notes.md"])


async def test_an_edited_question_shows_its_files_and_the_others_come_back(folder: Path) -> None:
    model = ScriptedBackend()
    async with running(model) as (app, pilot):
        composer = app.chat.composer
        question = app.chat.conversation.add_question("old", [Attachment("a.txt", "text/plain", b"a")])
        app.chat.commands.attaching.attach("notes.md")
        await until(pilot, lambda: names(app) == ["notes.md"])
        composer.begin_edit(question)
        assert "a.txt" in chips(app)
        assert names(app) == ["notes.md"]
        composer.end_edit()
        assert names(app) == ["notes.md"]


async def test_a_draft_of_the_disk_has_its_files(tmp_path: Path) -> None:
    history = KeptHistory()
    chat = history.keep("one")
    history.drafted(chat.id, draft_of("see", [Attachment("a.txt", "text/plain", b"abc")]))
    async with running(backend(history, chat.id)) as (app, pilot):
        await until(pilot, lambda: names(app) == ["a.txt"])
        assert app.chat.composer.text == "see"


def rows_of(app: ChatApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_what_is_attached_is_shown_as_it_will_be_sent_and_can_be_removed(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        await app.chat.mount_late_parts()
        text = "\n".join(f"line {number} \x1b[31m" for number in range(500))
        app.chat.composer.give_back(
            "", [Attachment("notes.md", "text/markdown", text.encode()), Attachment("b.png", "image/png", PNG)]
        )
        await until(pilot, lambda: app.chat.composer.chips.region.height > 0, "the chips")
        await pilot.click(app.chat.composer.chips, offset=(3, 0))
        await until(pilot, lambda: isinstance(app.screen, AttachmentPreview) and "line 1" in rows_of(app), "the text")
        assert "\x1b" not in rows_of(app)
        assert "1 of 2" in rows_of(app)
        for _ in range(100):  # a key pressed before the text is laid out moves nothing
            if "line 31" in rows_of(app):
                break
            await pilot.press("pagedown")
        assert "line 31" in rows_of(app)
        await pilot.press("right")
        await until(pilot, lambda: "Sent as a picture: image/png" in rows_of(app), "the picture")
        await pilot.press("delete")
        await until(pilot, lambda: names(app) == ["notes.md"], "one less")
        await pilot.press("alt+p")
        await until(pilot, lambda: isinstance(app.screen, AttachmentPreview) and "line 1" in rows_of(app), "the text")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat, "the chat")
        assert names(app) == ["notes.md"]


@pytest.mark.parametrize(("images", "said"), [(False, True), (None, False), (True, False)])
async def test_a_picture_for_a_model_that_takes_none_is_said_at_once(
    folder: Path, *, images: bool | None, said: bool
) -> None:
    backend = ScriptedBackend()
    backend.learned["tiny-model"] = ModelInfo("tiny-model", images=images)
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.commands.attaching.attach_file(folder / "bracket.png")
        await until(pilot, lambda: names(app) == ["bracket.png"], "the picture")
        await pilot.pause()
        assert any("takes no pictures" in str(note.message) for note in app._notifications) == said


async def test_another_model_that_takes_no_pictures_says_so_while_one_is_attached() -> None:
    backend = ScriptedBackend()
    backend.learned["blind"] = ModelInfo("blind", images=False)
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.composer.give_back("", [Attachment("b.png", "image/png", PNG)])
        assert not app._notifications
        app.chat.connections.choose_model("blind")
        await until(pilot, lambda: any("blind takes no pictures" in str(note.message) for note in app._notifications))


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
