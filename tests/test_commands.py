"""The table of commands is complete and without contradictions."""

from __future__ import annotations

from collections import Counter

import pytest

from tui_chat.commands import COMMANDS, Command, by_slash, completions, near_slash
from tui_chat.ui.chat.chat_screen import ChatScreen

NOT_TO_BE_BOUND = {"ctrl+i", "ctrl+m", "ctrl+h"}
"""Tab, Enter and Backspace in many terminals."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_each_command_has_an_action(command: Command) -> None:
    in_the_box = {"send", "newline", "undo", "redo"}
    assert hasattr(ChatScreen, f"action_{command.id}") or command.id in in_the_box


def test_no_two_commands_share_an_id_a_slash_word_or_a_key() -> None:
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    assert max(Counter(word for command in COMMANDS for word in command.words).values()) == 1
    for place in ("anywhere", "prompt", "message"):
        keys = Counter(key for command in COMMANDS if command.place in (place, "anywhere") for key in command.keys)
        assert [key for key, times in keys.items() if times > 1] == []


def test_no_key_is_bound_that_is_another_key_in_many_terminals() -> None:
    assert not NOT_TO_BE_BOUND & {key for command in COMMANDS for key in command.keys}


def test_all_that_works_anywhere_has_a_slash_word() -> None:
    assert [command.id for command in COMMANDS if command.place == "anywhere" and not command.slash] == []


def test_a_slash_word_names_its_command() -> None:
    found = by_slash("stop")
    assert found is not None
    assert found.id == "stop"
    assert by_slash("") is None
    assert by_slash("no-such-command") is None


def test_a_mistyped_slash_word_is_seen_through() -> None:
    assert (near_slash("modle"), near_slash("qiut"), near_slash("thme")) == ("model", "quit", "theme")
    assert near_slash("frobnicate") == near_slash("model") == ""


@pytest.mark.parametrize(("word", "name"), [("q", "quit"), ("exit", "quit"), ("clear", "new")])
def test_words_that_people_know_from_elsewhere(word: str, name: str) -> None:
    found = by_slash(word)
    assert found is not None
    assert found.id == name
    assert completions(word)[0].id == name


def test_completions_keep_the_order_of_the_table() -> None:
    found = [command.slash for command in completions("co")]
    assert found == ["continue", "copy", "code", "copyall", "connect", "commands"]
    assert completions("zzz") == []
