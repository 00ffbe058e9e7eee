"""Reads from the history what was used and what it cost, and keeps the requests that are not messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.message import BYTES_PER_TOKEN, MOST_TOKENS, Message
from tui_chat.chat.prices import Cost, picodollars
from tui_chat.chat.usage.sums import RequestPurpose, UsageRow, Used
from tui_chat.history.columns import column, take_usage, text, timing_from, usage_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from tui_chat.history.columns import Column

_FINISHED: Final = '{"ended": "finished"'
_COLUMNS: Final = f"created, model, endpoint, usage, deltas, content_bytes, substr(ending, 1, {len(_FINISHED)})"
_ANSWERED: Final = "role = 'assistant' AND (usage IS NOT NULL OR deltas > 0)"
"""The condition for replies of which something was received."""


def keep_request(database: sqlite3.Connection, chat: str, purpose: RequestPurpose, reply: Message) -> None:
    """Keep what a request used that is not a message of the chat with the id `chat`."""
    used = json.loads(usage_json(reply) or '{"unreported": true}')
    used |= {"deltas": reply.deltas, "content_bytes": reply.content_bytes}
    database.execute(
        "INSERT INTO requests (chat, purpose, created, model, endpoint, usage) VALUES (?, ?, ?, ?, ?, ?)",
        (chat, purpose, reply.created, column(reply.model), column(reply.endpoint), json.dumps(used)),
    )


def uses(database: sqlite3.Connection, since: float = 0.0) -> Iterator[Used]:
    """Yield what each request from `since` on (seconds since the epoch) used, in no order. Deleted messages count
    until they are erased; copies of replies do not."""
    rows = database.execute(f"SELECT {_COLUMNS} FROM messages WHERE {_ANSWERED} AND created >= ?", (since,))  # noqa: S608
    for row in rows:
        if (used := _reply_use(*row)) is not None:
            yield used
    rows = database.execute(
        "SELECT created, model, endpoint, usage, purpose FROM requests WHERE created >= ?", (since,)
    )
    for created, model, endpoint, usage, purpose in rows:
        fields = _fields(usage)
        size = fields.pop("deltas", 0), fields.pop("content_bytes", 0)
        used = _used(created, text(model), text(endpoint), fields, size, whole=True)
        if used is not None:
            yield used._replace(purpose=purpose)


def reply_rows(database: sqlite3.Connection, chat: str) -> list[tuple[Any, ...]]:
    """Return what `added_up` takes: the replies of the chat with the id `chat`."""
    return database.execute(
        f"SELECT id, {_COLUMNS} FROM messages WHERE {_ANSWERED} AND chat = (SELECT key FROM chats WHERE id = ?)",  # noqa: S608
        (chat,),
    ).fetchall()


def added_up(rows: Iterable[tuple[Any, ...]], wanted: AbstractSet[str]) -> UsageRow:
    """Add up what the replies used whose ids are `wanted`; copies used nothing."""
    total = UsageRow("total")
    for id_, *columns in rows:
        if id_ in wanted and (used := _reply_use(*columns)) is not None:
            total.add(used)
    return total


def timed_replies(database: sqlite3.Connection, since: float = 0.0) -> Iterator[Message]:
    """Yield the replies from `since` on (seconds since the epoch) that have deltas and times, without their text."""
    rows = database.execute(
        "SELECT created, model, endpoint, usage, timing, deltas, content_bytes FROM messages"
        " WHERE role = 'assistant' AND created >= ? AND deltas > 0 AND timing IS NOT NULL",
        (since,),
    )
    for created, model, endpoint, usage, timing, deltas, size in rows:
        reply = Message("", None, "assistant", created, text(model), text(endpoint))
        reply.timing, reply.deltas, reply.content_bytes = timing_from(timing), deltas, size
        take_usage(usage, reply)
        yield reply


def _reply_use(
    created: float,
    model: Column,
    endpoint: Column,
    usage: str | None,
    deltas: int,
    content_bytes: int,
    ended: Column | None,
) -> Used | None:
    whole = text(ended or "") == _FINISHED
    return _used(created, text(model), text(endpoint), _fields(usage), (deltas, content_bytes), whole=whole)


def _fields(usage: str | None) -> dict[str, Any]:
    return json.loads(usage) if usage else {}


def _used(
    created: float, model: str, endpoint: str, fields: dict[str, Any], size: tuple[int, int], *, whole: bool
) -> Used | None:
    """Return what a row says; `None` for one that counts elsewhere or for nothing. The rules are those of `Message`."""
    money = fields.get("money", {})
    deltas, content_bytes = size
    reported = len(fields) > ("money" in fields) and "unreported" not in fields
    if money.get("copied") or not (reported or deltas):
        return None
    asked, made = _count(fields.get("input")) or None, _count(fields.get("output"))
    made = None if made == 0 and deltas else made
    if asked is not None and fields.get("cached_apart"):
        asked += _count(fields.get("cached")) or 0
    if made is not None and fields.get("reasoning_apart"):
        made += _count(fields.get("reasoning")) or 0
    cost = Cost(*money["cost"]) if "cost" in money else None
    if cost is None and (charged := picodollars(fields.get("cost"))) is not None:
        cost = Cost(charged, "server")
    return Used(
        created,
        model,
        endpoint,
        money.get("purpose", ""),
        money.get("prompt") if asked is None else asked,
        max(deltas, round(content_bytes / BYTES_PER_TOKEN)) if made is None else made,
        asked is None or made is None,
        whole,
        cost,
    )


def _count(value: int | None) -> int | None:
    return value if value is None or 0 <= value <= MOST_TOKENS else None
