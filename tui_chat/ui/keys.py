"""How keys are written for a person."""

from __future__ import annotations

NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
}


def written(key: str) -> str:
    """`ctrl+home` → `Ctrl+Home`, `f1` → `F1`, `y` → `y`."""
    *modifiers, last = key.split("+")
    name = NAMES.get(last) or (last if len(last) == 1 and not modifiers else last.upper())
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])
