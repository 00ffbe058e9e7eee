"""The services that the inspector needs from its screen: dialogs, the clipboard, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, get_args

from tui_chat.chat.clean import clean_line
from tui_chat.chat.inspection.wire_ports import SaveFormat
from tui_chat.ui import clipboard

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from textual.app import App

    from tui_chat.chat.inspection.wire_ports import Wire, WireExchange, WireFrame
    from tui_chat.ui.notify import Notify

    Neighbour: TypeAlias = Callable[[int], tuple[WireFrame, bytes] | None]
    """Picks the frame so many rows below, and returns it with its bytes; `None`: there is none."""

_FORMATS: Final[dict[SaveFormat, str]] = {
    "tape": "all of it with times, for replay",
    "report": "a page for a bug report, without keys and host names",
    "bare report": "the same, without what was asked and answered",
    "har": "an HTTP archive, for browsers and mitmproxy",
    "csv": "the frames, for a spreadsheet",
    "curl": "a shell script that sends the request again",
}


class InspectorOwner(Protocol):
    """Does what the inspector cannot do by itself."""

    def close_inspector(self) -> None:
        """Close the wire inspector."""

    def open_frame(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        """Show all of a frame; `raw` are its bytes, `neighbour` gives the frames around it."""

    def open_guide(self, *, in_chat: bool) -> None:
        """Explain the inspector's words and keys."""

    def open_text(self, text: str) -> None:
        """Show all of a long text."""

    def show_place(self, exchange: WireExchange, frame: WireFrame) -> None:
        """Show where the text of a frame stands in the reply."""

    def copy_curl(self, number: int) -> None:
        """Copy a request as a shell command."""

    def save_exchange(self, number: int) -> None:
        """Ask for a format, and save a request and its response."""


class InspectorTools:
    """Opens dialogs over the inspector, copies, and saves."""

    def __init__(self, app: App[object], wire: Wire, notify: Notify) -> None:
        self._app = app
        self._wire = wire
        self._notify = notify

    def open_frame(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        """Show all of a frame."""
        from tui_chat.ui.inspector.frame_dialog import FrameDialog

        self._app.push_screen(FrameDialog(frame, raw, neighbour))

    def open_guide(self, *, in_chat: bool) -> None:
        """Explain the inspector's words and keys."""
        from tui_chat.ui.inspector.guide import GuideDialog

        self._app.push_screen(GuideDialog(in_chat=in_chat))

    def open_text(self, text: str) -> None:
        """Show all of a long text."""
        from tui_chat.ui.inspector.frame_dialog import TextDialog

        self._app.push_screen(TextDialog("Text", text))

    def copy_curl(self, number: int) -> None:
        """Copy a request as a shell command, with the key in a variable."""
        self._notify(clipboard.copy(self._app, self._wire.curl(number), "the request as a curl command"))

    def save_exchange(self, number: int) -> None:
        """Ask for a format, and save a request and its response in the working folder."""
        from tui_chat.ui.dialogs.choice_dialog import ChoiceDialog

        names = get_args(SaveFormat)
        dialog = ChoiceDialog("Save this request", [(name, _FORMATS[name]) for name in names], "", "No such format.")

        async def save(chosen: str | None) -> None:
            form = next((name for name in names if name == chosen), None)
            if form is not None:
                await self.save(number, form)

        self._app.push_screen(dialog, save)

    async def save(self, number: int, form: SaveFormat) -> None:
        """Save a request and its response in the working folder."""
        try:
            file = await self._wire.save(number, form, Path.cwd())
        except OSError as error:
            self._notify(f"It cannot be saved here ({error.strerror or error}).", bad=True)
        else:
            self._notify(f"Saved as {clean_line(file.name)} in {clean_line(str(file.parent))}.")
