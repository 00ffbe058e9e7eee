"""The full screen of `tui-chat tap`: the inspector over what passes through a proxy."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from textual.binding import Binding, BindingType

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.terminal.terminal_app import hide_locals
from tui_chat.ui.inspector.inspector import Inspector
from tui_chat.ui.inspector.owner import InspectorTools
from tui_chat.ui.themes import AUTO, ThemedApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.worker import Worker

    from tui_chat.chat.inspection.wire_ports import Wire, WireExchange, WireFrame
    from tui_chat.ui.inspector.owner import Neighbour

log = logging.getLogger(__name__)

ARMED: Final = 3.0
"""Seconds in which a second press quits though responses are running."""


class Tap(Protocol):
    """The proxy whose exchanges are shown."""

    async def start(self) -> str:
        """Begin to listen, and return the base URL to give to another program. Raises `SetupError`."""
        ...

    async def close(self) -> None:
        """Hang up on both sides."""
        ...


class TapApp(ThemedApp, inherit_bindings=False):
    """Runs a proxy while it shows what passes."""

    TITLE = "tui-chat tap"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "leave(0)", show=False, priority=True),
    ]

    def __init__(self, wire: Wire, tap: Tap, url: str, theme: str, masked: Callable[[str], str]) -> None:
        """`url`: the server's, without secrets. `masked`: gives a text (a traceback) without secrets."""
        super().__init__()
        hide_locals(self.console, lambda: log.error("tui-chat tap crashed", exc_info=True), masked)  # noqa: LOG014
        self.setup_error: SetupError | None = None
        """Why the proxy could not begin: one line to print, with exit status 2."""
        self._wire, self._tap, self._url, self._wanted_theme = wire, tap, clean_line(url), theme
        self.inspector = Inspector(
            wire, self, empty="Nothing has passed yet.", title=f"tap of {self._url}", close=("q", "quit"), in_chat=False
        )
        self.inspector.add_class("-full")
        self._armed_until = 0.0
        """The monotonic time until which a second press ends responses that are still running."""

    def compose(self) -> ComposeResult:
        """Compose the inspector alone."""
        yield self.inspector

    def on_mount(self) -> None:
        """Let signals end the program in an orderly way."""
        if self._wanted_theme in (AUTO, *self.available_themes):
            self.use_theme(self._wanted_theme)
        self.inspector.focus_list()
        self.call_at_end_signals(lambda number: self._end(128 + number))
        _: Worker[None] = self.run_worker(self._start)

    async def _start(self) -> None:
        try:
            base_url = await self._tap.start()
        except SetupError as error:
            self.setup_error = error
            self.exit(return_code=2)
            return
        self.inspector.set_title(f"{base_url} → {self._url}", how_to(clean_line(base_url), self._url))

    async def on_unmount(self) -> None:
        """Hang up, however the program ended."""
        await self._tap.close()

    def _end(self, code: int) -> None:
        self.exit(return_code=code)

    def action_leave(self, code: int) -> None:
        """End the program with an exit status; while responses are running, only when pressed twice."""
        running = sum(exchange.running for exchange in self._wire.exchanges())
        now = monotonic()
        if not running or now < self._armed_until:
            self._end(code)
            return
        self._armed_until = now + ARMED
        many = f"{running:,} responses are" if running > 1 else "1 response is"
        self._show_notice(f"{many} still running and would be cut off: press again to quit.", bad=True, seconds=ARMED)

    def on_key(self, event: events.Key) -> None:
        """Close the filter with Esc."""
        if event.key == "escape":
            self.inspector.close_filter()

    # What the inspector asks for

    @property
    def _tools(self) -> InspectorTools:
        return InspectorTools(self.inspector.app, self._wire, self._show_notice)

    def _show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        self.notify(text, severity="warning" if bad else "information", timeout=seconds, markup=False)

    def close_inspector(self) -> None:
        """End the program, whose only screen the inspector is."""
        self.action_leave(0)

    def open_frame(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        """Show all of a frame."""
        self._tools.open_frame(frame, raw, neighbour)

    def open_guide(self, *, in_chat: bool) -> None:
        """Explain the inspector's words and keys."""
        self._tools.open_guide(in_chat=in_chat)

    def open_text(self, text: str) -> None:
        """Show all of a long text."""
        self._tools.open_text(text)

    def show_place(self, exchange: WireExchange, frame: WireFrame) -> None:
        """There is no chat in which a place could be shown."""

    def copy_curl(self, number: int) -> None:
        """Copy a request as a shell command."""
        self._tools.copy_curl(number)

    def save_exchange(self, number: int) -> None:
        """Ask for a format, and save a request and its response."""
        self._tools.save_exchange(number)


def how_to(base_url: str, url: str) -> str:
    """The text that is shown before anything has passed."""
    example = base_url if base_url.count("/") > 2 else f"{base_url}/v1"
    return f"""\
Nothing has passed yet.

Give another program this base URL in place of {url}:

  {base_url}

For example:

  OPENAI_BASE_URL={example} your-program

Each request and its response then appear here while they pass on, byte for byte. Keys are passed on too; \
here they are masked."""
