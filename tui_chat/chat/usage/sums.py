"""The use of endpoints in a span of time: requests, tokens and costs, grouped by day, model or endpoint."""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from tui_chat.chat.events import Finished
from tui_chat.chat.prices import CostSum
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tui_chat.chat.message import Message
    from tui_chat.chat.prices import Cost

Grouping: TypeAlias = Literal["day", "model", "endpoint"]
RequestPurpose: TypeAlias = Literal["", "title", "compaction"]
"""The purpose of a request: a reply in a chat, its title, or a summary in place of earlier messages."""

UNKNOWN_NAME: Final = "unknown"
_QUARTER: Final = 900
"""Seconds; the days of all time zones begin at a multiple of it."""


class Used(NamedTuple):
    """One request that was answered, at least in part."""

    at: float
    """Seconds since the epoch."""
    model: str
    endpoint: str
    purpose: RequestPurpose
    input: int | None
    """Prompt tokens, as reported or estimated; `None`: unknown."""
    output: int
    estimated: bool
    """One of the counts was estimated."""
    whole: bool
    """The reply was finished."""
    cost: Cost | None


def use_of(message: Message, purpose: RequestPurpose = "") -> Used | None:
    """Return what a reply used; `None` if nothing was received."""
    if message.role != "assistant" or (message.usage is None and not message.deltas):
        return None
    asked, made = message.prompt_tokens, message.completion_tokens
    return Used(
        message.created,
        message.model,
        message.endpoint,
        purpose or message.purpose,
        message.prompt_estimate if asked is None else asked,
        message.output_estimate if made is None else made,
        asked is None or made is None,
        isinstance(message.ending, Finished),
        message.cost,
    )


@dataclass(slots=True)
class UsageRow:
    """The sums of one group."""

    name: str
    """The day as `2026-11-29`, or the name of the model or the endpoint."""
    replies: int = 0
    titles: int = 0
    """The number of requests that asked for a title."""
    compactions: int = 0
    """The number of requests that asked for a summary of a chat."""
    input: int = 0
    output: int = 0
    unknown_inputs: int = 0
    """The number of requests whose prompt tokens are not known."""
    estimated: bool = False
    """Whether a count of tokens was estimated."""
    picodollars: int = 0
    """The sum of the known costs, in millionths of a millionth of a dollar."""
    priced: int = 0
    """The number of requests whose cost is known."""
    unpriced: int = 0
    """The number of requests whose cost is not known."""
    cost_estimated: bool = False
    partial: bool = False
    """Whether a reply did not end whole, so that more may have been used than was reported."""

    @property
    def requests(self) -> int:
        """All requests: replies, titles and summaries."""
        return self.replies + self.titles + self.compactions

    @property
    def cost(self) -> CostSum:
        """The sum of the known costs."""
        return CostSum(self.picodollars, self.priced, self.unpriced, self.cost_estimated, self.partial)

    def add(self, used: Used) -> None:
        """Add one request to the row."""
        if used.purpose == "title":
            self.titles += 1
        elif used.purpose == "compaction":
            self.compactions += 1
        else:
            self.replies += 1
        if used.input is None:
            self.unknown_inputs += 1
        else:
            self.input += used.input
        self.output += used.output
        self.estimated = self.estimated or used.estimated
        self.partial = self.partial or not used.whole
        if used.cost is None:
            self.unpriced += 1
        else:
            self.priced += 1
            self.picodollars += used.cost.picodollars
            self.cost_estimated = self.cost_estimated or used.cost.estimated


@dataclass(frozen=True, slots=True)
class UsageSums:
    """The groups and their total."""

    by: Grouping
    since: float
    """The first second that counts, since the epoch; 0: everything."""
    rows: tuple[UsageRow, ...]
    """Days in order; models and endpoints the most expensive first, then those with the most tokens."""
    total: UsageRow


def days_begin(count: int, today: date | None = None) -> float:
    """Return the first second of the last `count` days, today included, since the epoch. The days are those of this
    place, also where its clock was changed between them."""
    from datetime import date, datetime

    day = (today or date.today()).toordinal() - count + 1  # noqa: DTZ011 - the day of this place is meant
    if day <= date(1970, 1, 1).toordinal():
        return 0.0
    return datetime.combine(date.fromordinal(day), datetime.min.time()).timestamp()


def usage_sums(uses: Iterable[Used], by: Grouping, since: float = 0.0) -> UsageSums:
    """Group and add up what was used from `since` on."""
    rows: dict[str, UsageRow] = {}
    days: dict[int, str] = {}
    total = UsageRow("total")
    for used in uses:
        if used.at < since:
            continue
        if by == "day":
            quarter = int(used.at // _QUARTER)
            name = days.get(quarter) or days.setdefault(quarter, strftime("%Y-%m-%d", localtime(used.at)))
        else:
            name = (used.model if by == "model" else used.endpoint) or UNKNOWN_NAME
        row = rows.get(name)
        if row is None:
            row = rows[name] = UsageRow(name)
        row.add(used)
        total.add(used)
    if by == "day":
        ordered = sorted(rows.values(), key=lambda row: row.name)
    else:
        ordered = sorted(rows.values(), key=lambda row: (-row.picodollars, -(row.input + row.output), row.name))
    return UsageSums(by, since, tuple(ordered), total)
