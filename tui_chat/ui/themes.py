"""The themes: our own in dark, light and high contrast, and those of Textual; and an app that has them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from textual.theme import Theme

from tui_chat.terminal.colour_depth import colour_depth
from tui_chat.terminal.terminal_app import TerminalApp
from tui_chat.ui.roles import as_variables, role_variables

if TYPE_CHECKING:
    from tui_chat.terminal.background import BackgroundReported


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


THEMES_OF_256 = (
    _theme(
        "tui-chat-dark",
        {
            "text": "#e4e4e4", "muted": "#b2b2b2", "faint": "#949494", "accent": "#87afff", "user": "#87d7d7",
            "assistant": "#d7afff", "success": "#87d787", "warning": "#d7af5f", "error": "#ff8787",
            "code-ink": "#ffaf87", "line": "#6c6c6c",
            "bg": "#121212", "raised": "#262626", "code": "#1c1c1c", "overlay": "#303030", "selection": "#000087",
        },
    ),
    _theme(
        "tui-chat-light",
        {
            "text": "#262626", "muted": "#585858", "faint": "#626262", "accent": "#0000af", "user": "#005f5f",
            "assistant": "#5f00af", "success": "#005f00", "warning": "#5f5f00", "error": "#af0000",
            "code-ink": "#870000", "line": "#878787",
            "bg": "#ffffff", "raised": "#ebebeb", "code": "#f5f5f5", "overlay": "#e1e1e1", "selection": "#d7d7ff",
        },
        dark=False,
    ),
    _theme(
        "tui-chat-contrast",
        {
            "text": "#ffffff", "muted": "#d0d0d0", "faint": "#bcbcbc", "accent": "#87d7ff", "user": "#5fffd7",
            "assistant": "#d7afff", "success": "#87ff87", "warning": "#ffd75f", "error": "#ffafaf",
            "code-ink": "#ffd787", "line": "#b2b2b2",
            "bg": "#000000", "raised": "#1c1c1c", "code": "#121212", "overlay": "#262626", "selection": "#000087",
        },
    ),
)  # fmt: skip
"""The same for a terminal of 256 colours, chosen by what Rich makes of them: what it makes of the others shows code,
questions and the page alike."""


OF_BACKGROUND: Final = {"dark": "tui-chat-dark", "light": "tui-chat-light"}
"""The themes for a dark and a light background."""

AUTO: Final = "auto"
"""In place of a theme's name: our dark or light one, as the terminal's background is."""


class ThemedApp(TerminalApp):
    """An app with our themes, and with a variable for each role of a colour in every theme.

    With `NO_COLOR` every theme is shown in the terminal's own two colours, with signs, bold, dim and reverse; in a
    terminal of 16 colours, in those.
    """

    def __init__(self, first_theme: str = "", **options: Any) -> None:
        """`first_theme`: a theme's name, or an empty text for the default one."""
        depth = colour_depth(os.environ)
        # Textual asks for the theme before it has set its `no_color`.
        self._only_own_colours = "NO_COLOR" in os.environ or depth == "standard"
        self._follows_background = False
        """Whether the theme is `AUTO`."""
        super().__init__(ansi_color=True if self._only_own_colours else None, **options)
        if depth == "truecolor" and self.console.color_system != depth:  # Rich knows it by `COLORTERM` alone
            self.console = Console(
                file=self.console.file, color_system=depth, markup=True, highlight=False, emoji=False, no_color=False,
                legacy_windows=False, force_terminal=True, safe_box=False, soft_wrap=False,
            )  # fmt: skip
        for theme in THEMES_OF_256 if depth == "256" else THEMES:
            self.register_theme(theme)
        # Setting the theme in the usual way would parse all style sheets twice.
        first = first_theme if first_theme in self.available_themes else THEMES[0].name
        self.set_reactive(ThemedApp.theme, first)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def chosen_theme(self) -> str:
        """The name of the theme, or `AUTO`."""
        return AUTO if self._follows_background else self.theme

    def use_theme(self, name: str) -> None:
        """Take on a theme by its name, or with `AUTO` the one that fits the terminal's background, now and when that
        changes."""
        self._follows_background = name == AUTO
        if name != AUTO:
            self.theme = name
            return
        if self.theme not in OF_BACKGROUND.values():
            self.theme = OF_BACKGROUND["dark"]
        self.ask_for_background()

    def on_app_focus(self) -> None:
        """Ask for the background again: it may have changed with the time of day."""
        if self._follows_background:
            self.ask_for_background()

    def on_background_reported(self, event: BackgroundReported) -> None:
        """Take on the theme that fits the background, unless the person has chosen one."""
        if self._follows_background:
            self.theme = OF_BACKGROUND["dark" if event.dark else "light"]

    @property
    def current_theme(self) -> Theme:
        """The chosen theme, or the terminal's own where only its colours are shown."""
        theme = super().current_theme
        if not self._only_own_colours or theme.ansi:
            return theme
        return self.available_themes["ansi-dark" if theme.dark else "ansi-light"]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles of the theme, where it does not name them itself."""
        return dict(role_variables(self.current_theme))
