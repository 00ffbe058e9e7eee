"""Hints after a failure, whose wording differs between the shell and the screen.

A failed reply stores the wording for the shell, which JSON, exports and older histories also contain; the screen
replaces it by its own.
"""

from __future__ import annotations

from typing import Final

OTHER_MODEL: Final = "Choose another model; `tui-chat models` lists what the server has."
SOME_MODEL: Final = "Choose one: -m NAME or TUI_CHAT_MODEL."
SOME_ENDPOINT: Final = "Choose one: -e NAME or TUI_CHAT_ENDPOINT."
BEFORE_IS_KEPT: Final = "What came before it is kept"
TEXT_IS_KEPT: Final = f"{BEFORE_IS_KEPT}; try again."
KEY_REFUSED: Final = "Check the key, and that it belongs to this server."
NO_KEY: Final = "Set TUI_CHAT_API_KEY, or `key` of this endpoint in config.toml."
EFFORT_REFUSED: Final = "The server takes no such effort for this model: set another with --effort, or default."

_ON_SCREEN: Final = {
    OTHER_MODEL: "Choose another model: {model} lists what the server has.",
    SOME_MODEL: "{model} chooses one.",
    SOME_ENDPOINT: "{model} chooses one.",
    NO_KEY: "{model} and then Ctrl+E: enter the key of this endpoint.",
    EFFORT_REFUSED: "The server takes no such effort for this model: /effort default drops it and asks again.",
    KEY_REFUSED: "Check the key, and that it belongs to this server: {model} and then Ctrl+E.",
    TEXT_IS_KEPT: "The text so far is kept.",
    "Choose one: -m NAME, TUI_CHAT_MODEL, or /model NAME on the screen.": "{model} chooses one.",
}
"""Wordings for the shell, including those of earlier versions, and their replacements on the screen."""

_IN_THE_CHAT: Final = {
    "Check the key, and that it belongs to this server: {model} and then Ctrl+E.": KEY_REFUSED,
    "Choose another model: {model} lists what the server has.": "Choose another model in the chat.",
    "{model} chooses one.": "Choose one in the chat.",
    "{model} and then Ctrl+E: enter the key of this endpoint.": "Enter the key of this endpoint in the list of models.",
    "The server takes no such effort for this model: /effort default drops it and asks again.": (
        "The server takes no such effort for this model; in the chat, /effort default drops it."
    ),
}
"""Wordings where the chat's keys and commands do not work."""


def on_screen(hint: str, model_key: str = "Ctrl+O") -> str:
    """Replace the shell's wording in a hint by the screen's; other sentences of the hint stay. `model_key` is what to
    press for the list of models; empty where only the chat has it."""
    for in_shell, words in _ON_SCREEN.items():
        if not model_key:
            words = _IN_THE_CHAT.get(words, words)
        hint = hint.replace(in_shell, words.replace("{model}", model_key))
    return hint


def in_plain(hint: str) -> str:
    """Replace the shell's wording in a hint by that of a chat line by line."""
    return hint.replace(EFFORT_REFUSED, "The server takes no such effort for this model: /effort default drops it.")


_SHORT: Final = {
    "The server reported an error": "Server error",
    "The server asks to slow down (rate limit)": "Rate limited",
    "The server is overloaded or still loading": "Server overloaded or still loading",
}
"""Beginnings of problems, and shorter ones for the screen."""


def short_problem(problem: str, status: int | None) -> tuple[str, str]:
    """A problem as a head and the rest of its sentence: `Server error` and `: overloaded`. The status is added to the
    head where the problem does not name it."""
    head, colon, rest = problem.partition(": ")
    for long, short in _SHORT.items():
        if head.startswith(long):
            head = short + head.removeprefix(long)
    if not colon:
        head = head.removesuffix(".")
    if status is not None and status >= HTTP_ERROR and str(status) not in problem:
        head = f"{head} ({status})"
    return head, colon + rest


HTTP_ERROR = 400
"""The lowest HTTP status of an error."""
