"""Findings as lines: on a terminal no word is broken and none is lost, and colours are apart from the text."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from tui_chat.cli.streams.finding_lines import SIGNS, lines
from tui_chat.wire.doctor.findings import Finding, Verdict

TEXT = "No finish reason was given; the end was an empty line."
ADVICE = "Clients cannot tell a whole reply from a broken one."


def finding(verdict: Verdict = "warn") -> Finding:
    return Finding("keep-alives", verdict, TEXT, "server", ADVICE, 7)


def test_elsewhere_than_on_a_terminal_text_and_advice_are_one_line_each() -> None:
    assert lines(finding()) == f"! keep-alives  {TEXT} [7]\n{'':15}On the side of the server. {ADVICE}\n"
    assert lines(Finding("reply", "ok", "Fine.")) == "✓ reply        Fine.\n"


@pytest.mark.parametrize("width", range(24, 121))
def test_no_word_is_broken_and_lines_fit_the_terminal(width: int) -> None:
    shown = lines(finding(), width)
    assert max(map(len, shown.splitlines())) <= width
    assert " ".join(shown.split()) == f"! keep-alives {TEXT} [7] On the side of the server. {ADVICE}"
    indents = {len(row) - len(row.lstrip()) for row in shown.splitlines()[1:]}
    assert len(indents) == 1, "further lines stand below the text"


@pytest.mark.parametrize("verdict", get_args(Verdict))
@pytest.mark.parametrize("width", [None, 40, 80])
def test_colours_mark_the_verdict_and_leave_the_text_as_it_is(verdict: Verdict, width: int | None) -> None:
    plain, coloured = lines(finding(verdict), width), lines(finding(verdict), width, colours=True)
    assert plain.startswith(SIGNS[verdict])
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain
    assert coloured.count("\x1b[") == 2
