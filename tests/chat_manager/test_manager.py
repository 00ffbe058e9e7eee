"""The chat manager by itself: no screen, a history in memory or on disk, and models that say what the test wants."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.patience import PATIENCE
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, ResponseStarted, Stopped, TextDelta
from tui_chat.chat.history_ports import Draft, HistoryError, ReadingPosition
from tui_chat.chat.memory_history import MemoryHistory
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.recipient import Recipient
from tui_chat.chat_manager.manager import ChatManager
from tui_chat.chat_manager.unfinished_chats import NEW_CHAT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.session import Session
    from tui_chat.chat.turn import Question


class Model:
    """Answers "yes" at once, or when `go_on` is set; titles, when `title_comes` is set."""

    endpoint = "test.example"

    def __init__(self, *, waits: bool = False) -> None:
        self.title_comes = asyncio.Event()
        self.go_on = asyncio.Event()
        if not waits:
            self.go_on.set()

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        yield [ResponseStarted(200, "http://test.example"), TextDelta("y")]
        await (self.go_on if question.system else self.title_comes).wait()
        yield [TextDelta("es"), Finished("stop", "done-sentinel")]


class Services:
    """The backend, as far as the manager asks it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.at: dict[str, Connection] = {}
        self.asked: list[Recipient | None] = []
        self.used: list[Connection] = []

    def connection_for(self, recipient: Recipient | None) -> Connection:
        self.asked.append(recipient)
        return self.at[recipient.host] if recipient is not None else self.connection

    def use(self, connection: Connection) -> None:
        self.used.append(connection)

    def export(self, conversation: Conversation, target: Path) -> Path:
        if target.exists():
            raise HistoryError(f"{target} exists already")
        target.write_text(conversation.title)
        return target


class Run:
    """One run of the program, as far as chats are concerned."""

    def __init__(
        self, history: History | None = None, *, chat: str = "", waits: bool = False, title_by_model: bool = False
    ) -> None:
        self.model = Model(waits=waits)
        self.connection = Connection(self.model, "m")
        self.services = Services(self.connection)
        self.ended: list[str] = []
        setup = Setup(self.connection, system="Be brief.", history=history, chat=chat, title_by_model=title_by_model)
        self.manager = ChatManager(setup, self.services, self._reply_ended)

    def _reply_ended(self, session: Session) -> None:
        self.ended.append(session.conversation.title)

    def new(self, unsent: str = "") -> Session:
        """Leave the shown chat with `unsent` typed in it, and show a new one."""
        self.manager.leave(unsent, self.connection)
        return self.manager.show(self.manager.new_chat(), self.connection)

    async def open(self, chat: str, unsent: str = "") -> Session:
        """Leave the shown chat with `unsent` typed in it, and show another."""
        self.manager.leave(unsent, self.connection)
        opened = await self.manager.open(chat)
        return self.manager.show(opened.conversation, self.connection)


async def asked(session: Session, question: str) -> Conversation:
    """Ask, and wait for the whole answer."""
    session.send(question)
    async with asyncio.timeout(PATIENCE):
        await session.idle()
    return session.conversation


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the history's threads set no event of this loop
            await asyncio.sleep(0.005)


class Elsewhere(MemoryHistory):
    """A history whose chats another program has open, too."""

    def enter(self, chat: str) -> bool:
        return True


# Opening and leaving


async def test_a_new_chat_has_the_system_prompt_of_the_settings_then_of_the_shown_chat() -> None:
    run = Run()
    session = run.new()
    assert session.conversation.system == "Be brief."
    session.conversation.set_system("Be long.")
    await asked(session, "one")
    assert run.new().conversation.system == "Be long."


