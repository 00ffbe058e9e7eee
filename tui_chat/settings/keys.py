"""API keys: validation, and commands that print them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import field
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND_WAIT: Final = 60.0
"""Seconds that a key command may take; some ask a person for a passphrase first."""

_QUOTED: Final = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.DOTALL)
"""Quoted parts of a command, in which a shell sees no signs."""
_SHELL: Final = re.compile(r"(?:^|\s)(\|\|?|&&?|[12]?>{1,2}\S*|<\S*)(?=\s|$)|(;)(?=\s|$)")
"""A pipe, a redirection, or what ends a command, where a shell would take it for one."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and where it came from, for a person."""

    value: str = field(repr=False)
    origin: str


def read_key(text: str, origin: str) -> Key:
    """Clean a key as it was pasted, often with a line end, or in quotes, which no key begins with (`docker --env-file`
    keeps those of the file). Raises `SetupError` for anything else that an HTTP header cannot carry."""
    value = unquoted(text)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SetupError(f"{origin}: holds characters that cannot be part of a key")
    return Key(value, origin)


def unquoted(text: str) -> str:
    """The text without white space and one pair of quotes around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command whose first line of output is a key. It is run without a shell."""

    words: tuple[str, ...] = field(repr=False)
    origin: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables it gets besides the program's own, because its text names them."""

    @property
    def program(self) -> str:
        """The program's name; the words after it may be secret."""
        return self.words[0]

    def run(self, wait: float = COMMAND_WAIT) -> Key:
        """Run the command and return the key. Raises `SetupError`."""
        try:
            done = subprocess.run(  # noqa: S603 - it is the settings' owner who wrote it
                [os.path.expanduser(self.program), *self.words[1:]],  # noqa: PTH111 - it need not be a path
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=wait,
                check=False,
                env=os.environ | self.variables,
            )
        except OSError as error:
            raise SetupError(f"{self.origin}: {self.program} cannot be run: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise SetupError(f"{self.origin}: {self.program} gave no key within {wait:g} s") from error
        if done.returncode:
            secrets = Secrets([*self.variables.values(), *done.stdout.decode("utf-8", "replace").split()])
            said = " ".join(secrets.masked(done.stderr.decode("utf-8", "replace")).split())[:200]
            raise SetupError(
                f"{self.origin}: {self.program} ended with status {done.returncode}{f': {said}' if said else ''}"
            )
        lines = done.stdout.decode("utf-8", "replace").split("\n", 1)
        key = read_key(lines[0], self.origin)
        if not key.value:
            raise SetupError(f"{self.origin}: {self.program} printed no key on its first line")
        return key


def key_command(text: str, origin: str, variables: Mapping[str, str] = {}) -> KeyCommand:
    """Split a command into words as a shell would. Raises `SetupError`.

    Programs that are started do not inherit variables with keys; this one gets those of `variables` that its text
    names, because it may exchange one key for another.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise SetupError(f"{origin}: cannot be read: {error}") from error
    if not words:
        raise SetupError(f"{origin}: names no command")
    if sign := _SHELL.search(_QUOTED.sub("x", text)):
        raise SetupError(f"{origin}: {sign[1] or sign[2]} is for a shell, and none reads it: write sh -c '…' around it")
    named = {name: value for name, value in variables.items() if name in text}
    return KeyCommand(words, origin, named)
