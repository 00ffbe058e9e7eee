"""The status bar: the state, the numbers of the reply and of the chat, and the model."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, assert_never

from textual.content import Content
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import shortened_by
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
from tui_chat.chat.message import StoredMessage, TextPart
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.timer import Timer

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change, Ending
    from tui_chat.chat.message import Message

TICK = 0.25
"""Seconds between two updates while a reply runs; no timer runs otherwise."""

STALE = 0.22
"""Seconds after which the display of a running reply is outdated; shorter than `TICK`, so that a slightly early tick
still updates it."""

STALLED_AFTER = 2.0
"""Seconds of silence after which the silence is shown instead of the speed."""

GAP = "   "


class StatusBar(Widget):
    """One row. Text that does not fit is cut off at the right."""

    DEFAULT_CSS = """
    StatusBar { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="status")
        self._conversation: Conversation | None = None
        self._model = ""
        self._endpoint = ""
        self._prices: tuple[float, float] | None = None
        self._spent = Spent()
        self._warning = ""
        self._timer: Timer | None = None
        self._stale_at = 0.0
        """When the display of a running reply becomes outdated."""

    def on_mount(self) -> None:
        """Create the timer, paused until a reply runs."""
        self._timer = self.set_interval(TICK, self._tick, pause=True)

    def _tick(self) -> None:
        """Show the seconds of a reply that is silent; while it grows, its own frames update them."""
        if monotonic() >= self._stale_at:
            self.refresh()

    def show(
        self, conversation: Conversation, model: str, endpoint: str, prices: tuple[float, float] | None = None
    ) -> None:
        """Show a conversation and the model for the next question; an empty model is the endpoint's default. `prices`:
        US dollars per million prompt and completion tokens."""
        self._conversation, self._prices = conversation, prices
        self._model, self._endpoint = model, endpoint
        self._spent = _spent(conversation.messages.values())
        if self._timer is not None:
            (self._timer.resume if conversation.replying else self._timer.pause)()
        self.refresh()

    def warn(self, sentence: str) -> None:
        """Show a warning; an empty one removes it."""
        self._warning = clean_line(sentence)
        self.refresh()

    def changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        """Update after a change of the conversation: at once for beginnings and endings, otherwise from time to
        time."""
        if self._timer is None or conversation is not self._conversation:
            return
        match change:
            case Added() | ResponseStarted() | Retrying() | Renamed() | Selected() | Removed() | Restored():
                if conversation.replying:
                    self._timer.resume()
                self.refresh()
            case Finished() | CutOff() | Failed() | Stopped():
                self._timer.pause()
                self._spent = _spent(conversation.messages.values())
                self.refresh()
            case _ if monotonic() >= self._stale_at:
                if isinstance(self.screen, StreamingScreen):
                    self.screen.paint_along(self)  # a frame of its own would cost as much as one of the text
                else:
                    self.refresh()
            case _:
                pass

    def render(self) -> Content:
        """Render the row."""
        self._stale_at = monotonic() + STALE
        segments = self._segments()
        width = self.size.width - self.styles.padding.width
        if self._warning:
            room = max(8, width - segments[0].cell_length - len(GAP))
            segments.insert(1, Content.styled(f"⚠ {self._warning}", "$text-warning").truncate(room, ellipsis=True))
        kept: list[Content] = []
        used = 0
        for segment in segments:
            if kept and used + len(GAP) + segment.cell_length > width:
                break
            used += segment.cell_length + (len(GAP) if kept else 0)
            kept.append(segment)
        return Content(GAP).join(kept).truncate(max(1, width), ellipsis=True)

    def _segments(self) -> list[Content]:
        conversation = self._conversation
        if conversation is None:
            return [Content("● starting")]
        reply = conversation.last_reply
        where = Content(_where(self._model or (reply.model if reply else ""), self._endpoint))
        if reply is None:
            return [Content.styled("● ready", "$text-success"), where, Content("F1 help")]
        segments = [_ended(reply.ending) if reply.ending else _running(reply), Content(_turn_tokens(reply))]
        if reply.ending is None and (silence := _silence(reply)) > STALLED_AFTER:
            segments.append(Content.styled(f"silent {numbers.whole_seconds(silence)}", "$text-warning"))
        else:
            segments.append(Content(numbers.reply_pace(reply)))
        segments.append(Content(f"first {numbers.seconds(reply.timing.first_token)}"))
        segments.append(where)
        if cost := _cost(reply, self._prices):
            segments.append(Content(cost))
        segments.append(Content(str(self._spent if reply.settled else self._spent + _spent([reply]))))
        segments.append(Content("F1 help"))
        return segments


