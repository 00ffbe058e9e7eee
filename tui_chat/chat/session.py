"""Run the turns of one conversation: send, stop, retry, and the queue of prompts."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.choices.chat_choices import choice_words
from tui_chat.chat.choices.effort import DEFAULT
from tui_chat.chat.endings import may_continue
from tui_chat.chat.events import Finished
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat.recipient import Recipient, same_host
from tui_chat.chat.turn import Question, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui_chat.chat.conversation import Conversation, Origin
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.model_ports import Connection
    from tui_chat.chat.turn import Model

log = logging.getLogger(__name__)


class Queued(NamedTuple):
    """A prompt that was sent while a reply was running."""

    text: str
    attachments: Sequence[Attachment] = ()


class Session:
    """Run a conversation's turns one at a time, each in its own task.

    A turn's task is cancelled at most once, and every waiter waits behind a shield: a second cancellation while httpx
    cleans up after the first leaks the connection permanently (encode/httpx#3782).
    """

    def __init__(
        self,
        conversation: Conversation,
        model: Model,
        model_name: str = "",
        bug_hint: str = "",
        *,
        origin: Origin = "",
    ) -> None:
        """`bug_hint` is the sentence shown under a reply that ended in an internal error; it says where the
        traceback is. `origin` is who asks: a chat that `ask` began is no longer its own once another asks in it."""
        self.conversation = conversation
        self.model = model
        self.model_name = model_name
        self.options: Mapping[str, object] = {}
        """Sampling options of later questions; see `Question.options`."""
        self.queue: list[Queued] = []
        """Prompts sent while a reply was running, oldest first. The next one is asked after each reply that
        finishes."""
        self.queue_changed: Callable[[], None] = lambda: None
        self._recipient = Recipient("")
        """The endpoint that `model` belongs to, without the model name; has no host if that is unknown (a test's
        model)."""
        self._about: Callable[[str], ModelInfo] = ModelInfo
        self._usual_effort = ""
        """The effort of chats without one of their own."""
        self._agreed = ""
        """The new host that the person has allowed the chat to be sent to."""
        self._bug_hint = bug_hint
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._occupied: asyncio.Event | None = None
        """Set when something else that is done with the chat has ended; `None`: there is nothing."""
        self._stopping = False
        self._closed = False
        self._after_turn: Callable[[Turn], None] = self._ask_queued
        """Called when the running turn has ended; another session's if that has taken the turn over."""
        self._origin: Origin = origin

    def connect(self, connection: Connection) -> None:
        """Send later questions to this connection."""
        self.model, self.model_name = connection.model, connection.model_name
        self._about = connection.about
        self._usual_effort = connection.effort
        self._recipient = Recipient(connection.host, connection.name)

    @property
    def model_info(self) -> ModelInfo:
        """The known facts about the next question's model: the size of its context window and its prices."""
        return self._about(self.model_name)

    def aside(self, conversation: Conversation) -> Session:
        """Return a session for requests that are not part of the chat, to the model of the next question."""
        other = Session(conversation, self.model, self.model_name, self._bug_hint)
        other._about = self._about
        return other

    def take_over(self, other: Session) -> None:
        """Make the running turn of another session of the same conversation this one's: it can be stopped here, and the
        queue is asked after it."""
        other._after_turn = self._ask_queued
        self._turn, self._task, self._stopping = other._turn, other._task, other._stopping

    @property
    def effort(self) -> str:
        """The model's effort for the next question; empty: as the server decides."""
        own = self.conversation.choices.effort
        return "" if own == DEFAULT else own or self._usual_effort

    def choice_words(self, usual_system: str) -> list[str]:
        """The special choices of this chat, each in a few words for a person: its persona, its effort, its sampling
        options, and that its system prompt differs from `usual_system`."""
        conversation = self.conversation
        return choice_words(
            conversation.choices,
            self.effort,
            self.options,
            system=conversation.system,
            usual_system=usual_system,
        )

    @property
    def recipient(self) -> Recipient:
        """The endpoint and model of the next question."""
        return Recipient(self._recipient.host, self._recipient.name, self.model_name)

    @property
    def changes_host(self) -> bool:
        """Whether the next question would send the chat to another host than its last question, or to the first
        known one. Then nothing is sent until `agree` is called."""
        host, before = self._recipient.host, self.conversation.recipient
        if not host or host == self._agreed or not self.conversation.messages:
            return False
        return before is None or not same_host(before.host, host)

    def agree(self) -> None:
        """Allow the chat to be sent to the new host, after the person was asked."""
        self._agreed = self._recipient.host

    @property
    def turn(self) -> Turn | None:
        """The running turn, or else the last one."""
        return self._turn

    @property
    def busy(self) -> bool:
        """Whether a reply is unfinished, including one that was requested and has not begun."""
        if self._turn is None or self._task is None or self._task.done():
            return False
        return self._turn.reply is None or not self._turn.reply.settled

    @property
    def at_rest(self) -> bool:
        """Whether no reply is running, no connection is being closed, and nothing else is done with the chat."""
        return self._occupied is None and (self._task is None or self._task.done())

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """The chat is not at rest within this block, though no reply is running."""
        done = self._occupied = asyncio.Event()
        try:
            yield
        finally:
            self._occupied = None
            done.set()

    def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Ask `text`; while a reply is running it is queued with its attachments. After `stop` it is asked as soon
        as the stopped reply's connection is closed."""
        if self.busy and not self._stopping:
            self.queue.append(Queued(text, tuple(attachments)))
            self.queue_changed()
        else:
            self._ask(lambda: self.conversation.add_question(text, attachments))

    def edit(self, question: Message, text: str, attachments: Sequence[Attachment] | None = None) -> None:
        """Ask `text` in place of `question`, as a sibling that becomes the current branch; `attachments`: `None` for
        those of the question. Stops a running reply."""
        self._check_host()
        self.stop()
        files = question.attachments if attachments is None else attachments
        self._ask(lambda: self.conversation.add_question(text, files, beside=question))

    def enqueue(self, texts: Iterable[str], attachments: Sequence[Sequence[Attachment]] = ()) -> None:
        """Add prompts with their `attachments` to the queue; they are asked after the running reply finishes, or by
        `ask_next`."""
        self.queue += [
            Queued(text, tuple(attachments[at]) if at < len(attachments) else ()) for at, text in enumerate(texts)
        ]
        self.queue_changed()

    def unqueue(self, index: int) -> Queued:
        """Remove a prompt from the queue and return it."""
        taken = self.queue.pop(index)
        self.queue_changed()
        return taken

    def requeue(self, index: int, step: int) -> bool:
        """Let a queued prompt wait `step` places later, or earlier if it is negative. Returns False if there is no such
        place."""
        place = index + step
        if not (0 <= index < len(self.queue) and 0 <= place < len(self.queue)):
            return False
        self.queue.insert(place, self.queue.pop(index))
        self.queue_changed()
        return True

    def ask_next(self) -> bool:
        """Ask the oldest queued prompt. Returns False if the queue is empty or a reply is running."""
        if not self.queue or self.busy:
            return False
        self._check_host()
        queued = self.unqueue(0)
        self.send(queued.text, queued.attachments)
        return True

    def answers(self, message: Message) -> bool:
        """Whether the running reply is this message or will be below it."""
        if self._turn is None or not self.busy:
            return False
        return message is self._turn.reply or message in self._turn.question.messages

    def retry(self, message: Message | None = None) -> bool:
        """Ask the question of `message` (default: the last one) again; the new reply becomes a sibling of the old
        one. Returns False if there is no question, or a reply is running."""
        asked = message or self.conversation.leaf
        if asked is None or self.busy:
            return False
        again = self.conversation.messages[asked.parent] if asked.role == "assistant" and asked.parent else asked
        self._ask(lambda: again)
        return True

    def continue_(self) -> bool:
        """Continue the last reply if it is incomplete; the continuation is its child, and both are sent and shown as
        one. Returns False if there is nothing to continue, or a reply is running."""
        leaf = self.conversation.leaf
        if leaf is None or leaf.role != "assistant" or self.busy or not may_continue(leaf):
            return False
        self._ask(lambda: leaf)
        return True

    def stop(self) -> bool:
        """Stop the running reply and close its connection; its text is kept. Returns False if no reply is running."""
        if not self.busy or self._stopping or self._task is None:
            return False
        self._stopping = True
        self._task.cancel()
        return True

    def retry_now(self) -> bool:
        """End the wait before the next retry. Returns False if no retry is pending."""
        turn = self._turn
        if turn is None or turn.reply is None or turn.reply.retrying is None:
            return False
        turn.question.retry_now.set()
        return True

    async def idle(self) -> None:
        """Wait until no turn is running and none follows from the queue, and nothing else is done with the chat.
        Cancelling the wait does not cancel the turn."""
        while not self.at_rest:
            if self._occupied is not None:
                await self._occupied.wait()
            elif self._task is not None:
                await asyncio.shield(asyncio.wait({self._task}))

    async def close(self, limit: float = 2.0) -> None:
        """Stop the running reply, keep all received text, and wait up to `limit` seconds for the connection to
        close. The queue is kept."""
        self._closed = True
        self.stop()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=limit)

    def _check_host(self) -> None:
        if self.changes_host:
            raise RuntimeError("the chat would go to another host, and nobody has agreed to that")

    def _ask(self, message: Callable[[], Message]) -> None:
        """Start a turn with the message that `message` finds or adds. Every question is sent from here."""
        conversation = self.conversation
        self._check_host()
        if not self._origin or not conversation.messages:
            conversation.origin = self._origin
        asked = message()
        if self._recipient.host:
            conversation.recipient, self._agreed = self.recipient, ""
        options = conversation.choices.options_with(self.options)
        question = Question(tuple(conversation.path(asked)), conversation.system, self.model_name, options)
        about = self._about
        self._turn = Turn(self.conversation, self.model, question, self._bug_hint, lambda: about(question.model).prices)
        self._stopping = False
        self._task = asyncio.create_task(self._run(self._turn, after=self._task), name="turn")

    async def _run(self, turn: Turn, after: asyncio.Task[None] | None) -> None:
        if after is not None and not after.done():
            await asyncio.wait({after})  # close the old connection before opening a new one
        try:
            await turn.take()
        except (
            Exception
        ):  # a bug in a turn must not lose the text on the screen: the reply reports it, and it is logged
            log.exception("A turn ended with a bug")
        self._after_turn(turn)

    def _ask_queued(self, turn: Turn) -> None:
        """Ask the oldest queued prompt if a turn has ended well."""
        if turn.reply is not None and isinstance(turn.reply.ending, Finished) and self.queue and not self._closed:
            if self.changes_host:
                self.queue_changed()  # the queue waits until a person agrees
                return
            queued = self.unqueue(0)
            self._ask(lambda: self.conversation.add_question(queued.text, queued.attachments))
