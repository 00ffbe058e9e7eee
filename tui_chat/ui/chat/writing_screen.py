"""The half of the screen in which one writes: the box, what is sent from it, and what waits there."""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.widgets import Button, TextArea

from tui_chat.chat.events import Added, CutOff, Failed, Finished, Removed, Renamed, Restored, Selected, Stopped
from tui_chat.commands import by_slash, near_slash
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.chat.answering_screen import AnsweringScreen
from tui_chat.ui.composer.edit_notice import EditingLine
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.queue_bar import QueueBar
from tui_chat.ui.composer.send_button import SendButton
from tui_chat.ui.composer.slash_menu import SlashMenu

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation, Observer
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.commands import Command

SLASH_LINE = re.compile(r"/([A-Za-z][\w-]*)(?:\s+(.*))?", re.DOTALL)
"""A whole prompt that is a command, without a blank in front. `/usr/bin` is none: a path goes on with a slash."""

LIST_WITHIN = 5.0
"""Seconds that a first question waits for the endpoint's list of models, where none is chosen."""

WARM_FOR = 30.0
"""Seconds that a connection is taken to stay open; it is kept a little longer than that."""


class Edit(NamedTuple):
    """A question is in the box to be asked in other words."""

    question: Message
    aside: str
    """What stood in the box before, and will again."""


