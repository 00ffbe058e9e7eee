"""The words of the status row: the state of a reply, its figures while it runs, and the use of a chat."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, assert_never

from textual.content import Content

from tui_chat.chat.endings import shortened_by
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped
from tui_chat.chat.message import StoredMessage, TextPart
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.ui import numbers
from tui_chat.ui.roles import MUTED
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.context import ContextUse
    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Message
    from tui_chat.ui.signs import Signs

STALLED_AFTER: Final = 2.0
"""Seconds without data after which the state of a running reply is "silent"."""
GAP: Final = "    "
SEPARATOR: Final = " · "
MARGIN: Final = 2
"""Blank cells at both ends of the row."""
_LEFT_OUT: Final = ("first", "cost", "total", "pace", "out")
"""The items that are left out of a row that is too narrow, in this order."""


@dataclass(frozen=True, slots=True)
class StatusItems:
    """The items that the row may show besides the state and the key; empty: not known, or nothing to show."""

    out: str = ""
    pace: str = ""
    first: str = ""
    total: str = ""
    cost: str = ""
    notice: str = ""
    """A warning of the program, in place of the figures of a reply."""
    who: str = ""
    """The recipient of the next question, where nothing else shows it."""
    context: ContextUse | None = None
    """The use of the context window, where nothing else shows it."""


def state_of(reply: Message | None, signs: Signs = UNICODE) -> Content:
    """The state in words with its sign: of a running reply with its seconds, of an ended one how it ended."""
    if reply is None:
        return Content.styled(f"{signs.state} Ready", "$role-success")
    return _running(reply, signs) if reply.ending is None else _ended(reply.ending, signs)


def figures_of(reply: Message, signs: Signs = UNICODE) -> StatusItems:
    """The figures of a reply while it runs; what is not known is left out."""
    if not reply.deltas:
        return StatusItems()
    first, (per_second, _) = reply.timing.first_token, reply.tokens_per_second()
    silent = _silence(reply) > STALLED_AFTER
    return StatusItems(
        out=numbers.tokens_out(numbers.completion_tokens(reply), signs),
        pace="" if per_second is None or silent else numbers.reply_pace(reply),
        first="" if first is None or silent else f"first {numbers.short_seconds(first)}",
    )


def context_words(use: ContextUse) -> str:
    """The used part of the context window, `context 12 %`, with a `!` where the gauge warns; empty if its size is not
    known or nothing is used yet."""
    if not use.share:
        return ""
    percent = f"{'~' if use.estimated else ''}{max(1, round(use.share * 100))} %"
    return f"{'! ' if use.filling else ''}context {percent}"


def compose_row(
    state: Content, items: StatusItems, keys: Sequence[Content], width: int, hint: Content | None = None
) -> Content:
    """Put a row of `width` cells together: the state at the left, figures behind it, the chat's sums and the keys at
    the right. What does not fit is left out whole, in a fixed order: `hint` first; the state and the last key stay."""
    room = max(1, width - 2 * MARGIN)
    use = items.context
    order = (*_LEFT_OUT, "who", "context") if use is not None and use.filling else ("context", *_LEFT_OUT, "who")
    shown = {name: getattr(items, name) for name in (*_LEFT_OUT, "who")}
    shown["context"] = "" if use is None else context_words(use)
    if hint is not None and (row := _row(state, items, shown, (hint, *keys), room)) is not None:
        return Content(" " * MARGIN) + row
    last = (order[order.index("who") - 1], order[-1])  # keys go before the name of who answers next
    for dropped in ("", *order):
        shown[dropped] = ""
        for kept in range(len(keys)) if dropped in last else (0,):
            row = _row(state, items, shown, keys[kept:], room)
            if row is not None:
                return Content(" " * MARGIN) + row
    row = Content(" " * MARGIN) + state
    if items.notice:  # a warning is data: it may end in an ellipsis, where nothing is left to leave out
        row += Content(GAP) + Content.styled(f"! {items.notice}", "$role-warning")
    return row.truncate(max(1, width - (MARGIN if items.notice else 0)), ellipsis=True)


def _row(
    state: Content, items: StatusItems, shown: dict[str, str], keys: Sequence[Content], room: int
) -> Content | None:
    """A row of `room` cells; `None` if it would be longer."""
    if items.notice:
        middle = Content.styled(f"! {items.notice}", "$role-warning")
    else:
        figures = SEPARATOR.join(shown[name] for name in ("out", "pace", "first") if shown[name])
        middle = Content.styled(figures or shown["who"], MUTED)
        if (use := items.context) is not None and (words := shown["context"]):
            style = "$role-error" if use.nearly_full else "$role-warning" if use.filling else MUTED
            middle += Content.assemble((SEPARATOR if middle else "", MUTED), (words, style))
    sums = SEPARATOR.join(shown[name] for name in ("total", "cost") if shown[name])
    right = Content(GAP).join(part for part in (Content.styled(sums, MUTED), *keys) if part)
    left = state + GAP + middle if middle else state
    blanks = room - left.cell_length - right.cell_length
    return left + " " * blanks + right if blanks >= len(GAP) or (blanks >= 0 and not right) else None


def _running(reply: Message, signs: Signs) -> Content:
    elapsed = _ticking_seconds(monotonic() - (reply.timing.asked or 0.0))
    if (pending := reply.retrying) is not None:
        left = numbers.seconds_left(pending.at + pending.wait - monotonic())
        return Content.styled(f"↻ Retrying in {left} ({pending.attempt} of {pending.of})", "$role-warning")
    if reply.timing.opened is None:
        return Content.styled(f"{signs.state} Connecting {elapsed}", "$role-accent")
    if reply.timing.first_delta is None:
        return Content.styled(f"{signs.state} Waiting {elapsed}", "$role-accent")
    if (silence := _silence(reply)) > STALLED_AFTER:
        return Content.styled(f"{signs.state} No data for {numbers.whole_seconds(silence)}", "$role-warning")
    thinking = isinstance(reply.parts[-1], TextPart) and reply.parts[-1].kind == "reasoning"
    return Content.styled(f"{signs.state} {'Thinking' if thinking else 'Writing'} {elapsed}", "$role-accent")


def _ended(ending: Ending, signs: Signs) -> Content:
    match ending:
        case Finished():
            shortened = shortened_by(ending)
            if shortened is None:
                return Content.styled(f"{signs.state} Ready", "$role-success")
            words = {"length": "✂ Length limit", "filter": "⊘ Filtered", "broken": "✂ Broken off"}
            return Content.styled(words[shortened], "$role-warning")
        case Stopped():
            return Content.styled(f"{signs.stopped} Stopped", "$role-warning")
        case CutOff():
            return Content.styled("✂ Cut off", "$role-warning")
        case Failed():
            status = f" ({ending.status})" if ending.status is not None and ending.status >= 400 else ""
            return Content.styled(f"✗ Failed{status}", "$role-error")
        case _:
            assert_never(ending)


def _silence(reply: Message) -> float:
    last = reply.timing.last_heard
    return 0.0 if last is None else monotonic() - last


def _ticking_seconds(span: float) -> str:
    return f"{max(span, 0.0):.1f} s" if span < 0.995 else numbers.seconds(span)


@dataclass(frozen=True, slots=True)
class Spent:
    """Total tokens of several replies: as reported, or estimated if the server did not report them; `None` if nothing
    is known of any."""

    prompt: int | None = None
    completion: int | None = None
    estimated: bool = False
    since_opened: bool = False
    """Whether replies of earlier runs are missing, because the history has not added them up."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            _sum(self.prompt, other.prompt),
            _sum(self.completion, other.completion),
            self.estimated or other.estimated,
            self.since_opened or other.since_opened,
        )

    def __str__(self) -> str:
        """The sum for a person, `Chat 2,542 tokens`; empty if nothing is known."""
        total = _sum(self.prompt, self.completion)
        if not total:
            return ""
        estimated = self.estimated or self.prompt is None or self.completion is None
        since = "Since opened" if self.since_opened else "Chat"
        return f"{since} {'~' if estimated else ''}{numbers.count(total)} tokens"


def spent_by(messages: Iterable[Message]) -> Spent:
    """The total for these replies, including other branches, which were paid for too. Running replies and those that
    failed without text do not count."""
    spent, stored = Spent(), False
    for message in messages:
        if isinstance(message, StoredMessage):
            stored = True
        elif message.role == "assistant" and (message.usage or message.deltas):
            asked, made = message.prompt_tokens, message.completion_tokens
            asked = message.prompt_estimate if asked is None else asked
            output = message.output_estimate if made is None else made
            spent += Spent(asked, output, message.prompt_tokens is None or made is None)
    return replace(spent, since_opened=stored)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
