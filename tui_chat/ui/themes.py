"""The themes: our own in dark, light and high contrast, and those of Textual; and an app that has them."""

from __future__ import annotations

import os
from typing import Any

from textual.app import App
from textual.theme import Theme

from tui_chat.ui.roles import as_variables, role_variables


def _theme(name: str, roles: dict[str, str], *, dark: bool = True) -> Theme:
    """A theme of Textual's with these roles; what Textual computes by tinting is set too, or it could not be read."""
    states = ("success", "warning", "error", "accent")
    return Theme(
        name=name,
        primary=roles["accent"],
        secondary=roles["user"],
        accent=roles["assistant"],
        foreground=roles["text"],
        background=roles["bg"],
        surface=roles["raised"],
        panel=roles["overlay"],
        success=roles["success"],
        warning=roles["warning"],
        error=roles["error"],
        dark=dark,
        variables={
            **as_variables(roles),
            **{f"text-{state}": roles[state] for state in states},
            "text-primary": roles["accent"],
            "text-secondary": roles["user"],
            "text": roles["text"],
            "text-muted": roles["muted"],
            "text-disabled": roles["faint"],
            "input-selection-background": roles["selection"],
            "screen-selection-background": roles["selection"],
            "block-cursor-background": roles["selection"],
            "block-cursor-foreground": roles["text"],
            "border": roles["line"],
        },
    )


THEMES = (
    _theme(
        "tui-chat-dark",
        {
            "text": "#dfe3ea", "muted": "#a5aebd", "faint": "#8790a2", "accent": "#8ab4f8", "user": "#7fd1c7",
            "assistant": "#c3a6ff", "success": "#8fd694", "warning": "#e8b96a", "error": "#ff8f8f",
            "code-ink": "#f0b98d", "line": "#646d7e",
            "bg": "#15171c", "raised": "#20242c", "code": "#1b1e25", "overlay": "#262b35", "selection": "#2a3b5a",
        },
    ),
    _theme(
        "tui-chat-light",
        {
            "text": "#23262c", "muted": "#525863", "faint": "#6c717b", "accent": "#1f56b3", "user": "#00655e",
            "assistant": "#6a3fb5", "success": "#27682b", "warning": "#7d4900", "error": "#b3202c",
            "code-ink": "#8a3f0c", "line": "#858177",
            "bg": "#fbfaf7", "raised": "#efede7", "code": "#f3f1ec", "overlay": "#e9e6de", "selection": "#c2d8f8",
        },
        dark=False,
    ),
    _theme(
        "tui-chat-contrast",
        {
            "text": "#ffffff", "muted": "#d6d6d6", "faint": "#bdbdbd", "accent": "#8cc8ff", "user": "#5cf0e0",
            "assistant": "#dcbcff", "success": "#7df08a", "warning": "#ffd75f", "error": "#ffa3a3",
            "code-ink": "#ffc890", "line": "#b0b0b0",
            "bg": "#000000", "raised": "#1a1a1a", "code": "#121212", "overlay": "#1f1f1f", "selection": "#002b66",
        },
    ),
)  # fmt: skip
"""The first is the default; Textual's own themes, including `ansi-dark` and `ansi-light`, can be chosen too."""


class ThemedApp(App[None]):
    """An app with our themes, and with a variable for each role of a colour in every theme.

    With `NO_COLOR` every theme is shown in the terminal's own two colours, with signs, bold, dim and reverse.
    """

    def __init__(self, **options: Any) -> None:
        self._colourless = "NO_COLOR" in os.environ  # Textual asks for the theme before it has set its `no_color`
        super().__init__(ansi_color=True if self._colourless else None, **options)
        for theme in THEMES:
            self.register_theme(theme)
        # Setting the theme in the usual way would parse all style sheets twice.
        self.set_reactive(ThemedApp.theme, THEMES[0].name)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def current_theme(self) -> Theme:
        """The chosen theme; with `NO_COLOR`, the terminal's own."""
        theme = super().current_theme
        if not self._colourless or theme.ansi:
            return theme
        return self.available_themes["ansi-dark" if theme.dark else "ansi-light"]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles of the theme, where it does not name them itself."""
        return dict(role_variables(self.current_theme))
