"""The keys of commands: those of the table of commands, or those that the settings give instead."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.wording.spelling import meant
from tui_chat.commands import COMMANDS, TEXTUAL_NAMES, Command, KeyContext, by_id, character_of, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NONE: Final = "none"
"""In the settings: the command has no key."""

_MODIFIERS: Final = {
    "ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "meta": "alt", "shift": "shift",
    "super": "super", "cmd": "super",
}  # fmt: skip
_ORDER: Final = ("super", "alt", "ctrl", "shift")
"""The order of modifiers in Textual's key names."""
_NAMED: Final = frozenset({
    "enter", "tab", "escape", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "up",
    "down", "left", "right", *(f"f{number}" for number in range(1, 25)),
})  # fmt: skip
_SYNONYMS: Final = {
    "return": "enter", "esc": "escape", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown",
    "pgdown": "pagedown", "↑": "up", "↓": "down", "←": "left", "→": "right", "plus": "+", "minus": "-", "comma": ",",
}  # fmt: skip

SENT_AS: Final = {
    "ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+h": "Backspace", "ctrl+left_square_bracket": "Esc",
    "ctrl+question_mark": "Backspace",
}  # fmt: skip
"""Keys that many terminals send as another key, which would then run the command."""
_EDITS: Final = frozenset({
    "backspace", "delete", "left", "right", "up", "down", "home", "end", "tab", "enter", "shift+left", "shift+right",
    "shift+up", "shift+down", "shift+home", "shift+end",
})  # fmt: skip
"""Keys that are needed for typing."""
_ALSO_SENT_AS: Final = {
    "ctrl+underscore": ("ctrl+slash", "ctrl+shift+minus", "ctrl+minus"),
    "ctrl+space": ("ctrl+@",),
}
"""Further names of a key: terminals that can report every key send its name, the others the character."""
_LONGEST: Final = 40
"""The most characters that are quoted of what a person wrote."""


class Keymap:
    """The keys of all commands."""

    def __init__(self, changed: Mapping[str, Sequence[str]] | None = None) -> None:
        """`changed`: command ids and the keys they have instead of the table's, in Textual's spelling; no key: none."""
        self._keys = {command.id: command.default_keys for command in COMMANDS}
        self._keys |= {name: tuple(keys) for name, keys in (changed or {}).items()}
        self._commands = {(command.place, key): command for command in COMMANDS for key in self._keys[command.id]}
        for (place, key), command in [*self._commands.items()]:
            for other in _ALSO_SENT_AS.get(key, ()):
                self._commands.setdefault((place, other), command)

    def keys(self, command: Command) -> tuple[str, ...]:
        """The keys of a command, in Textual's spelling."""
        return self._keys.get(command.id, command.default_keys)

    def command(self, key: str, place: KeyContext) -> Command | None:
        """The command that a key runs in a place."""
        return self._commands.get((place, key))

    def hint(self, name: str) -> str:
        """The way to run the command with the id `name`, for a person: its first key, or its slash word where it has no
        key; empty where it has neither."""
        command = by_id(name)
        if keys := self._keys[name]:
            return written(keys[0])
        return f"/{command.slash}" if command.slash else ""

    def all_written(self, command: Command, most: int = 9) -> list[str]:
        """The keys of a command for a person, at most `most` of them."""
        return [written(key) for key in self.keys(command)[:most]]


