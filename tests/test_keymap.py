"""Which key runs which command, and what is said of keys that cannot."""

from __future__ import annotations

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.commands import COMMANDS, by_id, written
from tui_chat.keymap import SENT_AS, Keymap, key_name, read_keys


def problems(**given: str) -> list[str]:
    with pytest.raises(SetupError) as caught:
        read_keys({name: (key,) for name, key in given.items()}, lambda name: f"keys.{name}")
    return str(caught.value).splitlines()


def test_without_settings_each_command_has_the_keys_of_the_table() -> None:
    keymap = Keymap()
    for command in COMMANDS:
        assert keymap.keys(command) == command.default_keys
        for key in command.default_keys:
            assert keymap.command(key, command.place) is command


def test_a_command_with_another_key_is_no_longer_run_by_its_old_one() -> None:
    keymap = Keymap(read_keys({"new": ("ctrl+b",)}, str))
    assert keymap.command("ctrl+b", "anywhere") is by_id("new")
    assert keymap.command("ctrl+n", "anywhere") is None
    assert keymap.hint("new") == "Ctrl+B"


def test_two_commands_may_swap_their_keys() -> None:
    keymap = Keymap(read_keys({"new": ("ctrl+s",), "chats": ("ctrl+n",)}, str))
    assert keymap.command("ctrl+s", "anywhere") is by_id("new")
    assert keymap.command("ctrl+n", "anywhere") is by_id("chats")


def test_a_command_without_a_key_is_hinted_at_by_its_slash_word() -> None:
    keymap = Keymap(read_keys({"new": ("none",), "send": ("none",)}, str))
    assert keymap.keys(by_id("new")) == ()
    assert (keymap.hint("new"), keymap.hint("send")) == ("/new", "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ctrl+B", "ctrl+b"),
        (" control + b ", "ctrl+b"),
        ("shift+ctrl+b", "ctrl+shift+b"),
        ("Alt+Up", "alt+up"),
        ("option+↑", "alt+up"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("F12", "f12"),
        ("g", "g"),
        ("G", "G"),
        ("shift+g", "G"),
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        ("ctrl++", "ctrl+plus"),
        ("+", "plus"),
        ("ctrl+/", "ctrl+underscore"),
        ("ctrl+_", "ctrl+underscore"),
        ("Alt+[", "alt+left_square_bracket"),
        ("ctrl+space", "ctrl+space"),
    ],
)
def test_keys_are_taken_as_people_write_them(text: str, name: str) -> None:
    assert key_name(text) == name


@pytest.mark.parametrize("key", sorted({key for command in COMMANDS for key in command.default_keys}))
def test_a_key_as_the_screen_writes_it_is_understood(key: str) -> None:
    assert key_name(key) == key_name(written(key))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("contrl+b", "there is no key 'contrl+b'; did you mean control+b?"),
        ("pagup", "there is no key 'pagup'; did you mean pageup?"),
        ("", "there is no key ''"),
        ("ctrl+foo", "there is no key 'ctrl+foo'"),
        ("\x07", "there is no key '\\x07'"),
    ],
)
def test_a_key_that_does_not_exist_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="there is no key") as caught:
        key_name(text)
    assert str(caught.value) == says


@pytest.mark.parametrize("key", SENT_AS)
def test_a_key_that_terminals_send_as_another_is_refused(key: str) -> None:
    (line,) = problems(new=key)
    assert line.startswith("keys.new: ")
    assert f"is the same key as {SENT_AS[key]}" in line


@pytest.mark.parametrize("key", ["x", "G", "space", "enter", "backspace", "left", "up", "tab", "?", "shift+end"])
def test_a_key_that_is_needed_for_writing_is_refused_for_all_but_messages(key: str) -> None:
    (line,) = problems(new=key)
    assert "is needed for writing" in line
    freed = dict.fromkeys(("message_fold", "message_older", "message_last"), ("none",))
    assert read_keys({"message_copy": (key,), **freed}, str)["message_copy"]


def test_enter_may_start_a_line_and_another_key_send() -> None:
    keymap = Keymap(read_keys({"newline": ("enter",), "send": ("ctrl+enter", "alt+enter")}, str))
    assert keymap.command("enter", "prompt") is by_id("newline")
    assert keymap.command("alt+enter", "prompt") is by_id("send")


def test_an_unknown_command_is_named_with_the_near_one() -> None:
    (line,) = problems(nwe="ctrl+b")
    assert line == "keys.nwe: there is no command 'nwe'; did you mean new?"


def test_a_key_of_two_commands_is_named_with_both() -> None:
    (line,) = problems(new="ctrl+s")
    assert line.startswith("keys.new: Ctrl+S is also the key of chats")
    (line,) = problems(new="f8", find="f8")
    assert line.startswith("keys.new: F8 is also the key of find")
    assert "set by keys.find" in line
    (line,) = problems(message_copy="ctrl+n")
    assert "also the key of new" in line


def test_the_same_key_may_run_one_command_while_typing_and_another_on_a_message() -> None:
    assert read_keys({"message_edit": ("enter",), "message_fold": ("none",)}, str)


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(nwe="f8", find="ctrl+i", chats="ctrl+n")) == 3


def test_a_key_has_all_the_names_that_terminals_give_it() -> None:
    keymap = Keymap(read_keys({"undo": ("none",), "new": ("ctrl+/",), "fold": ("ctrl+space",)}, str))
    for key in ("ctrl+underscore", "ctrl+slash", "ctrl+minus"):
        assert keymap.command(key, "anywhere") is by_id("new")
    assert keymap.command("ctrl+@", "anywhere") is by_id("fold")


def test_the_table_spells_keys_as_textual_does() -> None:
    for command in COMMANDS:
        assert [key_name(key) for key in command.default_keys] == list(command.default_keys)
