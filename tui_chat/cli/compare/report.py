"""The output of `tui-chat compare`: each reply with its figures, a table of all models, or one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Finished, Stopped
from tui_chat.chat.metrics.replies import Percentiles, message_metrics, percentiles
from tui_chat.chat.prices import PICODOLLARS, dollars
from tui_chat.chat.wording.cells import cell_width, fitted
from tui_chat.cli.reporting import result, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.chat_manager.comparison import Side

UNKNOWN: Final = "n/a"
_GAP: Final = "  "


class Figure(NamedTuple):
    """A figure of a reply."""

    name: str
    """In the JSON document."""
    head: str
    """In the table, with its unit."""
    unit: str
    """In the row under a reply."""
    write: Callable[[float], str]
    """Writes a value without its unit."""
    estimated: bool = False
    """Whether it depends on the number of output tokens, which may be an estimate."""


def _cost(value: float) -> str:
    return dollars(round(value * PICODOLLARS))


FIGURES: Final = (
    Figure("time_to_first_token", "TTFT, s", "s to first token", "{:.2f}".format),
    Figure("inter_token_latency", "ITL, ms", "ms between tokens", lambda value: f"{value * 1000:.1f}", estimated=True),
    Figure("output_token_throughput", "tok/s", "tok/s", "{:.1f}".format, estimated=True),
    Figure("request_latency", "latency, s", "s in all", "{:.2f}".format),
    Figure("input_tokens", "tokens in", "in", "{:,.0f}".format),
    Figure("output_tokens", "tokens out", "out", "{:,.0f}".format, estimated=True),
    Figure("cost", "cost", "", _cost),
)
"""In the order in which they are shown. The first four are those of `chat/metrics`."""


def values_of(reply: Message) -> dict[str, float | None]:
    """Return the figures of a reply by their names; `None`: unknown. Times are seconds, the cost is US dollars."""
    metrics = message_metrics(reply)
    times = (metrics.first_token, metrics.inter_token, metrics.throughput, metrics.latency) if metrics else (None,) * 4
    output = metrics.tokens if metrics is not None else reply.completion_tokens
    cost = None if reply.cost is None else reply.cost.picodollars / PICODOLLARS
    names = (figure.name for figure in FIGURES)
    return dict(zip(names, (*times, reply.prompt_tokens, output, cost), strict=True))


def is_estimated(reply: Message) -> bool:
    """Whether the number of output tokens is an estimate."""
    metrics = message_metrics(reply)
    return metrics is not None and metrics.estimated


def spread_of(replies: Sequence[Message]) -> dict[str, Percentiles | None]:
    """Return the distribution of each figure over the complete replies; `None`: none of them has it."""
    values = [values_of(reply) for reply in replies if isinstance(reply.ending, Finished)]
    return {
        figure.name: percentiles(value for each in values if (value := each[figure.name]) is not None)
        for figure in FIGURES
    }


def label_of(side: Side) -> str:
    """Return the model and the endpoint of a side for a heading: `gpt-4o-mini · openrouter`."""
    model = side.recipient.model or (side.reply.model if side.reply is not None else "")
    return clean_line(" · ".join(filter(None, [model, side.recipient.name or side.connection.model.endpoint])))


def section(side: Side, of: int = 1) -> str:
    """Return the first reply of a side under its heading, with its figures and how it ended. `of`: how many replies
    were wanted."""
    reply = side.replies[0]
    lines = [f"## {label_of(side)}", ""]
    if reply.shown:
        lines += [reply.shown.rstrip("\n"), ""]
    judged = verdict(reply)
    lines += ["■ Stopped"] if isinstance(reply.ending, Stopped) else []
    lines += [f"! {clean_line(line)}" for line in (*judged.problem, *judged.remarks)]
    figures = [*figures_of(reply), *([f"reply 1 of {of}"] if of > 1 else [])]
    lines += [" · ".join(figures)] if figures else []
    return "\n".join(lines) + "\n\n"


def figures_of(reply: Message) -> list[str]:
    """Return the figures of a reply that are known; estimates have a `~`."""
    values, estimated = values_of(reply), is_estimated(reply)
    return [
        f"{'~' if estimated and figure.estimated else ''}{figure.write(value)} {figure.unit}".rstrip()
        for figure in FIGURES
        if (value := values[figure.name]) is not None
    ]


def table(sides: Sequence[Side], times: int) -> str:
    """Return a line for each figure and a column for each model: the value, or over several replies the median with
    the smallest and the largest value."""
    columns = [["", *(figure.head for figure in FIGURES), "complete"]]
    for side, head in zip(sides, _heads(sides), strict=True):
        spread, estimated = spread_of(side.replies), any(map(is_estimated, side.replies))
        cells = [_cell(figure, spread[figure.name], estimated=estimated) for figure in FIGURES]
        whole = sum(isinstance(reply.ending, Finished) for reply in side.replies)
        columns.append([head, *cells, f"{whole} of {times}"])
    widths = [max(map(cell_width, column)) for column in columns]
    rows = [
        _GAP.join(fitted(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
        if any(cell != UNKNOWN for cell in row[1:])
    ]
    return "\n".join(rows) + "\n"


def _heads(sides: Sequence[Side]) -> list[str]:
    """The models' names, with those of their endpoints where two are alike."""
    models = [clean_line(side.recipient.model) or label_of(side) for side in sides]
    return [model if models.count(model) == 1 else label_of(side) for model, side in zip(models, sides, strict=True)]


def _cell(figure: Figure, spread: Percentiles | None, *, estimated: bool) -> str:
    if spread is None:
        return UNKNOWN
    mark = "~" if estimated and figure.estimated else ""
    low, middle, high = (figure.write(value) for value in (spread.shortest, spread.p50, spread.longest))
    return f"{mark}{middle}" if low == high else f"{mark}{middle} ({low}–{high})"


def document(prompt: str, sides: Sequence[Side], conversation: str) -> dict[str, Any]:
    """Return the object of `--json`. Each reply is the object of `ask --json` with its metrics; `summary` has the
    median, the smallest and the largest value of each figure over the complete replies. Unknown is `None`."""
    return {
        "prompt": prompt,
        "models": [_model(side) for side in sides],
        "conversation": conversation,
    }


def _model(side: Side) -> dict[str, Any]:
    replies = []
    for reply in side.replies:
        object_ = result(reply, "")
        del object_["conversation"]
        metrics: Mapping[str, Any] = {name: _rounded(value) for name, value in values_of(reply).items()}
        replies.append({**object_, "metrics": {**metrics, "estimated": is_estimated(reply)}})
    summary = {
        name: spread
        and {"median": _rounded(spread.p50), "min": _rounded(spread.shortest), "max": _rounded(spread.longest)}
        for name, spread in spread_of(side.replies).items()
    }
    return {
        "model": side.recipient.model or None,
        "endpoint": side.recipient.name or side.connection.model.endpoint,
        "replies": replies,
        "summary": summary,
    }


def _rounded(value: float | None) -> float | None:
    """A value with a precision of a microsecond, or a millionth of a cent."""
    return value if value is None or isinstance(value, int) else round(value, 8)