def key_name(text: str) -> str:
    """Return the name that Textual has for a key that a person wrote: `Ctrl+B`, `alt+up`, `F5`, `?`, `G`. Raises
    `ValueError` with a sentence if there is no such key."""
    shown = repr(text[:_LONGEST])
    spelled = text.strip()
    front, plus, last = spelled.rpartition("+")
    if plus and not last:  # the key is the plus sign itself: `+`, `ctrl++`
        front, last = front.removesuffix("+"), "+"
    words = [word.strip().lower() for word in front.split("+")] if front else []
    if unknown := [word for word in words if word not in _MODIFIERS]:
        near = meant(unknown[0], _MODIFIERS)
        raise ValueError(f"there is no key {shown}{f'; did you mean {near}+{last}?' if near else ''}")
    modifiers = {_MODIFIERS[word] for word in words}
    base = _SYNONYMS.get(last.strip().lower(), last.strip())
    if len(base) != 1 and (base := base.lower()) not in _NAMED and not character_of(base):
        near = meant(base, _NAMED)
        raise ValueError(f"there is no key {shown}{f'; did you mean {near}?' if near else ''}")
    if base == " ":
        base = "space"
    if len(base) == 1 and base.isalpha():
        if modifiers == {"shift"}:
            return base.upper()
        base = base.lower() if modifiers else base
    elif len(base) == 1 and not base.isalnum():
        base = _textual_name(base, shown)
    name = "+".join([*(each for each in _ORDER if each in modifiers), base])
    return "ctrl+underscore" if name == "ctrl+slash" else name


def _textual_name(character: str, shown: str) -> str:
    try:
        name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    except ValueError as error:
        raise ValueError(f"there is no key {shown}") from error
    return TEXTUAL_NAMES.get(name, name)


def read_keys(given: Mapping[str, Sequence[str]], origin: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Return the keys that a person set, by command id and in Textual's spelling.

    `origin` gives where a command's keys were set, for a person. Raises `SetupError` with one line for each command
    that does not exist, each key that does not exist or cannot be used, and each key of two commands.
    """
    problems: list[str] = []
    changed: dict[str, tuple[str, ...]] = {}
    known = {command.id: command for command in COMMANDS}
    for name, texts in given.items():
        if name not in known:
            near = meant(name, known)
            more = f"; did you mean {near}?" if near else "; `tui-chat keys --list` names them all"
            problems.append(f"{origin(name)}: there is no command {name[:_LONGEST]!r}{more}")
            continue
        keys: list[str] = []
        for text in texts:
            if text.strip().lower() == NONE:
                continue
            try:
                key = key_name(text)
                _check(key, known[name])
            except ValueError as error:
                problems.append(f"{origin(name)}: {error}")
            else:
                keys.append(key)
        changed[name] = tuple(dict.fromkeys(keys))
    problems += _clashes(changed, origin)
    if problems:
        raise SetupError("\n".join(problems))
    return changed


def _check(key: str, command: Command) -> None:
    """Raise `ValueError` with a sentence if a key cannot run a command."""
    if key in SENT_AS:
        raise ValueError(f"{written(key)} is the same key as {SENT_AS[key]} in many terminals; choose another")
    if command.place == "message" or key in command.default_keys:
        return
    *modifiers, last = key.split("+")
    types = set(modifiers) <= {"shift"} and (len(last) == 1 or last == "space" or last not in _NAMED)
    sends = command.place == "prompt" and last == "enter"
    if types or (key in _EDITS and not sends):
        raise ValueError(
            f"{written(key)} is needed for writing, so it cannot run {command.id}; add Ctrl or Alt, or take an F key"
        )


def _clashes(changed: Mapping[str, Sequence[str]], origin: Callable[[str], str]) -> list[str]:
    """A line for each key that a person gave to a command and that another command of the same place has, too."""
    keymap = Keymap(changed)
    lines: list[str] = []
    named: set[frozenset[str]] = set()
    for name in changed:
        command = by_id(name)
        for key in keymap.keys(command):
            for other in COMMANDS:
                both = frozenset((name, other.id))
                meet = command.place == other.place or "anywhere" in (command.place, other.place)
                if other.id == name or not meet or key not in keymap.keys(other) or both in named:
                    continue
                named.add(both)
                place = f", set by {origin(other.id)}" if other.id in changed else ""
                lines.append(
                    f"{origin(name)}: {written(key)} is also the key of {other.id} ({other.title}){place}; "
                    f'give {other.id} another key, or "{NONE}"'
                )
    return lines
