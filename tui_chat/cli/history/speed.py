"""`tui-chat usage --speed`: how fast replies came, by day, model or endpoint."""

from __future__ import annotations

import csv
from dataclasses import asdict
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.metrics.groups import metrics_by
from tui_chat.chat.wording.cells import cell_width, fitted
from tui_chat.cli.history.usage import cell
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import json_line

if TYPE_CHECKING:
    from tui_chat.chat.metrics.replies import MetricsSummary, Percentiles
    from tui_chat.chat.usage.sums import Grouping
    from tui_chat.history.store import Store

_HEADS: Final = ("", "replies", "first token", "p90", "inter-token", "p90", "tok/s", "tokens")
_LONGEST_NAME: Final = 32
_METRICS: Final = ("first_token", "latency", "inter_token", "throughput", "throughput_per_user")


def show_speed(history: Store, by: Grouping, since: float, form: str = "") -> int:
    """Print the metrics of the replies from `since` on and return the exit status. `form` is `json`, `csv`, or empty
    for a table of medians. Raises `HistoryError`."""
    from tui_chat.history.usage import timed_replies

    rows = history.read(lambda database: metrics_by(timed_replies(database, since), by)) or []
    if form == "json":
        return put([json_line({"by": by, "rows": [{"name": name, **asdict(found)} for name, found in rows]}, indent=2)])
    if form == "csv":
        return put([_csv(rows)])
    if not rows:
        tell("no reply came in that time" if since else "no reply came yet")
        return 0
    return put(f"{line}\n" for line in _table(rows))


def _table(rows: list[tuple[str, MetricsSummary]]) -> list[str]:
    cells = [_HEADS, *(_cells(name, found) for name, found in rows)]
    widths = [max(cell_width(row[column]) for row in cells) for column in range(len(_HEADS))]
    lines = []
    for row in cells:
        figures = (each.rjust(width) for each, width in zip(row[1:], widths[1:], strict=True))
        lines.append(f"{fitted(row[0], widths[0])}  {'  '.join(figures)}")
    return [*lines, "", "Medians, and the 90th percentile (p90). `tui-chat tape --help` defines the figures."]


def _cells(name: str, found: MetricsSummary) -> tuple[str, ...]:
    shown = clean_line(name)
    shown = shown if cell_width(shown) <= _LONGEST_NAME else fitted(shown, _LONGEST_NAME)
    rate = found.throughput_per_user
    return (
        shown,
        f"{found.replies:,}",
        *_both(found.first_token, 1, "s", 2),
        *_both(found.inter_token, 1000, "ms", 1),
        "n/a" if rate is None else f"{rate.p50:,.1f}",
        f"{'~' if found.estimated else ''}{found.tokens:,}",
    )


def _both(found: Percentiles | None, factor: float, unit: str, digits: int) -> tuple[str, str]:
    if found is None:
        return "n/a", "n/a"
    return f"{found.p50 * factor:,.{digits}f} {unit}", f"{found.p90 * factor:,.{digits}f} {unit}"


def _csv(rows: list[tuple[str, MetricsSummary]]) -> str:
    written = StringIO(newline="")
    names = [f"{metric}_{share}" for metric in _METRICS for share in ("p50", "p90", "p99")]
    writer = csv.DictWriter(written, ["name", "replies", "tokens", *names], lineterminator="\n")
    writer.writeheader()
    for name, found in rows:
        row: dict[str, Any] = {"name": cell(name), "replies": found.replies, "tokens": found.tokens}
        for each in names:
            metric, _, share = each.rpartition("_")
            spread = getattr(found, metric)
            row[each] = "" if spread is None else f"{getattr(spread, share):.6f}"
        writer.writerow(row)
    return written.getvalue()
