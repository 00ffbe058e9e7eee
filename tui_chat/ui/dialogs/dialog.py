"""The base class of dialogs: a panel above the chat with a title, a content and a row of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType

from tui_chat.terminal.exact_layout import ExactLayout
from tui_chat.ui.dialogs.dialog_rows import Hint, HintRow, TitleRow
from tui_chat.ui.toasts import show_toasts_as

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import App, ComposeResult
    from textual.widget import Widget

    from tui_chat.ui.dialogs.filter_input import DialogInput

ROWS_FOR_BLANKS = 18
"""Rows of the window from which blank rows set the parts of a dialog apart."""
ROWS_AROUND, ROWS_AROUND_IF_LOW = 6, 2
"""Rows of a dialog besides its content."""


class Dialog(ModalScreen[ScreenResultType], ExactLayout[ScreenResultType], Generic[ScreenResultType]):
    """A screen above the chat that returns a result when it is closed.

    A subclass sets `TITLE`, `HINTS` and perhaps `KEYS`, and gives its content in `compose_content`; for a list with a
    filter there is `ListDialog`. An action is a method `action_NAME` of the subclass; `close` and Esc are there.
    `self.title`, `self.sub_title`, `set_hints` and `set_note` change what the first and the last row say.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog.-covered { background: transparent; }
    Dialog > .panel {
        width: 76; max-width: 90%; height: auto; max-height: 90%; padding: 1 0;
        background: $role-overlay; color: $role-text;
    }
    Dialog.-wide > .panel { width: 92; }
    Dialog VerticalScroll {
        scrollbar-background: $role-overlay; scrollbar-background-hover: $role-overlay;
        scrollbar-background-active: $role-overlay; scrollbar-color: $role-line; scrollbar-color-hover: $role-muted;
        scrollbar-color-active: $role-accent;
    }
    Dialog.-low > .panel { padding: 0; }
    Dialog:ansi > .panel { border: round $role-line; padding: 0; }
    Dialog TitleRow { margin: 0 0 1 0; }
    Dialog.-low TitleRow { margin: 0; }
    Dialog.-low HintRow { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, since an input would take it; it loses nothing if it overtakes letters.
        Binding("escape", "close", "Close", show=False, priority=True),
    ]
    WIDE: ClassVar[bool] = False
    """Whether the panel is 92 cells wide instead of 76."""
    HINTS: ClassVar[Sequence[Hint]] = ()
    """The last row: keys that work in the dialog, with what they do; they can be clicked."""
    KEYS: ClassVar[Mapping[str, str]] = {}
    """Further keys and their actions, as `{"ctrl+e": "rename"}`."""

    def __init__(self) -> None:
        super().__init__(classes="-wide" if self.WIDE else None)
        self.title_row = TitleRow()
        self.hint_row = HintRow(self.HINTS)
        self.keys: dict[str, str] = {**self.KEYS, **{hint.key: hint.action for hint in self.HINTS}}
        """The actions of the dialog by key, which hold in its inputs too."""

    def compose(self) -> ComposeResult:
        """Compose the title, the content and the keys."""
        with Vertical(classes="panel"):
            yield self.title_row
            yield from self.compose_content()
            yield self.hint_row

    def compose_content(self) -> ComposeResult:
        """Create the part between the title and the keys."""
        yield from ()

    def rows_for_content(self, height: int) -> int:
        """The rows that the content can have in a window with `height` rows."""
        low = height < ROWS_FOR_BLANKS
        border = 2 if low and self.app.native_ansi_color else 0
        return height * 9 // 10 - border - (ROWS_AROUND_IF_LOW if low else ROWS_AROUND)

    def set_hints(self, hints: Sequence[Hint]) -> None:
        """Show other keys in the last row, and let them work."""
        self.keys.update({hint.key: hint.action for hint in hints})
        self.hint_row.show(hints)

    def hint_at_scrolling_of(self, text: Widget) -> None:
        """Show the hints for scrolling only while `text` has more rows than are visible."""
        self.watch(text, "show_vertical_scrollbar", self.hint_row.show_scrollable)

    def set_note(self, text: str) -> None:
        """Show a few words at the right of the last row, such as `5 of 343`."""
        self.hint_row.show_note(text)

    def set_notice(self, sentence: str, *, bad: bool = False) -> None:
        """Show a sentence above the last row, such as what has been done; an empty one removes it. `bad`: it is an
        error."""
        self.hint_row.show_notice(sentence, bad=bad)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the dialog and return `result`. A dialog that is already closed stays closed: a second key or a
        server's answer may arrive before it is removed, and Textual would close the screen below instead."""
        app: App[object] = self.app
        return super().dismiss(result) if app.screen_stack[-1:] == [self] else AwaitComplete()

    def action_close(self) -> None:
        """Close the dialog without a result."""
        self.dismiss(None)

    async def on_key(self, event: events.Key) -> None:
        """Run the action of a key that no input has taken."""
        if action := self.keys.get(event.key):
            event.stop()
            await self.run_action(action)

    async def on_dialog_input_pressed(self, event: DialogInput.Pressed) -> None:
        """Run the action of a key that was pressed in an input."""
        event.stop()
        await self.run_action(event.action)

    def on_resize(self, event: events.Resize) -> None:
        """Leave out blank rows in a low window."""
        self.set_class(event.size.height < ROWS_FOR_BLANKS, "-low")

    # What is below a dialog is dimmed by its background; below two, by that of the upper one alone.

    def on_screen_suspend(self) -> None:
        """Dim nothing while another dialog is above this one."""
        self.add_class("-covered")

    def on_screen_resume(self) -> None:
        """Dim what is below, and show toasts where the chat shows them."""
        self.remove_class("-covered")
        show_toasts_as(self, self.app.screen_stack[0])
