"""Several chats: replies go on in those that were left, and what was typed and read is there when one comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.ui.kept import DONE, OPENED, KeptHistory, backend, exchange, focused, send, texts, toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Failed, Stopped, TextDelta
from tui_chat.chat.history_ports import Draft, HistoryError, ReadingPosition
from tui_chat.chat_manager.unfinished_chats import NEW_CHAT
from tui_chat.ui.app import ChatApp
from tui_chat.ui.dialogs.text_input_screen import LineBox, LineScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation


async def test_a_reply_goes_on_in_a_chat_that_was_left_and_is_live_when_one_comes_back() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "one")
        kept.model.say(OPENED, TextDelta("a"))
        await until(pilot, lambda: texts(app) == ["one", "a"])
        first = app.chat.conversation
        await pilot.press("ctrl+n")
        await until(pilot, lambda: texts(app) == [])
        assert app.chat.title_bar.right == "1 reply running in another chat"
        assert str(app.chat.composer.button.label) == "Send"
        kept.model.say(TextDelta("b"))
        await until(pilot, lambda: first.path()[-1].text == "ab")
        await app.chat.switcher.open_chat(first.id)
        assert app.chat.conversation is first
        assert str(app.chat.composer.button.label) == "Stop"
        assert "running" not in app.chat.title_bar.right
        kept.model.say(TextDelta("c"), DONE)
        await until(pilot, lambda: texts(app) == ["one", "abc"] and not first.replying)
        await until(pilot, lambda: "abc" in app.export_screenshot())
        assert str(app.chat.composer.button.label) == "Send"


async def test_a_reply_that_ends_elsewhere_is_told_with_the_way_there() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "why?")
        await until(pilot, lambda: kept.model.questions)
        await send(pilot, app, "and then?")  # the queue stays with its chat
        first = app.chat.conversation
        await pilot.press("ctrl+n")
        await until(pilot, lambda: texts(app) == [])
        assert not app.chat.composer.queue_bar.display
        kept.model.say(OPENED, TextDelta("so"), DONE)
        await until(pilot, lambda: len(kept.model.questions) == 2)
        assert toasts(app) == ""
        kept.model.say(OPENED, Failed("No."))
        await until(pilot, lambda: "The reply in “why?” failed; Ctrl+S leads there." in toasts(app))
        assert "running" not in app.chat.title_bar.right
        assert app.chat.switcher.manager.waiting_ids == {first.id}
        assert [message.text for message in first.path()] == ["why?", "so", "and then?", ""]
        await app.chat.switcher.open_chat(first.id)
        assert app.chat.switcher.manager.waiting_ids == set()


async def test_quitting_stops_all_replies_and_keeps_what_was_typed_and_queued() -> None:
    history = KeptHistory()
    kept = backend(history)
    async with running(kept) as (app, pilot):
        await send(pilot, app, "one")
        await until(pilot, lambda: kept.model.questions)
        first = app.chat.conversation
        await pilot.press("ctrl+n")
        await send(pilot, app, "two")
        await until(pilot, lambda: len(kept.model.questions) == 2)
        second = app.chat.conversation
        await send(pilot, app, "queued")
        app.chat.composer.prompt.put("unsent")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert [chat.path()[-1].ending for chat in (first, second)] == [Stopped(), Stopped()]
    assert history.draft(second.id) == Draft("unsent", ("queued",))
    assert len(kept.model.questions) == 2
    assert app.chat.switcher.way_back == f"--cid {second.id[:8]}   # two"
    async with running(backend(history, second.id)) as (app, pilot):
        assert app.chat.conversation is second
        assert app.chat.composer.prompt.text == "unsent"
        assert "Queue paused · Enter sends the first" in app.chat.composer.queue_bar.render().plain


async def test_the_shown_chat_is_read_again_when_it_is_opened_again() -> None:
    history = KeptHistory()
    old = history.keep("an old question")
    async with running(backend(history, old.id)) as (app, pilot):
        app.chat.composer.prompt.put("unsent")
        app.chat.commands.options.set_option("seed 7")
        history.exchange(old, "from elsewhere", "an answer")
        session = app.chat.session
        assert await app.chat.switcher.open_chat(old.id)
        assert app.chat.session is not session
        assert texts(app)[2:] == ["from elsewhere", "an answer"]
        assert app.chat.composer.prompt.text == "unsent"
        await send(pilot, app, "go on")
        assert isinstance(app.backend, ScriptedBackend)
        model = app.backend.model
        await until(pilot, lambda: model.questions and model.questions[0].options == {"seed": 7})
        session = app.chat.session
        assert await app.chat.switcher.open_chat(old.id)  # not while a reply is coming
        assert app.chat.session is session
        assert toasts(app).count("stays") == 0


async def test_what_is_typed_stays_with_its_chat() -> None:
    history = KeptHistory()
    old = history.keep("an old question")
    async with running(backend(history)) as (app, pilot):
        app.chat.composer.prompt.put("for a new chat")
        await app.chat.switcher.open_chat(old.id)
        assert app.chat.composer.prompt.text == ""
        app.chat.composer.prompt.put("for the old chat")
        await until(pilot, lambda: history.draft(old.id).text == "for the old chat")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.chat.composer.prompt.text == "for a new chat")
        await until(pilot, lambda: "stays with its chat" in toasts(app))
        await pilot.press("ctrl+n")  # it is a new one already
        assert app.chat.composer.prompt.text == "for a new chat"
        await app.chat.switcher.open_chat(old.id)
        assert app.chat.composer.prompt.text == "for the old chat"
        app.chat.composer.prompt.undo()
        assert app.chat.composer.prompt.text == "for the old chat"


async def test_what_was_typed_in_a_new_chat_is_there_at_the_next_start() -> None:
    history = KeptHistory()
    async with running(backend(history)) as (app, pilot):
        app.chat.composer.prompt.put("not sent yet")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert app.chat.switcher.way_back == ""
    async with running(backend(history)) as (app, pilot):
        await until(pilot, lambda: app.chat.composer.prompt.text == "not sent yet")
        assert history.draft(NEW_CHAT) == Draft()
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    async with running(backend(history), prompt="from outside") as (app, pilot):
        await until(pilot, lambda: texts(app)[:1] == ["from outside"])
        await pilot.press("ctrl+n")
        app.chat.composer.prompt.put("nor this")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    async with running(backend(history)) as (app, pilot):
        await until(pilot, lambda: app.chat.composer.prompt.text == "not sent yet\n\nnor this")


async def test_a_draft_does_not_come_among_what_is_being_typed(tmp_path: Path) -> None:
    history = KeptHistory()
    old = history.keep("an old question")
    history.drafted(old.id, Draft("from before"))
    app = ChatApp(ScriptedBackend(history=history, chat=old.id, state_folder=tmp_path))
    async with app.run_test() as pilot:
        app.chat.composer.prompt.put("typed before the settings came")
        await until(pilot, lambda: app.chat.ready and "press ↑" in toasts(app))
        assert app.chat.composer.prompt.text == "typed before the settings came"
        await pilot.press("up")
        await until(pilot, lambda: app.chat.composer.prompt.text == "from before")


async def test_the_newest_chat_that_was_left_behind_is_reopened_as_it_was() -> None:
    history = KeptHistory()
    left, other = history.keep("left"), history.keep("another")
    history.drafted(left.id, Draft("half a thou", ("queued",)))
    history.left = (left.id, other.id)
    kept = backend(history)
    async with running(kept) as (app, pilot):
        await until(pilot, lambda: app.chat.conversation is left)
        await until(pilot, lambda: "Restored after tui-chat was closed unexpectedly. 1 more" in toasts(app))
        assert app.chat.composer.prompt.text == "half a thou"
        assert "Queue paused · Enter sends the first" in app.chat.composer.queue_bar.render().plain
        assert kept.model.questions == []
        assert app.chat.switcher.manager.waiting_ids == {other.id}
        await app.chat.switcher.open_chat(other.id)
        assert app.chat.switcher.manager.waiting_ids == set()


async def test_a_left_chat_waits_where_the_person_has_begun_something_else() -> None:
    history = KeptHistory()
    left = history.keep("left")
    history.left = (left.id,)
    async with running(backend(history), prompt="from outside") as (app, pilot):
        await until(pilot, lambda: "closed unexpectedly with a chat open; Ctrl+S lists the chats" in toasts(app))
        assert texts(app)[0] == "from outside"
        assert app.chat.switcher.manager.waiting_ids == {left.id}


async def test_what_was_typed_in_a_chat_that_never_began_comes_back_after_a_kill() -> None:
    history = KeptHistory()
    history.drafted("0123456789abcdef", Draft("typed, then killed"))
    history.left = ("0123456789abcdef",)
    async with running(backend(history)) as (app, pilot):
        await until(pilot, lambda: app.chat.composer.prompt.text == "typed, then killed")
        await until(pilot, lambda: history.draft(app.chat.conversation.id).text == "typed, then killed")
        assert history.draft("0123456789abcdef") == Draft()


async def test_a_chat_opens_where_its_reader_was() -> None:
    history = KeptHistory()
    long, other = history.keep("long"), history.keep("other")
    for number in range(30):
        history.exchange(long, f"question {number}", f"answer {number}")
    message = long.path()[21]
    history.keep_reading_position(long.id, ReadingPosition(message.id, 1))
    async with running(backend(history, long.id)) as (app, pilot):
        await until(pilot, lambda: app.chat.pane.first_in_sight is message)
        assert not app.chat.pane.following
        app.chat.pane.page_up()
        await until(pilot, lambda: app.chat.pane.first_in_sight not in {None, message})
        there = app.chat.pane.first_in_sight
        await until(pilot, lambda: (place := history.reading_position(long.id)) and there and place.message == there.id)
        await app.chat.switcher.open_chat(other.id)
        await until(pilot, lambda: app.chat.pane.first_in_sight in other.path())
        await app.chat.switcher.open_chat(long.id)
        await until(pilot, lambda: app.chat.pane.first_in_sight is there)
        await pilot.press("ctrl+end")
        await until(pilot, lambda: history.reading_position(long.id) is None)


async def test_trouble_with_the_disk_is_one_warning_until_it_is_over() -> None:
    history = KeptHistory()
    async with running(backend(history)) as (app, pilot):
        await asyncio.to_thread(history.tell, "The disk is full: chats are not kept.")
        await until(pilot, lambda: "! The disk is full: chats are not kept." in app.chat.status.render().plain)
        await pilot.resize_terminal(40, 20)
        await until(pilot, lambda: "! The disk is full" in app.chat.status.render().plain)
        await asyncio.to_thread(history.tell, "")
        await until(pilot, lambda: "!" not in app.chat.status.render().plain)
        assert toasts(app).count("The disk is full") == 1, "the row may be too short for the whole sentence"


async def test_a_deleted_chat_gives_way_to_an_empty_one_and_comes_back() -> None:
    history = KeptHistory()
    async with running(backend(history)) as (app, pilot):
        await send(pilot, app, "/delete")
        assert "nothing to delete" in toasts(app)
        await exchange(pilot, app, "one", "first")
        await send(pilot, app, "/delete")
        await until(pilot, lambda: "“one” is deleted; /undelete brings it back." in toasts(app))
        assert texts(app) == []
        assert history.chats() == []
        await send(pilot, app, "/undelete")
        await until(pilot, lambda: texts(app) == ["one", "first"])
        assert [info.title for info in history.chats()] == ["one"]


async def test_a_copy_ends_at_the_message_and_leaves_the_other_chat_as_it_is() -> None:
    history = KeptHistory()
    kept = backend(history)
    async with running(kept) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await exchange(pilot, app, "two", "second")
        original = app.chat.conversation
        await focused(pilot, app, "first")
        await pilot.press("b")
        await until(pilot, lambda: texts(app) == ["one", "first"])
        assert app.chat.conversation is not original
        assert app.chat.composer.prompt.has_focus
        await exchange(pilot, app, "three", "third")
        assert [message.text for message in original.path()] == ["one", "first", "two", "second"]
        await send(pilot, app, "/duplicate")
        await until(pilot, lambda: len(history.chats()) == 3)
        assert texts(app) == ["one", "first", "three", "third"]
        await send(pilot, app, "four")
        await until(pilot, lambda: app.chat.conversation.replying)
        await send(pilot, app, "/duplicate")
        await until(pilot, lambda: "still coming" in toasts(app))


async def test_the_chat_is_written_to_a_file_and_never_over_one(tmp_path: Path) -> None:
    target = tmp_path / "chat.md"
    async with running(backend(KeptHistory())) as (app, pilot):
        await send(pilot, app, f"/export {target}")
        await until(pilot, lambda: "nothing to export" in toasts(app))
        await exchange(pilot, app, "why though?", "because")
        await send(pilot, app, f"/export {target}")
        await until(pilot, lambda: f"Exported to {target}." in toasts(app))
        assert target.read_text() == "why though?"
        await send(pilot, app, f"/export {target}")
        await until(pilot, lambda: "is there already" in toasts(app))
        await send(pilot, app, "/export")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        assert app.screen.query_one(LineBox).text == "why-though.md"
        app.screen.query_one(LineBox).put(str(tmp_path / "other.md"))
        await pilot.press("enter")
        await until(pilot, lambda: "other.md." in toasts(app))


async def test_a_chat_that_cannot_be_read_is_told_and_a_new_one_begins() -> None:
    class Broken(KeptHistory):
        def open(self, chat: str) -> Conversation:
            raise HistoryError(f"The chat {chat} cannot be read\x1b[2J.")

    async with running(backend(Broken(), "abc")) as (app, pilot):
        await until(pilot, lambda: "The chat abc cannot be read\ufffd[2J." in toasts(app))
        await exchange(pilot, app, "one", "first")


async def test_without_a_history_chats_live_as_long_as_the_program() -> None:
    kept = ScriptedBackend()
    async with running(kept) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        first = app.chat.conversation.id
        await pilot.press("ctrl+n")
        await exchange(pilot, app, "two", "second")
        assert [info.title for info in app.chat.switcher.manager.history.chats()] == ["two", "one"]
        await app.chat.switcher.open_chat(first)
        assert texts(app) == ["one", "first"]
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert app.chat.switcher.way_back == ""


async def test_a_title_by_model_comes_also_to_a_chat_that_was_left() -> None:
    history = KeptHistory()
    kept = ScriptedBackend(history=history, title_by_model=True)
    async with running(kept) as (app, pilot):
        await exchange(pilot, app, "one", "first")
        await until(pilot, lambda: len(kept.model.questions) == 2)
        kept.model.say(OPENED, TextDelta("A good title"), DONE)
        await until(pilot, lambda: app.chat.title_bar.left == "A good title")
        await pilot.press("ctrl+n")
        await exchange(pilot, app, "two", "second")
        await until(pilot, lambda: len(kept.model.questions) == 4)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: texts(app) == [])
        kept.model.say(OPENED, TextDelta("Another"), DONE)
        await until(pilot, lambda: [info.title for info in history.chats()] == ["Another", "A good title"])
        assert toasts(app) == ""


async def test_what_is_submitted_while_the_chat_is_left_goes_to_no_other_chat() -> None:
    kept = backend()
    async with running(kept) as (app, pilot):
        await send(pilot, app, "first")
        await until(pilot, lambda: kept.model.questions)
        kept.model.say(OPENED, DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        first = app.chat.conversation
        for turns in range(8):
            await app.chat.switcher.open_chat(first.id)
            text = f"after {turns}"
            app.chat.composer.prompt.put(text)
            app.chat.composer.prompt.done()
            for _ in range(turns):
                await asyncio.sleep(0)
            app.simulate_key("ctrl+n")
            await until(pilot, lambda: app.chat.conversation is not first)
            await pilot.pause()
            assert app.chat.conversation.messages == {}, turns
            asked = [message.text for message in first.messages.values()]
            draft = app.chat.switcher.manager.view_state(first.id).draft
            queued = [*asked, *draft.queue, draft.text]
            assert any(text in each for each in queued), turns
            kept.model.say(OPENED, DONE)


async def test_the_program_may_end_without_a_word_while_a_question_is_edited() -> None:
    history = KeptHistory()
    async with running(backend(history)) as (app, pilot):
        await exchange(pilot, app, "one", "two")
        app.chat.commands.branches.edit()
        await until(pilot, lambda: app.chat.composer.text == "one")
        app.chat.composer.prompt.put("one, and more")
        chat = app.chat.conversation.id
    draft = history.draft(chat)
    assert draft is not None
    assert draft.text == "one, and more"
