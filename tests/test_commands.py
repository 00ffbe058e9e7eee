"""The table of commands is complete and without contradictions."""

from __future__ import annotations

from collections import Counter
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend
from tui_chat.commands import COMMANDS, COMMON, Command, by_slash, completions, near_slash
from tui_chat.ui.app import ChatApp
from tui_chat.ui.chat.chat_screen import ChatScreen
from tui_chat.ui.chat.dispatch import handler_of
from tui_chat.ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_TO_BE_BOUND = {"ctrl+i", "ctrl+m", "ctrl+h"}
"""Tab, Enter and Backspace in many terminals."""


OWNERS_BY_CLASS = {"app": ChatApp}
"""Owners that are not part of the screen."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_each_command_has_a_handler_that_takes_what_the_command_takes(command: Command) -> None:
    screen = ChatScreen(ScriptedBackend())
    owner, _, method = command.handler.partition(".")
    if owner in OWNERS_BY_CLASS:
        called: Callable[..., object] = partial(getattr(OWNERS_BY_CLASS[owner], method), None)
    else:
        called = handler_of(screen, command.handler)
    signature(called).bind()  # by a key, or by the word alone
    if command.argument:
        signature(called).bind("what follows the word")


def test_keys_come_to_the_screen_by_one_action() -> None:
    assert {name for name in vars(ChatScreen) if name.startswith("action_")} == {"action_press"}


def test_no_widget_binds_the_key_of_a_command_by_itself() -> None:
    assert "BINDINGS" not in vars(ChatScreen)
    assert "BINDINGS" not in vars(MessageView)


def test_no_two_commands_share_an_id_a_slash_word_or_a_key() -> None:
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    assert max(Counter(word for command in COMMANDS for word in command.words).values()) == 1
    for place in ("anywhere", "prompt", "message"):
        keys = Counter(
            key for command in COMMANDS if command.place in (place, "anywhere") for key in command.default_keys
        )
        assert [key for key, times in keys.items() if times > 1] == []


def test_no_key_is_bound_that_is_another_key_in_many_terminals() -> None:
    assert not NOT_TO_BE_BOUND & {key for command in COMMANDS for key in command.default_keys}


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


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("q", "quit"),
        ("exit", "quit"),
        ("clear", "new"),
        ("history", "chats"),
        ("resume", "chats"),
        ("save", "export"),
        ("cost", "usage"),
        ("models", "model"),
        ("keys", "help"),
    ],
)
def test_words_that_people_know_from_elsewhere(word: str, name: str) -> None:
    found = by_slash(word)
    assert found is not None
    assert found.id == name
    assert completions(word)[0].id == name


def test_slash_words_come_in_the_order_of_the_table_and_words_of_titles_after_them() -> None:
    found = [command.slash for command in completions("co")]
    assert found == ["continue", "compact", "copy", "code", "copyall", "compare", "connect", "commands", "usage"]
    assert [command.slash for command in completions("vers")] == ["older", "newer", "diff"]
    assert [command.slash for command in completions("Endpoint")] == ["connect"]
    assert completions("the") == [by_slash("theme")]
    assert completions("zzz") == []


def test_a_bare_slash_begins_with_the_common_commands_and_leaves_none_out() -> None:
    found = [command.id for command in completions("")]
    assert found[: len(COMMON)] == list(COMMON)
    assert sorted(found) == sorted(command.id for command in COMMANDS if command.slash)
