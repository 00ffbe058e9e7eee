"""Histories for tests: empty ones, and ones that hold what is given."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from tui_chat.history import schema
from tui_chat.history.transfer import export_model as exported
from tui_chat.history.transfer.export import encoded, pieces
from tui_chat.history.transfer.import_chats import ImportedChat, import_chats
from tui_chat.history.transfer.json_format import FIRST_LINE, ChatHead, chat_document, line, message_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tui_chat.chat.message import Message
    from tui_chat.history.transfer.export import ExportFormat


@contextmanager
def history(path: Path | str = ":memory:") -> Iterator[sqlite3.Connection]:
    """An empty one."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA secure_delete = ON")
        while schema.version_of(database) < len(schema.MIGRATIONS):
            schema.migrate(database)
        yield database
    finally:
        database.close()


def lines(*chats: tuple[ChatHead, Iterable[Message]]) -> bytes:
    """Chats as a lossless export has them."""
    documents = [FIRST_LINE]
    for head, tree in chats:
        documents += [chat_document(head), *(message_document(message) for message in tree)]
    return "".join(line(document) for document in documents).encode()


def taken_in(database: sqlite3.Connection, data: bytes) -> list[ImportedChat]:
    return list(import_chats(database, io.BytesIO(data)))


def given_out(database: sqlite3.Connection, form: ExportFormat = "json") -> bytes:
    """All its chats."""
    with closing(exported.exported(database, exported.keys(database))) as chats:
        return b"".join(encoded(piece) for piece in pieces(chats, form))
