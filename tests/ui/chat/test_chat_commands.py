"""The commands for whole chats: a title, a copy, deletion and its undoing, an export; and why one cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.ui.kept import exchange, focused, send, texts, toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta
from tui_chat.ui.dialogs.text_input_screen import LineScreen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("duplicate", "There is nothing to copy yet."),
        ("delete", "There is nothing to delete."),
        ("undelete", "There is nothing to restore."),
        ("export a.md", "There is nothing to export yet."),
    ],
)
async def test_in_an_empty_chat_each_command_says_why_it_does_nothing(word: str, says: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await send(pilot, app, f"/{word}")
        await until(pilot, lambda: says in toasts(app))


async def test_a_chat_is_renamed_by_a_word_or_asked_for_one() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "why?", "because")
        await send(pilot, app, "/rename A \x1b[2Jtitle")
        await until(pilot, lambda: "The title is" in toasts(app))
        assert "title" in app.chat.conversation.title
        assert "\x1b" not in app.chat.conversation.title
        await send(pilot, app, "/rename")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.screen.focused)
        await pilot.press("ctrl+u", *"new", "enter")
        await until(pilot, lambda: app.chat.conversation.title == "new")


async def test_a_copy_ends_at_the_message_it_was_made_from() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await exchange(pilot, app, "two", "second")
        original = app.chat.conversation.id
        await focused(pilot, app, "first")
        await pilot.press("b")
        await until(pilot, lambda: texts(app) == ["one", "first"])
        assert app.chat.conversation.id != original
        assert "You are in a copy." in toasts(app)


async def test_a_reply_that_is_coming_can_be_neither_copied_nor_deleted() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await send(pilot, app, "why?")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(ResponseStarted(200, "http://t"), TextDelta("half"))
        await until(pilot, lambda: texts(app)[-1:] == ["half"])
        await send(pilot, app, "/duplicate")
        await until(pilot, lambda: "a copy can be made when it has ended" in toasts(app))
        await send(pilot, app, "/delete")
        await until(pilot, lambda: "A reply is still coming in this chat: stop it first." in toasts(app))
        assert texts(app) == ["why?", "half"]


async def test_a_deleted_chat_comes_back() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "why?", "because")
        chat = app.chat.conversation.id
        await send(pilot, app, "/delete")
        await until(pilot, lambda: app.chat.conversation.id != chat and texts(app) == [])
        await send(pilot, app, "/undelete")
        await until(pilot, lambda: app.chat.conversation.id == chat and texts(app) == ["why?", "because"])


async def test_an_export_is_named_and_nothing_is_overwritten(tmp_path: Path) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "why?", "because")
        file = tmp_path / "chat.md"
        await app.chat.commands.chats.export(str(file))
        await until(pilot, lambda: "Exported to" in toasts(app))
        assert file.read_text() == app.chat.conversation.title
        file.write_text("mine")
        await app.chat.commands.chats.export(str(file))
        await until(pilot, lambda: "is there already" in toasts(app))
        assert file.read_text() == "mine"


async def test_without_a_name_the_export_asks_for_one_and_offers_the_title() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "why, really?", "because")
        await send(pilot, app, "/export")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        assert isinstance(app.screen, LineScreen)
        assert app.screen._box.text == "why-really.md"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_a_name_that_is_taken_is_not_offered_and_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    taken, free = tmp_path / "why.md", tmp_path / "mine.txt"
    taken.write_text("mine")
    async with running(ScriptedBackend()) as (app, pilot):
        await exchange(pilot, app, "why?", "because")
        await send(pilot, app, "/export")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.screen.is_mounted, "the dialog")
        first = cast("LineScreen", app.screen)
        assert first._box.text == "why-2.md"
        await pilot.press(*"why.md", "enter")
        await until(pilot, lambda: app.screen not in (first, app.chat) and app.screen.is_mounted, "the dialog again")
        again = cast("LineScreen", app.screen)
        assert "why.md is there already.\n" in again._about
        assert again._box.text == "why.md"
        await pilot.press(*"mine.txt", "enter")
        await until(pilot, free.exists, "the file")
        assert taken.read_text() == "mine"


async def test_a_new_chat_from_an_empty_one_is_that_one() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        chat = app.chat.conversation.id
        await send(pilot, app, "/new")
        assert app.chat.conversation.id == chat
        await exchange(pilot, app, "why?", "because")
        await send(pilot, app, "/new")
        await until(pilot, lambda: app.chat.conversation.id != chat)
