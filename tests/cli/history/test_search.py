from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.kept import NOON, chat, command, keep
from tests.pty_terminal import Terminal
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.history.search import search, typed_query
from tui_chat.history import search_index
from tui_chat.history.transfer.export_model import written_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.history.store import Store


@pytest.fixture
def history() -> Iterator[Store]:
    chats = (
        chat("one", "How do streams end?", "With two\nnew lines, or 寿司."),
        chat("two", "new two \x1b]0;evil\x07 streams", at=NOON + 600),
    )
    with closing(keep(*chats)) as store:
        yield store


def told(history: Store, *words: str, limit: int = 9, offset: int = 0, as_json: bool = False) -> int:
    return search(history, words, limit=limit, offset=offset, as_json=as_json)


def test_the_newest_message_comes_first_with_its_chat_and_text(
    history: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(history, "stream") == 0
    assert capsys.readouterr() == (
        f"two  {written_moment(NOON + 600)}  you    new two \ufffd]0;evil\ufffd streams\n"
        "    new two \ufffd]0;evil\ufffd streams\n"
        f"one  {written_moment(NOON)}  you    How do streams end?\n"
        "    How do streams end?\n",
        "",
    )


def test_an_argument_with_a_space_is_a_phrase(history: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed_query(["two words", "three", '"a b']) == '"two words" three "a b'
    told(history, "two new")
    assert capsys.readouterr().out == (
        f"one  {written_moment(NOON + 60)}  reply  How do streams end?\n    With two new lines, or 寿司.\n"
    )


def test_as_json_text_is_exact_and_hits_have_places(history: Store, capsys: pytest.CaptureFixture[str]) -> None:
    told(history, "寿司", "two", as_json=True)
    (hit,) = json.loads(capsys.readouterr().out)
    assert (hit["chat"]["id"], hit["message"], hit["role"], hit["created"]) == ("one", "one-1", "assistant", NOON + 60)
    assert [hit["excerpt"][start:end] for start, end in hit["hits"]] == ["two", "寿司"]
    assert "\n" in hit["excerpt"]


def test_what_is_left_is_told(history: Store, capsys: pytest.CaptureFixture[str]) -> None:
    told(history, "stream", limit=1)
    assert "--offset 1 the next" in capsys.readouterr().err
    told(history, "stream", limit=1, offset=2)
    assert capsys.readouterr() == ("", "tui-chat: no other message has 'stream'\n")


def test_nothing_to_look_for_is_said(history: Store) -> None:
    with pytest.raises(SetupError, match="no word in '->'"):
        told(history, "->")


def test_a_slow_search_says_why(
    history: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "available", lambda: False)
    assert told(history, "寿司") == 0
    out, err = capsys.readouterr()
    assert "With two new lines" in out
    assert "has no full-text search" in err


def test_on_a_terminal_hits_are_highlighted_and_nothing_foreign_drives_it(history: Store) -> None:
    history.close()
    environment = {**os.environ, "TERM": "xterm-256color"}
    with Terminal(command(["search", "streams"]), environment) as terminal:
        terminal.until_text("How do streams end?")
        assert terminal.wait() == 0
        assert b"How do \x1b[1;33mstreams\x1b[0m end?" in terminal.raw
        assert b"\x1b]" not in terminal.raw
    with Terminal(command(["search", "streams"]), environment | {"NO_COLOR": "1"}) as terminal:
        terminal.until_text("How do streams end?")
        assert terminal.wait() == 0
        assert b"\x1b" not in terminal.raw
