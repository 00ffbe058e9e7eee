"""What is done with the messages of the composer: texts are sent, queued, asked in place of others, or held back."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from textual import on

from tui_chat.chat.events import Added, CutOff, Failed, Finished, Removed, Renamed, Restored, Selected, Stopped
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.chat.answering_screen import AnsweringScreen
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.queue_bar import QueueBar

if TYPE_CHECKING:
    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation, Observer
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.commands import Command

LIST_WITHIN = 5.0
"""Seconds that a first question waits for the endpoint's list of models, where none is chosen."""

WARM_FOR = 30.0
"""Seconds that a connection is taken to stay open; it is kept a little longer than that."""


class WritingScreen(AnsweringScreen):
    """A conversation with a composer."""

    def __init__(self, backend: Backend, prompt: str = "") -> None:
        """`prompt` is sent as soon as there is somebody to answer."""
        super().__init__(backend)
        self._waiting = [prompt] if prompt else []
        """Sent before there was somebody to answer."""
        self._warm_until = 0.0

    # What the rooms below tell.

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave."""
        await super().begin(setup)
        if setup.state_folder is not None:
            self.composer.open_history(PromptHistory(setup.state_folder / "prompts.jsonl"))

    def send_waiting(self) -> bool:
        """Send what was sent before there was somebody to answer. False: that was nothing."""
        waiting, self._waiting = self._waiting, []
        if waiting and not self.may_ask():
            self.composer.give_back("\n\n".join(waiting))
            return True
        for text in waiting:
            self._send(text)
        return bool(waiting)

    async def show_session(self, session: Session) -> None:
        """Show a session's conversation and its queue."""
        if self.session is not None:
            self.session.queue_changed = _nothing
        session.queue_changed = self.queue_changed
        await super().show_session(session)
        self.composer.button.show_stop(session.conversation.replying)
        self.queue_changed()

    def observers(self) -> list[Observer]:
        """The button, too."""
        return [*super().observers(), self._changed]

    def _changed(self, conversation: Conversation, _: Message | None, change: Change) -> None:
        match change:
            case Added() | Selected() | Removed() | Restored() | Finished() | CutOff() | Failed() | Stopped():
                self.composer.button.show_stop(conversation.replying)
                self.queue_changed()
                self.show_who()
            case Renamed():
                self.show_who()
            case _:
                pass

    def queue_changed(self) -> None:
        """Something has come into the queue of the shown chat, or has gone."""
        if self.session is not None:
            self.composer.queue_bar.show([each.text for each in self.session.queue], held=not self.session.busy)

    # Sending.

    def _send(self, text: str) -> None:
        if self.session is None:
            self._waiting.append(text)
            return
        if not self.may_ask():
            self.composer.give_back(text)
            return
        if self._model_is_unclear():
            self.composer.remember(text)
            self._waiting.append(text)
            if len(self._waiting) == 1:
                self.run_worker(self._send_when_clear(), group="model")
            return
        self.composer.remember(text)
        self.session.send(text)
        self.follow_turn()

    @on(Composer.Submitted)
    def submitted(self, event: Composer.Submitted) -> None:
        """Send it; an empty text ends the wait before a retry, else the oldest of what is queued is asked."""
        if event.text:
            self._send(event.text)
        elif self.session is not None and not self.session.retry_now():
            self._ask_next(self.session)

    @on(Composer.EditSubmitted)
    def edit_submitted(self, event: Composer.EditSubmitted) -> None:
        """Ask it beside the old question; a reply under way is stopped."""
        if not self.may_ask():
            self.composer.give_back(event.text)
            return
        self.composer.finish_edit()
        if self.session is None or event.question.id not in self.conversation.messages:
            self._send(event.text)
            return
        if self.session.busy:
            self.say("The reply that was coming is stopped and kept.")
        self.composer.remember(event.text)
        self.session.edit(event.question, event.text)
        self.follow_turn()

    @on(Composer.CommandEntered)
    async def command_entered(self, event: Composer.CommandEntered) -> None:
        """Run it."""
        await self.run_command(event.command, event.argument)

    @on(Composer.StopPressed)
    def stop_pressed(self) -> None:
        """Stop the reply."""
        if self.session is not None:
            self.session.stop()

    @on(Composer.Refused)
    def refused(self, event: Composer.Refused) -> None:
        """Say why."""
        self.say(event.reason, bad=True)

    @on(Composer.DraftChanged)
    def typed(self) -> None:
        """Open the connection while a first word is typed."""
        if self.ready and self.composer.text and monotonic() > self._warm_until:
            self._warm_until = monotonic() + WARM_FOR
            self.run_worker(self._backend.warm(), group="warm", exclusive=True)

    @on(Prompt.EditorWanted)
    async def write_in_editor(self) -> None:
        """Go on in an editor. Handled here, so that the screen paints nothing while the terminal is the editor's."""
        if problem := await self.composer.write_in_editor():
            self.say(problem, bad=True)

    def _model_is_unclear(self) -> bool:
        """Whether the endpoint has to be asked first which models it has."""
        session, connection = self.session, self._connection
        return not (
            session is None
            or connection is None
            or session.model_name
            or session.busy
            or connection.demo
            or connection.model is self._asked_for_models
        )

    async def _send_when_clear(self) -> None:
        """Ask the endpoint for its models; where there are several the list opens and what was sent goes back into the
        box, else it is sent."""
        try:
            async with asyncio.timeout(LIST_WITHIN):
                held_back = await self._ask_for_model()
        except TimeoutError:
            held_back = False
        if not held_back:
            self._asked_for_models = self.session.model if self.session is not None else None
            self.send_waiting()
        else:
            texts, self._waiting = self._waiting, []
            self.composer.give_back("\n\n".join(texts))

    def _ask_next(self, session: Session) -> None:
        """Ask the oldest of what is queued, if there is something and no reply is under way."""
        if session.queue and not session.busy and self.may_ask() and session.ask_next():
            self.follow_turn()

    async def run_command(self, command: Command, argument: str = "") -> None:
        """Do what a slash word says."""
        raise NotImplementedError

    # The queue.

    @on(QueueBar.Back)
    def queued_back(self, event: QueueBar.Back) -> None:
        """Into the box, in front of what stands there."""
        if self.session is not None:
            self.composer.give_back(self.session.unqueue(event.index).text)
            self.focus_writing()

    @on(QueueBar.Dropped)
    def queued_dropped(self, event: QueueBar.Dropped) -> None:
        """Out of the queue; Up brings it back."""
        if self.session is not None:
            self.composer.remember(self.session.unqueue(event.index).text)

    def action_queue(self) -> None:
        """The last queued text back into the box."""
        if self.session is not None and self.session.queue:
            self.queued_back(QueueBar.Back(len(self.session.queue) - 1))


def _nothing() -> None:
    """Nobody looks at the queue."""
