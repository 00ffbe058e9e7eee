"""Costs: exact amounts, what is unknown, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Finished, Stopped, TextDelta, Usage, UsageReport
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat.prices import PICODOLLARS, Cost, Prices, cost_in, dollars, picodollars

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

CHEAP = Prices.per_million(0.15, 0.60)


def reply(
    conversation: Conversation,
    usage: Usage | None,
    prices: Prices | None = CHEAP,
    ending: Finished | Stopped | CutOff | None = None,
    prompt_estimate: int | None = None,
) -> Message:
    """A settled reply with one delta of twelve bytes."""
    question = conversation.add_question("How many?")
    message = conversation.begin_reply(
        question, model="m", endpoint="e", at=0.0, prices=prices, prompt_estimate=prompt_estimate
    )
    reports = [] if usage is None else [UsageReport(usage)]
    conversation.apply(message, TextDelta("twelve bytes"), *reports, ending or Finished("stop", "done-sentinel"))
    return message


def test_what_the_server_reports_counts_and_is_no_estimate() -> None:
    message = reply(Conversation(), Usage(1000, 100, cost=0.00042))
    assert message.cost == Cost(420_000_000, "server")
    assert str(message.cost) == "$0.00042"


def test_reported_counts_are_multiplied_with_the_prices_and_marked_as_an_estimate() -> None:
    message = reply(Conversation(), Usage(1_000_000, 1_000_000))
    assert message.cost == Cost(750_000_000_000, "settings", estimated=True)
    assert str(message.cost) == "~$0.75"


def test_cached_and_reasoning_tokens_have_prices_of_their_own() -> None:
    prices = Prices.per_million(2, 8, cached=0.5, reasoning=4)
    assert prices is not None
    usage = Usage(1_000_000, 1_000_000, cached=400_000, reasoning=250_000)
    whole = reply(Conversation(), usage, prices).cost
    assert whole is not None
    assert whole.picodollars == (600_000 * 2 + 400_000 * 0.5 + 750_000 * 8 + 250_000 * 4) * 1_000_000


def test_without_prices_or_a_report_the_cost_is_unknown() -> None:
    assert reply(Conversation(), Usage(1000, 100), None).cost is None
    assert reply(Conversation(), None).cost is None


def test_a_stopped_reply_without_counts_is_estimated_from_what_came() -> None:
    message = reply(Conversation(), None, ending=Stopped(), prompt_estimate=1000)
    assert message.cost == Cost(1000 * 150_000 + 3 * 600_000, "settings", estimated=True)


def test_free_models_cost_nothing_and_that_is_certain() -> None:
    message = reply(Conversation(), Usage(1000, 100), Prices(0, 0))
    assert str(message.cost) == "$0"


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf"), 1e12])
def test_an_absurd_amount_from_the_server_is_unknown(cost: float) -> None:
    assert picodollars(cost) is None
    assert reply(Conversation(), Usage(1000, 100, cost=cost), None).cost is None


def test_absurd_counts_never_give_more_than_a_database_holds() -> None:
    dear = Prices.per_million(1_000_000, 1_000_000)
    assert reply(Conversation(), Usage(10**12, 10**12), dear).cost is None


def test_prices_are_known_only_together() -> None:
    assert ModelInfo("m", input_price=1.0).prices is None
    assert ModelInfo("m", input_price=1.0, output_price=2.0).prices == Prices(1_000_000, 2_000_000, source="model list")


def test_a_sum_says_what_is_missing_estimated_and_partial() -> None:
    conversation = Conversation()
    reply(conversation, Usage(10, 10, cost=0.5))
    assert (str(cost_in(conversation.messages.values())), cost_in([]).known) == ("$0.50", 0)
    reply(conversation, Usage(1_000_000, 0), prices=CHEAP)
    reply(conversation, Usage(10, 10), None)
    reply(conversation, Usage(10, 10, cost=0.25), ending=CutOff("closed"))
    total = cost_in(conversation.messages.values())
    assert (total.known, total.unknown, total.estimated, total.partial) == (3, 1, True, True)
    assert str(total) == "~$0.90+"


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_sums_do_not_drift(nanodollars: list[int]) -> None:
    conversation = Conversation()
    for amount in nanodollars:
        reply(conversation, Usage(1, 1, cost=amount / 1e9))
    assert cost_in(conversation.messages.values()).picodollars == sum(nanodollars) * 1000


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "$0"),
        ("0.0000004", "<$0.000001"),
        ("0.0000012", "$0.000001"),
        ("0.0021", "$0.0021"),
        ("0.0123", "$0.012"),
        ("0.0996", "$0.10"),
        ("0.996", "$1.00"),
        ("12.3", "$12.30"),
        ("1234.5678", "$1,234.57"),
    ],
)
def test_amounts_are_written_with_two_significant_digits(amount: str, written: str) -> None:
    assert dollars(round(float(amount) * PICODOLLARS)) == written
    assert dollars(round(float(amount) * PICODOLLARS), estimated=True) == f"~{written}"
