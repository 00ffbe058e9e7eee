r"""Reads questions from standard input, typed or piped in.

A line that ends in a backslash continues in the next one. A line that begins with `\"\"\"` opens a text of several
lines, closed by a line that ends with the same.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

QUOTES: Final = '"""'
MORE: Final = "more: "


class EarlierPrompts(Protocol):
    """Earlier prompts, and a way to add new ones."""

    def earlier(self, typed: str, /) -> str | None:
        """Return the next older prompt that is not `typed`; `None` if there is none."""
        ...

    def add(self, prompt: str, /) -> None:
        """Add a prompt to the earlier ones."""
        ...


class LineInput:
    """Standard input as a sequence of texts."""

    def __init__(self, earlier: EarlierPrompts | None = None) -> None:
        """`earlier` holds the prompts that Up brings back where lines can be edited, and receives new ones."""
        self.person = sys.stdin is not None and sys.stdin.isatty()
        """Whether a person types; otherwise input is piped in."""
        self._earlier = earlier
        self._first = True
        self._readline = _line_editor() if self.person else None
        if self._readline is not None and earlier is not None:
            for prompt in reversed(_all(earlier)):
                self._readline.add_history(prompt)

    def text(self, prompt: str) -> str | None:
        """Read the next text; `None` at the end of the input. Raises `KeyboardInterrupt` at Ctrl+C, which drops the
        line, and `OSError` if the terminal is gone."""
        lines = _joined(self._line, prompt)
        if lines is None:
            return None
        text = "\n".join(lines)
        if text.strip() and self.person:
            self._keep(text)
        return text

    def _keep(self, text: str) -> None:
        if self._readline is not None:
            last = self._readline.get_current_history_length()
            if not last or self._readline.get_history_item(last) != text:
                self._readline.add_history(text)
        if self._earlier is not None:
            self._earlier.add(text)

    def _line(self, prompt: str) -> str | None:
        if self._readline is not None:
            try:
                return input(prompt)
            except EOFError:
                return None
        if sys.stdin is None:
            return None
        if self.person:
            shown = sys.stdout if sys.stdout.isatty() else sys.stderr
            shown.write(prompt)
            shown.flush()
        data = sys.stdin.buffer.readline()
        if not data:
            return None
        encoding = (sys.stdin.encoding if self.person else "utf-8-sig" if self._first else None) or "utf-8"
        self._first = False
        return data.decode(encoding, "replace").rstrip("\r\n")


def _joined(read: Callable[[str], str | None], prompt: str) -> list[str] | None:
    """Join the lines of one text; an unfinished text at the end of the input counts too."""
    line = read(prompt)
    if line is None:
        return None
    lines: list[str] = []
    if line.lstrip().startswith(QUOTES):
        line = line.lstrip().removeprefix(QUOTES)
        while line is not None and not line.rstrip().endswith(QUOTES):
            if line or lines:  # the opening line may be empty
                lines.append(line)
            line = read(MORE)
        last = (line or "").rstrip().removesuffix(QUOTES)
        return [*lines, last] if last else lines
    while line is not None and line.endswith("\\"):
        lines.append(line[:-1])
        line = read(MORE)
    return lines if line is None else [*lines, line]


def _line_editor() -> ModuleType | None:
    """Return the module that lets `input` edit lines; `None` if it is missing, or if it would write escape sequences to
    a terminal that cannot interpret them."""
    if os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty():
        return None
    try:
        import readline
    except ImportError:
        return None
    readline.set_auto_history(False)
    if "libedit" not in (readline.__doc__ or ""):
        readline.parse_and_bind("set enable-bracketed-paste on")  # a paste of several lines is one text
    return readline


def _all(earlier: EarlierPrompts) -> list[str]:
    found: list[str] = []
    while (prompt := earlier.earlier(found[-1] if found else "")) is not None:
        found.append(prompt)
    return found
