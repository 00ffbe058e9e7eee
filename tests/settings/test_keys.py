from __future__ import annotations

import shlex
import sys

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.keys import key_command, read_key


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def refused(command: str, wait: float = 20.0) -> str:
    with pytest.raises(SetupError) as caught:
        key_command(command, "here").run(wait)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("here: ")
    return str(caught.value)


def test_the_first_line_that_a_command_prints_is_the_key() -> None:
    key = key_command(python("print('sk-1'); print('user: me')"), "here").run()
    assert (key.value, key.origin) == ("sk-1", "here")


def test_no_shell_reads_the_command() -> None:
    printing = "import sys; print('+'.join(sys.argv[1:]))"
    assert key_command(f"{python(printing)} $HOME '*' ';'", "here").run().value == "$HOME+*+;"


def test_a_command_in_the_home_folder_may_be_written_with_a_tilde(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("other")
    script = home / "key.sh"
    script.write_text("#!/bin/sh\necho from-home\n")
    script.chmod(0o700)
    monkeypatch.setenv("HOME", str(home))
    assert key_command("~/key.sh", "here").run().value == "from-home"


def test_a_command_that_is_not_there_is_named() -> None:
    assert refused("no-such-program --show") == "here: no-such-program cannot be run: No such file or directory"


def test_a_command_that_fails_is_told_with_what_it_said() -> None:
    said = refused(python("import sys; print('no such\\nentry', file=sys.stderr); sys.exit(7)"))
    assert said.endswith("ended with status 7: no such entry")


def test_a_command_that_prints_nothing_gives_no_key() -> None:
    assert "printed no key" in refused(python("print(); print('sk-late')"))


def test_a_command_that_takes_too_long_is_given_up() -> None:
    assert "gave no key within 0.2 s" in refused(python("import time; time.sleep(60)"), 0.2)


def test_what_is_no_key_is_not_quoted() -> None:
    assert "two words" not in refused(python("print('two words')"))


def test_a_command_cannot_ask_on_standard_input() -> None:
    assert key_command(python("import sys; print(len(sys.stdin.read()))"), "here").run().value == "0"


@pytest.mark.parametrize(("command", "says"), [("'", "No closing quotation"), ("  ", "names no command")])
def test_a_command_that_cannot_be_read_is_told(command: str, says: str) -> None:
    assert says in refused(command)


def test_the_words_of_a_command_are_not_shown() -> None:
    assert "sk-in-plain" not in repr(key_command("echo sk-in-plain", "here"))


def test_a_command_gets_the_variables_with_keys_that_it_names() -> None:
    printing = python("import os; print(*sorted(name for name in os.environ if name.endswith('A_KEY')), sep='+')")
    command = key_command(f"{printing} SOME_A_KEY", "here", {"SOME_A_KEY": "one", "OTHER_A_KEY": "two"})
    assert command.run().value == "SOME_A_KEY"
    assert "one" not in repr(command)


def test_a_command_that_fails_is_told_without_its_secrets() -> None:
    failing = python("import os, sys; print('sk-printed'); sys.exit('not ' + os.environ['SOME_A_KEY'] + ' sk-printed')")
    with pytest.raises(SetupError, match=r"ended with status 1: not •••• ••••$"):
        key_command(f"{failing} SOME_A_KEY", "here", {"SOME_A_KEY": "sk-given-along"}).run()


@pytest.mark.parametrize("written", ['"sk-1"', "'sk-1'", ' "sk-1"\r\n', "sk-1"])
def test_quotes_around_a_key_are_no_part_of_it(written: str) -> None:
    assert read_key(written, "here").value == "sk-1"


@pytest.mark.parametrize(
    ("command", "sign"),
    [
        ("pass show x | head -n1", "|"),
        ("pass show x 2>/dev/null", "2>/dev/null"),
        ("a && b", "&&"),
        ("sleep 1; b", ";"),
        ("cat < file", "<"),
        ("b &", "&"),
    ],
)
def test_what_only_a_shell_understands_is_refused_with_what_to_write(command: str, sign: str) -> None:
    with pytest.raises(SetupError, match=r"sh -c") as told:
        key_command(command, "here")
    assert str(told.value).startswith(f"here: {sign} is for a shell")


@pytest.mark.parametrize(
    "command", ["sh -c 'a | b; c'", 'sh -c "a > \\"b\\""', "get a|b", "get https://h/?a=1&b=2", r"get \; x", "get a;b"]
)
def test_signs_that_are_part_of_a_word_are_left_alone(command: str) -> None:
    assert key_command(command, "here").words
