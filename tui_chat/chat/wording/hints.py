"""What to try after a failure, where that is one thing in a shell and another on the screen.

A reply that failed carries the words for a shell, which JSON, exports and older histories have, too; the screen shows
its own in their place.
"""

from __future__ import annotations

from typing import Final

OTHER_MODEL: Final = "Choose another model; `tui-chat models` lists what the server has."
SOME_MODEL: Final = "Choose one: -m NAME or TUI_CHAT_MODEL."
SOME_ENDPOINT: Final = "Choose one: -e NAME or TUI_CHAT_ENDPOINT."

_ON_SCREEN: Final = {
    OTHER_MODEL: "Choose another model: Ctrl+O lists what the server has.",
    SOME_MODEL: "Ctrl+O chooses one.",
    SOME_ENDPOINT: "Ctrl+O chooses one.",
    "Choose one: -m NAME, TUI_CHAT_MODEL, or /model NAME in the screen.": "Ctrl+O chooses one.",
}
"""Words for a shell, those of earlier versions among them, and what the screen says instead."""


def on_screen(hint: str) -> str:
    """A hint in the screen's words; it may have more sentences, which stay."""
    for in_shell, words in _ON_SCREEN.items():
        hint = hint.replace(in_shell, words)
    return hint
