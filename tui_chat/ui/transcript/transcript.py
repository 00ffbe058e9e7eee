"""The conversation on the screen: a window of message views over a path of any length."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.message import Message as TextualMessage
from textual.widget import Widget

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Added, Removed, Renamed, Restored, Selected
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.terminal.streaming_scroll import StreamingScroll
from tui_chat.ui.after_request import after_request
from tui_chat.ui.dates import time_of_day as written_time
from tui_chat.ui.transcript.branch_path import BranchPath
from tui_chat.ui.transcript.frame_clock import FrameClock
from tui_chat.ui.transcript.scroll_anchor import ScrollAnchor, ScrollTarget
from tui_chat.ui.transcript.text_below import words_below
from tui_chat.ui.transcript.view_maker import ViewMaker
from tui_chat.ui.transcript.view_mounter import ViewMounter
from tui_chat.ui.transcript.view_window import MOST_MOUNTED, ViewWindow
from tui_chat.ui.transcript.welcome_slot import WelcomeSlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.geometry import Size
    from textual.layout import DockArrangeResult
    from textual.theme import Theme

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.ui.signs import Signs
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.scroll_anchor import MatchTarget
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern
    from tui_chat.ui.transcript.text.text_tint import TextTint
    from tui_chat.ui.transcript.view_mounter import Where


class Transcript(StreamingScroll):
    """Shows the path of a conversation, follows its end, and keeps the reading position while anything else changes.

    Both are handled in `arrange`: whenever views have grown, folded, appeared or disappeared, the scroll position is
    set in the same layout, so no frame shows a jump.
    """

    DEFAULT_CSS = """
    Transcript { width: 1fr; height: 1fr; }
    """
    can_focus = False  # messages take the focus, and the pane's keys work from the prompt

    @dataclass
    class FollowChanged(TextualMessage):
        """Posted when the transcript starts following the newest text, or stops because the user scrolled."""

        pane: Transcript
        following: bool

        @property
        def control(self) -> Transcript:
            """The transcript that posted it."""
            return self.pane

    @dataclass
    class BelowChanged(TextualMessage):
        """Posted when the amount below the last visible row changes: rows, and messages that are not laid out."""

        pane: Transcript
        lines: int
        messages: int

        @property
        def control(self) -> Transcript:
            """The transcript that posted it."""
            return self.pane

    def __init__(
        self,
        *,
        frames_per_second: float = 30,
        now: Callable[[], float] = monotonic,
        time_of_day: Callable[[float], str] = written_time,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`now` and `time_of_day`: passed to each `MessageView`, for the waiting time and the time of a message."""
        super().__init__(id=id)
        self.clock = FrameClock(self, frames_per_second)
        self.conversation = Conversation()
        """The shown conversation; an empty one before the first `show`."""
        self.path = BranchPath()
        """The shown path, mounted or not."""
        self.welcome = WelcomeSlot(self, lambda: not self.path.entries)
        """The widget of an empty conversation."""
        self.maker = ViewMaker(self.path, self.clock, now=now, time_of_day=time_of_day)
        """Makes the views, and keeps them looking alike."""
        self._window = ViewWindow(self.path, lambda entry: self.maker.make(entry, self.app))
        """The part of the path that should have views."""
        self._anchor = ScrollAnchor()
        self._mounter = ViewMounter(self, self.path, self._window, self._anchor)
        self._covered = False
        self._arranged: tuple[DockArrangeResult, Size] | None = None
        self._below = (0, 0)
        self._tend_asked = False

    # --- for the screen

    @property
    def following(self) -> bool:
        """Whether the newest text is kept visible."""
        return self._anchor.following

    @property
    def below_in_words(self) -> str:
        """The amount of text below the visible part; empty if there is none."""
        return words_below(*self._below)

    @property
    def views(self) -> list[MessageView]:
        """The mounted views, oldest first."""
        return list(self._window.views)

    @property
    def focused_view(self) -> MessageView | None:
        """The message view that has the focus."""
        focused = self.screen.focused
        return next((view for view in self._window.views if view is focused), None)

    def view_of(self, message: Message) -> MessageView | None:
        """The view of a message, if it is mounted."""
        return self._window.view_of(message)

    def show(self, conversation: Conversation) -> None:
        """Show the current path of a conversation from its end. Pass its changes to `changed`."""
        self.conversation = conversation
        self.path.show(conversation)
        self.maker.find(None, None, (0, 0))
        self._anchor.release()
        self._set_following(True)
        self._jump("end")

    def changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        """Update the views after a change of the conversation; the cost does not depend on its length."""
        if conversation is not self.conversation:
            return
        match change:
            case Renamed():
                pass
            case Selected():
                self._switch(conversation.path())
            case Removed() | Restored():
                self.path.reread(conversation)
                self._switch(conversation.path())
                left = {entry.id for entry in self.path.entries}
                for kept in self._window.views:
                    if kept.messages[0].id in left:
                        kept.show_branch(self.path.branch_of(kept.messages[0]))
            case Added() if message is not None:
                self._grow(message)
            case _:
                if message is not None and not self._covered and (view := self.view_of(message)) is not None:
                    view.wake()
                    if message.settled:
                        self.maker.tints.apply(view)

    def cover(self, *, covered: bool) -> None:
        """Do no work for replies that grow while another screen covers this one whole; show them when it is gone."""
        self._covered = covered
        if not covered:
            for view in self._window.views:
                view.wake()
                if view.message.settled:
                    self.maker.tints.apply(view)

    def set_look(self, widest: int, signs: Signs) -> None:
        """Set the most cells of the column (0: the whole width), and the signs."""
        if signs != self.maker.signs:
            self.maker.signs = signs
            self._restyle()
        if widest != self.maker.widest:
            if not self.following:
                self._anchor.hold(self.scroll_y)
            self.maker.widest = widest
            for view in self._window.views:
                view.set_widest(widest)

    def resume(self) -> None:
        """Scroll to the newest text and follow it again."""
        self._anchor.release()
        self._set_following(True)
        if self._window.below or self._mounter.jumping:
            self._jump("end")
        else:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    bottom = resume

    def top(self) -> None:
        """Scroll to the first message."""
        if self._window.above or self._mounter.jumping:
            self._set_following(False)
            self._jump("top")
        else:
            self.scroll_home(animate=False, immediate=True, x_axis=False)

    def page_up(self) -> None:
        """Scroll up by a page."""
        self.scroll_by(-self.scrollable_content_region.height)

    def page_down(self) -> None:
        """Scroll down by a page."""
        self.scroll_by(self.scrollable_content_region.height)

    def reveal(self, message: Message, *, focus: bool = False, offset: int | None = None) -> None:
        """Scroll to a message of the path, mounted or not, and stop following the end. `focus`: it receives the focus.
        `offset`: wanted distance of its first row from the top edge, in rows."""
        self._scroll_to_target(ScrollTarget(self.path.entry_of(message), focus, offset))

    def mark_place(self, message: Message, tint: TextTint) -> None:
        """Mark a place in a message of the path, mounted or not, and scroll to it."""
        entry = self.path.entry_of(message)
        self.maker.tints.place = entry, tint
        for view in self.views:
            self.maker.tints.apply(view)
        self._scroll_to_target(ScrollTarget(entry, focus=False, offset=None, to_place=True))

    def unfold(self, entry: Message) -> None:
        """Unfold the reasoning of an entry of the path, mounted or not."""
        self.path.unfold(entry)
        if (view := self._window.view_of(entry)) is not None:
            view.catch_up()

    def find(
        self, pattern: SearchPattern | None, entry: Message | None = None, occurrence: tuple[int, int] = (0, 0)
    ) -> None:
        """Highlight a pattern wherever it is visible. With `entry`, scroll one of its matches to about a third of the
        height, and stop following the end. `occurrence`: the index of the match, and the number of matches."""
        if not self.following:
            self._anchor.hold(self.scroll_y)  # what was found goes, where the reader reads stays
        self.maker.find(pattern, entry, occurrence)
        self.maker.highlight_matches(self._window.views)
        if self.maker.match is not None:
            self._scroll_to_target(self.maker.match)

    def offset_of(self, view: MessageView) -> int | None:
        """Rows from the top edge to the first row of a view; `None` if it is not laid out."""
        top = self._anchor.top_of(view)
        return None if top is None else top - round(self.scroll_y)

    @property
    def first_in_sight(self) -> Message | None:
        """The entry at the top edge."""
        return next((view.messages[0] for view in self._mounter.in_sight()), None)

    def _scroll_to_target(self, target: ScrollTarget | MatchTarget) -> None:
        self._set_following(False)
        view = self._window.view_of(target.entry)
        if view is not None and not self._mounter.jumping:
            self._mounter.hold(view, target)
        else:
            self._jump(target)

    # The window over the path

    def _jump(self, where: Where) -> None:
        self._mounter.jumping = where
        self._ask_to_tend()

    def _grow(self, message: Message) -> None:
        at_end = not self._window.below
        entry = self.path.add(message)
        if entry is message:
            self._window.high += at_end
            after_request(self, self._ask_to_tend)
        elif entry is not None and (view := self._window.view_of(entry)) is not None:
            view.append_message(message)

    def _switch(self, path: list[Message]) -> None:
        """Show another branch; keep the views of the common part."""
        window, at_end = self._window, not self._window.below
        shared = self.path.switch(path)
        length = len(self.path.entries)
        if window.low >= shared or (at_end and length - window.low > MOST_MOUNTED):
            self._jump("end")
        else:
            window.high = length if at_end else min(window.high, length)
            self._ask_to_tend()

    def _ask_to_tend(self) -> None:
        if not self._tend_asked and self.is_attached:
            self._tend_asked = True
            self.call_next(self._update_views)

    async def _update_views(self) -> None:
        """Mount and remove views until they match the window, in one frame."""
        self._tend_asked = False
        width, height = self.scrollable_content_region.size
        if self.maker.styles is None or not width or not height:
            return
        await self._mounter.update(width, height)
        await self.welcome.update()

    # --- scrolling

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Arrange the views, and set the scroll position in the same layout."""
        result = super().arrange(size, optimal)
        if not optimal and (
            self._anchor.moved or self._arranged is None or self._arranged[0] is not result or self._arranged[1] != size
        ):
            self._arranged = (result, size)
            tops = dict.fromkeys(self._window.views, 0)
            regions = {placed.widget: placed.region for placed in result.placements}
            for view in tops:
                if (region := regions.get(view)) is not None:
                    view.fit_width(region.width)  # Textual may have known the height from an earlier width
                    tops[view] = region.y
            self._anchor.set_layout(tops, result.total_region.bottom)
            self._keep_place(size.height)
        return result

    def _keep_place(self, height: int) -> None:
        y = self._anchor.scroll_to(self.scroll_y, height)
        if y != self.scroll_y:
            self.set_reactive(Widget.scroll_y, float(y))
            self.set_reactive(Widget.scroll_target_y, float(y))
            self.vertical_scrollbar.position = y
        if self._below != self._mounter.below(y, height) or self._mounter.short():
            self.call_next(self._scrolled)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Update the reading position after the user has scrolled (a layout that scrolls does not call this)."""
        super().watch_scroll_y(old_value, new_value)
        self._anchor.hold(new_value)
        self._set_following(not self._window.below and new_value >= self.max_scroll_y)
        self._scrolled()

    def _set_following(self, following: bool) -> None:
        if following != self._anchor.following:
            self._anchor.following = following
            self.post_message(self.FollowChanged(self, following))

    def _scrolled(self) -> None:
        """Mount more views at the ends of the window, and announce what is below."""
        if self._mounter.short():
            self._ask_to_tend()
        below = self._mounter.below(self.scroll_y, self.size.height)
        if below != self._below:
            self._below = below
            self.post_message(self.BelowChanged(self, *below))

    # --- event handlers

    def on_mount(self) -> None:
        """Create the styles of the theme."""
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self._restyle()

    def _restyle(self, _theme: Theme | None = None) -> None:
        self.maker.restyle(self._window.views, self.app)

    def on_resize(self) -> None:
        """Fill the new height with messages; the first size creates the first window."""
        self._ask_to_tend()

    def on_unmount(self) -> None:
        """Stop the clock of the views."""
        self.clock.close()
