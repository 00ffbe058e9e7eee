"""Editing questions, stepping between alternatives, deleting and bringing back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import DONE, OPENED, backend, exchange, focused, send, texts, toasts
from tests.ui.scripted import running, until
from tui_chat.chat.events import Stopped, TextDelta

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp


def editing(app: ChatApp) -> bool:
    """Whether the screen says that a question is being edited."""
    return app.chat.composer.editing_line.display


async def test_an_edited_question_is_asked_beside_the_old_one_and_both_can_be_shown() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await exchange(pilot, app, "two", "second")
        app.chat.composer.prompt.put("unsent")
        await focused(pilot, app, "one")
        await pilot.press("e")
        assert app.chat.composer.prompt.text == "one"
        assert app.chat.composer.prompt.has_focus
        assert editing(app)
        await pilot.press("!", "enter")
        await until(pilot, lambda: len(kept.model.questions) == 3)
        assert app.chat.composer.prompt.text == "unsent"
        assert not editing(app)
        kept.model.say(OPENED, TextDelta("third"), DONE)
        await until(pilot, lambda: texts(app) == ["one!", "third"])
        await until(pilot, lambda: "2/2" in app.export_screenshot())
        await focused(pilot, app, "one!")
        await pilot.press("left")
        assert texts(app) == ["one", "first", "two", "second"]
        await until(pilot, lambda: app.chat.pane.focused_view and app.chat.pane.focused_view.message.text == "one")
        await pilot.press("]")
        assert texts(app) == ["one!", "third"]
        await pilot.press("escape")
        app.chat.commands.navigation.older_reply()  # from the box: the last that has alternatives
        assert texts(app) == ["one", "first", "two", "second"]


async def test_escape_leaves_an_edit_and_nothing_that_was_typed_is_lost() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        app.chat.composer.prompt.put("unsent")
        app.chat.commands.branches.edit()
        app.chat.composer.prompt.put("one, in other words")
        assert app.chat.composer.unsent == "unsent\n\none, in other words"
        await pilot.press("escape")
        assert (app.chat.composer.prompt.text, editing(app)) == ("unsent", False)
        await pilot.press("up")
        assert app.chat.composer.prompt.text == "one, in other words"
        assert len(kept.model.questions) == 1


async def test_an_edit_during_a_reply_stops_that_and_keeps_its_text() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "one")
        kept.model.say(OPENED, TextDelta("half"))
        await until(pilot, lambda: texts(app) == ["one", "half"])
        half = app.chat.conversation.last_reply
        await send(pilot, app, "/edit")
        await until(pilot, lambda: editing(app))
        await pilot.press("enter")  # also with the same words
        await until(pilot, lambda: len(kept.model.questions) == 2)
        kept.model.say(OPENED, TextDelta("whole"), DONE)
        await until(pilot, lambda: texts(app) == ["one", "whole"])
        assert half is not None
        assert (half.text, half.ending) == ("half", Stopped())


async def test_an_edit_without_words_is_not_asked_and_a_command_ends_it() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "/edit")
        assert "no question" in toasts(app)
        await exchange(pilot, app, "one", "first")
        app.chat.commands.branches.edit()
        app.chat.composer.prompt.put("")
        await pilot.press("enter")
        await until(pilot, lambda: "nothing to ask" in toasts(app))
        assert editing(app)
        await send(pilot, app, "/rename Another")
        assert not editing(app)
        assert app.chat.title_bar.left == "Another"
        assert len(kept.model.questions) == 1


async def test_deleted_messages_come_back_with_u_one_deletion_after_the_other() -> None:
    async with running(backend()) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await exchange(pilot, app, "two", "second")
        await focused(pilot, app, "two")
        await pilot.press("d")
        assert texts(app) == ["one", "first"]
        await until(pilot, lambda: "2 messages are deleted; u brings them back" in toasts(app))
        assert app.chat.pane.focused_view is not None
        assert app.chat.pane.focused_view.message.text == "first"
        await pilot.press("d")
        assert texts(app) == ["one"]
        await pilot.press("u", "u")
        assert texts(app) == ["one", "first", "two", "second"]
        await until(pilot, lambda: app.chat.pane.focused_view and app.chat.pane.focused_view.message.text == "two")
        await pilot.press("u")
        await until(pilot, lambda: "There is nothing to restore here." in toasts(app))


async def test_a_chat_whose_messages_are_all_deleted_comes_back_by_its_slash_word() -> None:
    async with running(backend()) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await focused(pilot, app, "one")
        await pilot.press("d")
        assert texts(app) == []
        assert app.chat.composer.prompt.has_focus
        await until(pilot, lambda: "/undelete brings them back" in toasts(app) and app.chat.query("#welcome"))
        await send(pilot, app, "/undelete")
        await until(pilot, lambda: texts(app) == ["one", "first"])


async def test_what_a_coming_reply_stands_on_is_not_deleted() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "one")
        kept.model.say(OPENED, TextDelta("half"))
        await until(pilot, lambda: texts(app) == ["one", "half"])
        await focused(pilot, app, "one")
        await pilot.press("d")
        await until(pilot, lambda: "still coming" in toasts(app))
        assert texts(app) == ["one", "half"]
