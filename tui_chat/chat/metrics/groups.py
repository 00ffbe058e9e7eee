"""The metrics of replies, grouped by day, model or endpoint."""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING

from tui_chat.chat.metrics.replies import message_metrics, summary
from tui_chat.chat.usage.sums import UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.message import Message
    from tui_chat.chat.metrics.replies import MetricsSummary, ReplyMetrics
    from tui_chat.chat.usage.sums import Grouping


def metrics_by(messages: Iterable[Message], by: Grouping) -> list[tuple[str, MetricsSummary]]:
    """Return a name and the metrics for each group: days in order; models and endpoints those with the most replies
    first. Messages without times of their own are left out."""
    groups: dict[str, list[ReplyMetrics]] = {}
    for message in messages:
        if (metrics := message_metrics(message)) is None:
            continue
        if by == "day":
            name = strftime("%Y-%m-%d", localtime(message.created))
        else:
            name = (message.model if by == "model" else message.endpoint) or UNKNOWN_NAME
        groups.setdefault(name, []).append(metrics)
    found = [(name, summary(each)) for name, each in groups.items()]
    return sorted(found, key=lambda row: row[0] if by == "day" else (-row[1].replies, row[0]))
