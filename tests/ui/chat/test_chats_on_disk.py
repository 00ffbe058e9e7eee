"""The screen with the history on disk: what is done to chats is there at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import exchange, focused, send, texts, toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta, Usage, UsageReport
from tui_chat.chat.history_ports import Draft, HistoryError
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tui_chat.chat.usage.sums import UsageRow
    from tui_chat.ui.app import ChatApp


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


def paid_chat(folder: Path) -> str:
    """A stored chat whose only reply has 100 tokens and cost a cent."""
    history, chat = Store(folder), Conversation()
    history.record(chat)
    reply = chat.begin_reply(chat.add_question("one"), model="m", endpoint="host", at=0.0)
    usage = UsageReport(Usage(60, 40, cost=0.01), at=0.5)
    chat.apply(reply, TextDelta("first", at=0.5), usage, Finished("stop", "done-sentinel", at=1.0))
    history.close()
    return chat.id


def status(app: ChatApp) -> str:
    return app.chat.status.render().plain


async def test_a_chat_that_is_opened_counts_what_it_used_before(tmp_path: Path) -> None:
    chat = paid_chat(tmp_path)
    history = Store(tmp_path)
    async with running(ScriptedBackend(history=history, chat=chat)) as (app, pilot):
        await until(pilot, lambda: "Chat 100 tokens · $0.010" in status(app))
        await exchange(pilot, app, "two", "second")
        assert "Chat ~102 tokens · $0.010+" in status(app)
        await app.chat.switcher.show_chat(app.chat.switcher.manager.new_chat())
        assert "tokens" not in status(app)
        await app.chat.switcher.open_chat(chat)
        await until(pilot, lambda: "Chat ~102 tokens · $0.010+" in status(app))
        await app.chat.switcher.leave()
    history.close()


async def test_a_chat_whose_sums_cannot_be_read_counts_since_it_was_opened(tmp_path: Path) -> None:
    class Unreadable(Store):
        def used_by(self, chat: str, messages: AbstractSet[str]) -> UsageRow:
            raise HistoryError("the disk is gone")

    chat = paid_chat(tmp_path)
    history = Unreadable(tmp_path)
    async with running(ScriptedBackend(history=history, chat=chat)) as (app, pilot):
        await exchange(pilot, app, "two", "second")
        assert "Since opened ~2 tokens" in status(app)
        await app.chat.switcher.leave()
    history.close()
