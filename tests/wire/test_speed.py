"""Framing and dialect against the least that any reader of JSON must do, in CPU time and as a ratio within one run."""

from __future__ import annotations

import json
from time import process_time
from typing import TYPE_CHECKING

import pytest

from tests.wire.corpus import FOLDER, Case, cases, needs_corpus, params
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.framing import EventStream, JsonLines

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [needs_corpus, pytest.mark.slow]

FLOOR = 0.4
"""Of the events per second that `json.loads` alone reads from lines that are split already."""

READ = 16 * 1024
"""Bytes a read of the socket brings at full speed."""

ROUNDS = 15

ENOUGH = 20
"""Events below which the cost of a reply's beginning and end is most of what there is to measure."""


def documents(case: Case) -> list[str]:
    """The JSON of each event, split beforehand."""
    if case.dialect == "ollama-chat":
        return [line for line in case.body.decode().splitlines() if line.strip()]
    frames = EventStream().feed(case.body)
    return [frame.data for frame in frames if frame.kind == "data" and frame.data.strip().startswith("{")]


def chosen() -> list[Case]:
    """Of all, and of each dialect: the two largest bodies, and the one with the smallest events.

    None of Gemini's has enough events.
    """
    found: dict[str, Case] = {}
    every = cases(".", ".sse", ".ndjson") if FOLDER.is_dir() else []
    for group in [every, *([case for case in every if case.dialect == name] for name in DIALECTS)]:
        many = [case for case in group if len(documents(case)) >= ENOUGH]
        largest = sorted(many, key=lambda case: -len(case.body))[:2]
        smallest = sorted(many, key=lambda case: len(case.body) / len(documents(case)))[:1]
        found |= {case.name: case for case in (*largest, *smallest)}
    return [*found.values()]


def best(work: Callable[[], None], repeats: int) -> float:
    """CPU seconds of one go, the best of many."""
    found = []
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(repeats):
            work()
        found.append((process_time() - start) / repeats)
    return min(found)


@pytest.mark.parametrize("case", params(chosen()))
def test_reading_costs_little_more_than_its_json(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    lines = documents(case)
    pieces = [case.body[at : at + READ] for at in range(0, len(case.body), READ)]

    def least() -> None:
        for line in lines:
            json.loads(line)

    def ours() -> None:
        dialect = DIALECTS[case.dialect]()
        framing = JsonLines() if dialect.lines else EventStream()
        for piece in pieces:
            for frame in framing.feed(piece):
                dialect.decode(frame)
        for frame in framing.close():
            dialect.decode(frame)
        dialect.close()

    repeats = max(1, 300_000 // len(case.body))
    floor, taken = best(least, repeats), best(ours, repeats)
    with capsys.disabled():
        rate = len(lines) / taken
        print(
            f"\n{case.dialect:19} {case.name:38} {len(lines):5} events {rate:9,.0f}/s  {floor / taken:.2f} of the floor"
        )
    assert floor / taken >= FLOOR
