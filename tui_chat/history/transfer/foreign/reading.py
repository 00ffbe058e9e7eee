"""Finds the chats in a file of another program: JSON, a ZIP archive with it, or llm's database."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from tui_chat.history.transfer.foreign import chatgpt, claude, llm_logs
from tui_chat.history.transfer.foreign.chats import ForeignError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from tui_chat.history.transfer.foreign.chats import ForeignChat

LARGEST: Final = 2**30
"""The most bytes of a JSON file; it is read as a whole."""
ZIP: Final = b"PK\x03\x04"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of files that Windows' shell writes."""
_FIRST_NAMES: Final = (b'"title"', b'"mapping"', b'"uuid"', b'"conversations"', b'"conversation_id"', b'"id"')
"""Names at the very beginning of a chat that stands alone; our own files begin with the name of their format."""
_MEMBER: Final = re.compile(r"(?:.*/)?conversations[-_0-9]{0,20}\.json")
_SPACE: Final = re.compile(r"[\s,]*")
_FORMATS: Final = ((chatgpt.is_chat, chatgpt.read_chat), (claude.is_chat, claude.read_chat))


def begins_foreign(beginning: bytes) -> bool:
    """Whether a file that begins like this may be one of another program: a ZIP archive, a JSON list, an object, or
    UTF-16."""
    if beginning.startswith((ZIP, *UTF_16)):
        return True
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text[:1] == b"[" or (text[:1] == b"{" and text[1:].lstrip().startswith(_FIRST_NAMES))


def exports_in(folder: Path) -> list[Path]:
    """The files with chats in a folder that an archive was unpacked into. Raises `OSError`."""
    return sorted(each for each in folder.iterdir() if _MEMBER.fullmatch(each.name))


def foreign_chats(file: BinaryIO, beginning: bytes) -> Iterator[ForeignChat | ForeignError]:
    """Yield the chats of ChatGPT's or Claude's export, and an error for each that cannot be read. `beginning` is how
    the file begins. Raises `ForeignError` if the file is none of theirs."""
    if not beginning.startswith(ZIP):
        yield from _in_json(_bounded(file))
        return
    if not file.seekable():
        file = BytesIO(_read(file))
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if _MEMBER.fullmatch(member.filename)]
            if not members:
                raise ForeignError("is an archive without conversations.json")
            for member in members:
                with archive.open(member) as inside:
                    yield from _in_json(_bounded(inside))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:  # damaged, encrypted, or odd
        raise ForeignError(f"is an archive that cannot be read: {error}") from error


def chats_of_llm(path: Path) -> Iterator[ForeignChat] | None:
    """Return the chats of llm's log database; `None` if the database is another one. Raises `ForeignError` for a
    damaged one."""
    try:
        with closing(_opened(path)) as database:
            if not llm_logs.is_logs(database):
                return None
    except sqlite3.Error as error:
        raise ForeignError(f"is a database that cannot be read: {error}") from error
    return _of_llm(path)


def _of_llm(path: Path) -> Iterator[ForeignChat]:
    try:
        with closing(_opened(path)) as database:
            yield from llm_logs.read_chats(database)
    except sqlite3.Error as error:
        raise ForeignError(f"is a database that cannot be read: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    database.execute("PRAGMA trusted_schema = OFF")
    database.text_factory = lambda data: data.decode("utf-8", "replace")
    return database


def _read(file: Any) -> bytes:
    data: bytes = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ForeignError(f"has more than {LARGEST >> 20:,} MiB")
    return data


def _bounded(file: Any) -> str:
    data = _read(file)
    return data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig", "replace")


def _in_json(text: str) -> Iterator[ForeignChat | ForeignError]:
    """Yield the chats of a JSON list, one element at a time: the whole list would take many times its size. A single
    chat, one in each line, and a list within an object are read too."""
    at = _after_space(text, 0)
    in_list = text[at : at + 1] == "["
    decode, at, number = json.JSONDecoder().raw_decode, at + in_list, 0
    while True:
        at = _after_space(text, at)
        if text[at : at + 1] == "]" if in_list else at >= len(text) and number:
            return
        number += 1
        try:
            item, at = decode(text, at)
        except (ValueError, RecursionError) as error:
            raise ForeignError(f"is damaged at chat {number:,}: it is not JSON") from error
        if not in_list and number == 1 and isinstance(item, dict) and isinstance(item.get("conversations"), list):
            yield from _in_json(json.dumps(item["conversations"]))
            return
        read = next((read for is_chat, read in _FORMATS if is_chat(item)), None)
        if read is None and number == 1:
            raise ForeignError("is not an export of ChatGPT, Claude or tui-chat")
        try:
            yield read(item) if read is not None else ForeignError("is of another format")
        except ForeignError as error:
            yield error


def _after_space(text: str, at: int) -> int:
    """The place of the next character that is neither white space nor a comma."""
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
