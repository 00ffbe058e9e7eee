"""One conversation's running task: send, stop, retry, and the queue of what was typed meanwhile."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.endings import may_continue
from tui_chat.chat.events import Finished
from tui_chat.chat.recipient import Recipient, same_host
from tui_chat.chat.turn import Question, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.model_ports import Connection
    from tui_chat.chat.turn import Model

log = logging.getLogger(__name__)


class Queued(NamedTuple):
    """What was sent while a reply ran."""

    text: str
    attachments: Sequence[Attachment] = ()


class Session:
    """Runs a conversation's turns, one at a time, each as a task of its own.

    A turn's task is cancelled at most once, and everybody who waits for it waits behind a shield: a second cancel that
    reaches httpx while it cleans up after the first leaks the connection for good (encode/httpx#3782).
    """

    def __init__(self, conversation: Conversation, model: Model, model_name: str = "", bug_hint: str = "") -> None:
        """`bug_hint` is the sentence under a reply that a bug of ours ended: where the traceback is."""
        self.conversation = conversation
        self.model = model
        self.model_name = model_name
        self.options: Mapping[str, object] = {}
        """Sampling options of the questions to come; see `Question.options`."""
        self.queue: list[Queued] = []
        """What was sent while a reply ran, oldest first; asked in turn after each reply that ends well."""
        self.queue_changed: Callable[[], None] = lambda: None
        self._recipient = Recipient("")
        """Whom `model` is, but for the model's name; without a host where that is not known (a test's model)."""
        self._agreed = ""
        """The host to which the chat may go though it was with another."""
        self._bug_hint = bug_hint
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._closed = False

    def connect(self, connection: Connection) -> None:
        """Let the questions to come go there."""
        self.model, self.model_name = connection.model, connection.model_name
        self._recipient = Recipient(connection.host, connection.name)

    @property
    def recipient(self) -> Recipient:
        """Whom the next question goes to."""
        return Recipient(self._recipient.host, self._recipient.name, self.model_name)

    @property
    def changes_host(self) -> bool:
        """Whether the next question would take the chat to another host than its last one did, or to the first that is
        known. Nothing is asked then before somebody has told the person and called `agree`."""
        host, before = self._recipient.host, self.conversation.recipient
        if not host or host == self._agreed or not self.conversation.messages:
            return False
        return before is None or not same_host(before.host, host)

    def agree(self) -> None:
        """The person knows that the chat goes to another host than before."""
        self._agreed = self._recipient.host

    @property
    def turn(self) -> Turn | None:
        """The turn that runs, or the last one that did."""
        return self._turn

    @property
    def busy(self) -> bool:
        """Whether a reply is under way (asked for, or coming, and not settled)."""
        if self._turn is None or self._task is None or self._task.done():
            return False
        return self._turn.reply is None or not self._turn.reply.settled

    @property
    def at_rest(self) -> bool:
        """Whether nothing runs: no reply, and no connection that is being closed."""
        return self._task is None or self._task.done()

    def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Ask `text`; while a reply is under way it waits in the queue with its attachments. After `stop` it
        is asked as soon as the stopped reply's connection is closed."""
        if self.busy and not self._stopping:
            self.queue.append(Queued(text, tuple(attachments)))
            self.queue_changed()
        else:
            self._ask(lambda: self.conversation.add_question(text, attachments))

    def edit(self, question: Message, text: str) -> None:
        """Ask `text` in place of `question`, with the same attachments: it becomes a sibling, and the current branch.
        A reply under way is stopped."""
        self._check_host()
        self.stop()
        self._ask(lambda: self.conversation.add_question(text, question.attachments, beside=question))

    def enqueue(self, texts: Iterable[str]) -> None:
        """Put texts into the queue; nothing is asked before a person goes on or a reply under way has ended well."""
        self.queue += [Queued(text) for text in texts]
        self.queue_changed()

    def unqueue(self, index: int) -> Queued:
        """Take something out of the queue and give it back."""
        taken = self.queue.pop(index)
        self.queue_changed()
        return taken

    def ask_next(self) -> bool:
        """Ask the oldest of what is queued. False: nothing is, or a reply is under way."""
        if not self.queue or self.busy:
            return False
        self._check_host()
        queued = self.unqueue(0)
        self.send(queued.text, queued.attachments)
        return True

    def answers(self, message: Message) -> bool:
        """Whether the reply under way is this message, or will stand below it."""
        if self._turn is None or not self.busy:
            return False
        return message is self._turn.reply or message in self._turn.question.messages

    def retry(self, message: Message | None = None) -> bool:
        """Ask the question of `message` (the last one if not given) once more; the new reply becomes a sibling of the
        old. False: there is nothing to ask, or a reply is under way."""
        asked = message or self.conversation.leaf
        if asked is None or self.busy:
            return False
        again = self.conversation.messages[asked.parent] if asked.role == "assistant" and asked.parent else asked
        self._ask(lambda: again)
        return True

    def continue_(self) -> bool:
        """Go on with the last reply where it is not whole; what comes is a child of it, sent and shown as one with it.
        False: there is nothing to go on with, or a reply is under way."""
        leaf = self.conversation.leaf
        if leaf is None or leaf.role != "assistant" or self.busy or not may_continue(leaf):
            return False
        self._ask(lambda: leaf)
        return True

    def stop(self) -> bool:
        """Stop the reply under way: its text stays, and the connection is closed. False: there was none to stop."""
        if not self.busy or self._stopping or self._task is None:
            return False
        self._stopping = True
        self._task.cancel()
        return True

    def retry_now(self) -> bool:
        """End the wait before the next retry. False: nothing waits."""
        turn = self._turn
        if turn is None or turn.reply is None or turn.reply.retrying is None:
            return False
        turn.question.retry_now.set()
        return True

    async def idle(self) -> None:
        """Wait until no turn runs and none follows from the queue. Cancelling the waiter does not cancel the turn."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(asyncio.wait({self._task}))

    async def close(self, limit: float = 2.0) -> None:
        """Stop what runs, drop nothing that was heard, and wait (at most `limit` seconds) for the connection to be
        closed. What is queued stays there."""
        self._closed = True
        self.stop()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=limit)

    def _check_host(self) -> None:
        if self.changes_host:
            raise RuntimeError("the chat would go to another host, and nobody has agreed to that")

    def _ask(self, message: Callable[[], Message]) -> None:
        """Begin a turn with the message that `message` finds or adds. All that is ever sent passes here."""
        conversation = self.conversation
        self._check_host()
        asked = message()
        if self._recipient.host:
            conversation.recipient, self._agreed = self.recipient, ""
        question = Question(tuple(conversation.path(asked)), conversation.system, self.model_name, self.options)
        self._turn = Turn(self.conversation, self.model, question, self._bug_hint)
        self._stopping = False
        self._task = asyncio.create_task(self._run(self._turn, after=self._task), name="turn")

    async def _run(self, turn: Turn, after: asyncio.Task[None] | None) -> None:
        if after is not None and not after.done():
            await asyncio.wait({after})  # the old connection is closed before a new one is asked for
        try:
            await turn.take()
        except Exception:  # a bug in a turn must not lose the words on the screen: it is told in the reply and logged
            log.exception("A turn ended with a bug")
        if turn.reply is not None and isinstance(turn.reply.ending, Finished) and self.queue and not self._closed:
            if self.changes_host:
                self.queue_changed()  # it waits until a person goes on
                return
            queued = self.unqueue(0)
            self._ask(lambda: self.conversation.add_question(queued.text, queued.attachments))
