"""`tui-chat usage`: tables, JSON and CSV of what was used."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import tzset
from typing import TYPE_CHECKING, get_args

import pytest

from tests.history.chats import store
from tests.history.test_usage import answer, kept
from tui_chat.chat.events import Stopped, Usage
from tui_chat.chat.prices import Cost
from tui_chat.chat.usage.sums import Grouping, Used, days_begin, usage_sums
from tui_chat.chat.usage.table import usage_table
from tui_chat.chat.wording.cells import cell_width
from tui_chat.cli.history.usage import show_usage, since_when
from tui_chat.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def used(model: str, tokens: int, day: int = 1) -> Used:
    """One request of a day in November."""
    at = datetime(2026, 11, day, 12).astimezone().timestamp()
    return Used(at, model, "host", "", tokens, tokens, estimated=False, whole=True, cost=None)


def test_a_row_for_each_day_in_order_with_a_bar_for_its_tokens() -> None:
    table = usage_table(usage_sums([used("m", 10, 3), used("m", 40, 2), used("m", 5, 3)], "day"), 80)
    assert [text.split()[0] for text, _ in table.rows] == ["2026-11-02", "2026-11-03"]
    first, second = (bar for _, bar in table.rows)
    assert len(first) > 2 * len(second) > 0
    assert "bars: tokens" in table.head
    assert table.notes[-1] == "n/a: no cost is known; set prices in config.toml."


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    names = ["a" * 300, "b", "\x1b[31mred", "m"]
    table = usage_table(usage_sums([used(name, 10**6) for name in names], "model"), width)
    rows = [table.head, *(f"{text}  {bar}".rstrip() for text, bar in table.rows), table.total]
    assert all(len(row) <= max(width, 36) for row in [*rows, *table.notes])
    assert not any("\x1b" in row for row in rows)


@pytest.mark.usefixtures("home")
def test_the_command_prints_a_table_json_or_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        answer(chat, Usage(1000, 10, cost=0.5), None, model="=dear")
        answer(chat, None, None, Stopped(at=3.0), model="cheap")
        assert show_usage(history, "model", 0.0) == 0
        table = capsys.readouterr().out.splitlines()
        assert table[1].split() == ["=dear", "1", "1,000", "10", "$0.50", "█" * 40]
        assert "~ estimated: the server did not report all of it." in table
        assert "+ incomplete: the cost of 1 of 2 requests is unknown." in table
        show_usage(history, "model", 0.0, "json")
        document = json.loads(capsys.readouterr().out)
        assert document["total"]["cost_usd"] == 0.5
        assert [row["cost_usd"] for row in document["rows"]] == [0.5, None]
        show_usage(history, "model", 0.0, "csv")
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert [row["name"] for row in rows] == ["'=dear", "cheap", "total"]


@pytest.mark.usefixtures("home")
def test_an_empty_history_says_so_and_a_bad_day_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage"]) == 0
    assert "nothing was used" in capsys.readouterr().err
    assert main(["usage", "--since", "last week"]) == 2
    assert "write 2026-11-01, 30d, today or all" in capsys.readouterr().err


def test_a_table_keeps_its_columns_below_names_of_wide_letters() -> None:
    table = usage_table(usage_sums([used("通义千问-最大", 10), used("qwen", 20), used("e\u0301" * 60, 9)], "model"), 80)
    rows = [text for text, _ in table.rows]
    assert len({cell_width(text) for text in [*rows, table.total]}) == 1
    assert all(cell_width(f"{text}  {bar}") <= 80 for text, bar in table.rows)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Kathmandu", "UTC"])
def test_days_begin_at_midnight_of_this_place_on_both_sides_of_a_changed_clock(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    tzset()
    try:
        for ordinal in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            begins = days_begin(30, day)
            assert datetime.fromtimestamp(begins).astimezone().date() == day - timedelta(days=29)
            assert datetime.fromtimestamp(begins - 1).astimezone().date() == day - timedelta(days=30)
    finally:
        monkeypatch.undo()
        tzset()


def test_the_total_is_the_sum_of_the_rows_however_they_are_grouped() -> None:
    rand = random.Random(16)
    costs = (None, Cost(0, "server"), Cost(1, "settings", estimated=True), Cost(333_333, "model list", estimated=True))
    uses = [
        Used(
            rand.uniform(0, 2e9),
            rand.choice(["", "a", "b", "c"]),
            rand.choice(["", "x", "y"]),
            rand.choice(["", "title", "compaction"]),
            rand.choice([None, 0, 7, 10**9]),
            rand.randrange(10**6),
            estimated=rand.random() < 0.3,
            whole=rand.random() < 0.9,
            cost=rand.choice(costs),
        )
        for _ in range(500)
    ]
    for by in get_args(Grouping):
        sums = usage_sums(uses, by)
        for each in ("replies", "titles", "compactions", "input", "output", "unknown_inputs", "priced", "unpriced"):
            assert sum(getattr(row, each) for row in sums.rows) == getattr(sums.total, each)
        assert sum(row.picodollars for row in sums.rows) == sums.total.picodollars
        assert sums.total.requests == len(uses)


def test_costs_in_csv_are_exact_and_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        for model, cost in (("a", 0.000013), ("b", 0.1), ("c", 0.2), ('=d,"', 0.0)):
            answer(chat, Usage(1, 1, cost=cost), None, model=model)
        show_usage(history, "model", 0.0, "csv")
    *rows, total = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert [row["cost_usd"] for row in rows] == ["0.2", "0.1", "0.000013", "0"]
    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal(total["cost_usd"])


def test_days_are_read_as_people_write_them() -> None:
    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    assert since_when("today") == since_when("1d") == midnight
    assert since_when("all") == 0
    assert since_when("7 days") < midnight
    with pytest.raises(ValueError, match="not a day"):
        since_when("0d")
    assert since_when("2026-11-01") == datetime(2026, 11, 1).astimezone().timestamp()
