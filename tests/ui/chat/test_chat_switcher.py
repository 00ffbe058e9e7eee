"""The chat switcher and the chat commands without the app: a screen and a composer that only record calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from tests.ui.kept import KeptHistory
from tests.ui.scripted import ScriptedBackend
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import Draft, HistoryError, ReadingPosition
from tui_chat.chat.model_ports import Connection
from tui_chat.ui.chat.chat_commands import ChatCommands
from tui_chat.ui.chat.chat_switcher import ChatSwitcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.chat.message import Attachment
    from tui_chat.chat.session import Session
    from tui_chat.ui.chat.chat_commands import CommandsScreen
    from tui_chat.ui.chat.chat_switcher import SwitcherScreen
    from tui_chat.ui.transcript.transcript import Transcript


class FakeComposer:
    """A text, and what was to be remembered."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.remembered: list[str] = []
        self.attachments: Sequence[Attachment] = ()
        self.submitted = False

    @property
    def unsent(self) -> str:
        return self.text

    def take(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        self.text, self.attachments = text, attachments

    def write_in(self, chat: str) -> None:
        self.chat = chat

    def remember(self, text: str) -> None:
        if text:
            self.remembered.append(text)

    def end_edit(self) -> bool:
        return False


class FakeScreen:
    """Shows nothing."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.connection: Connection | None = None
        self.status = self.finding = self.connections = self.composer = self
        self.said: list[str] = []
        self.ready = False
        self.app = None
        self.deleted_messages = False
        self.lists_of_models = 0

    def show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        self.said.append(text)

    def warn(self, sentence: str) -> None:
        self.said.append(sentence)

    def close(self) -> bool:
        return False

    async def show_session(self, session: Session) -> None:
        self.conversation, self.ready = session.conversation, True

    def show_header(self) -> None:
        pass

    def choose_model(self) -> None:
        self.lists_of_models += 1

    @property
    def sender(self) -> FakeScreen:
        return self

    def watch(self, session: Session) -> None:
        pass

    def send_waiting(self) -> bool:
        return False

    def focus_prompt(self) -> None:
        pass

    def restore_messages(self) -> bool:
        return self.deleted_messages


class FakePath:
    """Has every message."""

    def index_of(self, message: object) -> int:
        return 0


class FakePane:
    """A transcript whose reader is at the end."""

    following = True
    focused_view = None

    def __init__(self) -> None:
        self.path = FakePath()
        self.revealed: list[tuple[str, int]] = []

    def reveal(self, message: object, *, offset: int) -> None:
        self.revealed.append((getattr(message, "id"), offset))  # noqa: B009 - a message, or a test's fault


class Parts:
    """A switcher and its commands, with the fakes around them."""

    def __init__(self, history: KeptHistory, chat: str = "", typed: str = "") -> None:
        self.history = history
        self.backend = ScriptedBackend(history=history, chat=chat)
        self.screen = FakeScreen()
        self.composer = FakeComposer(typed)
        self.pane = FakePane()
        self.switcher = ChatSwitcher(
            cast("SwitcherScreen", self.screen), self.composer, cast("Transcript", self.pane), self.backend
        )
        self.commands = ChatCommands(cast("CommandsScreen", self.screen), self.switcher, self.screen.restore_messages)

    async def begin(self) -> None:
        """The settings are loaded."""
        setup = self.backend.load()
        self.screen.connection = setup.connection
        self.screen.run_worker = lambda work, **_: None  # type: ignore[attr-defined]
        await self.switcher.begin(setup)


async def test_a_chat_comes_with_its_draft_queue_and_reading_position() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    history.keep_draft(kept.id, Draft("half a thou", ("queued",)))
    history.keep_reading_position(kept.id, ReadingPosition(kept.path()[1].id, 3))
    parts = Parts(history, kept.id)
    await parts.begin()
    assert parts.composer.text == "half a thou"
    assert parts.pane.revealed == [(kept.path()[1].id, -3)]
    session = parts.switcher.manager.shown
    assert session is not None
    assert [queued.text for queued in session.queue] == ["queued"]


async def test_a_warning_of_the_disk_is_shown_whole_besides_the_status_row() -> None:
    history = KeptHistory()
    parts = Parts(history)
    await parts.begin()
    parts.screen.said.clear()
    history.tell("The disk is full.")
    await asyncio.sleep(0)  # it is told in the loop's next round
    assert parts.screen.said == ["The disk is full.", "The disk is full."]
    history.tell("")
    await asyncio.sleep(0)
    assert parts.screen.said[2:] == [""]


async def test_a_draft_does_not_overwrite_what_is_typed_at_the_start() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    history.keep_draft(kept.id, Draft("from before"))
    parts = Parts(history, kept.id, typed="typed early")
    await parts.begin()
    assert parts.composer.text == "typed early"
    assert parts.composer.remembered == ["from before"]
    assert "press ↑" in parts.screen.said[-1]


async def test_an_unfinished_chat_that_cannot_be_read_costs_nothing_that_was_typed() -> None:
    class Unreadable(KeptHistory):
        def reading_position(self, chat: str) -> ReadingPosition | None:
            if chat == left.id:
                raise HistoryError(f"The chat {chat} cannot be read.")
            return super().reading_position(chat)

    history = Unreadable()
    left = history.keep("left")
    history.keep_draft("never begun", Draft("typed, then killed"))
    history.left = (left.id, "never begun")
    parts = Parts(history)
    await parts.begin()
    await parts.switcher._recover(reopen=True)
    assert parts.composer.remembered == ["typed, then killed"]
    assert "cannot be read" in parts.screen.said[0]
    assert parts.switcher.manager.waiting_ids == {left.id}


async def test_an_unfinished_chat_does_not_come_while_a_submitted_text_is_on_its_way() -> None:
    history = KeptHistory()
    left = history.keep("left")
    parts = Parts(history)
    await parts.begin()

    open_ = history.open

    def open_and_submit(chat: str) -> Conversation:
        parts.composer.submitted = True  # the text has left the prompt, and has not come to the conversation
        return open_(chat)

    history.open = open_and_submit  # type: ignore[method-assign]
    history.left = (left.id,)
    await parts.switcher._recover(reopen=True)
    assert parts.screen.conversation is not left
    assert "closed unexpectedly with a chat open" in parts.screen.said[-1]
    assert parts.switcher.manager.waiting_ids == {left.id}


async def test_who_was_chosen_answers_still_when_the_shown_chat_is_opened_again() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    parts = Parts(history, kept.id)
    await parts.begin()
    chosen = parts.screen.connection = Connection(parts.backend.model, "chosen")
    parts.composer.text = "not sent"
    assert await parts.switcher.open_chat(kept.id)
    assert parts.screen.connection is chosen
    assert parts.composer.text == "not sent"


async def test_leaving_twice_keeps_what_is_typed_once() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    parts = Parts(history, kept.id)
    await parts.begin()
    assert parts.switcher.way_back == ""
    parts.composer.text = "not sent"
    await parts.switcher.leave()
    await parts.switcher.leave()
    assert parts.composer.remembered == ["not sent"]
    assert history.draft(kept.id) == Draft("not sent")
    assert parts.switcher.way_back == f"--cid {kept.id[:8]}   # one"


async def test_the_program_may_end_before_the_settings_have_come() -> None:
    parts = Parts(KeptHistory(), typed="typed early")
    parts.switcher.keep_draft()
    parts.switcher.interrupted()
    await parts.switcher.leave()
    assert parts.composer.remembered == ["typed early"]


async def test_commands_before_the_settings_have_come_say_what_is_missing() -> None:
    parts = Parts(KeptHistory())
    await parts.commands.new()
    parts.commands.list("words")
    await parts.commands.undelete()
    await parts.commands.delete()
    await parts.commands.duplicate()
    await parts.commands.export("chat.md")
    assert parts.screen.said == [
        "There is nothing to restore.",
        "There is nothing to delete.",
        "There is nothing to copy yet.",
        "There is nothing to export yet.",
    ]


async def test_the_shown_chat_is_deleted_and_brought_back() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    parts = Parts(history, kept.id)
    await parts.begin()
    await parts.commands.delete()
    assert parts.screen.conversation is not kept
    assert parts.screen.said == ["“one” is deleted; /undelete brings it back."]
    await parts.commands.undelete()
    assert parts.screen.conversation is kept
    await parts.commands.undelete()
    assert parts.screen.said[-1] == "There is nothing to restore."


async def test_a_copy_is_shown_and_a_title_is_given() -> None:
    history = KeptHistory()
    kept = history.keep("one")
    parts = Parts(history, kept.id)
    await parts.begin()
    await parts.commands.duplicate()
    assert parts.screen.conversation is not kept
    assert parts.screen.said[-1].startswith("You are in a copy")
    parts.commands.rename("another\x1b")
    assert parts.screen.said[-1] == "The title is “another\ufffd”."
    assert kept.title == "one"


async def test_an_export_says_where_it_went_or_why_not(tmp_path: Path) -> None:
    history = KeptHistory()
    parts = Parts(history, history.keep("one").id)
    await parts.begin()
    target = tmp_path / "chat.md"
    await parts.commands.export(str(target))
    await parts.commands.export(str(target))
    assert parts.screen.said == [f"Exported to {target}.", f"{target} is there already."]
