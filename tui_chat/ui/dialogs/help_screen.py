"""The help screen: keys, slash commands and symbols, created from the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from tui_chat import __version__
from tui_chat.commands import COMMANDS, Command, KeyContext
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.key_hints import keymap_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_chat.keymap import Keymap

SECTIONS: tuple[tuple[KeyContext, str], ...] = (
    ("prompt", "While you type"),
    ("anywhere", "Anywhere"),
    ("message", "On a focused message (Shift+Tab or Alt+↑ focuses one)"),
)

MARKS = (
    ("■ stopped", "you stopped it; its text is kept"),
    ("✂ cut off", "the connection ended before the reply did"),
    ("length limit", "the server's cap on the reply's length was reached"),
    ("✗ failed", "the request failed: what happened, what to try, and where"),
    ("2/3", "the second of three: it was asked again, or edited; [ and ] show the others"),
    ("● ○ ★", "in the list of chats: a reply is coming, something is new, it is pinned"),
    ("~", "an estimate of ours; numbers without it are the server's"),
    ("n/a", "the server did not say"),
    ("↑ ↓ Σ", "prompt tokens, completion tokens, their total in this chat"),
    ("first", "seconds from sending to the first piece of the reply"),
)

MOUSE = (
    "Drag over text to select it and press Ctrl+C; hold Shift (Option on macOS) for the terminal's own selection, or "
    "use /mouse. The wheel scrolls; the line “▼ lines below” goes back to the end."
)


class HelpScreen(Dialog[None]):
    """A scrollable page; Esc, q or F1 closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 92; max-width: 96%; height: 90%; background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
    }
    HelpScreen Horizontal { height: auto; }
    HelpScreen .heading { color: $text-accent; text-style: bold; margin: 1 0 0 0; }
    HelpScreen .keys { width: 22; }
    HelpScreen .slash { width: 12; }
    HelpScreen .meaning { width: 1fr; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Compose the page."""
        keymap = keymap_of(self.app)
        with VerticalScroll():
            yield Static("tui-chat " + __version__, classes="heading")
            for place, title in SECTIONS:
                yield Static(title, classes="heading")
                yield from (_row(command, keymap) for command in COMMANDS if command.place == place)
            yield Static("Marks and numbers", classes="heading")
            yield from (_line(mark, "", meaning) for mark, meaning in MARKS)
            yield Static("Mouse", classes="heading")
            yield Static(MOUSE, classes="meaning")


def _row(command: Command, keymap: Keymap) -> Horizontal:
    keys = "  ".join(keymap.all_written(command, 2))
    return _line(keys, f"/{command.slash}" if command.slash else "", command.help or command.title)


def _line(left: str, middle: str, right: str) -> Horizontal:
    return Horizontal(
        Static(left, markup=False, classes="keys"),
        Static(middle, markup=False, classes="slash"),
        Static(right, markup=False, classes="meaning"),
    )
