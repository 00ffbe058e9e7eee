r"""What a person types, or pipes in, line by line: one text at a time.

A line that ends in a backslash goes on in the next one, and a line that begins with `\"\"\"` opens a text of several
lines, which a line that ends so closes.
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
    """Prompts of earlier chats, and a place to keep new ones."""

    def earlier(self, typed: str, /) -> str | None:
        """The next older one that is not `typed`; `None`: there is none."""
        ...

    def add(self, prompt: str, /) -> None:
        """Keep one."""
        ...


class LineInput:
    """Standard input as texts."""

    def __init__(self, earlier: EarlierPrompts | None = None) -> None:
        """`earlier` is what Up brings back where the line can be edited, and where new prompts are kept."""
        self.person = sys.stdin is not None and sys.stdin.isatty()
        """Somebody types; else it is piped in."""
        self._earlier = earlier
        self._first = True
        self._readline = _line_editor() if self.person else None
        if self._readline is not None and earlier is not None:
            for prompt in reversed(_all(earlier)):
                self._readline.add_history(prompt)

    def text(self, prompt: str) -> str | None:
        """The next text; `None` at the end of the input. Raises `KeyboardInterrupt` at Ctrl+C, with the line dropped,
        and `OSError` where the terminal is gone."""
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
    """The lines of one text; what the end of the input leaves open is a text, too."""
    line = read(prompt)
    if line is None:
        return None
    lines: list[str] = []
    if line.lstrip().startswith(QUOTES):
        line = line.lstrip().removeprefix(QUOTES)
        while line is not None and not line.rstrip().endswith(QUOTES):
            if line or lines:  # the line that opens it need not hold anything
                lines.append(line)
            line = read(MORE)
        last = (line or "").rstrip().removesuffix(QUOTES)
        return [*lines, last] if last else lines
    while line is not None and line.endswith("\\"):
        lines.append(line[:-1])
        line = read(MORE)
    return lines if line is None else [*lines, line]


def _line_editor() -> ModuleType | None:
    """The module that lets `input` edit lines; `None` where it is missing, or would write escape sequences to a
    terminal that knows none."""
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
