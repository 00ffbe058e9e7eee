"""Finds the help of a command in a file that was written from the parsers, which take longer to import than to print.

The file is written by .ci/shell_files.py and comes with the package.
"""

from __future__ import annotations

import os
import sys

COLUMNS = 80
"""The width that the texts were written for. In a narrower terminal the parser formats its help itself."""
FLAGS = ("-h", "--help")
PLACE = os.path.join(os.path.dirname(__file__), "shell", "scripts", "help.txt")  # noqa: PTH118, PTH120 - importing pathlib takes time


def help_for(words: list[str]) -> str | None:
    """Return the help that these arguments ask for; `None` if they ask for something else, or the terminal is
    narrow."""
    if len(words) == 1 and words[0] in FLAGS:
        command = "chat"
    elif len(words) == 2 and words[1] in FLAGS and words[0] != "chat":
        command = words[0]
    else:
        return None
    if _columns() < COLUMNS:
        return None
    try:
        with open(PLACE, encoding="utf-8") as file:  # noqa: PTH123 - as above
            sections = file.read().split("\f")
    except OSError:  # a package without the file still has the parsers
        return None
    return dict(section.split("\n", 1) for section in sections).get(command)


def _columns() -> int:
    """The columns of the terminal as argparse takes them."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or COLUMNS  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # there is no terminal
        return COLUMNS
