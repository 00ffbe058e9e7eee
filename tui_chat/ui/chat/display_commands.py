"""The commands for the screen as a whole: help, theme, painting anew, the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.terminal.terminal_app import TerminalApp

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_chat.ui.notify import Notify


class DisplayCommands:
    """Changes how things are shown, not what."""

    def __init__(self, screen: Screen[None], notify: Notify) -> None:
        self._screen = screen
        self._notify = notify
        self._mouse_released = False

    def help(self) -> None:
        """Show keys, commands and marks."""
        from tui_chat.ui.dialogs.help_screen import HelpScreen

        self._screen.app.push_screen(HelpScreen())

    def theme(self, name: str = "") -> None:
        """Take a theme by name, or show the list."""
        app = self._screen.app
        if not name:
            app.search_themes()
        elif name in app.available_themes:
            app.theme = name
        else:
            self._notify(f"There is no theme {name}; /theme shows the list.", bad=True)

    def repaint(self) -> None:
        """Paint every cell anew."""
        self._screen.app.refresh(repaint=True, layout=True)

    def mouse(self) -> None:
        """Give the mouse to the terminal, or take it back."""
        app = self._screen.app
        if isinstance(app, TerminalApp) and app.set_mouse(on=self._mouse_released):
            self._mouse_released = not self._mouse_released
            released = "The terminal has the mouse: select as usual. /mouse takes it back."
            self._notify(released if self._mouse_released else "tui-chat has the mouse again.")
