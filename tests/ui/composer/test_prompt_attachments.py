"""Files that go with a prompt: dropped, pasted, read, sent, removed, and kept with the draft."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.events import Key, Paste

from tests.ui.composer.attaching import PNG, chips, names
from tests.ui.kept import KeptHistory, backend
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.history_ports import draft_of
from tui_chat.chat.message import Attachment
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.ui.app import ChatApp


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


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_what_is_read_can_be_stopped_and_the_prompt_that_waits_for_it_comes_back(key: str) -> None:
    model = ScriptedBackend()
    gate, begun = asyncio.Event(), asyncio.Event()

    async def never() -> Attachment:
        begun.set()
        await gate.wait()
        return Attachment("a.txt", "text/plain", b"a")

    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.composer.attach(never())
        await pilot.press(*"what?", "enter")
        await until(pilot, begun.is_set)
        await until(pilot, lambda: chips(app) == " reading 1 file…  Esc stops ")
        assert app.chat.composer.text == ""
        await pilot.press(key)
        await until(pilot, lambda: app.chat.composer.text == "what?")
        await until(pilot, lambda: not app.chat.composer.chips.display)
        assert (names(app), model.model.questions) == ([], [])
        await pilot.press("enter")
        await until(pilot, lambda: model.model.questions)
        assert model.model.questions[0].messages[-1].attachments == ()


async def test_a_reply_is_stopped_before_the_reading_of_files_is() -> None:
    model = ScriptedBackend()
    gate = asyncio.Event()

    async def waits() -> Attachment:
        await gate.wait()
        return Attachment("a.txt", "text/plain", b"a")

    async with running(model) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: app.chat.session is not None and app.chat.session.busy)
        app.chat.composer.attach(waits())
        await pilot.press("escape")
        await until(pilot, lambda: app.chat.session is not None and not app.chat.session.busy)
        gate.set()
        await until(pilot, lambda: names(app) == ["a.txt"])