async def test_a_reply_goes_on_in_a_chat_that_was_left_and_its_end_is_reported_once() -> None:
    run = Run(waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    run.new()
    assert run.manager.running_elsewhere == 1
    assert run.manager.running_ids == {first.conversation.id}
    run.model.go_on.set()
    await until(lambda: run.ended)
    assert run.ended == ["one"]
    assert run.manager.running_elsewhere == 0
    assert run.manager.waiting_ids == {first.conversation.id}
    await run.open(first.conversation.id)
    assert run.manager.waiting_ids == set()
    assert first.conversation.path()[-1].text == "yes"


async def test_a_chat_with_a_reply_under_way_is_shown_with_the_same_session() -> None:
    run = Run(waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    run.new()
    assert await run.open(first.conversation.id) is first
    assert await run.open(first.conversation.id) is first  # nor is it read again where it is shown
    await run.manager.close()
    assert first.conversation.path()[-1].ending == Stopped()


@pytest.mark.parametrize("shown", [True, False])
async def test_a_chat_with_a_reply_under_way_is_not_read_from_the_disk(*, shown: bool) -> None:
    history = MemoryHistory()
    run = Run(history, waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    if not shown:
        run.new()
    read: list[str] = []
    history.open = read.append  # type: ignore[assignment,method-assign]
    opened = await run.manager.open(first.conversation.id)
    assert opened.conversation is first.conversation
    assert read == []
    await run.manager.close()


async def test_the_shown_chat_is_read_again_with_its_draft_and_options(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history)
        session = run.new()
        chat = await asked(session, "one")
        session.options = {"seed": 7}
        again = await run.open(chat.id, unsent="half a thou")
        assert again is not session
        assert [message.text for message in again.conversation.path()] == ["one", "yes"]
        assert again.options == {"seed": 7}
        assert run.manager.shown_state.draft.text == "half a thou"


async def test_a_shown_chat_that_cannot_be_read_again_goes_on_being_kept(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history)
        session = run.new()
        chat = await asked(session, "one")
        history.open, opening = _broken, history.open  # type: ignore[method-assign]
        with pytest.raises(HistoryError, match="cannot be read"):
            await run.open(chat.id)
        history.open = opening  # type: ignore[method-assign]
        assert run.manager.shown is session
        await asked(session, "two")
        await run.manager.close()
        await until(lambda: len(history.open(chat.id).messages) == 4)


async def test_what_is_asked_while_the_shown_chat_is_read_again_is_kept(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history)
        session = run.new()
        chat = await asked(session, "one")
        opening = asyncio.create_task(run.open(chat.id))
        await asyncio.sleep(0)  # the history is being read in a thread
        session.send("two")
        assert await opening is session
        await session.idle()
        await run.manager.close()
    with store(tmp_path) as history:
        assert [message.text for message in history.open(chat.id).path()] == ["one", "yes", "two", "yes"]


async def test_a_chat_that_is_gone_raises_and_the_shown_one_stays() -> None:
    run = Run()
    session = run.new()
    with pytest.raises(HistoryError):
        await run.manager.open("nothing")
    assert run.manager.shown is session


async def test_a_queue_comes_back_with_its_attachments() -> None:
    run = Run(waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    first.send("two", [Attachment("a.txt", "text/plain", b"a")])
    first.stop()
    await first.idle()
    run.new()
    again = await run.open(first.conversation.id)
    assert [(each.text, each.attachments[0].data) for each in again.queue] == [("two", b"a")]


# Who answers


async def test_the_first_chat_is_answered_by_whom_the_settings_name() -> None:
    run = Run()
    conversation = run.manager.new_chat()
    assert await run.manager.connection_of(conversation, run.connection) == (run.connection, ())
    assert run.services.asked == []


async def test_a_kept_chat_goes_back_to_whom_it_was_with_and_says_what_is_to_be_read() -> None:
    run = Run()
    run.new()
    kept = Conversation()
    kept.add_question("one")
    kept.recipient = Recipient("other.example")
    other = Connection(Model(), "o", host="other.example", notices=("The key goes over plain http.",))
    run.services.at["other.example"] = other
    assert await run.manager.connection_of(kept, run.connection) == (other, other.notices)
    assert await run.manager.connection_of(kept, run.connection) == (other, ())  # said once
    assert run.services.asked == [kept.recipient]


async def test_who_answered_when_a_chat_was_left_answers_again() -> None:
    run = Run()
    chat = await asked(run.new(), "one")
    chosen = Connection(Model(), "another")
    run.manager.leave("", chosen)
    run.manager.show(run.manager.new_chat(), run.connection)
    assert await run.manager.connection_of(chat, run.connection) == (chosen, ())
    run.manager.show(chat, chosen)
    assert run.services.used[-1] is chosen


# Drafts and places


async def test_what_is_typed_and_queued_stays_with_its_chat() -> None:
    history = MemoryHistory()
    run = Run(history, waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    first.send("two")
    run.manager.keep_draft("thr")
    assert history.draft(first.conversation.id) == Draft("thr", ("two",))
    run.new(unsent="three")
    assert history.draft(first.conversation.id) == Draft("three", ("two",))
    assert run.manager.view_state(first.conversation.id).draft.text == "three"
    assert run.manager.shown_state.draft == Draft()


async def test_a_chat_is_opened_with_the_draft_queue_and_place_of_an_earlier_run(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history)
        session = run.new()
        chat = await asked(session, "one")
        place = ReadingPosition(chat.path()[1].id, 2)
        run.manager.keep_reading_position(place)
        session.enqueue(["queued"])
        run.manager.leave_for_good("half a thou", run.connection)
        await run.manager.close()
    with store(tmp_path) as history:
        run = Run(history, chat=chat.id)
        session = await run.open(chat.id)
        assert [queued.text for queued in session.queue] == ["queued"]
        assert (run.manager.shown_state.draft.text, run.manager.shown_state.reading_position) == ("half a thou", place)
        run.manager.keep_reading_position(None)
        await until(lambda: history.reading_position(chat.id) is None)


async def test_a_chat_that_is_open_elsewhere_has_a_draft_of_its_own() -> None:
    history = Elsewhere()
    run = Run(history)
    chat = await asked(run.new(), "one")
    run.new()
    history.keep_draft(chat.id, Draft("the other window's"))
    opened = await run.manager.open(chat.id)
    assert opened.open_elsewhere
    run.manager.show(opened.conversation, run.connection)
    run.manager.keep_draft("this window's")
    assert history.draft(chat.id) == Draft("the other window's")
    own = run.manager.shown_state.draft_id
    assert history.draft(own) == Draft("this window's")
    assert list(run.manager.leave_for_good("this window's", run.connection)) == ["this window's"]
    assert history.draft(own) == Draft()


async def test_a_new_chat_with_something_typed_is_the_next_new_one() -> None:
    run = Run()
    chat = await asked(run.new(), "one")
    unsent = run.new().conversation
    await run.open(chat.id, unsent="not sent")
    assert run.new().conversation is unsent
    assert run.manager.shown_state.draft.text == "not sent"


async def test_what_was_typed_in_a_new_chat_that_gives_way_is_given_back() -> None:
    run = Run()
    chat = await asked(run.new(), "one")
    run.new()
    await run.open(chat.id, unsent="first")
    another = Conversation()
    run.manager.show(another, run.connection)
    assert run.manager.leave("second", run.connection) == "first"


# The end of a run, and the next one


async def test_quitting_stops_replies_and_the_way_back_names_the_chat(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history, waits=True)
        assert run.manager.way_back == ""
        session = run.new()
        session.send("why\x1b[2J?")
        await until(lambda: session.conversation.replying)
        assert list(run.manager.leave_for_good("typed", run.connection)) == []
        run.manager.keep_draft("")  # a box that is emptied while the program ends
        await run.manager.close()
        assert session.conversation.path()[-1].ending == Stopped()
        assert run.manager.way_back == f"--cid {session.conversation.id[:8]}   # why\ufffd[2J?"
        await until(lambda: history.draft(session.conversation.id) == Draft("typed"))


async def test_what_was_typed_in_a_new_chat_comes_at_the_next_start(tmp_path: Path) -> None:
    for typed, found in (("one", []), ("two", ["one"]), ("", ["two"])):
        with store(tmp_path) as history:
            run = Run(history)
            assert list((await run.manager.take_unfinished(for_new_chat=True)).typed) == found
            run.new()
            run.manager.leave_for_good(typed, run.connection)
            await run.manager.close()


async def test_what_another_program_left_for_a_new_chat_is_not_lost() -> None:
    history = MemoryHistory()
    run = Run(history)
    run.new()
    history.keep_draft(NEW_CHAT, Draft("from another"))
    run.manager.leave_for_good("from here", run.connection)
    await run.manager.close()
    assert history.draft(NEW_CHAT) == Draft("from another\n\nfrom here")


async def test_an_interrupted_run_leaves_its_chat_to_the_next(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history, waits=True)
        session = run.new()
        session.send("one")
        await until(lambda: session.conversation.replying)
        run.manager.interrupted()
        run.manager.leave_for_good("", run.connection)
        await run.manager.close()
    chat = session.conversation.id
    with store(tmp_path) as history:
        run = Run(history)
        assert list((await run.manager.take_unfinished(for_new_chat=True)).chats) == [chat]
        assert run.manager.waiting_ids == {chat}
        await run.open(chat)
        assert run.manager.waiting_ids == set()
        assert list((await run.manager.take_unfinished(for_new_chat=True)).chats) == []


async def test_trouble_with_the_disk_is_said_in_the_loop() -> None:
    class Told(MemoryHistory):
        def watch(self, tell: Callable[[str], None]) -> None:
            self.tell = tell

    history, said = Told(), []
    run = Run(history)
    run.manager.watch_disk(lambda sentence: said.append((sentence, asyncio.current_task() is None)))
    await asyncio.to_thread(history.tell, "The disk is full.")
    await until(lambda: said)
    assert said == [("The disk is full.", True)]


# Whole chats


async def test_an_open_and_a_closed_chat_are_renamed_alike(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history)
        first = await asked(run.new(), "one")
        second = await asked(run.new(), "two")
        await run.manager.rename(first.id, "closed\x1b")
        await run.manager.rename(second.id, "open\x1b")
        assert second.title == "open\ufffd"
        await until(lambda: {info.title for info in history.chats()} == {"closed\ufffd", "open\ufffd"})
        await run.manager.pin(first.id, pinned=True)
        assert [info.title for info in history.chats()] == ["closed\ufffd", "open\ufffd"]


async def test_a_copy_ends_at_the_message() -> None:
    run = Run()
    session = run.new()
    await asked(session, "one")
    chat = await asked(session, "two")
    copy = await run.manager.duplicate(chat.id, chat.path()[1].id)
    assert [message.text for message in (await run.open(copy)).conversation.path()] == ["one", "yes"]
    assert len(chat.messages) == 4


async def test_deleted_chats_are_restored_one_after_the_other() -> None:
    run = Run()
    one = await asked(run.new(), "one")
    two = await asked(run.new(), "two")
    run.new()
    await run.manager.delete(one.id)
    await run.manager.delete(two.id)
    assert run.manager.history.chats() == []
    assert [await run.manager.restore() for _ in range(3)] == [two.id, one.id, ""]
    assert {info.title for info in run.manager.history.chats()} == {"one", "two"}


async def test_a_chat_with_a_coming_reply_is_not_deleted_nor_is_the_shown_one() -> None:
    run = Run(waits=True)
    first = run.new()
    first.send("one")
    await until(lambda: first.conversation.replying)
    run.new()
    with pytest.raises(HistoryError, match="stop it first"):
        await run.manager.delete(first.conversation.id)
    with pytest.raises(RuntimeError):
        await run.manager.delete(run.manager.shown_id)
    assert await run.manager.restore() == ""
    await run.manager.close()


async def test_the_shown_chat_is_exported_and_nothing_is_overwritten(tmp_path: Path) -> None:
    run = Run()
    with pytest.raises(HistoryError):
        await run.manager.export(tmp_path / "chat.md")
    await asked(run.new(), "one")
    assert (await run.manager.export(tmp_path / "chat.md")).read_text() == "one"
    with pytest.raises(HistoryError, match="exists already"):
        await run.manager.export(tmp_path / "chat.md")


async def test_a_title_by_model_reaches_a_chat_that_was_left(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        run = Run(history, title_by_model=True)
        session = run.new()
        chat = await asked(session, "one")
        run.new()
        run.model.title_comes.set()
        await until(lambda: [info.title for info in history.chats()] == ["yes"])
        assert not chat.named  # the chat is closed: only the history has the title
        await run.manager.close()


def _broken(chat: str) -> Conversation:
    raise HistoryError(f"The chat {chat} cannot be read.")
