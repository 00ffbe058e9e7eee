"""Format numbers for the row below a reply and the status bar: tokens, seconds, tokens per second.

Unknown values are "n/a", estimates have a "~", and the token count of an incomplete reply is marked "partial".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.events import Finished
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.ui.signs import Signs

UNKNOWN = "n/a"
_LARGEST_COUNT = 10**12
_SHORT_SPAN = 0.0995
"""Seconds; shorter durations are in milliseconds, because `0.0 s` and `0.02 s` say little."""
_LONGEST_SPAN = 1e10
"""Larger numbers, from an imported file or an older program, are not shown."""


def count(number: int | None) -> str:
    """A whole number in at most seven characters: `119`, `4,096`, `12.3k`, `1.25M`."""
    if number is None or abs(number) > _LARGEST_COUNT:
        return UNKNOWN
    if number < 10_000:
        return f"{number:,}"
    if number < 999_950:  # above, one decimal of thousands would read "1000.0k"
        return f"{number / 1_000:.1f}k"
    return f"{number / 1_000_000:.2f}M"


def tokens(number: int | None, *, estimated: bool = False, partial: bool = False) -> str:
    """A number of tokens: `119`, `~119`, `~119 partial`, `n/a`."""
    if number is None:
        return UNKNOWN
    return f"{'~' if estimated else ''}{count(number)}{' partial' if partial else ''}"


def seconds(span: float | None) -> str:
    """A duration: `23 ms`, `0.41 s`, `3.2 s`, `2 min 05 s`, `1 h 02 min`."""
    if span is None or not abs(span) < _LONGEST_SPAN:
        return UNKNOWN
    if span < _SHORT_SPAN:
        return _milliseconds(span)
    if span < 0.995:
        return f"{span:.2f} s"
    if span < 59.95:
        return f"{span:.1f} s"
    whole = round(span)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def _milliseconds(span: float) -> str:
    if span <= 0:
        return "0 s"
    return f"{span * 1000:.0f} ms" if span >= 0.0005 else "<1 ms"


def whole_seconds(span: float) -> str:
    """A duration that changes once a second: `4 s`, `2 min 05 s`."""
    whole = max(0, int(span))
    return f"{whole} s" if whole < 60 else seconds(whole)


def seconds_left(span: float) -> str:
    """The time until something happens, counted down once a second to `1 s`."""
    return whole_seconds(max(1.0, span + 0.999))


def pace(per_second: float | None, *, estimated: bool = False) -> str:
    """Tokens per second: `61 tok/s`, `4.2 tok/s`, `~61 tok/s`, `n/a tok/s`."""
    if per_second is None:
        return f"{UNKNOWN} tok/s"
    digits = 1 if per_second < 9.95 else 0
    return f"{'~' if estimated else ''}{per_second:,.{digits}f} tok/s"


def prompt_tokens(message: Message) -> str:
    """All tokens of the request as counted by the server; never estimated."""
    return tokens(message.prompt_tokens)


def completion_tokens(message: Message) -> str:
    """The tokens of a reply so far: as reported, else estimated; partial if the reply is incomplete."""
    reported = message.completion_tokens
    cut_short = message.ending is not None and not isinstance(message.ending, Finished)
    if reported is not None:
        return tokens(reported, partial=cut_short)
    if not message.deltas:
        return UNKNOWN
    return tokens(message.output_estimate, estimated=True, partial=cut_short)


def reply_pace(message: Message) -> str:
    """Tokens per second of a reply while it streamed."""
    per_second, estimated = message.tokens_per_second()
    return pace(per_second, estimated=estimated)


def output_tokens(message: Message) -> str:
    """The tokens of a reply so far: as reported (`119`), else estimated (`~119`); empty if there are none."""
    if (reported := message.completion_tokens) is not None:
        return count(reported)
    return f"~{count(message.output_estimate)}" if message.deltas else ""


def tokens_in(number: str, signs: Signs) -> str:
    """The tokens of a request as they are shown, `↑620 in`; empty if `number` is."""
    return f"{signs.sent}{number} in" if number else ""


def tokens_out(number: str, signs: Signs) -> str:
    """The tokens of a reply as they are shown, `↓197 out`; empty if `number` is."""
    return f"{signs.received}{number} out" if number else ""


def reply_figures(message: Message, signs: Signs = UNICODE, *, pace: bool = True, full: bool = True) -> list[str]:
    """The figures for the end of a reply, most important first; what is not known is left out.

    `pace`: also the speed, in tokens per second. `full`: also the prompt's tokens, the cost and the time to the first
    token.
    """
    asked = count(message.prompt_tokens) if message.prompt_tokens is not None and full else ""
    both = (tokens_in(asked, signs), tokens_out(output_tokens(message), signs))
    figures = [(" " if signs.sent else ", ").join(words for words in both if words)]
    if pace and message.tokens_per_second()[0] is not None:
        figures.append(reply_pace(message))
    if full and message.cost is not None and message.cost.picodollars:
        figures.append(str(message.cost))
    if full and message.timing.first_token is not None:
        figures.append(f"first token {short_seconds(message.timing.first_token)}")
    return [figure for figure in figures if figure]


def short_seconds(span: float) -> str:
    """A duration with one decimal below a minute: `0.3 s`, and `23 ms`; `seconds` has two below a second."""
    return f"{span:.1f} s" if _SHORT_SPAN <= span < 0.995 else seconds(span)
