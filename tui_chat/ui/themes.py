"""The themes: two quiet ones with few colours, and those of Textual."""

from __future__ import annotations

from textual.theme import Theme

THEMES = (
    Theme(
        name="tui-chat-dark",
        primary="#7aa2f7",
        secondary="#9aa5ce",
        accent="#7dcfff",
        foreground="#d5d9e4",
        background="#16181d",
        surface="#1e2128",
        panel="#262a33",
        success="#9ece6a",
        warning="#e0af68",
        error="#f7768e",
        dark=True,
    ),
    Theme(
        name="tui-chat-light",
        primary="#2a5db0",
        secondary="#56617a",
        accent="#00708f",
        foreground="#23262d",
        background="#fbfbf9",
        surface="#f0f0ec",
        panel="#e6e6e0",
        success="#3f7d20",
        warning="#8f5b00",
        error="#b3243b",
        dark=False,
    ),
)
"""The first is the default; Textual's own themes, including `ansi-dark` and `ansi-light`, can be chosen too."""
