"""`tui-chat usage`: tables, JSON and CSV of what was used."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.test_usage import answer, kept
from tui_chat.chat.events import Stopped, Usage
from tui_chat.chat.usage.sums import Used, usage_sums
from tui_chat.chat.usage.table import usage_table
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


def test_days_are_read_as_people_write_them() -> None:
    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    assert since_when("today") == since_when("1d") == midnight
    assert since_when("all") == 0
    assert since_when("7 days") < midnight
    assert since_when("2026-11-01") == datetime(2026, 11, 1).astimezone().timestamp()
