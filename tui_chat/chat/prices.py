"""The cost of replies: prices per token, the cost of a reply, and sums of costs.

Money is a whole number of picodollars (10⁻¹² US dollars), because sums of floats drift. A price of one dollar per
million tokens is 1,000,000 picodollars per token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_chat.chat.events import Finished
from tui_chat.chat.message import StoredMessage
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import Usage
    from tui_chat.chat.message import Message

PICODOLLARS: Final = 10**12
"""Picodollars in a US dollar."""
MOST_DOLLARS: Final = 1_000_000
"""Larger amounts and prices (per million tokens) are mistakes and are ignored; SQLite's integers can hold the rest."""
_DIGITS: Final = 6
"""Decimals of a dollar that are shown at most."""

CostSource: TypeAlias = Literal["server", "settings", "model list"]
"""The source of a cost: reported by the server with the reply, or calculated with prices of the settings or of the
server's model list."""


def picodollars(dollars: float | None) -> int | None:
    """An amount in US dollars as picodollars; `None` if it is unknown, negative, not finite or absurdly large."""
    if dollars is None or not 0 <= dollars <= MOST_DOLLARS:
        return None
    return round(dollars * PICODOLLARS)


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one model in picodollars per token."""

    input: int
    output: int
    cached: int | None = None
    """Of prompt tokens that the provider had cached; `None`: unknown, counted like other prompt tokens."""
    reasoning: int | None = None
    """Of reasoning tokens; `None`: like other completion tokens."""
    source: CostSource = "settings"

    @classmethod
    def per_million(
        cls,
        input: float | None,  # noqa: A002
        output: float | None,
        cached: float | None = None,
        reasoning: float | None = None,
        source: CostSource = "settings",
    ) -> Prices | None:
        """Return prices given in US dollars per million tokens; `None` if those of prompts or completions are
        unknown."""
        asked, made = _per_token(input), _per_token(output)
        if asked is None or made is None:
            return None
        return cls(asked, made, _per_token(cached), _per_token(reasoning), source)

    def amount(self, prompt: int, completion: int, usage: Usage | None) -> int:
        """Return what these numbers of tokens cost in picodollars; `usage` says which of them were cached or
        reasoning."""
        cached = min((usage.cached if usage else None) or 0, prompt)
        thought = min((usage.reasoning if usage else None) or 0, completion)
        return (
            (prompt - cached) * self.input
            + cached * (self.input if self.cached is None else self.cached)
            + (completion - thought) * self.output
            + thought * (self.output if self.reasoning is None else self.reasoning)
        )


def _per_token(dollars: float | None) -> int | None:
    picos = picodollars(dollars)
    return None if picos is None else round(picos / 1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one reply."""

    picodollars: int
    source: CostSource
    estimated: bool = False
    """It was calculated here: prices change, and providers have discounts and extra charges."""

    def __str__(self) -> str:
        """The amount for a person: `$0.0021`, `~$0.012`."""
        return dollars(self.picodollars, estimated=self.estimated)


def cost_of(message: Message) -> Cost | None:
    """Return the cost of what arrived of a reply: as reported by the server, else calculated with the prices that held
    when it was asked. `None`: unknown, or nothing was received."""
    usage = message.usage
    reported = picodollars(usage.cost) if usage is not None else None
    if reported is not None:
        return Cost(reported, "server")
    prices = message.prices
    if prices is None or (usage is None and not message.deltas):
        return None
    prompt, completion = message.prompt_tokens, message.completion_tokens
    prompt = message.prompt_estimate if prompt is None else prompt
    if prompt is None:
        return None
    amount = prices.amount(prompt, message.output_estimate if completion is None else completion, usage)
    return Cost(amount, prices.source, estimated=bool(prices.input or prices.output)) if _storable(amount) else None


def _storable(amount: int) -> bool:
    return 0 <= amount <= MOST_DOLLARS * PICODOLLARS


@dataclass(frozen=True, slots=True)
class CostSum:
    """The cost of several replies."""

    picodollars: int = 0
    known: int = 0
    """The number of replies with a known cost."""
    unknown: int = 0
    """The number of replies without a known cost; they are missing in the sum."""
    estimated: bool = False
    """Part of it was calculated here."""
    partial: bool = False
    """Some of the replies were stopped, cut off or failed, so their counts may be incomplete."""

    def __add__(self, other: CostSum) -> CostSum:
        return CostSum(
            self.picodollars + other.picodollars,
            self.known + other.known,
            self.unknown + other.unknown,
            self.estimated or other.estimated,
            self.partial or other.partial,
        )

    def __str__(self) -> str:
        """The sum for a person, as a cost is written, with `+` if replies of unknown cost are missing in it; empty if
        no cost is known."""
        if not self.known:
            return ""
        return dollars(self.picodollars, estimated=self.estimated) + ("+" if self.unknown else "")


def cost_in(messages: Iterable[Message]) -> CostSum:
    """Add up the costs of the replies among `messages`. Stored messages whose content was not read yet are skipped:
    the history adds those up itself."""
    total = known = unknown = 0
    estimated = partial = False
    for message in messages:
        if message.role != "assistant" or isinstance(message, StoredMessage):
            continue
        if message.usage is None and not message.deltas:
            continue  # nothing was received, so nothing is counted
        cost = message.cost
        if cost is None:
            unknown += 1
            continue
        known += 1
        total += cost.picodollars
        estimated = estimated or cost.estimated
        partial = partial or not isinstance(message.ending, Finished)
    return CostSum(total, known, unknown, estimated, partial)


def price_digits(amount: float) -> str:
    """Write a price per million tokens with all its digits, at least two decimals: `3.00`, `0.60`, `0.0375`."""
    whole, _, decimals = f"{amount:,.{_DIGITS}f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def plain_dollars(picos: int) -> str:
    """Write an amount exactly, as spreadsheets read it: `0.000013`."""
    whole, rest = divmod(picos, PICODOLLARS)
    return f"{whole}.{rest:012}".rstrip("0").removesuffix(".")


def dollars(picos: int, *, estimated: bool = False) -> str:
    """Write an amount for a person, with two significant digits below a dollar: `$12.30`, `$0.012`, `$0.0021`,
    `<$0.000001`, `$0`."""
    mark = "~" if estimated else ""
    if picos <= 0:
        return f"{mark}$0"
    if picos < PICODOLLARS // 10**_DIGITS:
        return f"{mark}<$0.{'0' * (_DIGITS - 1)}1"
    digits = 2
    while digits < _DIGITS and picos * 10**digits < 9.95 * PICODOLLARS:
        digits += 1
    cents = (picos * 10**digits + PICODOLLARS // 2) // PICODOLLARS
    whole, rest = divmod(cents, 10**digits)
    return f"{mark}${whole:,}.{rest:0{digits}}"
