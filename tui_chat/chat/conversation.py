"""A conversation: messages as a tree with a current leaf.

Only `apply` changes a message; observers are notified afterwards. An observer has to return quickly and must not raise;
it does longer work elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never
from uuid import uuid4

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.events import (
    Adapted,
    Added,
    Change,
    Citation,
    CutOff,
    Failed,
    Finished,
    Grown,
    Image,
    KeepAlive,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    Removed,
    Renamed,
    ResponseStarted,
    Restored,
    Retrying,
    Selected,
    Skipped,
    Stopped,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.message import CitationPart, ImagePart, Message, OpaquePart, PartKind, Role, TextPart, ToolCall
from tui_chat.chat.prices import cost_of
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.titles import title_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.events import ChatEvent, Delta, OtherEvent
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.prices import Prices
    from tui_chat.chat.recipient import Recipient

Origin: TypeAlias = Literal["", "ask"]
"""The program that asks the questions of a chat: the screen (or `plain`), or `ask` alone."""

Observer: TypeAlias = Callable[["Conversation", Message | None, Change], None]


@dataclass(frozen=True, slots=True)
class Removal:
    """Messages removed from a conversation, as `Conversation.restore` needs them."""

    messages: tuple[Message, ...]
    """The removed message and all its descendants, in that order."""
    leaf: Message | None
    """The current leaf before the removal."""
    order: tuple[str, ...]
    """The ids of all messages before the removal, in order."""


class Conversation:
    """A tree of messages with a current leaf, and observers of its changes."""

    def __init__(self, system: str = "", *, id: str = "", title: str = "", created: float | None = None) -> None:  # noqa: A002
        """Create a conversation; `id`, `title` and `created` (seconds since the epoch) are given for a stored one. A
        new one gets its own id and no title."""
        self.id = id or uuid4().hex
        self.created = time() if created is None else created
        self.messages: dict[str, Message] = {}
        self.leaf: Message | None = None
        self.recipient: Recipient | None = None
        """The endpoint of the last question; `None`: none yet, or unknown."""
        self.origin: Origin = ""
        self._title = title
        self._system = system
        self.choices = ChatChoices()
        """The persona and the effort of later questions; changed by `set_choices`."""
        self._observers: tuple[Observer, ...] = ()
        self._unsettled: set[str] = set()

    def load(self, messages: Iterable[Message], leaf: str | None) -> None:
        """Add the settled messages of a stored conversation, parents before children, and set the current leaf by
        its id. Observers are not notified."""
        self.messages.update((message.id, message) for message in messages)
        self.leaf = self.messages[leaf] if leaf is not None else None

    @property
    def named(self) -> bool:
        """Whether a title was set."""
        return bool(self._title)

    @property
    def title(self) -> str:
        """The title that was set, else one made by rule from the first question; empty without a question."""
        if self._title:
            return self._title
        first = next(iter(self.messages.values()), None)
        return title_from(first.text) if first is not None else ""

    def rename(self, title: str) -> None:
        """Set the title; an empty one brings back the title by rule."""
        self._title = title
        self._notify(None, Renamed())

    @property
    def system(self) -> str:
        """The system prompt; empty: none."""
        return self._system

    def set_choices(self, choices: ChatChoices) -> None:
        """Set the persona and the effort of later questions."""
        self.choices = choices
        self._notify(None, Renamed())

    def set_system(self, system: str) -> None:
        """Set the system prompt of later questions."""
        self._system = system
        self._notify(None, Renamed())

    @property
    def replying(self) -> bool:
        """Whether a reply on any branch is not settled yet."""
        return bool(self._unsettled)

    def path(self, leaf: Message | None = None) -> list[Message]:
        """The messages from the root to `leaf` (default: the current leaf)."""
        found: list[Message] = []
        at = leaf or self.leaf
        while at is not None:
            found.append(at)
            at = self.messages[at.parent] if at.parent else None
        found.reverse()
        return found

    def continued(self, reply: Message) -> list[Message]:
        """A reply preceded by the replies that it continues, oldest first."""
        found = [reply]
        while (above := self.messages.get(found[0].parent or "")) is not None and above.role == "assistant":
            found.insert(0, above)
        return found

    @property
    def last_reply(self) -> Message | None:
        """The newest reply on the current path."""
        at = self.leaf
        while at is not None and at.role != "assistant":
            at = self.messages[at.parent] if at.parent else None
        return at

    def siblings(self, message: Message) -> list[Message]:
        """All messages with the same parent, including `message`, oldest first."""
        return [other for other in self.messages.values() if other.parent == message.parent]

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` for each later change; call the returned function to unsubscribe."""
        self._observers = (*self._observers, observer)
        return lambda: self._forget(observer)

    def _forget(self, observer: Observer) -> None:
        left = list(self._observers)
        left.remove(observer)
        self._observers = tuple(left)

    def add_question(
        self, text: str, attachments: Sequence[Attachment] = (), *, beside: Message | None = None
    ) -> Message:
        """Add a user message below the current leaf, or as a sibling of `beside` (an edited question); it becomes
        the leaf."""
        below = self.leaf if beside is None else self.messages[beside.parent] if beside.parent else None
        message = self._new("user", below)
        message.attachments = tuple(attachments)
        message.parts = [TextPart("text", text=text)]
        self._add(message)
        if beside is not None:
            self._notify(message, Selected())
        return message

    def add_summary(self, question: Message, reply: Message) -> None:
        """Add a settled request for a summary, and the summary, as a branch of its own from the root, and show it:
        later requests begin with it. The messages before stay on their own branches."""
        question.parent, question.purpose = None, "compaction"
        reply.parent, reply.purpose = question.id, "compaction"
        self._add(question)
        self._add(reply)
        if reply.ending is not None:
            self._notify(reply, reply.ending)
        self._notify(reply, Selected())

    def remove(self, message: Message) -> Removal:
        """Remove a message and its descendants. The path then ends in the branch of its newest sibling, or else at
        its parent. Raises `ValueError` if one of them is not settled."""
        gone = {message.id: message}
        for other in self.messages.values():
            if other.parent in gone:
                gone[other.id] = other
        if gone.keys() & self._unsettled:
            raise ValueError("a reply that is still coming cannot be removed")
        removal = Removal(tuple(gone.values()), self.leaf, tuple(self.messages))
        parent = self.messages[message.parent] if message.parent else None
        for id_ in gone:
            del self.messages[id_]
        if self.leaf is not None and self.leaf.id in gone:
            siblings = self.siblings(message)
            self.leaf = self.newest_below(siblings[-1]) if siblings else parent
        self._notify(message, Removed())
        return removal

    def restore(self, removal: Removal) -> None:
        """Undo a removal: put its messages and the former leaf back. Undo several removals in reverse order; the
        conversation may have been read from the history again in between."""
        known = self.messages | {message.id: message for message in removal.messages}
        order = dict.fromkeys((*(id_ for id_ in removal.order if id_ in known), *known))
        self.messages = {id_: known[id_] for id_ in order}
        self.leaf = self.messages.get(removal.leaf.id) if removal.leaf is not None else None
        self._notify(removal.messages[0], Restored())

    def newest_below(self, message: Message) -> Message:
        """The leaf reached from a message by following the newest child each time."""
        newest = {other.parent: other for other in self.messages.values()}
        while (child := newest.get(message.id)) is not None:
            message = child
        return message

    def begin_reply(
        self,
        question: Message,
        *,
        model: str,
        endpoint: str,
        at: float,
        prices: Prices | None = None,
        prompt_estimate: int | None = None,
    ) -> Message:
        """Add an empty reply to `question`, asked at monotonic second `at`; it becomes the leaf. If `question` is a
        reply, the new one continues it."""
        message = self._new("assistant", question)
        message.model, message.endpoint = model, endpoint
        message.prices, message.prompt_estimate = prices, prompt_estimate
        message.timing.asked = at
        branched = question is not self.leaf
        self._unsettled.add(message.id)
        self._add(message)
        if branched:
            self._notify(message, Selected())
        return message

    def select(self, leaf: Message | None) -> None:
        """Show the branch that ends at `leaf`; `None` is before the first message."""
        self.leaf = leaf
        self._notify(leaf, Selected())

    def apply(self, message: Message, *events: ChatEvent | Stopped) -> None:
        """Apply events to a message in order. A settled message accepts no events. Observers are notified of each
        event; consecutive deltas are combined into one notification."""
        deltas: list[Delta] = []
        for event in events:
            if message.settled:
                return
            match event:
                case TextDelta():
                    self._grow(message, "text", event.part, event.text, event.at)
                case ReasoningDelta():
                    self._grow(message, "reasoning", event.part, event.text, event.at)
                case RefusalDelta():
                    self._grow(message, "refusal", 0, event.text, event.at)
                case ToolCallDelta():
                    self._call(message, event)
                case _:
                    self._notify_of_growth(message, deltas)
                    deltas = []
                    self._take(message, event)
                    self._notify(message, event)
                    continue
            deltas.append(event)
        self._notify_of_growth(message, deltas)

    def _take(self, message: Message, event: OtherEvent | Stopped) -> None:
        timing = message.timing
        match event:
            case ResponseStarted(status, url):
                message.status, message.url = status, url
                message.retrying = None
                timing.opened = timing.last_heard = event.at
                timing.sent = event.sent
            case ModelNamed(name):
                message.model = name
            case KeepAlive():
                timing.last_heard = event.at
            case Citation(url, title):
                message.parts.append(CitationPart(url, title))
            case Image(url):
                message.parts.append(ImagePart(url))
            case Opaque(json):
                message.parts.append(OpaquePart(json))
            case UsageReport(usage):
                message.usage = usage
                timing.last_heard = event.at
            case Adapted(how):
                message.adapted = how
            case Skipped(events, size):
                before = message.skipped or Skipped(0, 0)
                message.skipped = Skipped(before.events + events, before.bytes + size, at=event.at)
            case Retrying():
                message.retrying = event
            case Finished() | CutOff() | Failed() | Stopped():
                self._settle(message, event)
            case _:
                assert_never(event)

    def _settle(self, message: Message, ending: Finished | CutOff | Failed | Stopped) -> None:
        message.ending = ending
        self._unsettled.discard(message.id)
        message.retrying = None
        message.timing.ended = ending.at
        message.cost = cost_of(message)
        if isinstance(ending, Failed):
            message.url = ending.url or message.url
            message.status = ending.status if ending.status is not None else message.status
        message.parts = list(message.parts)  # without the room of a list that grows
        for part in message.parts:
            if isinstance(part, TextPart):
                part.settle()

    @staticmethod
    def _note_delta(message: Message, at: float) -> None:
        timing = message.timing
        if timing.first_delta is None:
            timing.first_delta = at
        timing.last_delta = timing.last_heard = at
        message.deltas += 1

    def _grow(self, message: Message, kind: PartKind, key: int, text: str, at: float) -> None:
        self._note_delta(message, at)
        message.content_bytes += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        for part in reversed(message.parts):  # the newest part is nearly always the growing one
            if isinstance(part, TextPart) and part.kind == kind and part.key == key:
                break
        else:
            part = TextPart(kind, key, at=at)
            message.parts.append(part)
        part.grow(text, at)

    def _call(self, message: Message, delta: ToolCallDelta) -> None:
        self._note_delta(message, delta.at)
        message.content_bytes += len(delta.arguments)
        for call in message.tool_calls:
            if call.index == delta.index:
                break
        else:
            call = ToolCall(delta.index)
            message.parts.append(call)
        call.id = call.id or delta.id
        call.name = call.name or delta.name
        call.arguments += delta.arguments

    @staticmethod
    def _new(role: Role, parent: Message | None) -> Message:
        return Message(id=uuid4().hex, parent=parent.id if parent else None, role=role, created=time())

    def _add(self, message: Message) -> Message:
        self.messages[message.id] = message
        self.leaf = message
        self._notify(message, Added())
        return message

    def _notify_of_growth(self, message: Message, deltas: Sequence[Delta]) -> None:
        if deltas:
            self._notify(message, Grown(tuple(deltas), at=deltas[-1].at))

    def _notify(self, message: Message | None, change: Change) -> None:
        for observer in self._observers:
            observer(self, message, change)
