"""Decides about a text from the composer: it is sent, queued, asked in place of another, or held back."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.events import Added, CutOff, Failed, Finished, Removed, Renamed, Restored, Selected, Stopped
from tui_chat.ui.after_request import after_request

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.worker import Worker

    from tui_chat.chat.backend_ports import Backend
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.session import Queued, Session
    from tui_chat.ui.composer.composer import Composer

WARM_FOR = 30.0
"""Seconds that a connection is taken to stay open; it is kept a little longer than that."""


class SenderConnections(Protocol):
    """The part of the connection controller that the sender uses."""

    @property
    def session(self) -> Session | None:
        """The session of the shown chat; `None` until the settings are loaded."""
        ...

    def may_ask(self) -> bool:
        """Whether a question may be sent; if not, a notice or a dialog says what to do."""
        ...

    @property
    def needs_model(self) -> bool:
        """Whether the endpoint has to be asked for its models before the next question."""
        ...

    async def find_model(self) -> bool:
        """Ask it. False: there are several, and the person has to choose."""
        ...

    def show_header(self) -> None:
        """Show what the chat is about and who answers."""
        ...

    def follow_turn(self) -> None:
        """Show what was asked, and the reply as it comes."""
        ...


class SenderScreen(Protocol):
    """The part of the screen that the sender uses."""

    @property
    def connections(self) -> SenderConnections:
        """The controller that holds the session and its connection."""
        ...

    def show_notice(self, text: str, *, bad: bool = False) -> None:
        """Show a sentence for some seconds."""
        ...

    def run_worker(
        self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class Sender:
    """Gives texts to the session of the shown chat; what may not be sent goes back into the composer."""

    def __init__(
        self,
        screen: SenderScreen,
        composer: Composer,
        backend: Backend,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """`prompt` is sent with `attachments` once the settings are loaded; without a prompt, the attachments wait for
        one."""
        self._screen = screen
        self._connections = screen.connections
        self._composer = composer
        self._backend = backend
        self._waiting = [_prompt(prompt, attachments)] if prompt or attachments else []
        """Submitted before the settings had come, or before it was clear which model answers."""
        self._warm_until = 0.0
        self._shown: Session | None = None
        """The session whose queue is shown."""
        self._update_asked = False
        """Whether an update will follow after the request of a question that was just asked."""
        self.to_several: Callable[[Queued], bool] = lambda _: False
        """Sends a prompt to several models; returns False if it is for the chat's own."""
        self.holds: Callable[[Session], bool] = lambda _: False
        """Whether something else is done with a chat first, so that its questions are queued meanwhile."""
        self.queue_changed: Callable[[], None] = _nothing
        """Called when the queue of the shown chat has got or lost a text."""

    # What the composer shows of the session

    def watch(self, session: Session) -> None:
        """Show the queue of this session and whether its reply can be stopped, and what changes there."""
        if self._shown is not None:
            self._shown.queue_changed = _nothing
        self._shown = session
        session.queue_changed = self._show_queue
        self._show_state(session)

    def changed(self, _conversation: Conversation, _: Message | None, change: Change) -> None:
        """Observe the shown conversation."""
        match change:
            case Added():
                if not self._update_asked:
                    self._update_asked = True
                    after_request(self._composer, self._update)
            case Selected() | Removed() | Restored() | Finished() | CutOff() | Failed() | Stopped():
                self._update()
            case Renamed():
                self._connections.show_header()
            case _:
                pass

    def _update(self) -> None:
        """Show what an added message changes."""
        self._update_asked = False
        if self._shown is not None:
            self._show_state(self._shown)
        self._connections.show_header()

    def _show_state(self, session: Session) -> None:
        self._composer.button.show_stop(session.conversation.replying)
        self._show_queue()

    def _show_queue(self) -> None:
        if (session := self._shown) is not None:
            self._composer.queue_bar.show(session.queue, held=not session.busy and not self.holds(session))
            self.queue_changed()

    # Sending

    def submit(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Send it with what is attached. An empty text ends the wait before a retry; without one the oldest of what is
        queued is asked."""
        session = self._connections.session
        if text or attachments:
            self._send(_prompt(text, attachments))
        elif session is None or session.retry_now() or self.holds(session):
            return
        elif session.queue and not session.busy and self._connections.may_ask() and session.ask_next():
            self._connections.follow_turn()

    def _send(self, prompt: Queued) -> None:
        session = self._connections.session
        if session is None:
            self._waiting.append(prompt)
        elif self.to_several(prompt):
            return
        elif not self._connections.may_ask():
            self._composer.give_back(*prompt)
        elif self._connections.needs_model:
            self._composer.remember(prompt.text)
            self._waiting.append(prompt)
            if len(self._waiting) == 1:
                self._screen.run_worker(self._send_when_model_is_found, group="model")
        elif self.holds(session):
            self._composer.remember(prompt.text)
            session.enqueue([prompt.text], [prompt.attachments])
        else:
            self._composer.remember(prompt.text)
            session.send(*prompt)
            self._connections.follow_turn()

    def submit_edit(self, question: Message, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Ask `text` beside `question`; a reply under way is stopped. A question that is gone is asked as a new one."""
        session = self._connections.session
        if not self._connections.may_ask():
            self._composer.give_back(text, attachments)
            return
        self._composer.finish_edit()
        if session is None or question.id not in session.conversation.messages:
            self._send(_prompt(text, attachments))
            return
        if session.busy:
            self._screen.show_notice("The reply that was coming is stopped and kept.")
        self._composer.remember(text)
        session.edit(question, text, attachments)
        self._connections.follow_turn()

    def send_waiting(self) -> bool:
        """Send what waits for the settings or a model. False: nothing does."""
        waiting, self._waiting = self._waiting, []
        if waiting and not self._connections.may_ask():
            self._give_back(waiting)
            return True
        for prompt in waiting:
            if prompt.text:
                self._send(prompt)
            else:
                self._composer.give_back(*prompt)
        return bool(waiting)

    async def _send_when_model_is_found(self) -> None:
        if await self._connections.find_model():
            self.send_waiting()
        else:
            waiting, self._waiting = self._waiting, []
            self._give_back(waiting)

    def _give_back(self, prompts: Sequence[Queued]) -> None:
        files = [file for prompt in prompts for file in prompt.attachments]
        self._composer.give_back("\n\n".join(prompt.text for prompt in prompts), files)

    def warm(self) -> None:
        """Open the connection while the first words are typed."""
        if self._connections.session is not None and self._composer.text and monotonic() > self._warm_until:
            self._warm_until = monotonic() + WARM_FOR
            self._screen.run_worker(self._backend.warm, group="warm", exclusive=True)

    # The queue

    def take_back(self, index: int) -> None:
        """Put a queued text back into the prompt, in front of what stands there."""
        if (session := self._connections.session) is not None:
            self._composer.give_back(*session.unqueue(index))
            self._composer.focus_prompt()

    def take_back_last(self) -> None:
        """Put the last queued text back into the prompt."""
        session = self._connections.session
        if session is not None and session.queue:
            self.take_back(len(session.queue) - 1)
        else:
            self._screen.show_notice("Nothing is queued.", bad=True)

    def move(self, index: int, by: int) -> None:
        """Send a queued text `by` places later, or earlier if that is negative."""
        if (session := self._connections.session) is not None:
            session.requeue(index, by)

    def send_last_first(self) -> None:
        """Send the last queued text before the others."""
        session = self._connections.session
        queued = 0 if session is None else len(session.queue)
        if session is not None and queued > 1:
            session.requeue(queued - 1, 1 - queued)
        else:
            self._screen.show_notice(
                "One message is queued, so it is the first." if queued else "Nothing is queued.", bad=True
            )

    def drop(self, index: int) -> None:
        """Take a text out of the queue; it stays among the earlier prompts."""
        if (session := self._connections.session) is not None:
            self._composer.remember(session.unqueue(index).text)


def _prompt(text: str, attachments: Sequence[Attachment]) -> Queued:
    from tui_chat.chat.session import Queued  # not needed for the first frame

    return Queued(text, attachments)


def _nothing() -> None:
    """Do nothing; stands in until the screen sets `queue_changed`, and for sessions that are not shown."""
