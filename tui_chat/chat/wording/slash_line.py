"""Texts that are commands: a slash, a word, and perhaps an argument."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_COMMAND: Final = re.compile(r"/([A-Za-z][\w-]*)(?:\s+(.*))?", re.DOTALL)


class SlashLine(NamedTuple):
    """A text that is a command."""

    word: str
    """As typed, without the slash."""
    argument: str


def slash_line(text: str) -> SlashLine | None:
    """Return the command that `text` is; `None` for any other text. A command has nothing in front of its slash and no
    other slash in its word: `/usr/bin` is a text."""
    found = _COMMAND.fullmatch(text.rstrip())
    return None if found is None else SlashLine(found[1], found[2] or "")


def no_command(word: str, near: str) -> str:
    """The sentence for an unknown word. `near`: the command that was probably meant; empty if none is similar."""
    ask = f"; did you mean /{near}? Else put" if near else ". Put"
    return f"There is no command /{word}{ask} a space in front to send it as text."
