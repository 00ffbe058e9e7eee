"""The texts of the inspector about an exchange, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tui_chat.chat.inspection.wire_ports import FrameKind, StreamFacts, TokenScore, WireExchange, WireFrame
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.inspector.tap_app import how_to
from tui_chat.ui.inspector.words import (
    EMPTY,
    StreamFigure,
    defined_rows,
    figures_of,
    fitting,
    milliseconds,
    outcome,
    request_rows,
    response_rows,
    score_words,
    shows_body,
    status_words,
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


def written(parts: list[StreamFigure]) -> str:
    return " · ".join(part.text for part in parts)


def test_the_summary_counts_events_bytes_gaps_and_stalls() -> None:
    some = frames(0.4, 0.5, 0.6, 0.7, 2.9)
    shown = summary(EXCHANGE, figures_of(EXCHANGE, some, 0))
    assert written(shown) == "5 events · 4.2 kB · gaps 100 ms, max 2.2 s · 1 stall"


def test_what_is_missing_or_inexact_is_named() -> None:
    running = replace(EXCHANGE, ended=None, exact=False, dropped=1_500)
    shown = written(summary(running, figures_of(running, frames(0.4), 0)))
    assert shown.endswith("times ±30 ms · the first 1.5 kB are no longer kept")


def test_the_outcome_tells_waits_ending_usage_and_keep_alives() -> None:
    facts = StreamFacts("stop", "620 in, 197 out", keep_alives=3)
    shown = outcome(EXCHANGE, figures_of(EXCHANGE, frames(0.5, 0.6), 0), facts, 110.0, 102.9)
    assert written(shown) == "first byte 100 ms · first token 400 ms · finish stop · 620 in, 197 out · 3 keep-alives"


def test_the_first_byte_never_comes_after_the_first_token() -> None:
    late = replace(EXCHANGE, sent=EXCHANGE.began + 0.19)  # it took long to connect
    shown = outcome(late, figures_of(late, frames(0.25, 0.3), 0), StreamFacts(), 110.0, 102.9)
    assert written(shown) == "first byte 10 ms · first token 60 ms"


def test_problems_and_silence_come_first_and_silence_only_while_it_lasts() -> None:
    running, facts = replace(EXCHANGE, ended=None), StreamFacts(problems=2)
    figures = figures_of(running, frames(0.4), 0)
    shown = outcome(running, figures, facts, 106.0, 102.0)
    assert [(part.text, part.ink) for part in shown[:2]] == [("no data for 4.0 s", "warning"), ("2 problems", "error")]
    assert "no data" not in written(outcome(running, figures, facts, 102.5, 102.0))
    assert "no data" not in written(outcome(EXCHANGE, figures, facts, 106.0, 102.0))


@pytest.mark.parametrize("width", range(1, 120))
def test_what_does_not_fit_is_left_out_whole_and_what_is_wrong_goes_last(width: int) -> None:
    figures = figures_of(EXCHANGE, frames(0.4, 0.5, 0.6, 0.7, 2.9), 0)
    parts = [
        *outcome(EXCHANGE, figures, StreamFacts("stop", "9 in, 5 out", 1, 1), 110.0, 102.9),
        *summary(replace(EXCHANGE, exact=False), figures),
    ]
    shown = fitting(parts, " · ", width)
    assert [part for part in parts if part in shown] == shown
    assert shown[0].rank == 1
    assert len(shown) == 1 or len(written(shown)) <= width


@pytest.mark.parametrize("text", [EMPTY, how_to("http://127.0.0.1:8585/v1", "https://api.example/v1")])
def test_no_paragraph_is_broken_before_it_is_laid_out(text: str) -> None:
    assert all(not line.strip() or not after.strip() for line, after in pairwise(text.splitlines()))


def test_a_status_has_its_usual_name() -> None:
    assert (status_words(200), status_words(429), status_words(599)) == ("200 OK", "429 Too Many Requests", "599")


@pytest.mark.parametrize(("kind", "shown"), [("text/event-stream; charset=utf-8", False), ("application/json", True)])
def test_only_a_body_that_is_no_stream_is_shown_below_the_head(kind: str, shown: bool) -> None:
    assert shows_body(replace(EXCHANGE, content_type=kind)) is shown
    assert not shows_body(replace(EXCHANGE, status=None))


@pytest.mark.parametrize("width", [10, 36, 54, 80, 200])
def test_no_meaning_of_a_word_is_cut(width: int) -> None:
    meaning = "from the request to the first piece of the reply"
    rows = texts([*defined_rows([f"time to first token (TTFT)   {meaning}", "stall  a gap"], width)])
    assert max(len(row) for row in rows) <= max(width, len("time to first token (TTFT)"))
    assert " ".join(" ".join(rows).split()) == f"time to first token (TTFT) {meaning} stall a gap"


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
    assert shown[0] == "200 OK"
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


def test_what_it_took_to_connect_stands_before_the_moments() -> None:
    some = frames(0.4, 0.5)
    new = replace(EXCHANGE, dns=0.004, connect=0.012, tls=0.031)
    shown = texts([*timing_rows(new, some, figures_of(new, some, 0), UNICODE, 60)])
    assert [row.split()[-2:] for row in shown[:3]] == [["4", "ms"], ["12", "ms"], ["31", "ms"]]
    used = replace(EXCHANGE, reused=True)
    assert "used before" in texts([*timing_rows(used, some, figures_of(used, some, 0), UNICODE, 60)])[0]


@pytest.mark.parametrize("span", [0.05, 0.3, 2.0, 90.0])
def test_no_two_bars_have_the_same_time(span: float) -> None:
    some = frames(*(1.0 + span * step / 20 for step in range(21)))
    shown = texts([*timing_rows(EXCHANGE, some, figures_of(EXCHANGE, some, 0), UNICODE, 80)])
    bars = shown[shown.index("longest gap over time") + 1 :]
    labels = [row.partition(" s ")[0].strip() for row in bars[: bars.index("")]]
    assert len(labels) == 12
    assert len(set(labels)) == 12
