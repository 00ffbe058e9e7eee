"""The screen on which several models answer the same question side by side."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Added, CutOff, Failed, Finished, Grown, Stopped
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui import clipboard
from tui_chat.ui.compare.side_pane import SidePane
from tui_chat.ui.compare.side_rows import (
    CompareKeys,
    QuestionRows,
    RuleRow,
    SideFigures,
    SideHead,
    TabRow,
    label_of,
    running,
)
from tui_chat.ui.dialogs.dialog_rows import Hint

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Click, Resize
    from textual.widget import Widget

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat_manager.comparison import Comparison, Side
    from tui_chat.ui.signs import Signs
    from tui_chat.ui.transcript.message_view import MessageView

LEAST_COLUMN: Final = 50
"""Cells that each reply needs to stand in a column of its own; with fewer there are tabs."""
COLUMNS_FOR_WORDS: Final = 60
"""Cells of the window from which the keys are explained in more than one word."""
ROWS_FOR_BLANKS: Final = 18
"""Rows of the window from which there are blank rows and a line above the keys."""
TICK, CALM_TICK = 0.25, 1.0
"""Seconds between two updates of the clocks; the second one where motion is reduced."""
DEAF_AFTER_STOPPING: Final = 0.3
"""Seconds in which Esc does nothing after it stopped the replies, so that a held key does not close the screen too."""
ENDINGS: Final = (Finished, CutOff, Failed, Stopped)


class SideColumn(Vertical):
    """One model: its name, its reply and its figures."""

    DEFAULT_CSS = """
    SideColumn { width: 1fr; height: 1fr; }
    SideColumn.-divided { border-left: solid $role-line; }
    SideColumn.-divided.-ascii { border-left: ascii $role-line; }
    """

    def __init__(self, side: Side, signs: Signs, frames_per_second: float) -> None:
        super().__init__()
        self.side = side
        self.head = SideHead(side, signs)
        self.pane = SidePane(frames_per_second)
        self.figures = SideFigures(side, signs)
        self.set_class(signs.frame == "ascii", "-ascii")

    def compose(self) -> ComposeResult:
        """Create the head, the reply and its figures, from top to bottom."""
        yield self.head
        yield self.pane
        yield self.figures


class CompareScreen(StreamingScreen, inherit_bindings=False):
    """Shows a running comparison; when it is closed, `kept` says with which reply the chat goes on."""

    DEFAULT_CSS = """
    CompareScreen { overflow: hidden; ToastRack { margin-bottom: 3; } }
    CompareScreen #sides { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right", "other(1)", show=False),
        Binding("shift+tab,left", "other(-1)", show=False),
        Binding("enter", "keep_focused", show=False),
        *(Binding(str(number), f"keep({number - 1})", show=False) for number in range(1, 5)),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g,ctrl+home", "top", show=False),
        Binding("end,G,ctrl+end", "bottom", show=False),
        Binding("s", "scroll_together", show=False),
        Binding("d,D", "differences", show=False),
        Binding("r,alt+r", "retry", show=False),
        Binding("y", "copy", show=False),
        Binding("ctrl+t", "fold", show=False),
        Binding("ctrl+c", "interrupt", show=False),
        Binding("escape", "stop_or_close", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(
        self,
        comparison: Comparison,
        question: Message,
        signs: Signs,
        *,
        frames_per_second: float,
        widest: int,
        calm: bool = False,
    ) -> None:
        """`widest`: the most cells of a column of text, 0 for its whole width; `calm`: clocks change once a second."""
        super().__init__()
        self.kept: Side | None = None
        """The side that was chosen; `None`: none."""
        self._comparison = comparison
        self._signs, self._widest, self._calm = signs, widest, calm
        self._columns = [SideColumn(side, signs, frames_per_second) for side in comparison.sides]
        self._question = QuestionRows(question, signs)
        self._tabs = TabRow(comparison.sides, signs)
        self._rule = RuleRow(signs)
        self._keys = CompareKeys()
        self._window = Size(0, 0)
        """The size that the parts are arranged for."""
        self._focused = 0
        self._together = self._moving = False
        self._esc_ignored_until = 0.0
        self._unsubscribe = comparison.conversation.subscribe(self._changed)
        for column in self._columns:
            column.pane.clock = self._columns[0].pane.clock  # all panes are painted in the same frames
            column.pane.on_scrolled = self._scrolled

    def compose(self) -> ComposeResult:
        """Create the parts of the screen, from top to bottom."""
        yield self._question
        yield self._tabs
        yield Horizontal(*self._columns, id="sides")
        yield self._rule
        yield self._keys

    def on_mount(self) -> None:
        """Show what there is of the replies."""
        self._tabs.widest = self._widest
        for column in self._columns:
            column.pane.set_look(self._widest, self._signs)
            column.head.widest = column.figures.widest = self._widest
        self._show_replies()
        self.set_interval(CALM_TICK if self._calm else TICK, self._tick)

    def on_unmount(self) -> None:
        """Observe the replies no longer."""
        self._unsubscribe()

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Focus no widget: the keys belong to the screen, and would be those of a message of the chat."""
        super().set_focus(None)

    # What happens in the replies

    def _changed(self, _: Conversation, message: Message | None, change: Change) -> None:
        """Pass a change of the conversation on to the side that shows it."""
        if isinstance(change, Added):
            self.call_later(self._show_replies)  # its side knows the reply when this change has been told to all
        for column in self._columns:
            if message is not None and message is column.side.reply:
                column.pane.update_reply(message, change)
                if not isinstance(change, Grown):
                    column.figures.refresh()
        if isinstance(change, ENDINGS):
            self._show_state()

    def _show_replies(self) -> None:
        for column in self._columns:
            if column.side.reply is not None:
                column.pane.update_reply(column.side.reply)
        self._show_state()

    def _show_state(self) -> None:
        for column in self._columns:
            column.figures.refresh()
            column.head.refresh()
        self._tabs.refresh()
        self._show_keys()

    def _tick(self) -> None:
        for column in self._columns:
            if column.display and running(column.side):
                column.figures.refresh()

    def _show_keys(self) -> None:
        count, narrow = len(self._columns), self._window.width < COLUMNS_FOR_WORDS
        everything = "" if narrow else " both" if count == 2 else " all"
        numbers = " ".join(map(str, range(1, count + 1)))
        self._keys.show(
            (
                Hint("enter", "keep" if narrow else "keep this one and go on", "keep_focused", numbers),
                Hint("tab", "other" if narrow else "other side", "other(1)"),
                *([Hint("r", "retry", "retry")] if self._may_retry(self._columns[self._focused].side) else []),
                Hint("d", "differences", "differences"),
                Hint("s", "scroll apart" if self._together else "scroll together", "scroll_together"),
                Hint("escape", f"stop{everything}" if self._busy else "close", "stop_or_close"),
            )
        )

    @property
    def _busy(self) -> bool:
        return any(running(column.side) for column in self._columns)

    @staticmethod
    def _may_retry(side: Side) -> bool:
        reply = side.reply
        return reply is not None and isinstance(reply.ending, CutOff | Failed | Stopped)

    # Layout

    def on_resize(self, event: Resize) -> None:
        """Put the replies into columns, or where there is too little room behind tabs."""
        self._window = event.size  # not `self.size`, which may be ahead of the layout that follows this event
        low = event.size.height < ROWS_FOR_BLANKS
        self._question.most_rows = 1 if low else 3
        for widget in (self._question, self._tabs, *(column.head for column in self._columns)):
            widget.set_class(low, "-low")
        self._rule.display = not low
        self._show_focus()

    @property
    def _in_columns(self) -> bool:
        return self._window.width >= LEAST_COLUMN * len(self._columns)

    def _show_focus(self) -> None:
        """Show which side is the focused one; behind tabs it is the only one that is seen."""
        in_columns = self._in_columns
        low = self._window.height < ROWS_FOR_BLANKS
        self._tabs.display = not in_columns
        self._question.widest = self._keys.widest = 0 if in_columns else self._widest
        self._tabs.focused_side = self._focused
        self._tabs.refresh()
        for index, column in enumerate(self._columns):
            focused = index == self._focused
            column.display = in_columns or focused
            column.set_class(in_columns and index > 0, "-divided")
            column.head.display = in_columns or not low
            column.head.set_class(focused and in_columns, "-focused")
        self._show_keys()
        self.call_after_refresh(self._show_crossings)

    def _show_crossings(self) -> None:
        self._rule.crossings = [column.region.x for column in self._columns[1:]] if self._in_columns else []
        self._rule.refresh()

    # Keys

    def action_other(self, step: int) -> None:
        """Focus the side to the right or to the left, around the ends."""
        self.action_focus_side((self._focused + step) % len(self._columns))

    def action_focus_side(self, index: int) -> None:
        """Focus a side, by its number from 0."""
        self._focused = index
        self._show_focus()

    def on_click(self, event: Click) -> None:
        """Focus the side that is clicked."""
        for index, column in enumerate(self._columns):
            if column.display and column.region.contains(event.screen_x, event.screen_y):
                self.action_focus_side(index)

    def action_keep_focused(self) -> None:
        """Continue with the focused side."""
        self.action_keep(self._focused)

    def action_keep(self, index: int) -> None:
        """Continue with a side, and close the screen."""
        if index < len(self._columns) and self._columns[index].side.reply is not None and self.kept is None:
            self.kept = self._columns[index].side
            self._close()

    def action_stop_or_close(self) -> None:
        """Stop what runs, or else close the screen."""
        now = monotonic()
        if self._busy:
            self._esc_ignored_until = now + DEAF_AFTER_STOPPING
            self._comparison.stop()
        elif now >= self._esc_ignored_until:
            self._close()

    def _close(self) -> None:
        if self.is_current:  # two quick keys close it once
            self.dismiss(None)

    def action_interrupt(self) -> None:
        """Copy what is selected, or else do as Esc."""
        if selected := self.get_selected_text():
            self.notify(clipboard.copy(self.app, selected, "the selection"), markup=False)
            self.clear_selection()
        else:
            self.action_stop_or_close()

    def action_copy(self) -> None:
        """Copy the focused reply."""
        reply = self._columns[self._focused].side.reply
        if reply is not None and reply.shown:
            self.notify(clipboard.copy(self.app, reply.shown, "the reply"), markup=False)

    def action_fold(self) -> None:
        """Fold or unfold the reasoning of all replies."""
        for column in self._columns:
            column.pane.fold()

    def action_retry(self) -> None:
        """Ask the focused model again, if its reply did not come whole."""
        side = self._columns[self._focused].side
        if self._may_retry(side):
            self._comparison.retry(side)

    def action_differences(self) -> None:
        """Show word by word how the focused reply differs from the next one."""
        here = self._columns[self._focused].side
        there = self._columns[(self._focused + 1) % len(self._columns)].side
        old, new = here.reply, there.reply
        if old is None or new is None or running(here) or running(there):
            self.notify("A reply is still being written: compare when it has ended.", severity="warning", markup=False)
            return
        from tui_chat.ui.dialogs.version_diff import VersionDiff

        title = clean_line(f"{label_of(there)} compared with {label_of(here)}")
        self.app.push_screen(VersionDiff(title, old.shown, new.shown))

    # Scrolling

    def _panes(self) -> list[SidePane]:
        """Those that the keys scroll."""
        return [column.pane for index, column in enumerate(self._columns) if self._together or index == self._focused]

    def action_scroll(self, rows: int) -> None:
        """Scroll by some rows."""
        self._columns[self._focused].pane.scroll_by(rows)

    def action_page(self, pages: int) -> None:
        """Scroll by a page."""
        pane = self._columns[self._focused].pane
        pane.scroll_by(pages * max(1, pane.size.height - 1))

    def action_top(self) -> None:
        """Go to the beginning."""
        for pane in self._panes():
            pane.top()

    def action_bottom(self) -> None:
        """Go to the newest text and follow it."""
        for pane in self._panes():
            pane.bottom()

    def action_scroll_together(self) -> None:
        """Let all replies scroll together, or each by itself."""
        self._together = not self._together
        self._show_keys()

    def _scrolled(self, pane: SidePane, rows: float) -> None:
        """Scroll the other replies by as many rows, if they scroll together."""
        if not self._together or self._moving:
            return
        self._moving = True
        try:
            for column in self._columns:
                if column.pane is not pane:
                    column.pane.scroll_by(rows)
        finally:
            self._moving = False

    @on(SidePane.BelowChanged)
    def show_what_is_below(self) -> None:
        """Say under each reply how much of it is below what is seen."""
        for column in self._columns:
            column.figures.below = column.pane.below_in_words

    # What a reply's own words to click ask for. (It is taken by its name: the view's class is imported when needed.)

    def on_message_view_action_requested(self, event: MessageView.ActionRequested) -> None:
        """Retry, or say that the rest is done in the chat."""
        event.stop()
        for index, column in enumerate(self._columns):
            if event.view.message is column.side.reply:
                self.action_focus_side(index)
        if event.action == "retry":
            self.action_retry()
        else:
            self.notify("Keep this reply first; then the chat can do that.", severity="warning", markup=False)

    def action_press(self, command: str) -> None:
        """Run a command that a reply's row names: only stopping is possible here."""
        if command == "stop":
            self._columns[self._focused].side.stop()
        else:
            self.notify("Keep a reply first; then the chat can do that.", severity="warning", markup=False)
