"""Makes the message views of a transcript, and keeps them looking alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.column import WIDEST
from tui_chat.ui.key_hints import keymap_of
from tui_chat.ui.signs import UNICODE
from tui_chat.ui.transcript.message_styles import MessageStyles
from tui_chat.ui.transcript.reply_tints import ReplyTints
from tui_chat.ui.transcript.scroll_anchor import MatchTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from textual.app import App

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.branch_path import BranchPath
    from tui_chat.ui.transcript.frame_clock import FrameClock
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern


class ViewMaker:
    """Knows what all views of a transcript share: styles, width, footers, and what is highlighted in them."""

    def __init__(
        self, path: BranchPath, clock: FrameClock, *, now: Callable[[], float], time_of_day: Callable[[float], str]
    ) -> None:
        """`now` and `time_of_day`: see `MessageView`."""
        self._path = path
        self._clock = clock
        self._now = now
        self._time_of_day = time_of_day
        self.widest = WIDEST
        """The most cells of the column; 0 for the whole width."""
        self.signs = UNICODE
        self.in_chat = True
        """Whether replies end with a row of figures and offer all that a chat can do; set before anything is shown."""
        self.styles: MessageStyles | None = None
        """The styles of the theme; `None` before they are known."""
        self.pattern: SearchPattern | None = None
        self.match: MatchTarget | None = None
        """The current search match."""
        self.tints = ReplyTints()

    def make(self, entry: Message, app: App[Any]) -> MessageView:
        """A new view of an entry of the path."""
        if self.styles is None:
            raise RuntimeError("a view needs the styles of the theme")
        from tui_chat.ui.transcript.message_view import MessageView

        view = MessageView(
            self._path.entry(entry, to_fold=True),
            self._clock,
            self.styles,
            now=self._now,
            time_of_day=self._time_of_day,
            widest=self.widest,
            keys=keymap_of(app),
            in_chat=self.in_chat,
        )
        view.show_branch(self._path.branch_of(entry))
        self.highlight_matches((view,))
        self.tints.apply(view)
        return view

    def restyle(self, views: Iterable[MessageView], app: App[Any]) -> None:
        """Use the app's theme, in the views too."""
        self.styles = MessageStyles.of(app.theme_variables, ansi=app.native_ansi_color, signs=self.signs)
        for view in views:
            view.restyle(self.styles)

    def find(self, pattern: SearchPattern | None, entry: Message | None, occurrence: tuple[int, int]) -> None:
        """Set what is searched for. `occurrence`: the index of the current match in `entry`, and the number of its
        matches."""
        self.pattern = pattern
        self.match = MatchTarget(pattern, entry, occurrence) if pattern is not None and entry is not None else None

    def highlight_matches(self, views: Iterable[MessageView]) -> None:
        """Highlight what is searched for."""
        match = self.match
        for view in views:
            current = match is not None and match.entry is view.messages[0]
            view.find(self.pattern, match.occurrence if match is not None and current else None)
