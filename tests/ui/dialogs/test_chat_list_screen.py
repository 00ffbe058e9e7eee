"""The chat list, and search in messages."""

from __future__ import annotations

import threading
from datetime import datetime
from time import time
from typing import TYPE_CHECKING

from tests.ui.kept import DONE, OPENED, KeptHistory, backend, send, texts
from tests.ui.scripted import running, until
from tui_chat.chat.events import TextDelta
from tui_chat.chat.history_ports import ChatInfo, HistoryError
from tui_chat.keymap import Keymap
from tui_chat.ui.chat.start_commands import RECENT
from tui_chat.ui.dialogs.chat_list_screen import CHATS, ChatsScreen
from tui_chat.ui.dialogs.dialog_rows import HintRow
from tui_chat.ui.dialogs.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

GARDEN = "Plan for the garden"
PARSER = "Why does my parser drop the last event?"


def three_chats() -> KeptHistory:
    history = KeptHistory()
    noon = datetime.now().astimezone().replace(hour=12, minute=0).timestamp()  # an hour ago may be yesterday
    history.keep(GARDEN, "Begin with the soil.", hours_ago=1, now=noon)
    history.keep(PARSER, "Because the body ended without a blank line.", hours_ago=24, now=noon)
    history.keep("An old chat", "Old words about soil and parsers.", hours_ago=24 * 400, now=noon)
    return history


def shown(app: ChatApp) -> str:
    """The visible rows of the list."""
    return app.screen.query_one(RowList).render().plain


def notice(app: ChatApp) -> str:
    return app.screen.query_one(HintRow).render().plain.partition("\n")[0]


