"""Help: keys, slash words, and what the marks mean. Made from the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_chat.commands import COMMANDS, Command, Place, written

if TYPE_CHECKING:
    from textual.app import ComposeResult

SECTIONS: tuple[tuple[Place, str], ...] = (
    ("prompt", "While you type"),
    ("anywhere", "Anywhere"),
    ("message", "On a focused message (Shift+Tab or Alt+↑ focuses one)"),
)

MARKS = (
    ("■ stopped", "you stopped it; its text is kept"),
    ("✂ cut off", "the connection ended before the reply did"),
    ("length limit", "the server's cap on the reply's length was reached"),
    ("✗ failed", "the request failed: what happened, what to try, and where"),
    ("~", "an estimate of ours; numbers without it are the server's"),
    ("n/a", "the server did not say"),
    ("↑ ↓ Σ", "prompt tokens, completion tokens, their total in this chat"),
    ("first", "seconds from sending to the first piece of the reply"),
)

MOUSE = (
    "Drag over text to select it and press Ctrl+C; hold Shift (Option on macOS) for the terminal's own selection, or "
    "use /mouse. The wheel scrolls; the line “▼ lines below” goes back to the end."
)


class HelpScreen(ModalScreen[None]):
    """One page, scrolled; Esc, q or F1 closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 92; max-width: 96%; height: 90%; background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The page."""
        with VerticalScroll():
            yield Static(help_page(), id="help-text")


def help_page() -> Content:
    """The whole text of the page."""
    blocks: list[Content] = [Content.styled("tui-chat", "bold"), Content("")]
    for place, title in SECTIONS:
        blocks.append(Content.styled(title, "bold $accent"))
        blocks += [_row(command) for command in COMMANDS if command.place == place]
        blocks.append(Content(""))
    blocks.append(Content.styled("Marks and numbers", "bold $accent"))
    blocks += [Content.assemble((mark.ljust(30), "$text"), (meaning, "$text-muted")) for mark, meaning in MARKS]
    blocks += [Content(""), Content.styled("Mouse", "bold $accent"), Content.styled(MOUSE, "$text-muted")]
    return Content("\n").join(blocks)


def _row(command: Command) -> Content:
    keys = " ".join(written(key) for key in command.keys[:2]).ljust(19)
    slash = f"/{command.slash}".ljust(11) if command.slash else " " * 11
    return Content.assemble((keys, "$text"), (slash, "$text"), (command.help or command.title, "$text-muted"))
