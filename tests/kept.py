"""Chats that are on disk before a test begins, where the program looks for them."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tests.history.files import lines
from tui_chat.chat.events import Finished
from tui_chat.chat.message import Message, TextPart
from tui_chat.cli.main import main
from tui_chat.history.store import Store
from tui_chat.history.transfer.import_chats import import_file
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

NOON = 1_760_000_000.0

Chat = tuple[ChatHead, list[Message]]


def folder() -> Path:
    """Where the program keeps its data in this test."""
    return Path(os.environ["XDG_DATA_HOME"]) / "tui-chat"


def chat(id_: str, *said: str, at: float = NOON, title: str = "", pinned: bool = False) -> Chat:
    """Questions and answers by turns, a minute between them."""
    tree: list[Message] = []
    for number, text in enumerate(said):
        parent = tree[-1].id if tree else None
        created = at + 60 * number
        if number % 2:
            ending = Finished("stop", "eof", at=0.0)
            tree.append(Message(f"{id_}-{number}", parent, "assistant", created, model="model-x", ending=ending))
        else:
            tree.append(Message(f"{id_}-{number}", parent, "user", created))
        tree[-1].parts.append(TextPart("text", text=text))
    last = tree[-1]
    return ChatHead(id_, at, last.created, title, "", pinned, last.id, len(tree)), tree


def keep(*chats: Chat) -> Store:
    """A history that holds these."""
    store = Store(folder())
    list(import_file(store.path, BytesIO(lines(*chats))))
    return store


def did(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The same as `ran` without a process of its own."""
    capsys.readouterr()
    status = main(words)
    return status, *capsys.readouterr()


def ran(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
    """Status, standard output and standard error of `tui-chat` with these words."""
    done = subprocess.run(command(words), input=stdin, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def command(words: Sequence[str]) -> list[str]:
    """What starts the program."""
    return [sys.executable, "-m", "tui_chat", *words]
