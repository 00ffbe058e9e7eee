"""The commands for the screen as a whole: help, theme, repainting, the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_chat.chat.backend_ports import DisplaySettings
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.theme_names import full_name
from tui_chat.terminal.terminal_app import TerminalApp
from tui_chat.ui.chat.title_bar import TitleBar
from tui_chat.ui.column import WIDEST
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.signs import signs_of
from tui_chat.ui.status_bar import StatusBar
from tui_chat.ui.themes import AUTO
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen

    from tui_chat.chat.conversation import Conversation
    from tui_chat.commands import Command
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.themes import ThemedApp


@dataclass
class ThemeChosen(Message):
    """Posted when the user has chosen a theme, which is to be used and saved."""

    name: str


class DisplayCommands:
    """Changes how things are shown, not what."""

    def __init__(
        self,
        screen: Screen[None],
        shown: Callable[[], Conversation],
        notify: Notify,
        templates: Callable[[], Sequence[Command]] = tuple,
    ) -> None:
        """`shown`: gives the shown conversation; `templates`: gives the commands that send templates."""
        self._templates = templates
        self._screen = screen
        self._shown = shown
        self._notify = notify
        self._mouse_released = False
        self._look, self._wide = DisplaySettings(), False

    def palette(self) -> None:
        """Show all commands, and run the chosen one."""
        from tui_chat.ui.dialogs.command_palette import CommandPalette, suggested_for

        palette = CommandPalette(suggested_for(self._shown()), self._templates(), of_message=self._message_has_focus)
        self._screen.app.push_screen(palette, self.run_chosen)

    @property
    def _message_has_focus(self) -> bool:
        return self._screen.query_one(Transcript).focused_view is not None

    def run_chosen(self, command: Command | None) -> None:
        """Run what was chosen in a list; `None`: nothing was."""
        if command is not None:
            self._screen.post_message(Composer.CommandEntered(command, ""))

    def help(self) -> None:
        """Show keys, commands and marks."""
        from tui_chat.ui.dialogs.help_screen import HelpScreen

        self._screen.app.push_screen(HelpScreen(of_message=self._message_has_focus), self.run_chosen)

    def theme(self, name: str = "") -> None:
        """Take a theme by name, or show the list."""
        app: ThemedApp = self._screen.app  # type: ignore[assignment]
        if not name:
            from tui_chat.ui.dialogs.theme_picker import ThemePicker

            app.push_screen(ThemePicker(app), self._take_theme)
        elif (full := full_name(name, (AUTO, *app.available_themes))) in (AUTO, *app.available_themes):
            self._take_theme(full)
        else:
            self._notify(f"There is no theme {name}; /theme shows the list.", bad=True)

    def set_look(self, look: DisplaySettings) -> None:
        """Use a width of the column, signs, and a pace of clocks, as the settings have them."""
        self._look, self._wide = look, False
        self._show_look()

    def wide(self) -> None:
        """Have the text as wide as the window, or as wide as it was before."""
        self._wide = not self._wide
        self._show_look()
        self._notify("Wide text is on: /wide turns it off." if self._wide else "Wide text is off.")

    def _show_look(self) -> None:
        look, screen = self._look, self._screen
        full_of_text = WIDEST if look.width == 0 else 0
        widest = full_of_text if self._wide else look.width
        screen.query_one(Transcript).set_look(widest, signs_of(look.signs))
        screen.query_one(TitleBar).widest = widest
        composer = screen.query_one(Composer)
        composer.set_widest(widest)
        composer.frame.set_class(look.signs == "ascii", "-ascii")
        status = screen.query_one(StatusBar)
        status.widest, status.signs, status.calm = widest, signs_of(look.signs), look.reduced_motion
        status.refresh()

    def _take_theme(self, name: str | None) -> None:
        if name is not None:
            self._screen.post_message(ThemeChosen(name))

    def repaint(self) -> None:
        """Repaint every cell of the terminal."""
        self._screen.app.refresh(repaint=True, layout=True)

    def mouse(self) -> None:
        """Give the mouse to the terminal, or take it back."""
        app = self._screen.app
        if isinstance(app, TerminalApp) and app.set_mouse(on=self._mouse_released):
            self._mouse_released = not self._mouse_released
            released = "Mouse support is off: select as in any terminal. /mouse turns it on."
            self._notify(released if self._mouse_released else "Mouse support is on.")
