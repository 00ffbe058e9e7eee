"""`tui-chat usage`: requests, tokens and costs by day, model or endpoint."""

from __future__ import annotations

import csv
import os
import re
import sys
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.prices import PICODOLLARS, plain_dollars
from tui_chat.chat.usage.sums import days_begin
from tui_chat.chat.usage.table import usage_table
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import json_line

if TYPE_CHECKING:
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.usage.sums import Grouping, UsageRow, UsageSums

DEFAULT_SINCE: Final = "30d"
_DAYS: Final = re.compile(r"([0-9]{1,5}) ?d(ays?)?")
_WIDTH_OF_FILES: Final = 100


def since_when(text: str) -> float:
    """Return the first second that counts, since the epoch: of `2026-11-01`, `30d`, `today` or `all`. Raises
    `ValueError`."""
    word = text.strip().lower()
    if word == "all":
        return 0.0
    if word == "today":
        return days_begin(1)
    if (days := _DAYS.fullmatch(word)) and int(days[1]):
        return days_begin(int(days[1]))
    try:
        return datetime.fromisoformat(word).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is not a day: write 2026-11-01, 30d, today or all") from error


def show_usage(history: History, by: Grouping, since: float, form: str = "") -> int:
    """Print the usage from `since` on and return the exit status. `form` is `json`, `csv`, or empty for a table.
    Raises `HistoryError`."""
    report = history.usage(by, since)
    if form == "json":
        return put([json_line(_document(report), indent=2)])
    if form == "csv":
        return put([_csv(report)])
    if not report.rows:
        tell("nothing was used in that time" if since else "nothing was used yet")
        return 0
    width = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else _WIDTH_OF_FILES
    return put(f"{line}\n" for line in usage_table(report, width).lines)


def _document(report: UsageSums) -> dict[str, Any]:
    return {
        "by": report.by,
        "since": datetime.fromtimestamp(report.since).astimezone().isoformat() if report.since else None,
        "rows": [_fields(row) for row in report.rows],
        "total": _fields(report.total),
    }


def _fields(row: UsageRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "requests": row.requests,
        "replies": row.replies,
        "titles": row.titles,
        "compactions": row.compactions,
        "input_tokens": row.input if row.requests > row.unknown_inputs else None,
        "input_unknown": row.unknown_inputs,
        "output_tokens": row.output,
        "tokens_estimated": row.estimated,
        "cost_usd": row.picodollars / PICODOLLARS if row.priced else None,
        "cost_estimated": row.cost_estimated,
        "cost_unknown": row.unpriced,
        "partial": row.partial,
    }


def _csv(report: UsageSums) -> str:
    written = StringIO(newline="")
    rows = [_fields(row) for row in (*report.rows, report.total)]
    costs = [plain_dollars(row.picodollars) if row.priced else None for row in (*report.rows, report.total)]
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        row["name"] = cell(row["name"])
        writer.writerow(row | {"cost_usd": costs.pop(0)})
    return written.getvalue()


def cell(name: str) -> str:
    """A name for a spreadsheet, which must not take it for a formula."""
    name = clean_line(name)
    return f"'{name}" if name[:1] in "=+-@" else name
