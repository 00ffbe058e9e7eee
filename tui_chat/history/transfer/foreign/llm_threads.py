"""Reads the chats that llm 0.32 and later log: a row of `threads` points at its last message, which points at the one
before, and `turns` say which model wrote a message and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import Finished, Usage
from tui_chat.chat.message import MOST_TOKENS, Attachment, TextPart
from tui_chat.history.transfer.foreign.chats import ForeignChat, fields, identity, listed, seconds, words
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from tui_chat.chat.message import Part

ENDPOINT: Final = "llm"
TABLES: Final = frozenset({"threads", "turns", "messages", "parts"})
LONGEST: Final = 100_000
"""The most messages of a thread; a circle of messages ends there."""
_CHAIN: Final = """
WITH RECURSIVE chain(hash, parent_hash, role, depth) AS (
  SELECT hash, parent_hash, role, 0 FROM messages WHERE hash = ?
  UNION ALL
  SELECT messages.hash, messages.parent_hash, messages.role, depth + 1
  FROM messages JOIN chain ON messages.hash = chain.parent_hash WHERE depth < ?
)
SELECT hash, role FROM chain ORDER BY depth DESC
"""


def read_threads(database: sqlite3.Connection) -> Iterator[ForeignChat]:
    """Yield the chats of a database that has all of `TABLES`. Raises `sqlite3.Error`."""
    threads = database.execute("SELECT id, name, tip_message_hash, datetime_utc FROM threads ORDER BY rowid").fetchall()
    for id_, name, tip, at in threads:
        chat = _Thread(database, id_, name, at).read(tip)
        if chat is not None:
            yield chat


class _Thread:
    """One thread on its way to a chat."""

    def __init__(self, database: sqlite3.Connection, id_: object, name: object, at: object) -> None:
        self._database = database
        turns = database.execute(
            "SELECT parent_message_hash, tip_message_hash, coalesce(resolved_model, model), input_tokens,"
            " output_tokens, datetime_utc FROM turns WHERE thread_id = ? ORDER BY rowid",
            (id_,),
        ).fetchall()
        self._turns = {tip: (model, asked, made, when) for _, tip, model, asked, made, when in turns}
        self._asked = {parent: when for parent, *_, when in turns}
        begun = seconds(turns[0][-1] if turns else at)
        self._chat = ForeignChat(
            ChatHead(identity(id_, ENDPOINT, str(id_)), begun, seconds(at, begun), words(name)), ENDPOINT
        )

    def read(self, tip: object) -> ForeignChat | None:
        """Return the chat that ends with a message; `None` if it has no messages."""
        chat, last, at = self._chat, None, self._chat.head.created
        system: list[str] = []
        for hash_, role in self._database.execute(_CHAIN, (tip, LONGEST)).fetchall():
            parts, files = self._parts(hash_)
            if role == "system":
                system += [part.text for part in parts if isinstance(part, TextPart)]
                continue
            if role not in ("user", "assistant"):
                continue  # what a tool returned: counted with its parts
            model, asked, made, when = self._turns.get(hash_, ("", None, None, self._asked.get(hash_)))
            at = seconds(when, at)
            id_ = identity(None, chat.head.id, str(len(chat.messages)), str(hash_))  # threads share messages
            ending = Finished("stop", "eof", at=0.0)
            message = chat.add(id_, last, role, at, parts, ending=ending, model=words(model), attachments=files)
            asked, made = _tokens(asked), _tokens(made)
            if role == "assistant" and (asked is not None or made is not None):
                message.usage = Usage(asked, made)
            last = id_
        if last is None:
            return None
        head = chat.head
        chat.head = ChatHead(head.id, head.created, head.changed, head.title, "\n\n".join(system))
        return chat.finish(last)

    def _parts(self, hash_: object) -> tuple[list[Part], list[Attachment]]:
        parts: list[Part] = []
        files: list[Attachment] = []
        rows = self._database.execute(
            "SELECT id, type, text, payload FROM parts WHERE message_hash = ? ORDER BY position", (hash_,)
        ).fetchall()
        for id_, kind, text, payload in rows:
            match kind:
                case "text" | "reasoning":
                    if found := words(text) or self._text_of(payload):
                        parts.append(TextPart(kind, text=found))
                case "attachment":
                    files += self._attachments(id_)
                case "tool_call" | "tool_result":
                    self._chat.lost[f"{kind.replace('_', ' ')}s"] += 1
                case _:
                    self._chat.lost["other parts"] += 1
        return parts, files

    def _text_of(self, payload: object) -> str:
        """The text of a part that is put together from files that were sent along, and from words."""
        try:
            pieces = listed(fields(json.loads(words(payload) or "{}")).get("text_ref"))
        except (ValueError, RecursionError):
            return ""
        return "".join(self._piece(fields(piece)) for piece in pieces)

    def _piece(self, piece: dict[str, Any]) -> str:
        number = piece.get("fragment")
        if type(number) is not int or not 0 <= number < 2**63:
            return words(piece.get("literal"))
        row = self._database.execute("SELECT content FROM fragments WHERE id = ?", (number,)).fetchone()
        return words(row[0]) if row is not None else ""

    def _attachments(self, part: object) -> Iterator[Attachment]:
        rows = self._database.execute(
            "SELECT type, path, url, content FROM part_attachments JOIN attachments ON attachments.id = attachment_id"
            ' WHERE part_id = ? ORDER BY "order"',
            (part,),
        ).fetchall()
        for kind, path, url, content in rows:
            if isinstance(content, bytes):
                name = words(path or url).rpartition("/")[2] or "attachment"
                yield Attachment(name, words(kind) or "application/octet-stream", content)
            else:
                self._chat.lost["attached files"] += 1


def _tokens(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
