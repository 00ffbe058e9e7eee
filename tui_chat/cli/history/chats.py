"""`tui-chat chats`: the saved chats, as a table or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.wording.cells import cell_width, fitted
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import json_line
from tui_chat.history.transfer.export_model import UNTITLED, written_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.history_ports import ChatInfo, History

SHORT: Final = 8
"""The number of characters of an id that nearly always suffices to tell chats apart."""


def list_chats(history: History, words: str, *, limit: int, as_json: bool, origin: Origin | None = None) -> int:
    """Print the chats with all `words` in their titles, of all origins or one, and return the exit status. Raises
    `HistoryError`."""
    chats = [chat for chat in history.chats(words, limit=limit) if origin is None or chat.origin == origin]
    if as_json:
        return put([json_line([asdict(chat) for chat in chats])])
    if not chats:
        tell(f"no chat has {words!r} in its title" if words.strip() else "there are no chats yet")
    return put(f"{line}\n" for line in table(chats))


def table(chats: Sequence[ChatInfo]) -> list[str]:
    """Return one line for each chat: the beginning of its id, when it changed, message count, model and title."""
    short = short_ids([chat.id for chat in chats])
    rows = [
        (
            short[chat.id],
            written_moment(chat.changed),
            f"{chat.messages:,}",
            clean_line(chat.model) or "n/a",
            _titled(chat),
        )
        for chat in chats
    ]
    widths = [max(cell_width(row[column]) for row in rows) for column in range(4)] if rows else []
    return [
        f"{id_:<{widths[0]}}  {at:<{widths[1]}}  {count:>{widths[2]}}  {fitted(model, widths[3])}  {title}"
        for id_, at, count, model, title in rows
    ]


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Return the shortest beginnings of the ids that tell them apart."""
    length = SHORT
    while len({id_[:length] for id_ in ids}) < len(set(ids)):
        length += 1
    return {id_: id_[:length] for id_ in ids}


def _titled(chat: ChatInfo) -> str:
    marks = [
        mark
        for mark, holds in (("pinned", chat.pinned), ("answering", chat.live), ("ask", chat.origin == "ask"))
        if holds
    ]
    return (clean_line(chat.title) or UNTITLED) + (f" ({', '.join(marks)})" if marks else "")
