"""Damaged files: moved aside, and what can be read of them is in the new one."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, looking, store, texts, tree, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.history_ports import Draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_chat.history.store import Store

PAGE = 4096
CHATS = 12
TURNS = 12
MOST_IN_A_PAGE = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Conversation | bytes]:
    """Some chats, and the file they are in."""
    folder = tmp_path_factory.mktemp("whole")
    held: dict[str, Conversation | bytes] = {}
    with store(folder) as history:
        for chat in range(CHATS):
            conversation = Conversation(id=f"chat{chat}")
            history.record(conversation)
            for turn in range(TURNS):
                answer(conversation, f"chat {chat}, question {turn}?", f"chat {chat}, answer {turn}. " * (turn * turn))
            held[conversation.id] = conversation
        history.keep_draft("chat0", Draft("half"))
    held["file"] = (folder / "history.db").read_bytes()
    return held


def place(folder: Path, whole: dict[str, Conversation | bytes], change: Callable[[bytearray], object]) -> None:
    """The file, changed."""
    content = whole["file"]
    assert isinstance(content, bytes)
    changed = bytearray(content)
    change(changed)
    (folder / "history.db").write_bytes(changed)


def everything(history: Store) -> dict[str, list[str]]:
    """All that is said in all chats, as a person would see it."""
    return {chat.id: [message.text for message in history.open(chat.id).messages.values()] for chat in history.chats()}


def said(whole: dict[str, Conversation | bytes]) -> dict[str, list[str]]:
    return {
        id_: [message.text for message in chat.messages.values()]
        for id_, chat in whole.items()
        if isinstance(chat, Conversation)
    }


def look_at(folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    """What a person sees of the history, and is told."""
    with store(folder) as history:
        told: list[str] = []
        history.watch(told.append)
        everything(history)
        seen = everything(history)
        conversation = Conversation()
        history.record(conversation)
        answer(conversation, "afterwards?", "afterwards")
    with store(folder) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)
        with looking(folder) as database:
            # Damage that nobody has met (an index that was not needed, say) is still there.
            assert not told or database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return seen, told


def test_what_is_no_database_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("These are not chats.\n" * 1000)
    seen, told = look_at(tmp_path)
    assert seen == {}
    (aside,) = tmp_path.glob("history.damaged-*.db")
    assert told == [
        "The history was damaged; nothing of it could be read. The damaged file is kept as"
        f" {aside.name}, beside the new one."
    ]
    assert aside.read_text() == "These are not chats.\n" * 1000


def test_of_a_truncated_file_the_beginning_is_rescued(tmp_path: Path, whole: dict[str, Conversation | bytes]) -> None:
    place(tmp_path, whole, lambda content: content.__delitem__(slice(len(content) // 2, None)))
    seen, told = look_at(tmp_path)
    expected = said(whole)
    assert len(told) == 1
    assert "messages were rescued, and something could not be read" in told[0]
    rescued = sum(text in expected[chat] for chat, found in seen.items() if chat in expected for text in found)
    assert rescued > CHATS * TURNS / 3
    assert len(list(tmp_path.glob("history.damaged-*.db"))) == 1


def test_a_file_whose_first_page_is_gone_is_rescued_whole(
    tmp_path: Path, whole: dict[str, Conversation | bytes]
) -> None:
    place(tmp_path, whole, lambda content: content.__setitem__(slice(0, PAGE), bytes(PAGE)))
    seen, told = look_at(tmp_path)
    assert seen == said(whole)
    assert "all of it was rescued" in told[0]


@pytest.mark.parametrize("seed", range(12))
def test_of_a_file_with_a_page_of_noise_all_other_pages_are_rescued(
    tmp_path: Path, whole: dict[str, Conversation | bytes], seed: int
) -> None:
    chance = random.Random(seed)

    def overwrite(content: bytearray) -> None:
        at = chance.randrange(len(content) // PAGE) * PAGE
        content[at : at + PAGE] = chance.randbytes(PAGE)

    place(tmp_path, whole, overwrite)
    seen, told = look_at(tmp_path)
    rescued = {text for found in seen.values() for text in found}
    lost = {text for found in said(whole).values() for text in found} - rescued
    assert len(lost) <= MOST_IN_A_PAGE, told
    if lost:
        assert told
        assert "something could not be read" in told[0]


def test_damage_that_is_met_in_the_middle_of_a_reply_does_not_end_it(
    tmp_path: Path, whole: dict[str, Conversation | bytes]
) -> None:
    place(tmp_path, whole, lambda _: None)
    with store(tmp_path) as history:
        told: list[str] = []
        history.watch(told.append)
        conversation = Conversation()
        history.record(conversation)
        reply = begin(conversation, "now?")
        conversation.apply(reply, TextDelta("so"))
        history.chats()
        with looking(tmp_path) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray((tmp_path / "history.db").read_bytes())
        content[PAGE:] = random.Random(1).randbytes(len(content) - PAGE)
        with (tmp_path / "history.db").open("r+b") as file:
            file.write(content)
        while not told:
            conversation.apply(reply, TextDelta(" and"))
            begin(conversation, "more?", below=None)
            history.chats()
        conversation.apply(reply, TextDelta(" on"))
        conversation.apply(reply, Finished("stop", "eof"))
        assert "The history was damaged" in told[0]
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
        assert opened.messages[reply.id].text == reply.text
        assert opened.messages.keys() == conversation.messages.keys()


def test_another_program_goes_on_in_the_new_file(tmp_path: Path, whole: dict[str, Conversation | bytes]) -> None:
    place(tmp_path, whole, lambda _: None)
    with store(tmp_path) as other:
        conversation = Conversation()
        other.record(conversation)
        reply = begin(conversation, "elsewhere?")
        conversation.apply(reply, TextDelta("one"))
        other.chats()
        with looking(tmp_path) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with (tmp_path / "history.db").open("r+b") as file:
            file.seek(8 * PAGE)
            file.write(random.Random(2).randbytes(20 * PAGE))
        with store(tmp_path) as history:
            told: list[str] = []
            history.watch(told.append)
            everything(history)
            everything(history)
            assert told
            conversation.apply(reply, TextDelta(" two"))
            other.chats()
            mine = Conversation()
            history.record(mine)
            answer(mine, "here?", "here")
            conversation.apply(reply, Finished("stop", "eof"))
            other.chats()
            history.chats()
            other.close()
            answer(mine, "still?", "still")
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["elsewhere?", "one two"]
        assert texts(history.open(mine.id)) == ["here?", "here", "still?", "still"]
        with looking(tmp_path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_log_beside_the_file_goes_with_it(tmp_path: Path, whole: dict[str, Conversation | bytes]) -> None:
    place(tmp_path, whole, lambda _: None)
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as database:
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("UPDATE chats SET heading = 'in the log' WHERE id = 'chat3'")
        for path in (tmp_path / "history.db-wal", tmp_path / "history.db"):
            (tmp_path / f"copy-{path.name}").write_bytes(path.read_bytes())
    for name in ("history.db", "history.db-wal"):
        (tmp_path / f"copy-{name}").replace(tmp_path / name)
    with (tmp_path / "history.db").open("r+b") as file:
        file.write(bytes(PAGE))
    with store(tmp_path) as history:
        assert len(history.chats()) == CHATS
    with store(tmp_path) as history:
        assert len(history.chats()) == CHATS
    until(lambda: list(tmp_path.glob("history.damaged-*")), "a damaged file")
