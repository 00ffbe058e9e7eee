"""Every command that the help and the README show is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_chat.cli.arguments import ABOUT, PARSERS, parse
from tui_chat.cli.shell.examples import EXAMPLES
from tui_chat.cli.streams.tap_arguments import EXAMPLES as TAP_EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NO_CALLS = {"tui-chat aks hello", "tui-chat COMMAND --help", "tui-chat import"}
"""What is shown because the program refuses it, stands for any command, or names one within a sentence."""


def commands_in(line: str) -> Iterator[tuple[str, ...]]:
    """The commands of the program in a line of shell, each as its words."""
    words = shlex.shlex(line, posix=True, punctuation_chars="|;&<>()")
    words.whitespace_split = True
    command: list[str] = []
    for word in [*words, ";"]:
        if word in ("|", "&&", ";", "<", ">", "<(", ")"):
            while command and (re.match(r"[A-Z_]+=", command[0]) or command[0] == "uvx"):
                del command[0]
            if command[:1] and command[0].rpartition("/")[2] == "tui-chat":
                yield tuple(command[1:])
            command = []
        else:
            command.append(word)


def shown() -> Iterator[tuple[str, ...]]:
    """All commands that are shown, each as its words."""
    for examples in EXAMPLES.values():
        for example in examples:
            yield from commands_in(re.split(r" {3,}", example)[0].replace('eval "$(', "").replace(')"', ""))
    for line in TAP_EXAMPLES.splitlines():
        if line.startswith("  "):
            yield from commands_in(line)
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield from commands_in(line)
    for text in (README, ABOUT):
        for quoted in re.findall(r"`(tui-chat [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            if " ".join(quoted.split()) not in NO_CALLS:
                yield from commands_in(quoted)


COMMANDS = sorted(set(shown()))


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) > 60
    assert {words[0] for words in COMMANDS if words} >= PARSERS.keys() - {"chat", "import", "keys"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_that_is_shown_is_taken(words: tuple[str, ...]) -> None:
    command, _ = parse(list(words), on_terminal=True)
    assert words[:1] == (command,) or command == "chat"
