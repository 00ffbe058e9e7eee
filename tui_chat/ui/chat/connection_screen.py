"""The parts of the chat screen that the connection controller uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.geometry import Region
    from textual.widget import Widget
    from textual.worker import Worker

    from tui_chat.terminal.window import TerminalWindow
    from tui_chat.ui.chat.title_bar import TitleBar
    from tui_chat.ui.status_bar import StatusBar


class OtherChats(Protocol):
    """The chats that are not shown."""

    @property
    def running_elsewhere(self) -> str:
        """The number of replies that run there, in a few words; empty: none."""
        ...


class ConnectionScreen(Protocol):
    """The part of the screen that the controller uses."""

    title_bar: TitleBar
    status: StatusBar

    @property
    def switcher(self) -> OtherChats:
        """The controller that keeps and switches the open chats."""
        ...

    @property
    def window(self) -> TerminalWindow:
        """The terminal's window, for notifications."""
        ...

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    def show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Show a sentence for some seconds."""
        ...

    def paint(self, widget: Widget, region: Region | None) -> None:
        """Show now what is new in a widget."""
        ...

    def run_worker(
        self, work: Callable[[], Coroutine[None, None, None]], *, group: str = "default", exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...