async def opened(pilot: Pilot[None], app: ChatApp, words: str = "") -> None:
    """Open the list, write into it, and wait for both answers."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, ChatsScreen) and app.screen.is_mounted)
    await pilot.press(*words)
    screen = app.screen
    assert isinstance(screen, ChatsScreen)
    await until(pilot, lambda: screen.words == words)
    await until(pilot, lambda: not screen._ask_chats.pending and not screen._ask_hits.pending)


async def back(pilot: Pilot[None], app: ChatApp) -> None:
    await until(pilot, lambda: app.screen is app.chat)


async def test_the_list_shows_the_newest_first_and_enter_opens() -> None:
    async with running(backend(three_chats())) as (app, pilot):
        app.chat.composer.prompt.put("unsent")
        await opened(pilot, app)
        rows = [row.strip("▸ ") for row in shown(app).splitlines() if row.strip()]
        groups = ["Today", GARDEN, "Yesterday", PARSER, "Older", "An old chat"]
        assert [row.partition("   ")[0] for row in rows] == groups
        assert "▸   " + GARDEN in shown(app)
        assert "yesterday" in rows[3]
        assert "kept-model" in rows[1]
        assert "2 messages" in rows[1]
        await pilot.press("down", "enter")
        await back(pilot, app)
        await until(pilot, lambda: texts(app)[:1] == [PARSER])
        assert app.chat.composer.prompt.has_focus
        await opened(pilot, app)
        await pilot.press("escape")
        await back(pilot, app)
        assert texts(app)[:1] == [PARSER]


async def test_the_commands_of_the_list_have_the_keys_of_the_settings() -> None:
    async with running(backend(three_chats()), size=(120, 36)) as (app, pilot):
        app.keymap = Keymap({"new": ("ctrl+d", "ctrl+b"), "chats": ("f7",)})
        for key in ("f7", "ctrl+b"):
            await pilot.press("/", *"chats", "enter")
            await until(pilot, lambda: isinstance(app.screen, ChatsScreen) and GARDEN in shown(app), "the list")
            hints = app.screen.query_one(HintRow).render().plain.rstrip()
            assert hints.endswith("Ctrl+D delete  Alt+Z undo  Ctrl+B new")
            await pilot.press("ctrl+n", "ctrl+s")  # which belong to neither any more
            assert isinstance(app.screen, ChatsScreen)
            await pilot.press(key)
            await back(pilot, app)


async def test_what_is_typed_narrows_the_titles_and_finds_messages() -> None:
    async with running(backend(three_chats())) as (app, pilot):
        await opened(pilot, app, "parser")
        before, _, after = shown(app).partition("In messages")
        assert PARSER in before
        assert "garden" not in before
        assert PARSER in after
        assert "Old words about soil and parsers." in after
        await pilot.press("down", "down")
        await pilot.press("enter")
        await back(pilot, app)
        await until(pilot, lambda: texts(app)[:1] == ["An old chat"])
        await until(pilot, lambda: app.chat.finding.bar.display and app.chat.finding.bar.box.text == "parsers")
        await until(pilot, lambda: "1 of 1" in str(app.chat.finding.bar.query_one(".count").render()))
        app.chat._esc_ignored_until = 0.0  # the moment after the list was closed is over
        await pilot.press("escape")
        assert not app.chat.finding.bar.display
        await opened(pilot, app, "nowhere")
        assert "No titles match" in shown(app)
        assert "No messages match" in shown(app)


async def test_a_message_on_another_branch_is_shown_on_its_own() -> None:
    history = three_chats()
    chat = history.keep("Which way?", "Left.")
    question = chat.path()[0]
    reply = chat.begin_reply(question, model="m", endpoint="e", at=0.0)
    chat.apply(reply, TextDelta("Right."))
    chat.apply(reply, DONE)
    async with running(backend(history)) as (app, pilot):
        await opened(pilot, app, "left")
        await pilot.press("enter")
        await until(pilot, lambda: texts(app) == ["Which way?", "Left."])


async def test_enter_right_after_typing_waits_for_the_list_of_what_was_typed() -> None:
    go_on = threading.Event()

    class Slow(KeptHistory):
        def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
            assert not words or go_on.wait(60)
            return super().chats(words, limit=limit)

    history = Slow()
    history.keep("the wrong one")
    history.keep("the right one", hours_ago=5)
    async with running(backend(history)) as (app, pilot):
        await opened(pilot, app)
        await pilot.press(*"right", "enter")
        assert isinstance(app.screen, ChatsScreen)
        go_on.set()
        await back(pilot, app)
        await until(pilot, lambda: texts(app)[:1] == ["the right one"])


async def test_a_chat_is_renamed_pinned_copied_deleted_and_brought_back() -> None:
    history = three_chats()
    async with running(backend(history)) as (app, pilot):
        await opened(pilot, app)

        def titles() -> list[str]:
            return [info.title for info in history.chats()]

        await pilot.press("down", "f2", "end", *"!!", "enter")
        await until(pilot, lambda: f"{PARSER}!!" in shown(app))
        await pilot.press("ctrl+e", "x", "escape")
        assert titles()[1] == f"{PARSER}!!"
        await pilot.press("f2", *"New", "enter")
        await until(pilot, lambda: titles()[1] == "New")
        await pilot.press("f2", *PARSER, *"!!", "enter")
        await until(pilot, lambda: f"{PARSER}!!" in shown(app))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: f"▸ ★ {PARSER}!!" in shown(app).splitlines()[1])
        await pilot.press("ctrl+t")
        await until(pilot, lambda: GARDEN in shown(app).splitlines()[1])
        await pilot.press("f5")
        await until(pilot, lambda: "Duplicated" in notice(app) and shown(app).count(PARSER) == 2)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: "Deleted; Alt+Z brings back" in notice(app) and shown(app).count(PARSER) == 1)
        await pilot.press("alt+z")
        await until(pilot, lambda: shown(app).count(PARSER) == 2)
        await pilot.press("ctrl+n")
        await back(pilot, app)
        assert texts(app) == []


async def test_the_shown_chat_and_one_with_a_coming_reply_are_deleted_with_care(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_chat.ui.chat.chat_screen.ESC_IGNORED_AFTER_CLOSING", 60.0)
    history = three_chats()
    kept = backend(history)
    async with running(kept) as (app, pilot):
        await send(pilot, app, "soon gone")
        await until(pilot, lambda: kept.model.questions)
        await opened(pilot, app, "soon")
        assert "●" in shown(app)
        await pilot.press("escape", "escape", "escape")  # one that is held does not stop the reply
        assert app.chat.conversation.replying
        await opened(pilot, app, "soon")
        await pilot.press("delete")
        await until(pilot, lambda: "stop it first" in notice(app))
        kept.model.say(OPENED, DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: "Deleted" in notice(app))
        assert texts(app) == []
        assert len(history.chats()) == 3


async def test_a_reply_that_ends_while_the_list_is_open_is_seen_there() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "slow")
        await until(pilot, lambda: kept.model.questions)
        await pilot.press("ctrl+n")
        await opened(pilot, app)
        assert "  ● slow" in shown(app).replace("▸", " ")
        kept.model.say(OPENED, DONE)
        await until(pilot, lambda: "  ○ slow" in shown(app).replace("▸", " "))


async def test_the_mouse_picks_opens_and_scrolls() -> None:
    history = three_chats()
    for number in range(60):
        history.keep(f"chat {number}", hours_ago=100 + number)
    async with running(backend(history)) as (app, pilot):
        await opened(pilot, app)
        listed = app.screen.query_one(RowList)
        await pilot.click(listed, offset=(10, 4))
        assert shown(app).splitlines()[4].startswith(f"▸   {PARSER}")
        await pilot.press("ctrl+end")
        await until(pilot, lambda: "chat 59" in shown(app) and PARSER not in shown(app))
        from textual.events import MouseScrollUp

        for _ in range(30):
            await pilot._post_mouse_events([MouseScrollUp], listed, offset=(5, 5))
        await until(pilot, lambda: PARSER in shown(app))
        await pilot.click(listed, offset=(10, 4))
        await pilot.click(listed, offset=(10, 4))
        await back(pilot, app)
        await until(pilot, lambda: texts(app)[:1] == [PARSER])


async def test_a_hundred_thousand_chats_come_as_they_are_looked_at() -> None:
    class Many(KeptHistory):
        def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
            if limit != RECENT:  # the start page has asked for those
                asked.append(limit)
            return [ChatInfo(str(n), f"chat {n}", 0.0, time() - n, "m", 2, 9) for n in range(min(limit, 100_000))]

    asked: list[int] = []
    async with running(backend(Many())) as (app, pilot):
        await opened(pilot, app)
        assert asked == [CHATS]
        await pilot.press("ctrl+end")
        await until(pilot, lambda: asked == [CHATS, 4 * CHATS])
        await until(pilot, lambda: f"▸   chat {CHATS - 1} " in shown(app))
        await pilot.press(*"chat")
        await until(pilot, lambda: "more titles" in shown(app))
        await pilot.press("up", "up")  # round the end there is nothing: the pick stays
        await pilot.press(*["down"] * 5, "enter")
        await until(pilot, lambda: asked[-1] == CHATS and "chat 7 " in shown(app))


async def test_an_empty_list_and_a_history_in_trouble_say_so() -> None:
    class Broken(KeptHistory):
        def search(self, words: str, *, limit: int = 50, offset: int = 0) -> Sequence[object]:  # type: ignore[override]
            raise HistoryError("The history is damaged\x1b.")

    async with running(backend(Broken())) as (app, pilot):
        await opened(pilot, app)
        assert "There are no chats yet" in shown(app)
        await pilot.press("enter", "f2", "ctrl+d", "ctrl+t")
        assert isinstance(app.screen, ChatsScreen)
        await pilot.press("x")
        await until(pilot, lambda: "The history is damaged\ufffd." in notice(app))
        await pilot.resize_terminal(30, 10)
        await pilot.press("escape")
        await back(pilot, app)
