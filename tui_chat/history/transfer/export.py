"""Exports chats from the history: as pieces of text, into one file, or into a folder with a file for each chat."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, get_args

from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import errors
from tui_chat.history.database import open_for_reading
from tui_chat.history.transfer import export_model as exported
from tui_chat.history.transfer import json_format as lossless
from tui_chat.history.transfer.export_model import written_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.history.store import Store
    from tui_chat.history.transfer.export_model import ExportedChat

ExportFormat: TypeAlias = Literal["md", "json", "html", "txt"]
FORMS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)
SUFFIXES: Final[dict[str, ExportFormat]] = {
    ".md": "md",
    ".markdown": "md",
    ".json": "json",
    ".jsonl": "json",
    ".html": "html",
    ".htm": "html",
    ".txt": "txt",
}
"""The export format by file suffix."""
_NAMED: Final[dict[ExportFormat, str]] = {"md": ".md", "json": ".jsonl", "html": ".html", "txt": ".txt"}
_LONGEST_NAME: Final = 120
"""Bytes of a title in a file name; file systems allow 255 for the whole name."""


OnBegin: TypeAlias = "Callable[[int], Callable[[], object]]"
"""Called with the number of messages; returns a function to be called for each message that is done."""
T = TypeVar("T")


def _unheard(_: int) -> Callable[[], object]:
    return lambda: None


class ThereAlreadyError(HistoryError):
    """The export would overwrite a file."""


def pieces(chats: Iterable[ExportedChat], form: ExportFormat) -> Iterator[str]:
    """Yield the chats in a format, at most one message at a time."""
    if form == "json":
        return _lines(chats)
    if form == "html":
        from tui_chat.history.transfer.export_html import html

        return html(chats)
    from tui_chat.history.transfer import export_text

    return export_text.markdown(chats) if form == "md" else export_text.plain(chats)


def _lines(chats: Iterable[ExportedChat]) -> Iterator[str]:
    yield lossless.line(lossless.FIRST_LINE)
    for chat in chats:
        yield lossless.line(lossless.chat_document(chat.head))
        yield from (lossless.line(lossless.message_document(message)) for message in chat.tree())


def encoded(text: str) -> bytes:
    """Encode text as UTF-8; a surrogate pair becomes its character, lone surrogates become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def export(
    history: Store,
    chats: Sequence[str],
    form: ExportFormat,
    take: Callable[[Iterator[str]], T],
    on_begin: OnBegin = _unheard,
) -> T:
    """Pass the exported pieces of the chats with those ids (none: all chats) to `take`. Raises `HistoryError`."""
    with _at_length(history) as database:
        if database is None:
            return take(pieces([], form))
        keys = _keys(database, chats)
        with closing(exported.exported(database, keys, on_begin(exported.count(database, keys)))) as found:
            return take(pieces(found, form))


def export_into(
    history: Store,
    chats: Sequence[str],
    form: ExportFormat,
    target: Path,
    *,
    force: bool = False,
    on_begin: OnBegin = _unheard,
) -> list[Path]:
    """Write the chats with those ids (none: all chats) to one file, or to one file each if `target` is a folder.
    Returns the files. A file appears once it is complete; an existing one is overwritten only with `force`. Raises
    `HistoryError`."""
    with _at_length(history) as database:
        if database is None:
            raise HistoryError("there are no chats yet")
        keys = _keys(database, chats)
        return write(database, keys, form, target, force=force, on_message=on_begin(exported.count(database, keys)))


def export_conversation(conversation: Conversation, target: Path) -> Path:
    """Write a chat in memory to a file, in the format its name's suffix says (else Markdown), or into a folder; `~` is
    the home folder. Returns the file. Raises `HistoryError`, also if the file exists."""
    try:
        target = target.expanduser()
    except RuntimeError as error:  # `~name` of a user that this machine does not have
        raise HistoryError(f"{target}: {error}") from error
    form = SUFFIXES.get(target.suffix.lower(), "md")
    chat = exported.in_memory(conversation)
    path = target / file_name(chat, form) if target.is_dir() else target
    _write_file(path, pieces([chat], form), force=False)
    return path


@contextmanager
def _at_length(history: Store) -> Iterator[sqlite3.Connection | None]:
    """Open a separate connection for a long read, so that others can continue; `None` if there are no chats yet."""
    history.chats(limit=1)  # writes what is queued, and settles replies of dead programs
    try:
        database = open_for_reading(history.path)
        if database is None:
            yield None
            return
        with closing(database):
            yield database
    except sqlite3.Error as error:
        raise HistoryError(errors.cause(error)) from error


def _keys(database: sqlite3.Connection, chats: Sequence[str]) -> list[int]:
    found = (exported.key_of(database, chat) for chat in chats)
    return [key for key in found if key is not None] if chats else exported.keys(database)


def write(
    database: sqlite3.Connection,
    chats: list[int],
    form: ExportFormat,
    target: Path,
    *,
    force: bool = False,
    on_message: Callable[[], object] | None = None,
) -> list[Path]:
    """Like `export_into`, for chats by their keys."""
    with closing(exported.exported(database, chats, on_message)) as found:
        if not target.is_dir():
            _write_file(target, pieces(found, form), force=force)
            return [target]
        written = []
        for chat in found:
            path = target / file_name(chat, form)
            _write_file(path, pieces([chat], form), force=force, links=False)
            written.append(path)
        return written


def file_name(chat: ExportedChat, form: ExportFormat) -> str:
    """Return a file name for one chat: its start time, its title and the beginning of its id."""
    day = written_moment(chat.head.created).partition(" ")[0]
    title = re.sub(r"[^\w]+", "-", chat.title).strip("-").encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
    return f"{day} {title} {chat.head.id[:8]}".replace("  ", " ") + _NAMED[form]


def _write_file(path: Path, pieces: Iterator[str], *, force: bool, links: bool = True) -> None:
    try:
        with _appearing(path, force=force, links=links) as descriptor, os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(encoded(piece))
    except OSError as error:
        raise HistoryError(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def _appearing(path: Path, *, force: bool, links: bool) -> Iterator[int]:
    """Write a file beside `path`, readable by its owner only, and give it that name if all went well. With `links` a
    symbolic link's target is written, which is what a person wants who named it; otherwise the link is replaced."""
    path = path.resolve() if links else path
    if os.path.lexists(path) and (not force or not path.is_file()):
        raise ThereAlreadyError(f"{path} is there already{'' if path.is_file() else ' and is not a file'}")
    descriptor, name = tempfile.mkstemp(prefix=".tui-chat-", dir=path.parent)
    try:
        yield descriptor
        if force:
            Path(name).replace(path)
        else:
            _name_new(Path(name), path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _name_new(file: Path, path: Path) -> None:
    """Give a file its name, which must still be free."""
    try:
        os.link(file, path)
    except FileExistsError as error:
        raise ThereAlreadyError(f"{path} is there already") from error
    except OSError:  # a file system without links
        if path.exists():
            raise ThereAlreadyError(f"{path} is there already") from None
        file.replace(path)
