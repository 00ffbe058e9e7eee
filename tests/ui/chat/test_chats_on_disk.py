"""The screen with the history on disk: what is done to chats is there at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import exchange, focused, send, texts, toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.history_ports import Draft
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from pathlib import Path


async def test_branches_deletions_titles_and_copies_are_kept(tmp_path: Path) -> None:
    history = Store(tmp_path)
    async with running(ScriptedBackend(history=history)) as (app, pilot):
        for question, answer in (("one", "first"), ("two", "second"), ("three", "third")):
            await exchange(pilot, app, question, answer)
        await focused(pilot, app, "two")
        await pilot.press("e", "!")
        await exchange(pilot, app, "two!", "second!")
        await focused(pilot, app, "two!")
        await pilot.press("d", "u", "d")
        assert texts(app) == ["one", "first", "two", "second", "three", "third"]
        await focused(pilot, app, "third")
        await pilot.press("d")
        await send(pilot, app, "/rename A title")
        original = app.chat.conversation.id
        await focused(pilot, app, "first")
        await pilot.press("b")
        await until(pilot, lambda: app.chat.conversation.id != original and texts(app) == ["one", "first"])
        copy = app.chat.conversation.id
        await exchange(pilot, app, "another", "fourth")
        app.chat.composer.prompt.put("unsent")
        await app.chat.switcher.open_chat(original)
        assert texts(app) == ["one", "first", "two", "second", "three"]
        await send(pilot, app, "/undelete")
        assert texts(app) == ["one", "first", "two", "second", "three", "third"]
        assert "bring" in toasts(app)
        await app.chat.switcher.leave()
    history.close()

    history = Store(tmp_path)
    async with running(ScriptedBackend(history=history, chat=original)) as (app, pilot):
        assert texts(app) == ["one", "first", "two", "second", "three", "third"]
        assert app.chat.title_bar.left == "A title"
        assert len(app.chat.conversation.messages) == 6
        assert history.draft(copy) == Draft("unsent")
        await app.chat.switcher.open_chat(copy)
        assert texts(app) == ["one", "first", "another", "fourth"]
        assert app.chat.composer.prompt.text == "unsent"
        await send(pilot, app, "/delete")
        await until(pilot, lambda: texts(app) == [])
        assert [info.id for info in history.chats()] == [original]
        await send(pilot, app, "/undelete")
        await until(pilot, lambda: texts(app) == ["one", "first", "another", "fourth"])
        assert [info.id for info in history.chats()] == [copy, original]
        await app.chat.switcher.leave()
    history.close()
