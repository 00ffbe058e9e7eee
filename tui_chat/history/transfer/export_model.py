"""Chats as an export reads them: one message after the other, never a whole chat in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import outcome_of, reason_words
from tui_chat.chat.events import CutOff, Failed, Finished
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import ended
from tui_chat.history import choices, messages, origins
from tui_chat.history.columns import text
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Iterator

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message

UNTITLED = "Untitled chat"

_BRANCH = """
WITH RECURSIVE branch (key, parent, depth) AS (
    SELECT key, parent, 0 FROM messages WHERE key = ?
    UNION ALL SELECT messages.key, messages.parent, depth + 1 FROM messages JOIN branch ON messages.key = branch.parent
)
SELECT key FROM branch ORDER BY depth DESC"""


@dataclass(frozen=True, slots=True)
class ExportedChat:
    """A chat whose messages are read on demand."""

    head: ChatHead
    title: str
    """The title as lists show it."""
    model: str
    tree: Callable[[], Iterator[Message]]
    """Yield all messages, parents before children."""
    branch: Callable[[], Iterator[Message]]
    """Yield the messages of the shown branch, from the first to the leaf."""


def keys(database: sqlite3.Connection) -> list[int]:
    """Return the keys of all chats, oldest first."""
    rows = database.execute("SELECT key FROM chats WHERE NOT deleted AND messages > 0 ORDER BY created, key")
    return [key for (key,) in rows]


def key_of(database: sqlite3.Connection, chat: str) -> int | None:
    """Return the key of a chat by its id; `None` if there is none."""
    found = database.execute("SELECT key FROM chats WHERE id = ? AND NOT deleted", (chat,)).fetchone()
    return None if found is None else int(found[0])


def count(database: sqlite3.Connection, chats: list[int]) -> int:
    """Return how many messages the chats have."""
    found = (database.execute("SELECT messages FROM chats WHERE key = ?", (chat,)).fetchone() for chat in chats)
    return sum(number for (number,) in found)


def exported(
    database: sqlite3.Connection, chats: list[int], on_message: Callable[[], object] | None = None
) -> Generator[ExportedChat, None, None]:
    """Yield the chats with those keys, each as it is at one moment; chats that were deleted meanwhile are skipped.
    `on_message` is called for each message read. Close the generator before the connection."""
    for chat in chats:
        database.execute("BEGIN")  # a reader's transaction: what is written meanwhile is not seen
        try:
            if (found := _chat(database, chat, on_message or (lambda: None))) is not None:
                yield found
        finally:
            database.execute("COMMIT")


def _chat(database: sqlite3.Connection, chat: int, on_message: Callable[[], object]) -> ExportedChat | None:
    found = database.execute(
        "SELECT chats.id, created, changed, title, system, pinned, heading, model, leaf.key, leaf.id,"
        " (SELECT count(*) FROM messages WHERE chat = chats.key AND removed IS NULL)"
        " FROM chats LEFT JOIN (SELECT key, id FROM messages WHERE removed IS NULL) AS leaf ON leaf.key = chats.leaf"
        " WHERE chats.key = ? AND NOT deleted",
        (chat,),
    ).fetchone()
    if found is None:
        return None
    id_, created, changed, title, system, pinned, heading, model, leaf_key, leaf, number = found
    origin, chosen = origins.of_chat(database, id_), choices.kept(database, id_)
    head = ChatHead(id_, created, changed, text(title), text(system), bool(pinned), leaf, number, origin, chosen)

    def read(rows: Iterator[tuple[int]]) -> Iterator[Message]:
        for (key,) in rows:
            message, _ = messages.read(database, key)
            on_message()
            yield message

    def tree() -> Iterator[Message]:
        query = "SELECT key FROM messages WHERE chat = ? AND removed IS NULL ORDER BY key"
        return read(iter(database.execute(query, (chat,))))

    def branch() -> Iterator[Message]:
        last = leaf_key
        if last is None:
            query = "SELECT max(key) FROM messages WHERE chat = ? AND removed IS NULL"
            (last,) = database.execute(query, (chat,)).fetchone()
        return read(iter(database.execute(_BRANCH, (last,))))

    return ExportedChat(head, heading or UNTITLED, text(model), tree, branch)


def in_memory(conversation: Conversation) -> ExportedChat:
    """Return a chat in memory for export. Its time of change is that of the last message or ending; whether it is
    pinned is unknown."""
    every = list(conversation.messages.values())
    head = ChatHead(
        id=conversation.id,
        created=conversation.created,
        changed=max((each.created + (each.timing.total or 0.0) for each in every), default=conversation.created),
        title=conversation.title if conversation.named else "",
        system=conversation.system,
        leaf=conversation.leaf.id if conversation.leaf is not None else None,
        messages=len(every),
        origin=conversation.origin,
        choices=conversation.choices,
    )
    model = next((each.model for each in reversed(every) if each.role == "assistant"), "")
    title = clean_line(conversation.title) or UNTITLED
    return ExportedChat(head, title, model, lambda: iter(every), lambda: iter(conversation.path()))


def moment(seconds: float) -> datetime | None:
    """Return a time in the local time zone; `None` if it is unknown (0, as in imported chats), or if no calendar has
    it."""
    if seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return None


def written_moment(seconds: float) -> str:
    """Return a time for reading, to the minute."""
    at = moment(seconds)
    return "unknown time" if at is None else f"{at:%Y-%m-%d %H:%M}"


def ending_words(message: Message) -> str:
    """Return what to say about how a reply ended; empty if it is complete. May contain foreign text."""
    if message.role == "user":
        return ""
    match message.ending, outcome_of(message):
        case (None, _):
            return "The reply was still coming."
        case (Failed(problem, hint), _):
            return " ".join(sentence for sentence in (problem, hint) if sentence)
        case (CutOff(why), _):
            return ended(f"The reply was cut off: {why}")
        case (_, "stopped"):
            return "The reply was stopped."
        case (_, "length"):
            return "The reply ended early: it hit a limit of tokens."
        case (Finished(detail=detail), "filter" | "refusal" as outcome):
            word = "a filter ended it" if outcome == "filter" else "the model refused"
            return f"The reply ended early: {word}" + (f": {detail}" if detail else "") + "."
        case (Finished() as finished, "broken"):
            return f"The reply ended early: the server broke it off: {reason_words(finished)}."
        case (_, "paused"):
            return "The reply paused, and was to be continued."
        case _:
            return ""


def numbers(message: Message) -> str:
    """Return the tokens and seconds of a reply, as far as they were reported."""
    facts: list[str] = []
    if (usage := message.usage) is not None:
        facts += [
            f"{count} {word}" for count, word in ((usage.input, "in"), (usage.output, "out")) if count is not None
        ]
    if (total := message.timing.total) is not None:
        facts.append(f"{total:.1f} s")
    return " · ".join(facts)
