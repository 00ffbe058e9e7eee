"""`tui-chat search`: messages with all words, newest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.search.query import Query
from tui_chat.cli.history.chats import short_ids
from tui_chat.cli.paging import one_line, put, takes_colours, tell
from tui_chat.cli.reporting import json_line
from tui_chat.history import search_index
from tui_chat.history.transfer.export_model import UNTITLED, written_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_chat.chat.history_ports import History, Hit

HIGHLIGHT: Final = ("\x1b[1;33m", "\x1b[0m")
QUIET: Final = ("\x1b[2m", "\x1b[0m")
PLAIN: Final = ("", "")


def search(history: History, words: Sequence[str], *, limit: int, offset: int, as_json: bool) -> int:
    """Print the messages with all of `words` and return the exit status; a word with a space in it is a phrase. Raises
    `HistoryError`, and `SetupError` if there is nothing to search for."""
    typed = typed_query(words)
    if not Query(typed):
        raise SetupError(f"there is no word in {' '.join(words)!r} to search for")
    if not search_index.available():
        tell("this Python's SQLite has no full-text search (FTS5), so all messages are read, which takes long")
    hits = history.search(typed, limit=limit, offset=offset)
    if as_json:
        return put([json_line([_document(hit) for hit in hits])])
    if not hits:
        tell(f"no {'other ' if offset else ''}message has {' '.join(words)!r}")
    status = put(_lines(hits), styled=True)
    if len(hits) == limit:
        tell(f"there may be more: --limit shows more than {limit}, --offset {offset + limit} the next")
    return status


def typed_query(words: Sequence[str]) -> str:
    """Return the query as it would be typed in the screen: the shell has removed the quotes of phrases."""
    return " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)


def _lines(hits: Sequence[Hit]) -> Iterator[str]:
    mark, quiet = (HIGHLIGHT, QUIET) if takes_colours() else (PLAIN, PLAIN)
    short = short_ids([hit.chat.id for hit in hits])
    for hit in hits:
        who = "you" if hit.role == "user" else "reply"
        about = (
            f"{short[hit.chat.id]}  {written_moment(hit.created)}  {who:<5}  {clean_line(hit.chat.title) or UNTITLED}"
        )
        yield f"{quiet[0]}{about}{quiet[1]}\n    {one_line(hit.excerpt, mark)}\n"


def _document(hit: Hit) -> dict[str, Any]:
    """Return a hit as JSON: the text of the excerpt, and the start and end of each match in it, in characters."""
    at = 0
    hits = []
    for text, marked in hit.excerpt:
        if marked:
            hits.append([at, at + len(text)])
        at += len(text)
    return {
        "chat": asdict(hit.chat),
        "message": hit.message,
        "role": hit.role,
        "created": hit.created,
        "excerpt": "".join(text for text, _ in hit.excerpt),
        "hits": hits,
    }