def _running(reply: Message) -> Content:
    asked = reply.timing.asked or 0.0
    elapsed = numbers.seconds(monotonic() - asked)
    if reply.retrying is not None:
        left = max(0.0, reply.retrying.at + reply.retrying.wait - monotonic())
        words = f"↻ attempt {reply.retrying.attempt} of {reply.retrying.of} in {numbers.whole_seconds(left)}"
        return Content.styled(words, "$text-warning")
    if reply.timing.opened is None:
        return Content.styled(f"● connecting {elapsed}", "$text-accent")
    if reply.timing.first_delta is None:
        return Content.styled(f"● waiting {elapsed}", "$text-accent")
    thinking = isinstance(reply.parts[-1], TextPart) and reply.parts[-1].kind == "reasoning"
    return Content.styled(f"● {'thinking' if thinking else 'streaming'} {elapsed}", "$text-accent")


def _ended(ending: Ending) -> Content:
    match ending:
        case Finished(reason):
            shortened = shortened_by(reason)
            if shortened is None:
                return Content.styled("● ready", "$text-success")
            return Content.styled(f"● {'length limit' if shortened == 'length' else 'filtered'}", "$text-warning")
        case Stopped():
            return Content.styled("■ stopped", "$text-warning")
        case CutOff():
            return Content.styled("✂ cut off", "$text-error")
        case Failed():
            return Content.styled("✗ failed", "$text-error")
        case _:
            assert_never(ending)


def _silence(reply: Message) -> float:
    last = reply.timing.last_heard
    return 0.0 if last is None else monotonic() - last


def _turn_tokens(reply: Message) -> str:
    total = numbers.tokens(reply.reported_total)
    return f"↑{numbers.prompt_tokens(reply)} ↓{numbers.completion_tokens(reply)} Σ{total}"


@dataclass(frozen=True, slots=True)
class Spent:
    """Total tokens of several replies: as reported, or estimated if the server did not report them; `None` if nothing
    is known of any."""

    prompt: int | None = None
    completion: int | None = None
    estimated: bool = False
    since_opened: bool = False
    """Whether replies of earlier runs are not counted, since that would require reading every message of the chat."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            _sum(self.prompt, other.prompt),
            _sum(self.completion, other.completion),
            self.estimated or other.estimated,
            self.since_opened or other.since_opened,
        )

    def __str__(self) -> str:
        known = self.prompt is not None and self.completion is not None
        total = numbers.count(_sum(self.prompt, self.completion) if known else None)
        mark = "~" if self.estimated else ""
        since = "since opened" if self.since_opened else "chat"
        return f"{since} {mark}↑{numbers.count(self.prompt)} ↓{numbers.count(self.completion)} Σ{total}"


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _spent(messages: Iterable[Message]) -> Spent:
    """The total for these replies, including other branches, which were paid for too. Running replies and those that
    failed without text do not count."""
    spent, stored = Spent(), False
    for message in messages:
        if isinstance(message, StoredMessage):
            stored = True
        elif message.role == "assistant" and (message.usage or message.deltas):
            asked, made = message.reported_input, message.reported_output
            output = message.output_estimate if made is None else made
            spent += Spent(asked, output, asked is None or made is None)
    return replace(spent, since_opened=stored)


def _cost(reply: Message, prices: tuple[float, float] | None) -> str:
    usage = reply.usage
    if usage is None:
        return ""
    if usage.cost is not None:
        return f"${usage.cost:.4f}"
    asked, made = reply.reported_input, reply.reported_output
    if prices is None or asked is None or made is None:
        return ""
    return f"~${(asked * prices[0] + made * prices[1]) / 1_000_000:.4f}"


def _where(model: str, endpoint: str) -> str:
    """`model @ host`, cleaned; only the host if the model is the endpoint's default."""
    return f"{clean_line(model)} @ {clean_line(endpoint)}" if model else clean_line(endpoint)
