"""`tui-chat keys`: which keys of this terminal reach the program, and which command each of them runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.paging import put
from tui_chat.commands import COMMANDS, KeyContext, written
from tui_chat.keymap import Keymap, read_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.settings.loading import Loaded
    from tui_chat.terminal.key_reader import KeyPress

PLACES: tuple[tuple[KeyContext, str], ...] = (
    ("anywhere", ""),
    ("prompt", " while typing"),
    ("message", " on a message"),
)
WIDTHS = 18, 22, 16
BY_SIGNAL = 128
HEAD = "Press keys to see what arrives. q quits, and so does Ctrl+C twice.\n\n"


def keymap_of(loaded: Loaded) -> Keymap:
    """Return the keys that the settings make. Raises `SetupError`."""
    return Keymap(read_keys(loaded.settings.keys, lambda name: loaded.place("keys", name)))


def list_keys(keymap: Keymap) -> int:
    """Print every command with its name in the settings and its keys; return the exit status."""
    return put(
        f"{command.id:<18} {'  '.join(keymap.all_written(command)) or 'none':<34} {command.title}\n"
        for command in COMMANDS
    )


def show_keys(keymap: Keymap) -> int:
    """Print each key that arrives until the person ends it; return the exit status. Raises `SetupError` without a
    terminal."""
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout is not None and sys.stdout.isatty()):
        raise SetupError("keys needs a terminal; `tui-chat keys --list` prints the keys of all commands")
    if sys.platform == "win32":
        raise SetupError(
            "keys can be shown on Linux and macOS only; `tui-chat keys --list` prints those of all commands"
        )
    from tui_chat.terminal.key_reader import EndedError, keys_of_terminal

    try:
        with keys_of_terminal(sys.stdin.fileno()) as arriving:
            sys.stdout.write(HEAD + _row("bytes", "Textual's name", "key", "command"))
            sys.stdout.flush()
            before = ""
            for raw, found in arriving:
                for line in _lines(raw, found, keymap):
                    sys.stdout.write(line)
                sys.stdout.flush()
                for each in found:
                    if each.name == "q" or (each.name == before == "ctrl+c"):
                        return 0
                    before = each.name
    except EndedError as ended:
        return BY_SIGNAL + ended.number
    return 0


def _lines(raw: bytes, found: list[KeyPress], keymap: Keymap) -> Iterator[str]:
    """A row for each key; the bytes stand in the first one."""
    shown = clean_line(repr(raw)[2:-1])
    if not found:
        yield _row(shown, "", "", "not a key that the program knows")
    for each in found:
        if each.name:
            yield _row(shown, clean_line(each.name), clean_line(written(each.name)), _meaning(each, keymap))
        else:
            yield _row(shown, "", "", f"a paste of {each.pasted:,} characters")
        shown = ""


def _meaning(key: KeyPress, keymap: Keymap) -> str:
    commands = [(keymap.command(key.name, place), where) for place, where in PLACES]
    runs = [f"{command.id} ({command.title}){where}" for command, where in commands if command is not None]
    return "; ".join(runs) or (f"types {clean_line(key.character)}" if key.character else "no command")


def _row(raw: str, name: str, key: str, command: str) -> str:
    first, second, third = WIDTHS
    return f"{raw:<{first}} {name:<{second}} {key:<{third}} {command}\n"
