"""One question to several models at once, side by side: each reply has a turn of its own and is a sibling of the
others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import Failed, Finished, Stopped
from tui_chat.chat.recipient import Recipient, change_of_host, same_host
from tui_chat.chat.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from tui_chat.chat.conversation import Conversation, Origin
    from tui_chat.chat.events import FailureKind
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.model_ports import Connection

LEAST_SIDES: Final = 2
MOST_SIDES: Final = 4
_FAIL_AGAIN: Final[frozenset[FailureKind]] = frozenset({"setup", "key", "request", "bug"})
"""Failures that the same request would meet again, so that it is not repeated."""


class Side:
    """One model of a comparison with its replies."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self.session = session
        self.connection = connection
        self.replies: list[Message] = []
        """Those that `repeat` has waited for, oldest first."""
        self._stopped = False

    @property
    def recipient(self) -> Recipient:
        """The endpoint and the model."""
        return self.session.recipient

    @property
    def reply(self) -> Message | None:
        """The newest reply; `None` before the first one has begun."""
        return self.session.turn.reply if self.session.turn is not None else None

    @property
    def busy(self) -> bool:
        """Whether its newest reply is unfinished."""
        return self.session.busy

    def ask(self, question: Message) -> None:
        """Ask the question, or ask it again; the person has been told where it goes."""
        self._stopped = False
        self.session.agree()
        self.session.retry(question)

    def stop(self) -> None:
        """Stop its reply, whose text is kept, and repeat nothing."""
        self._stopped = True
        turn = self.session.turn
        if turn is not None and turn.reply is None:
            # A task that is cancelled before its first step would leave no reply that could say it was stopped.
            asyncio.get_running_loop().call_soon(self.session.stop)
        else:
            self.session.stop()

    async def repeat(self, question: Message, times: int) -> None:
        """Wait for the running reply, then ask again until there are `times` replies. Ends early if the model is
        stopped, or fails in a way that another request would not change."""
        while True:
            await self.session.idle()
            if self.reply is None:
                return
            self.replies.append(self.reply)
            ending = self.reply.ending
            hopeless = isinstance(ending, Failed) and ending.kind in _FAIL_AGAIN
            if self._stopped or hopeless or isinstance(ending, Stopped) or len(self.replies) >= times:
                return
            self.ask(question)


class Comparison:
    """A question of one conversation and the models that answer it at the same time."""

    def __init__(
        self,
        conversation: Conversation,
        connections: Sequence[Connection],
        *,
        options: Mapping[str, object] | None = None,
        bug_hint: str = "",
        origin: Origin = "",
    ) -> None:
        """`connections`: two to four, each to one model. `options`, `bug_hint` and `origin`: as those of a session."""
        self.conversation = conversation
        self.question: Message | None = None
        """The question; `None` before `ask`."""
        self.sides = tuple(_side(conversation, each, options or {}, bug_hint, origin) for each in connections)
        self._origin: Origin = origin

    def new_hosts(self) -> list[Recipient]:
        """The recipients at hosts other than that of the chat's last question, one of each host: asking sends them the
        whole chat. Empty for a new chat."""
        found: list[Recipient] = []
        before = self.conversation.recipient
        for side in self.sides if self.conversation.messages else ():
            to = side.recipient
            known = [*([before] if before is not None else []), *found]
            if to.host and not any(same_host(each.host, to.host) for each in known):
                found.append(to)
        return found

    def change_of_hosts(self) -> str:
        """A sentence that names the chat's former endpoint and those at other hosts, which receive the whole chat. If
        there are none, it is empty."""
        found = self.new_hosts()
        if not found:
            return ""
        together = Recipient(" and ".join(to.label for to in found))
        return change_of_host(self.conversation, together)

    def ask(self, text: str, attachments: Sequence[Attachment] = ()) -> Message:
        """Add the question and ask all models. The caller has told the person of `new_hosts`."""
        if not self.conversation.messages:
            self.conversation.origin = self._origin
        question = self.question = self.conversation.add_question(text, attachments)
        for side in self.sides:
            side.ask(question)
        return question

    def retry(self, side: Side) -> None:
        """Ask one model again; its new reply is another sibling."""
        if self.question is not None and not side.busy:
            side.ask(self.question)

    async def ended(self, times: int = 1) -> AsyncGenerator[Side, None]:
        """Repeat the question until each model has answered `times` times, none waiting for another, and yield each
        side when it is through."""
        if self.question is None:
            raise RuntimeError("nothing was asked")
        tasks = [asyncio.create_task(side.repeat(self.question, times)) for side in self.sides]
        left = set(tasks)
        while left:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            for task, side in zip(tasks, self.sides, strict=True):
                if task in done:
                    task.result()
                    yield side

    @property
    def busy(self) -> bool:
        """Whether a reply is unfinished."""
        return any(side.busy for side in self.sides)

    def stop(self) -> None:
        """Stop all replies; their texts are kept."""
        for side in self.sides:
            side.stop()

    async def idle(self) -> None:
        """Wait until all replies have ended."""
        await asyncio.gather(*(side.session.idle() for side in self.sides))

    def keep(self, side: Side) -> None:
        """Continue with the newest reply of `side`: its branch becomes the current one, and the chat's next question is
        for its endpoint. The other replies stay as its siblings. Raises `ValueError` if it has no reply."""
        if side.reply is None:
            raise ValueError("this model has not been asked")
        if side.recipient.host:
            self.conversation.recipient = side.recipient
        self.conversation.select(side.reply)

    def keep_first(self) -> None:
        """Continue with the first whole reply, or else with the first one that has begun, until another is kept."""
        begun = [side for side in self.sides if side.reply is not None]
        whole = (side for side in begun if side.reply is not None and isinstance(side.reply.ending, Finished))
        if begun:
            self.keep(next(whole, begun[0]))

    async def close(self) -> None:
        """Stop all replies, keep all received text, and wait a short time for the connections to close."""
        self.stop()
        await asyncio.sleep(0)  # replies that were about to begin have begun, and are stopped
        await asyncio.gather(*(side.session.close() for side in self.sides))


def _side(
    conversation: Conversation,
    connection: Connection,
    options: Mapping[str, object],
    bug_hint: str,
    origin: Origin,
) -> Side:
    session = Session(conversation, connection.model, bug_hint=bug_hint, origin=origin)
    session.connect(connection)
    session.options = options
    return Side(session, connection)
