"""Reads the log database of llm (`logs.db`): a row of `conversations` is a chat, one of `responses` an exchange.

What version 0.32 and later log stands in tables of their own, which `llm_threads` reads.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import Finished, Usage
from tui_chat.chat.message import MOST_TOKENS, Attachment, TextPart
from tui_chat.history.transfer.foreign.chats import ForeignChat, identity, seconds, words
from tui_chat.history.transfer.foreign.llm_threads import TABLES, read_threads
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDPOINT: Final = "llm"
_NEEDED: Final = frozenset({"id", "model", "prompt", "response", "datetime_utc"})


def is_logs(database: sqlite3.Connection) -> bool:
    """Whether the database is one of llm. Raises `sqlite3.Error`."""
    return _columns(database, "responses") >= _NEEDED


def read_chats(database: sqlite3.Connection) -> Iterator[ForeignChat]:
    """Yield its chats, the oldest first. Raises `sqlite3.Error`."""
    newer = _tables(database) >= TABLES
    threads = {row[0] for row in database.execute("SELECT id FROM threads")} if newer else set[str]()
    for chat in _read_responses(database):
        if chat.head.id not in threads:  # what was continued with a newer version is there as a whole
            yield chat
    if newer:
        yield from read_threads(database)


def _read_responses(database: sqlite3.Connection) -> Iterator[ForeignChat]:
    has = _columns(database, "responses")
    names = dict(_names(database))
    chosen = ["id", "model", "prompt", "response", "datetime_utc"]
    optional = [name for name in ("conversation_id", "system", "input_tokens", "output_tokens") if name in has]
    database.row_factory = sqlite3.Row
    group = "coalesce(conversation_id, id)" if "conversation_id" in has else "id"
    rows = database.execute(
        f"SELECT {', '.join((*chosen, *optional))}, {group} AS chat FROM responses"  # noqa: S608 - names of our own
        f" ORDER BY min(rowid) OVER (PARTITION BY {group}), rowid"
    )
    chat: ForeignChat | None = None
    last: str | None = None
    for row in rows:
        id_ = identity(row["chat"], ENDPOINT, str(row["chat"]))
        if chat is None or chat.head.id != id_:
            if chat is not None:
                yield chat.finish(last)
            at = seconds(row["datetime_utc"])
            chat = ForeignChat(
                ChatHead(id_, at, at, words(names.get(row["chat"])), words(_field(row, "system"))), ENDPOINT
            )
            last = None
        last = _add(database, chat, row, last)
    if chat is not None:
        yield chat.finish(last)


def _add(database: sqlite3.Connection, chat: ForeignChat, row: sqlite3.Row, last: str | None) -> str:
    """Add a prompt and its answer to a chat and return the answer's id."""
    at = seconds(row["datetime_utc"], chat.head.created)
    id_ = identity(row["id"], chat.head.id, str(len(chat.messages)))
    question = f"{id_}-prompt"[:200]
    prompt = "\n\n".join([*_fragments(database, row["id"]), *([words(row["prompt"])] if row["prompt"] else [])])
    attachments = list(_attachments(database, row["id"], chat))
    ending = Finished("stop", "eof", at=0.0)
    chat.add(question, last, "user", at, [TextPart("text", text=prompt)], ending=ending, attachments=attachments)
    answer = chat.add(
        id_,
        question,
        "assistant",
        at,
        [TextPart("text", text=words(row["response"]))],
        ending=ending,
        model=words(row["model"]),
    )
    asked, made = _tokens(_field(row, "input_tokens")), _tokens(_field(row, "output_tokens"))
    if asked is not None or made is not None:
        answer.usage = Usage(asked, made)
    if "tool_calls" in _tables(database):
        (calls,) = database.execute("SELECT count(*) FROM tool_calls WHERE response_id = ?", (row["id"],)).fetchone()
        chat.lost["tool calls"] += calls
    return id_


def _fragments(database: sqlite3.Connection, response: object) -> Iterator[str]:
    if {"fragments", "prompt_fragments"} <= _tables(database):
        rows = database.execute(
            "SELECT content FROM prompt_fragments JOIN fragments ON fragments.id = fragment_id"
            ' WHERE response_id = ? ORDER BY "order"',
            (response,),
        )
        for (content,) in rows:
            if isinstance(content, str):
                yield content


def _attachments(database: sqlite3.Connection, response: object, chat: ForeignChat) -> Iterator[Attachment]:
    if not {"attachments", "prompt_attachments"} <= _tables(database):
        return
    rows = database.execute(
        "SELECT type, path, url, content FROM prompt_attachments JOIN attachments ON attachments.id = attachment_id"
        ' WHERE response_id = ? ORDER BY "order"',
        (response,),
    )
    for kind, path, url, content in rows:
        if isinstance(content, bytes):
            name = words(path or url).rpartition("/")[2] or "attachment"
            yield Attachment(name, words(kind) or "application/octet-stream", content)
        else:
            chat.lost["attached files"] += 1


def _names(database: sqlite3.Connection) -> Iterator[tuple[object, object]]:
    if "conversations" in _tables(database):
        yield from database.execute("SELECT id, name FROM conversations")


def _tables(database: sqlite3.Connection) -> set[str]:
    return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}


def _field(row: sqlite3.Row, name: str) -> Any:
    return row[name] if name in row.keys() else None  # noqa: SIM118 - a row's own iteration gives its values


def _tokens(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