class WritingScreen(AnsweringScreen):
    """A conversation with a box to write in."""

    def __init__(self, backend: Backend, prompt: str = "") -> None:
        """`prompt` is sent as soon as there is somebody to answer."""
        super().__init__(backend)
        self._waiting = [prompt] if prompt else []
        """Sent before there was somebody to answer."""
        self._history = PromptHistory()
        self._warm_until = 0.0
        self._edit: Edit | None = None
        self.menu = SlashMenu()
        self.prompt = Prompt(self.menu)
        self.queue_bar = QueueBar()
        self.editing_line = EditingLine()
        self.button = SendButton("Send", id="send-stop")

    def focus_writing(self) -> None:
        """To the prompt, for the very next key; `focus()` would take effect later."""
        self.set_focus(self.prompt)

    def late_parts(self) -> list[Widget]:
        """The menu, the queue and the line of an edit, too."""
        return [*super().late_parts(), self.menu, self.queue_bar, self.editing_line, self.host_line]

    # What the rooms below tell.

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave."""
        await super().begin(setup)
        if setup.state_folder is not None:
            self._history = PromptHistory(setup.state_folder / "prompts.jsonl")

    def send_waiting(self) -> bool:
        """Send what was sent before there was somebody to answer. False: that was nothing."""
        waiting, self._waiting = self._waiting, []
        if waiting and not self.may_ask():
            self.prompt.give_back("\n\n".join(waiting))
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
        self._show_button(session.conversation)
        self.queue_changed()

    def observers(self) -> list[Observer]:
        """The button, too."""
        return [*super().observers(), self._changed]

    def _changed(self, conversation: Conversation, _: Message | None, change: Change) -> None:
        match change:
            case Added() | Selected() | Removed() | Restored() | Finished() | CutOff() | Failed() | Stopped():
                self._show_button(conversation)
                self.queue_changed()
                self.show_who()
            case Renamed():
                self.show_who()
            case _:
                pass

    def _show_button(self, conversation: Conversation) -> None:
        self.button.label = "Stop" if conversation.replying else "Send"
        self.button.set_class(conversation.replying, "stop")

    def queue_changed(self) -> None:
        """Something has come into the queue of the shown chat, or has gone."""
        if self.session is not None:
            self.queue_bar.show([each.text for each in self.session.queue], held=not self.session.busy)

    # Sending.

    def _send(self, text: str) -> None:
        if self.session is None:
            self._waiting.append(text)
            return
        if not self.may_ask():
            self.prompt.give_back(text)
            return
        if self._model_is_unclear():
            self._history.add(text)
            self._waiting.append(text)
            if len(self._waiting) == 1:
                self.run_worker(self._send_when_clear(), group="model")
            return
        self._history.add(text)
        self.session.send(text)
        self.follow_turn()

    @on(Prompt.Submitted)
    async def take_prompt(self, event: Prompt.Submitted) -> None:
        """Run a slash word, or send; what cannot be taken goes back into the box."""
        text = event.text
        if (line := SLASH_LINE.fullmatch(text.rstrip())) is not None:
            command = by_slash(line[1].lower())
            if command is None:
                self.prompt.give_back(text)
                near = near_slash(line[1].lower())
                ask = f"; did you mean /{near}? Else put" if near else ". Put"
                self.say(f"There is no command /{line[1]}{ask} a space in front to send it as text.", bad=True)
                return
            self._history.add(text)
            self.end_edit()
            await self.run_command(command, line[2] or "")
        elif self._edit is not None:
            self._send_edited(self._edit, text)
        elif text.strip():
            self._send(text)
        elif self.session is not None and not self.session.retry_now():
            self._ask_next(self.session)

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
            self.prompt.give_back("\n\n".join(texts))

    def _ask_next(self, session: Session) -> None:
        """Ask the oldest of what is queued, if there is something and no reply is under way."""
        if session.queue and not session.busy and self.may_ask() and session.ask_next():
            self.follow_turn()

    async def run_command(self, command: Command, argument: str = "") -> None:
        """Do what a slash word says."""
        raise NotImplementedError

    @on(TextArea.Changed, "#prompt")
    def typed(self) -> None:
        """The menu follows what is typed, and the connection is opened while a first word is."""
        self.menu.show_for(self.prompt.text)
        if self.ready and self.prompt.text and monotonic() > self._warm_until:
            self._warm_until = monotonic() + WARM_FOR
            self.run_worker(self._backend.warm(), group="warm", exclusive=True)

    @on(Button.Pressed, "#send-stop")
    def pressed(self) -> None:
        """Send or stop, as it says; the prompt keeps the focus."""
        if self.session is not None and self.session.busy:
            self.session.stop()
        else:
            self.prompt.done()
        self.focus_writing()

    # Editing an earlier question.

    def begin_edit(self, question: Message) -> None:
        """Put a question into the box; what stands there comes back afterwards."""
        self.end_edit()
        self._edit = Edit(question, self.prompt.text)
        self.prompt.put(question.text)
        self.editing_line.display = True
        self.focus_writing()

    def end_edit(self) -> bool:
        """The box is as it was before the edit; other words stay among the earlier prompts. False: there was none."""
        edit, self._edit = self._edit, None
        if edit is None:
            return False
        self.editing_line.display = False
        if self.prompt.text != edit.question.text:
            self._history.add(self.prompt.text)
        self.prompt.put(edit.aside)
        return True

    def _send_edited(self, edit: Edit, text: str) -> None:
        if not text.strip():
            self.say("There is nothing to ask; Esc leaves the question as it was.", bad=True)
            return
        if not self.may_ask():
            self.prompt.give_back(text)
            return
        self._edit = None
        self.editing_line.display = False
        if edit.aside:
            self.prompt.give_back(edit.aside)
        if self.session is None or edit.question.id not in self.conversation.messages:
            self._send(text)
            return
        if self.session.busy:
            self.say("The reply that was coming is stopped and kept.")
        self._history.add(text)
        self.session.edit(edit.question, text)
        self.follow_turn()

    @property
    def unsent(self) -> str:
        """What is typed and not sent: also what is edited, and what waits for that to be done."""
        text, edit = self.prompt.text, self._edit
        if edit is None:
            return text
        edited = text if text != edit.question.text else ""
        return "\n\n".join(part for part in (edit.aside, edited) if part.strip())

    # The queue, and earlier prompts.

    @on(QueueBar.Back)
    def queued_back(self, event: QueueBar.Back) -> None:
        """Into the box, in front of what stands there."""
        if self.session is not None:
            self.prompt.give_back(self.session.unqueue(event.index).text)
            self.focus_writing()

    @on(QueueBar.Dropped)
    def queued_dropped(self, event: QueueBar.Dropped) -> None:
        """Out of the queue; Up brings it back."""
        if self.session is not None:
            self._history.add(self.session.unqueue(event.index).text)

    def action_queue(self) -> None:
        """The last queued text back into the box."""
        if self.session is not None and self.session.queue:
            self.queued_back(QueueBar.Back(len(self.session.queue) - 1))

    @on(Prompt.Earlier)
    def earlier(self) -> None:
        """The prompt before."""
        if (text := self._history.earlier(self.prompt.text)) is not None:
            self.prompt.put(text)

    @on(Prompt.Later)
    def later(self) -> None:
        """The prompt after."""
        if (text := self._history.later()) is not None:
            self.prompt.put(text)

    def action_history_previous(self) -> None:
        """`/earlier`: the prompt before."""
        self.earlier()

    def action_history_next(self) -> None:
        """`/later`: the prompt after."""
        self.later()

    @on(Prompt.EditorWanted)
    async def write_in_editor(self) -> None:
        """Go on in an editor; a reply goes on meanwhile."""
        from tui_chat.ui.composer import external_editor as editor

        edited = await editor.edit(self.app, self.prompt.text)
        if isinstance(edited, editor.NoEditor):
            self.say(edited.problem, bad=True)
        else:
            self.prompt.put(edited)

    def action_editor(self) -> None:
        """`/editor`: with an empty box."""
        self.prompt.post_message(Prompt.EditorWanted())


def _nothing() -> None:
    """Nobody looks at the queue."""
