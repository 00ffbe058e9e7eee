"""Charts show every value, fit where they are put, and are well-formed SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.metrics.charts import block_chart, fitted, gaps_svg, pace_svg, without_bursts
from tui_chat.chat.metrics.replies import Stall, pace, reply_metrics

VALUES = st.lists(st.floats(0, 1e6), max_size=300)


def test_columns_are_as_high_as_their_values() -> None:
    assert block_chart([0, 1, 4, 8], 10) == [" ▁▄█"]
    assert block_chart([0, 8, 16], 10, 2) == ["  █", " ██"]
    assert block_chart([8, 0.001], 10) == ["█▁"]
    assert block_chart([0, 0], 10) == ["  "]
    assert block_chart([1, 8], 10, ascii_only=True) == [".#"]


@given(VALUES, st.integers(1, 120), st.integers(1, 6))
def test_a_chart_fits_and_hides_no_value(values: list[float], width: int, height: int) -> None:
    rows = block_chart(values, width, height)
    assert len(rows) == height
    assert {len(row) for row in rows} == {min(width, len(values))}
    shown = [sign != " " for sign in rows[-1]]
    assert shown == [value > 0 for value in fitted(values, width)]


@given(VALUES, st.integers(1, 50))
def test_the_largest_value_is_among_those_that_are_shown(values: list[float], count: int) -> None:
    assert max(fitted(values, count), default=0) == max(values, default=0)


def svg(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def tags(text: str, kind: str) -> list[ElementTree.Element]:
    return [each for each in svg(text).iter() if kind in each.get("class", "").split()]


def test_stalls_and_the_wait_are_marked_in_the_chart_of_the_pace() -> None:
    deltas = [1.0 + number * 0.02 for number in range(50)] + [6.0]
    metrics = reply_metrics(0.0, deltas)
    length, rates = pace(0.0, deltas, 51, 60)
    chart = pace_svg(length, rates, metrics.stalls, metrics.first_token)
    assert len(tags(chart, "bar")) == 60
    assert len(tags(chart, "stall")) == len(tags(chart, "wait")) == 1
    assert len(tags(gaps_svg(deltas, metrics.stalls), "late")) == 1
    assert len(tags(gaps_svg(deltas, metrics.stalls), "gap")) == 50


@pytest.mark.parametrize("deltas", [[], [0.0], [1.0], [1.0, 1.0], [0.0, 1e-9, 5000.0]])
def test_any_reply_has_charts(deltas: list[float]) -> None:
    length, rates = pace(0.0, deltas, 5, 10)
    assert svg(pace_svg(length, rates, [Stall(0.0, 1.0, 1)], None)).tag.endswith("svg")
    assert svg(gaps_svg(deltas, [])).tag.endswith("svg")


def test_a_chart_of_very_many_gaps_stays_small() -> None:
    deltas = [number * 0.001 for number in range(100_000)]
    assert len(gaps_svg(deltas, [])) < 500_000


def test_a_burst_does_not_hide_the_rest() -> None:
    rates = [10.0] * 50 + [0.0, 5000.0]
    assert max(without_bursts(rates)) == 50.0
    assert without_bursts(rates)[:51] == rates[:51]
    assert len(tags(pace_svg(0.1, rates, [], None), "burst")) == 1
    assert without_bursts([]) == []


def test_the_scale_of_the_gaps_is_written_beside_its_lines() -> None:
    chart = gaps_svg([1.0 + number * 0.02 for number in range(50)] + [6.0], [])
    texts = [each.text for each in svg(chart).iter() if each.tag.endswith("text")]
    assert {"10 ms", "100 ms", "1 s"} <= set(texts)
    assert len(tags(chart, "grid")) == 3
