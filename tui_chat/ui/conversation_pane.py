"""The conversation on the screen: a window of message views over a path of any length."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal

from textual import on
from textual.message import Message as TextualMessage
from textual.widget import Widget

from tui_chat.chat.events import Added, Renamed, Selected
from tui_chat.ui.frame_clock import FrameClock
from tui_chat.ui.jump_marker import JumpMarker, words_below
from tui_chat.ui.light_scroll import LightScroll
from tui_chat.ui.message_body import TOP
from tui_chat.ui.message_look import MessageLook
from tui_chat.ui.message_view import MessageView, clock_time
from tui_chat.ui.reading_place import ReadingPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.layout import DockArrangeResult
    from textual.theme import Theme

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message

MOST_MOUNTED = 60
"""How many messages have a view at once: each costs a share of every layout."""
KEPT_WHEN_FULL = 40
"""How many stay when the window has become too wide."""
GAP = 1
"""Rows between two messages, and under the last."""


class ConversationPane(LightScroll):
    """Shows the path of a conversation, follows its end, and keeps the reader's place while anything else changes.

    Following and place are kept in one spot, `arrange`: whenever views have grown, folded, come or gone, above or
    below, the scroll position is set in the same layout, so no frame shows a jump.
    """

    DEFAULT_CSS = """
    ConversationPane { layers: base marker; width: 1fr; height: 1fr; }
    """
    can_focus = False  # messages take the focus, and the pane's keys work from the prompt

    @dataclass
    class FollowChanged(TextualMessage):
        """The pane follows the newest text, or has let go because the reader scrolled."""

        pane: ConversationPane
        following: bool

        @property
        def control(self) -> ConversationPane:
            """The pane."""
            return self.pane

    @dataclass
    class BelowChanged(TextualMessage):
        """How much is below the last visible row: rows, and messages that are not laid out."""

        pane: ConversationPane
        lines: int
        messages: int

        @property
        def control(self) -> ConversationPane:
            """The pane."""
            return self.pane

    def __init__(
        self,
        *,
        frames_per_second: float = 30,
        now: Callable[[], float] = monotonic,
        time_of_day: Callable[[float], str] = clock_time,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`now` and `time_of_day` are what `MessageView` shows as waiting time and as the time of a question."""
        super().__init__(id=id)
        self.clock = FrameClock(self, frames_per_second)
        self._now = now
        self._time_of_day = time_of_day
        self._look: MessageLook | None = None
        self._marker = JumpMarker()
        self._welcome: Widget | None = None
        self._conversation: Conversation | None = None
        self._path: list[Message] = []
        self._low = self._high = 0
        """The part of the path that is to have views; `_tend` sees to it."""
        self._mounted_low = 0
        """Index in the path of the first view."""
        self._views: list[MessageView] = []
        self._by_id: dict[str, MessageView] = {}
        self._reading = ReadingPlace()
        self._arranged: tuple[DockArrangeResult, Size] | None = None
        self._below = (0, 0)
        self._jumping: Literal["end", "top"] | None = None
        self._tend_asked = False

    def compose(self) -> ComposeResult:
        """Views come with a conversation."""
        yield self._marker

    # What the screen uses

    @property
    def following(self) -> bool:
        """Whether the pane keeps the newest text in sight."""
        return self._reading.following

    @property
    def views(self) -> list[MessageView]:
        """The mounted views, oldest first."""
        return list(self._views)

    def view_of(self, message: Message) -> MessageView | None:
        """The view of a message, if it is mounted."""
        return self._by_id.get(message.id)

    def show(self, conversation: Conversation) -> None:
        """Show the current path of a conversation from its end. Tell its changes to `changed`."""
        self._conversation = conversation
        self._path = conversation.path()
        self._reading.let_go()
        self._set_following(True)
        self._jump("end")

    def changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        """Observer of the conversation: quick, whatever its length."""
        if conversation is not self._conversation:
            return
        match change:
            case Renamed():
                pass
            case Selected():
                self._switch(conversation.path())
            case Added() if message is not None:
                if message.parent == (self._path[-1].id if self._path else None):
                    self._grow(message)
            case _:
                if message is not None and (view := self._by_id.get(message.id)) is not None:
                    view.wake()

    async def set_welcome(self, welcome: Widget | None) -> None:
        """What stands in an empty conversation."""
        old, self._welcome = self._welcome, welcome
        if old is not None and old.is_attached:
            await old.remove()
        await self._tend_welcome()

    def resume(self) -> None:
        """Go to the newest text and follow it again."""
        self._reading.let_go()
        self._set_following(True)
        if self._high < len(self._path):
            self._jump("end")
        else:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    bottom = resume

    def top(self) -> None:
        """Go to the first message."""
        if self._low or self._jumping:
            self._set_following(False)
            self._jump("top")
        else:
            self.scroll_home(animate=False, immediate=True, x_axis=False)

    def page_up(self) -> None:
        """A page towards the beginning."""
        self.scroll_page_up(animate=False)

    def page_down(self) -> None:
        """A page towards the end."""
        self.scroll_page_down(animate=False)

    # The window over the path

    def _jump(self, where: Literal["end", "top"]) -> None:
        self._jumping = where
        self._ask_to_tend()

    def _grow(self, message: Message) -> None:
        if self._high == len(self._path):
            self._high += 1
        self._path.append(message)
        self._ask_to_tend()

    def _switch(self, path: list[Message]) -> None:
        """Another branch: keep the views of the part that both have."""
        shared = next(
            (index for index, (old, new) in enumerate(zip(self._path, path, strict=False)) if old is not new),
            min(len(self._path), len(path)),
        )
        at_end = self._high == len(self._path)
        self._path = path
        if self._low >= shared or (at_end and len(path) - self._low > MOST_MOUNTED):
            self._jump("end")
        else:
            self._high = len(path) if at_end else min(self._high, len(path))
            self._ask_to_tend()

    def _ask_to_tend(self) -> None:
        if not self._tend_asked and self.is_attached:
            self._tend_asked = True
            self.call_next(self._tend)

    async def _tend(self) -> None:
        """Mount and remove views until they are those of the window, in one frame."""
        self._tend_asked = False
        width, height = self.scrollable_content_region.size
        if self._look is None or not width or not height:
            return
        fresh: dict[str, MessageView] = {}
        jumping, self._jumping = self._jumping, None
        if jumping is not None:
            self._low = self._high = len(self._path) if jumping == "end" else 0
            self._extend(fresh, width, 2 * height, up=jumping == "end")
        else:
            if self._short_above():
                self._extend(fresh, width, height, up=True)
            if self._short_below():
                self._extend(fresh, width, height, up=False)
            self._trim()
        await self._mount_window(fresh, from_top=jumping == "top")
        await self._tend_welcome()

    def _short_above(self) -> bool:
        return self._low > 0 and self.scroll_y < self.size.height

    def _short_below(self) -> bool:
        return self._high < len(self._path) and self._reading.bottom - self.scroll_y < 2 * self.size.height

    def _extend(self, fresh: dict[str, MessageView], width: int, rows: int, *, up: bool) -> None:
        """Widen the window by at least so many rows, laying out what is new in it."""
        most = MOST_MOUNTED - KEPT_WHEN_FULL
        while rows > 0 and most > 0 and (self._low > 0 if up else self._high < len(self._path)):
            message = self._path[self._low - 1 if up else self._high]
            view = self._by_id.get(message.id) or fresh.setdefault(message.id, self._make(message))
            rows -= view.lay(width) + GAP
            most -= 1
            if up:
                self._low -= 1
            else:
                self._high += 1

    def _trim(self) -> None:
        """Take messages far from the reader out of a window that has become too wide."""
        surplus = self._high - self._low - MOST_MOUNTED
        if surplus <= 0:
            return
        surplus += MOST_MOUNTED - KEPT_WHEN_FULL
        in_sight = self._reading.in_sight(self.scroll_y, self.size.height)
        seen = [self._path_index(view) for view in in_sight if view in self._views]
        if self._reading.following or (seen and seen[0] - self._low > self._high - seen[-1]):
            self._low = min(self._low + surplus, seen[0] if seen else self._high)
        else:
            self._high = max(self._high - surplus, seen[-1] + 1 if seen else self._low)

    def _path_index(self, view: MessageView) -> int:
        """Views stand in the order of the path."""
        return self._mounted_low + self._views.index(view)

    def _make(self, message: Message) -> MessageView:
        if self._look is None:
            raise RuntimeError("a view is made only when there is something to look at")
        return MessageView(message, self.clock, self._look, now=self._now, time_of_day=self._time_of_day)

    async def _mount_window(self, fresh: dict[str, MessageView], *, from_top: bool) -> None:
        wanted = self._path[self._low : self._high]
        ids = {message.id for message in wanted}
        gone = [view for view in self._views if view.message.id not in ids]
        views: list[MessageView] = []
        runs: list[tuple[list[MessageView], Widget]] = []
        run: list[MessageView] = []
        for message in wanted:
            view = self._by_id.get(message.id)
            if view is None:
                view = fresh.get(message.id) or self._make(message)
                run.append(view)
            elif run:
                runs.append((run, view))
                run = []
            views.append(view)
        if run:
            runs.append((run, self._marker))
        if from_top and views:
            self._reading.hold_view(views[0], TOP)
        if not runs and not gone:
            return
        self._views, self._by_id = views, {view.message.id: view for view in views}
        self._mounted_low = self._low
        with self.app.batch_update():
            for new, before in runs:
                await self.mount_all(new, before=before)
            if gone:
                await self.remove_children(gone)

    async def _tend_welcome(self) -> None:
        welcome = self._welcome
        if welcome is None or not self.is_attached:
            return
        if self._path and welcome.is_attached:
            await welcome.remove()
        elif not self._path and not welcome.is_attached:
            await self.mount(welcome, before=self._marker)

    # Following, and the reader's place

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Lay out the views, and in the same go scroll to where the reader is."""
        result = super().arrange(size, optimal)
        if not optimal and (self._arranged is None or self._arranged[0] is not result or self._arranged[1] != size):
            self._arranged = (result, size)
            tops = dict.fromkeys(self._views, 0)
            for placed in result.placements:
                if isinstance(placed.widget, MessageView) and placed.widget in tops:
                    placed.widget.lay(placed.region.width)  # Textual may have known the height from an earlier width
                    tops[placed.widget] = placed.region.y
            self._reading.laid_out(tops, result.total_region.bottom)
            self._keep_place(size.height)
        return result

    def _keep_place(self, height: int) -> None:
        y = self._reading.scroll_to(self.scroll_y, height)
        if y != self.scroll_y:
            self.set_reactive(Widget.scroll_y, float(y))
            self.set_reactive(Widget.scroll_target_y, float(y))
        if self._below != self._what_is_below(y, height) or self._short_above() or self._short_below():
            self.call_next(self._scrolled)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader has scrolled (a layout that scrolls does not come here)."""
        super().watch_scroll_y(old_value, new_value)
        self._reading.hold(new_value)
        self._set_following(self._high == len(self._path) and new_value >= self.max_scroll_y)
        self._scrolled()

    def _set_following(self, following: bool) -> None:
        if following != self._reading.following:
            self._reading.following = following
            self.post_message(self.FollowChanged(self, following))

    def _what_is_below(self, y: float, height: int) -> tuple[int, int]:
        return max(0, self._reading.bottom - GAP - round(y) - height), len(self._path) - self._high

    def _scrolled(self) -> None:
        """Mount more where the window ends, and say what is below."""
        if self._short_above() or self._short_below():
            self._ask_to_tend()
        below = self._what_is_below(self.scroll_y, self.size.height)
        if below != self._below:
            self._below = below
            self._show_marker()
            self.post_message(self.BelowChanged(self, *below))

    def _show_marker(self) -> None:
        self._marker.show(words_below(*self._below), self.scrollable_content_region.width)

    # What happens

    def on_mount(self) -> None:
        """Colours are made once per theme."""
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self._restyle(self.app.current_theme)

    def _restyle(self, theme: Theme) -> None:
        app = self.app
        self._look = MessageLook.of(app.theme_variables, dark=theme.dark, ansi=app.native_ansi_color)
        for view in self._views:
            view.restyle(self._look)

    def on_resize(self) -> None:
        """A higher pane may need more messages; the first size makes the first window."""
        self._ask_to_tend()
        self._show_marker()

    def on_unmount(self) -> None:
        """Nothing ticks for a pane that is gone."""
        self.clock.close()

    @on(JumpMarker.Jump)
    def marker_clicked(self, event: JumpMarker.Jump) -> None:
        """The marker leads to the newest text."""
        event.stop()
        self.resume()
