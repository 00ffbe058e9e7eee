"""The commands for the screen as a whole: help, theme, painting anew, the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_chat.ui.notify import Notify

# xterm's modes: button presses, all motion, and the SGR form of both.
MOUSE_ON = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
MOUSE_OFF = MOUSE_ON.replace("h", "l")


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
        driver = self._screen.app._driver  # noqa: SLF001 - Textual has no public switch
        if driver is not None:
            self._mouse_released = not self._mouse_released
            driver.write(MOUSE_OFF if self._mouse_released else MOUSE_ON)
            driver.flush()
            released = "The terminal has the mouse: select as usual. /mouse takes it back."
            self._notify(released if self._mouse_released else "tui-chat has the mouse again.")
