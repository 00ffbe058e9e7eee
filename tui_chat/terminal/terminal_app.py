"""Textual's app with this package's driver, a switch for the mouse, and crashes that show no secrets."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.css.query import NoMatches
from textual.worker import WorkerFailed

from tui_chat.terminal import capabilities
from tui_chat.terminal.background import QUERY
from tui_chat.terminal.job_control import end_signals
from tui_chat.terminal.output import lasting_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.traceback import Stack
    from textual.driver import Driver

    from tui_chat.terminal.hyperlinks import Hyperlinks
    from tui_chat.terminal.window import TerminalWindow


log = logging.getLogger(__name__)

# xterm's modes: button presses, all motion, and the SGR form of both.
MOUSE_ON = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
MOUSE_OFF = MOUSE_ON.replace("h", "l")


class TerminalApp(App[None]):
    """An app that knows its driver."""

    driver: Driver | None = None
    """Writes to the terminal; `None` before the start, and without a terminal."""

    @cached_property
    def window(self) -> TerminalWindow:
        """The terminal's window: its title, its progress and its notices."""
        from tui_chat.terminal.window import TerminalWindow

        return TerminalWindow(self._write_to_window)

    @cached_property
    def hyperlinks(self) -> Hyperlinks:
        """Decides which links are written; none before it is configured."""
        from tui_chat.terminal.hyperlinks import Hyperlinks

        return Hyperlinks()

    def _write_to_window(self, text: str) -> None:
        driver = self.driver
        if driver is not None and not driver.is_headless:
            driver.write(text)
            driver.flush()

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice; where that is the one for terminals of Linux and macOS, ours if it can be used."""
        chosen = super().get_driver_class()
        lasting: Callable[[], AbstractContextManager[None]] = lasting_stderr
        if sys.platform != "win32" and chosen.__name__ == "LinuxDriver" and capabilities.available(capabilities.DRIVER):
            from tui_chat.terminal.driver import TerminalDriver

            chosen, lasting = TerminalDriver, nullcontext  # its output lasts by itself
        app = self

        class KnownDriver(chosen):  # type: ignore[valid-type, misc]
            def __init__(self, *args: Any, **options: Any) -> None:
                with lasting():
                    super().__init__(*args, **options)
                app.driver = self

            def write(self, data: str) -> None:
                super().write(app.hyperlinks.prepared(data))

            def start_application_mode(self) -> None:
                super().start_application_mode()
                if "window" in app.__dict__:  # else nothing was shown yet
                    app.window.take()

            def stop_application_mode(self) -> None:
                if "window" in app.__dict__:
                    app.window.give_back()
                super().stop_application_mode()

        return KnownDriver

    def ask_for_background(self) -> None:
        """Ask the terminal for its background colour; one that knows it answers with `BackgroundReported`."""
        self._write_to_window(QUERY)

    def set_mouse(self, *, on: bool) -> bool:
        """Have the terminal report the mouse, or keep it to itself. False: there is no terminal."""
        if self.driver is None:
            return False
        self.driver.write(MOUSE_ON if on else MOUSE_OFF)
        self.driver.flush()
        return True

    def call_at_end_signals(self, ended: Callable[[int], None]) -> None:
        """Call `ended` with the number of a signal that would otherwise end the program without giving the terminal
        back."""
        loop = asyncio.get_running_loop()
        for number in end_signals():
            loop.add_signal_handler(number, ended, number)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's, but for what looks for its parts when it has been closed, as Textual's own lists do."""
        late = isinstance(error, WorkerFailed) and isinstance(error.error, NoMatches) and self._is_late(error.error)
        if late and capabilities.available(capabilities.ERRORS):
            log.info("Something was closed before it was ready: %s", error)
        else:
            super()._handle_exception(error)

    def _is_late(self, error: NoMatches) -> bool:
        ending = self.return_code is not None
        return ending or any(worker.error is error and not worker.node.is_attached for worker in self.workers)


def hide_locals(console: Console, crashed: Callable[[], None], masked: Callable[[str], str]) -> None:
    """Have a console leave local variables out of tracebacks, and secrets out of their messages.

    Textual renders a crash's traceback with local variables, and an API key may be among them. `crashed` is called
    before, inside the handler of the exception; `masked` gives a text without secrets.
    """
    render = console.render

    def render_without(renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        if type(renderable).__module__ == "rich.traceback":
            from rich.traceback import Traceback

            if isinstance(renderable, Traceback):
                crashed()
                for stack in _stacks(renderable.trace.stacks):
                    stack.exc_value = masked(stack.exc_value)
                    stack.notes = [masked(note) for note in stack.notes]
                    for frame in stack.frames:
                        frame.locals = None
        return render(renderable, options)

    console.render = render_without  # type: ignore[method-assign]


def _stacks(stacks: Iterable[Stack]) -> Iterator[Stack]:
    """Each stack of a traceback, and those of the exceptions that a group holds."""
    for stack in stacks:
        yield stack
        for member in stack.exceptions:
            yield from _stacks(member.stacks)
