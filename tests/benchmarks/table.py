"""The rows of DESIGN section 7: what is promised, what was measured, how it is printed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

On: TypeAlias = Literal["ratio", "value", "nothing"]


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table: what is measured and the greatest ratio that is promised."""

    key: str
    what: str
    unit: str = ""
    """`s`, `ms`, `MB`, `KB` … of value and floor."""
    limit: float = 0.0
    """The most that is promised."""
    on: On = "nothing"
    """What the limit is put on; `nothing`: the row is for information."""
    floor: str = ""
    """What the floor is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement of a row."""

    value: float
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value divided by the floor."""
        return self.value / self.floor if self.floor else None


Figures: TypeAlias = dict[str, list[Figure]]
"""By the rows' keys, a figure a run."""


@dataclass(frozen=True, slots=True)
class Row:
    """A promise with what was measured."""

    promise: Promise
    figures: list[Figure]

    @property
    def value(self) -> float:
        """The median of all runs."""
        return median(figure.value for figure in self.figures)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most."""
        values = [figure.value for figure in self.figures]
        return min(values), max(values)

    @property
    def floor(self) -> float | None:
        """The median of the floors."""
        floors = [figure.floor for figure in self.figures if figure.floor is not None]
        return median(floors) if floors else None

    @property
    def ratio(self) -> float | None:
        """The median of the runs' own ratios: a run's value and floor were measured under the same load."""
        ratios = [figure.ratio for figure in self.figures if figure.ratio is not None]
        return median(ratios) if ratios else None

    @property
    def met(self) -> bool | None:
        """Whether the promise was kept; `None` for a row that promises nothing."""
        match self.promise.on:
            case "ratio":
                return self.ratio is not None and self.ratio <= self.promise.limit
            case "value":
                return self.value <= self.promise.limit
            case "nothing":
                return None

    def cells(self) -> list[str]:
        """What, value, spread, floor, ratio, target, met."""
        promise = self.promise
        low, high = self.spread
        spread = f"{_number(low)}-{_number(high)}" if len(self.figures) > 1 else ""
        floor = "" if self.floor is None else f"{_number(self.floor)} ({promise.floor})"
        target = (
            "" if promise.on == "nothing" else f"≤ {promise.limit:g}{'' if promise.on == 'ratio' else promise.unit}"
        )
        met = {True: "met", False: "MISSED", None: ""}[self.met]
        ratio = "" if self.ratio is None else _number(self.ratio)
        return [promise.what, f"{_number(self.value)} {promise.unit}".strip(), spread, floor, ratio, target, met]


HEADS = ["", "median", "min-max", "floor", "ratio", "target", ""]


def rows(promises: list[Promise], figures: Figures) -> list[Row]:
    """The rows that were measured, in the order of the promises."""
    return [Row(promise, figures[promise.key]) for promise in promises if figures.get(promise.key)]


def page(measured: list[Row]) -> str:
    """A Markdown table, aligned for reading as it is."""
    lines = [HEADS, *(row.cells() for row in measured)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def together(runs: list[dict[str, Figure]]) -> Figures:
    """The figures of several runs by row."""
    found: Figures = defaultdict(list)
    for run in runs:
        for key, figure in run.items():
            found[key].append(figure)
    return found


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _number(value: float) -> str:
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"
