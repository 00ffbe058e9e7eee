"""The status row: the state, the figures of a running reply, the sums of the chat, and a key."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import (
    Added,
    CutOff,
    Failed,
    Finished,
    Removed,
    Renamed,
    ResponseStarted,
    Restored,
    Retrying,
    Selected,
    Stopped,
)
from tui_chat.chat.message import StoredMessage
from tui_chat.chat.prices import cost_in
from tui_chat.chat.quick_dataclass import replace
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui.column import GUTTER, WIDEST, column_of
from tui_chat.ui.composer.prompt_frame import has_frame
from tui_chat.ui.key_hints import HasKeys, KeyLinks, key_hint, key_row
from tui_chat.ui.roles import MUTED
from tui_chat.ui.signs import UNICODE
from tui_chat.ui.status_words import Spent, StatusItems, compose_row, figures_of, spent_by, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.context import ContextUse
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.chat.message import Message
    from tui_chat.chat.usage.sums import UsageRow

TICK = 0.25
"""Seconds between two updates while a reply runs; no timer runs otherwise."""

STALE = 0.22
"""Seconds after which the display of a running reply is outdated; shorter than `TICK`, so that a slightly early tick
still updates it."""


CALM = 0.97
"""The same where motion is reduced."""


class StatusBar(KeyLinks, Widget):
    """One row as wide as the column. What does not fit is left out whole; other content can take its place."""

    DEFAULT_CSS = """
    StatusBar {
        height: 1; color: $role-muted; link-color-hover: $role-text;
        link-background-hover: transparent;
    }
    """

    def __init__(self, replay: ReplayControl | None = None) -> None:
        """`replay`: what pauses the recorded response that is shown, if one is."""
        super().__init__(id="status")
        self._replay = replay
        self._conversation: Conversation | None = None
        self._who = ""
        self._spent, self._cost = Spent(), ""
        self._before: UsageRow | None = None
        """The use of the chat before it was opened, once the history has added that up."""
        self._warning = ""
        self._work = ""
        self._typing = False
        self._below = ""
        self._context_use: ContextUse | None = None
        self.widest = WIDEST
        """The most cells of the column; 0 for the whole width."""
        self.signs = UNICODE
        self.calm = False
        """Whether the clock changes once a second only."""
        self._shown = False
        self._next_tick: asyncio.TimerHandle | None = None
        """Set while a reply runs. One of the event loop: Textual's timers send a message for each tick, which costs as
        much as a frame, and nearly all ticks find nothing to do."""
        self._stale_at = 0.0
        """The time at which the display of a running reply becomes outdated."""

    def on_mount(self) -> None:
        """Take changes from now on, and show the keys of what has the focus."""
        self._shown = True
        self.watch(self.screen, "focused", self._focus_moved, init=False)

    def on_unmount(self) -> None:
        """Let no time be counted any more."""
        self._shown = False
        self._count_time(running=False)

    def _focus_moved(self) -> None:
        """Show the keys of what has the focus now."""
        self.refresh()

    def _tick(self) -> None:
        """Show the seconds of a reply that is silent; while it grows, its own frames update them. Where only comments
        come, there are no frames."""
        self._next_tick = asyncio.get_running_loop().call_later(TICK, self._tick)
        now = monotonic()
        reply = None if self._conversation is None else self._conversation.last_reply
        last = None if reply is None else reply.timing.last_heard
        silent = last is None or now - last > TICK
        if now >= self._stale_at + (0 if silent else TICK):
            self.call_next(self.refresh)

    def _count_time(self, *, running: bool) -> None:
        """Have `_tick` called from now on, or not any more."""
        if running and self._next_tick is None:
            self._next_tick = asyncio.get_running_loop().call_later(TICK, self._tick)
        elif not running and self._next_tick is not None:
            self._next_tick.cancel()
            self._next_tick = None

    def show(self, conversation: Conversation, model: str, endpoint: str) -> None:
        """Show a conversation, and who answers the next question where the prompt has no frame that says so; an empty
        model is the endpoint's default."""
        if conversation is not self._conversation:
            self._before = None
        self._conversation = conversation
        self._who = clean_line(model or endpoint)
        self._add_up(conversation)
        if self._shown:
            self._count_time(running=conversation.replying)
        self.refresh()

    def show_used_before(self, conversation: Conversation, used: UsageRow) -> None:
        """Count what the replies of a conversation used that were stored when it was opened, if it is still shown."""
        if conversation is self._conversation:
            self._before = used
            self._add_up(conversation)
            self.refresh()

    def warn(self, sentence: str) -> None:
        """Show a warning; an empty one removes it."""
        self._warning = clean_line(sentence)
        self.refresh()

    def show_work(self, words: str) -> None:
        """Show what goes on besides replies in the place of the state, and how it is stopped; empty words end that."""
        self._work = words
        self.refresh()

    def show_typing(self, *, typing: bool) -> None:
        """While a reply runs, say what becomes of what is `typing`."""
        if typing != self._typing:
            self._typing = typing
            if self._conversation is not None and self._conversation.replying:
                self.refresh()

    def show_context(self, use: ContextUse) -> None:
        """Say how full the context window is, where the prompt has no frame with a gauge."""
        self._context_use = use
        if self._shown and not has_frame(self.screen.size):
            self.refresh()

    def show_below(self, words: str) -> None:
        """Say how much text is below, where the prompt has no frame that says so."""
        if words != self._below:
            self._below = words
            if not has_frame(self.screen.size):
                self.refresh()

    def changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        """Update after a change of the conversation: at once for beginnings and endings, otherwise from time to
        time."""
        if not self._shown or conversation is not self._conversation:
            return
        match change:
            case Added() | ResponseStarted() | Retrying() | Renamed() | Selected() | Removed() | Restored():
                if conversation.replying:
                    self._count_time(running=True)
                self.refresh()
            case Finished() | CutOff() | Failed() | Stopped():
                if not conversation.replying:
                    self._count_time(running=False)
                self._add_up(conversation)
                self.refresh()
            case _ if monotonic() >= self._stale_at:
                if isinstance(self.screen, StreamingScreen):
                    self.screen.paint_along(self)  # a frame of its own would cost as much as one of the text
                else:
                    self.refresh()
            case _:
                pass

    def _add_up(self, conversation: Conversation) -> None:
        every = conversation.messages.values()
        # A running reply is counted as it grows; whether a stored one has settled would have to be read.
        messages = [each for each in every if isinstance(each, StoredMessage) or each.settled]
        self._spent, cost, before = spent_by(messages), cost_in(messages), self._before
        if before is not None:
            estimated = before.estimated or before.unknown_inputs > 0
            self._spent = replace(self._spent + Spent(before.input, before.output, estimated), since_opened=False)
            cost += before.cost
        self._cost = str(cost)

    def render(self) -> Content:
        """Render the row in the middle of the window, as wide as the column."""
        self._stale_at = monotonic() + (CALM if self.calm else STALE)
        left, width = column_of(self.size.width, self.widest)
        focused: object = self.screen.focused
        if isinstance(focused, HasKeys):
            row = key_row(self.app, focused.key_words, ("help", "more"), max(0, width - 2 * GUTTER))
            return Content(" " * (left + GUTTER)) + row
        return Content(" " * left) + self._row(width)

    def _row(self, width: int) -> Content:
        conversation = self._conversation
        if conversation is None:
            return compose_row(Content(f"{self.signs.state} Starting"), StatusItems(notice=self._warning), (), width)
        reply = conversation.last_reply
        spent, running = self._spent, reply is not None and not reply.settled
        keys: Sequence[Content]
        if self._work:
            state = Content.styled(f"{self.signs.state} {self._work}", "$role-accent")
            return compose_row(state, StatusItems(notice=self._warning), (self._key("stop", "stop"),), width)
        if reply is not None and running:
            spent += spent_by([reply])
            items, keys = figures_of(reply, self.signs), (self._key("stop", "stop"),)
            if self._replay is not None:
                pause = self._key("replay_pause", "go on" if self._replay.paused else "pause")
                keys = (*([self._key("replay_step", "step")] if self._replay.paused else []), pause, *keys)
        else:
            failed = reply is not None and isinstance(reply.ending, Failed | CutOff)
            items = StatusItems(who="" if has_frame(self.screen.size) else self._who)
            keys = (*([self._key("retry", "retry")] if failed else []), self._key("help", "help"))
        context = None if has_frame(self.screen.size) else self._context_use
        items = replace(items, context=context, total=str(spent), cost=self._cost, notice=self._warning)
        hint = self._key("send", "adds to the queue") if running and self._typing else None
        state = state_of(reply, self.signs)
        if running and self._replay is not None and self._replay.paused:
            state = Content.styled(f"{self.signs.stopped} Replay paused", "$role-warning")  # no silence of a server
        ways = self._ways_to_say_below()
        without_help = [(below, keys[:-1]) for below in ways[1:]] if not running else []
        for below, beside in [*((below, keys) for below in ways), *without_help]:
            row = compose_row(state, items, (below, *beside), width, hint)
            if below.plain in row.plain:
                return row
        return compose_row(state, items, keys, width, hint)

    def _ways_to_say_below(self) -> Sequence[Content]:
        """The amount of text below, where no frame says it: in words, as a number, or as a sign alone."""
        if not self._below or has_frame(self.screen.size):
            return ()
        sign = self.signs.below
        ways = (f"{sign} {self._below}", f"{sign} {self._below.partition(' ')[0]}", sign)
        return [Content.styled(words, "$role-text").stylize("@click=screen.press('bottom')") for words in ways]

    def _key(self, command: str, word: str) -> Content:
        """A key of a command and a word about it, or its slash word alone; it can be clicked."""
        hint = key_hint(self.app, command)
        row = Content.styled(hint, "bold $role-text")
        if not hint.startswith("/"):
            row += Content.styled(f" {word}", MUTED)
        return row.stylize(f"@click=screen.press({command!r})")
