from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from tests.history.chats import answer, store
from tests.kept import NOON, chat, did, folder, keep
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import ChatInfo
from tui_chat.cli.history.chats import list_chats, short_ids, table
from tui_chat.history.store import Store
from tui_chat.history.transfer.export_model import written_moment

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def info(id_: str, title: str, **more: object) -> ChatInfo:
    given = {"created": NOON, "changed": NOON, "model": "m", "messages": 2, "characters": 9} | more
    return ChatInfo(id_, title, **given)  # type: ignore[arg-type]


def test_a_line_a_chat_with_what_tells_them_apart() -> None:
    at = written_moment(NOON)
    assert table([]) == []
    assert table(
        [
            info("a" * 32, "one\x1b[31m", messages=1234, pinned=True),
            info("b" * 32, "", model="", live=True),
        ]
    ) == [
        f"aaaaaaaa  {at}  1,234  m    one\ufffd[31m (pinned)",
        f"bbbbbbbb  {at}      2  n/a  Untitled chat (answering)",
    ]


def test_ids_are_as_long_as_they_have_to_be() -> None:
    assert short_ids(["0123456789abc", "0123456789xyz"]) == {
        "0123456789abc": "0123456789a",
        "0123456789xyz": "0123456789x",
    }
    assert short_ids(["short"]) == {"short": "short"}


def test_the_program_lists_them_pinned_ones_first_then_the_newest(capsys: pytest.CaptureFixture[str]) -> None:
    keep(
        chat("one", "First?", "Yes."),
        chat("two", "Second?", "Yes.", at=NOON + 9),
        chat("pin", "Third?", pinned=True, at=NOON - 9),
    ).close()
    status, out, err = did(capsys, "chats")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["pin", "two", "one"]
    status, out, _ = did(capsys, "chats", "--json", "-q", "SECOND", "--limit", "1")
    assert status == 0
    (only,) = json.loads(out)
    assert (only["id"], only["title"], only["model"], only["messages"]) == ("two", "Second?", "model-x", 2)


def test_where_there_are_none_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Store(folder())) as store:
        assert list_chats(store, "", limit=9, as_json=False) == 0
        assert list_chats(store, "", limit=9, as_json=True) == 0
    assert capsys.readouterr() == ("[]\n", "tui-chat: there are no chats yet\n")
    assert not folder().exists()


def test_titles_without_the_words_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(keep(chat("one", "First?"))) as store:
        assert list_chats(store, "else", limit=9, as_json=False) == 0
    assert capsys.readouterr() == ("", "tui-chat: no chat has 'else' in its title\n")


def test_chats_of_ask_are_marked_and_can_be_listed_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with store(tmp_path) as history:
        for origin, question in (("ask", "shell?"), ("", "screen?")):
            chat = Conversation()
            chat.origin = "ask" if origin else ""
            history.record(chat)
            answer(chat, question, "so")
        list_chats(history, "", limit=9, as_json=False)
        assert sorted(line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()) == [
            "screen?",
            "shell? (ask)",
        ]
        list_chats(history, "", limit=9, as_json=False, origin="ask")
        assert capsys.readouterr().out.endswith("shell? (ask)\n")
