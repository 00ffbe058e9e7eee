"""The texts of the inspector about an exchange, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui_chat.chat.inspection.wire_ports import FrameKind, TokenScore, WireExchange, WireFrame
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.inspector.words import (
    figures_of,
    milliseconds,
    request_rows,
    response_rows,
    score_words,
    summary,
    timing_rows,
)
from tui_chat.ui.signs import ASCII, UNICODE

EXCHANGE = WireExchange(
    1, "q", 1, datetime.now(UTC), 100.0, "POST", "http://h/v1", 200, 100.2, 100.4, 103.0, "end", size=4_200, sent=100.1
)
NO_HEADERS = ()


def frames(*times: float, kind: FrameKind = "text") -> list[WireFrame]:
    """Frames at these seconds since the request."""
    return [
        WireFrame(at, at - before, kind, "", 0, 10, '"x"') for before, at in zip((0.2, *times), times, strict=False)
    ]


def texts(rows: list[object]) -> list[str]:
    return ["".join(text for text, _ in row.pieces).rstrip() for row in rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("span", "written"), [(0.0172, "17 ms"), (0.9994, "999 ms"), (0.9996, "1.00 s"), (12.34, "12.3 s")]
)
def test_short_durations_are_in_milliseconds(span: float, written: str) -> None:
    assert milliseconds(span) in {written, written.replace("1.00", "1.0")}


def test_frames_of_one_read_are_one_arrival() -> None:
    figures = figures_of(EXCHANGE, frames(0.5, 0.5001, 0.5002, 1.0, 1.5), dropped=7)
    assert figures.frames == 12
    assert figures.metrics.gaps is not None
    assert (figures.metrics.gaps.count, round(figures.metrics.gaps.longest, 3)) == (2, 0.5)
    assert round(figures.metrics.first_token or 0, 3) == 0.4


def test_the_summary_counts_events_bytes_gaps_and_stalls() -> None:
    some = frames(0.4, 0.5, 0.6, 0.7, 2.9)
    shown = summary(EXCHANGE, figures_of(EXCHANGE, some, 0), 110.0, 102.9, " · ", 200)
    assert shown == "5 events · 4.2 kB · gaps 100 ms, max 2.2 s · 1 stall"


def test_silence_and_what_is_missing_are_named() -> None:
    running = replace(EXCHANGE, ended=None, exact=False, dropped=1_500)
    shown = summary(running, figures_of(running, frames(0.4), 0), 106.0, 102.0, " · ", 200)
    assert shown.startswith("no data for 4.0 s · 1 event · ")
    assert shown.endswith("times ±30 ms · the first 1.5 kB are no longer kept")
    assert "no data" not in summary(running, figures_of(running, frames(0.4), 0), 102.5, 102.0, " · ", 200)


@pytest.mark.parametrize(
    ("width", "shown"),
    [(60, "5 events · 4.2 kB · gaps 100 ms, max 2.2 s · 1 stall"), (20, "5 events · 4.2 kB"), (1, "5 events")],
)
def test_what_does_not_fit_is_left_out_of_the_summary_whole(width: int, shown: str) -> None:
    figures = figures_of(EXCHANGE, frames(0.4, 0.5, 0.6, 0.7, 2.9), 0)
    assert summary(replace(EXCHANGE, exact=False), figures, 110.0, 102.9, " · ", width) == shown


def test_tokens_have_their_probability_and_what_else_was_likely() -> None:
    scores = [TokenScore("Hi", 0.9, (("Hello", 0.08), (" ", 0.01))), TokenScore("\x1b[2J!", 0.5)]
    shown = score_words(scores, ", ")
    assert shown.startswith('"Hi" 90 % (or "Hello" 8 %, " " 1 %), ')
    assert "\x1b" not in shown


def test_a_request_and_a_response_begin_with_their_first_line_and_headers() -> None:
    assert texts([*request_rows(EXCHANGE, (("Accept", "text/event-stream"),))]) == [
        "POST http://h/v1",
        "Accept: text/event-stream",
        "",
    ]
    shown = texts([*response_rows(replace(EXCHANGE, reused=True, how="lost", why="it was reset"), NO_HEADERS)])
    assert shown[0] == "200"
    assert any(row.startswith("connection") and row.endswith("used before") for row in shown)
    assert any(row.startswith("end") and row.endswith("it was reset") for row in shown)


@pytest.mark.parametrize(
    ("ended", "why", "says"),
    [(None, "", "No response yet."), (103.0, "the host refused", "No response: the host refused.")],
)
def test_where_there_is_no_response_that_is_said(ended: float | None, why: str, says: str) -> None:
    assert texts([*response_rows(replace(EXCHANGE, status=None, ended=ended, why=why), NO_HEADERS)]) == [says]


def test_times_are_those_of_the_exchange_and_the_chart_has_no_blocks_in_ascii() -> None:
    some = frames(0.4, 0.5, 0.6, 0.7, 2.9)
    figures = figures_of(EXCHANGE, some, 0)
    shown = texts([*timing_rows(EXCHANGE, some, figures, UNICODE, 60)])
    assert [row.split()[-2:] for row in shown[:4]] == [["100", "ms"], ["200", "ms"], ["400", "ms"], ["3.0", "s"]]
    assert any("2.2 s of silence from 600 ms on" in row for row in shown)
    assert any("time to first token" in row for row in shown)
    assert any("█" in row for row in shown)
    assert not any("█" in row for row in texts([*timing_rows(EXCHANGE, some, figures, ASCII, 60)]))
