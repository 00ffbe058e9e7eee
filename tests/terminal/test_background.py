"""A terminal's answer about its background, in every form that terminals give it."""

from __future__ import annotations

import pytest

from tui_chat.terminal.background import BackgroundReported, reported_background
from tui_chat.terminal.input import LONGEST_SEQUENCE, TerminalInput

BEGINNING = "\x1b]11;"


@pytest.mark.parametrize(
    ("colour", "dark"),
    [
        ("rgb:0000/0000/0000", True),
        ("rgb:ffff/ffff/ffff", False),
        ("rgb:1e1e/2020/3030", True),
        ("rgb:fd/f6/e3", False),
        ("rgb:f/f/e", False),
        ("rgb:000/fff/000", False),
        ("rgb:0000/0000/ffff", True),
        ("rgba:2828/2c2c/3434/ffff", True),
        ("RGB:FFFF/FFFF/FFFF", False),
        ("#fdf6e3", False),
        ("#002b36", True),
    ],
)
def test_every_form_of_a_colour_is_read(colour: str, dark: bool) -> None:
    reported = reported_background(BEGINNING + colour)
    assert reported is not None
    assert reported.dark is dark


@pytest.mark.parametrize(
    "answer", ["\x1b]10;rgb:0/0/0", f"{BEGINNING}?", f"{BEGINNING}rgb:0/0", f"{BEGINNING}white", ""]
)
def test_what_is_no_background_is_none(answer: str) -> None:
    assert reported_background(answer) is None


@pytest.mark.parametrize("end", ["\x1b\\", "\x07", "\x9c"])
def test_an_answer_is_read_however_it_is_cut(end: str) -> None:
    answer = f"{BEGINNING}rgb:ffff/ffff/ffff{end}"
    for cut in range(1, len(answer)):
        keys = TerminalInput(clock=lambda: 0.0)
        came = [*keys.feed(answer[:cut]), *keys.feed(answer[cut:]), *keys.feed("x")]
        reports = [each for each in came if isinstance(each, BackgroundReported)]
        assert [each.dark for each in reports] == [False], cut
        assert [getattr(each, "key", "") for each in came if each not in reports] == ["x"], cut


def test_an_answer_without_an_end_or_without_measure_says_nothing() -> None:
    keys = TerminalInput(clock=lambda: 0.0)
    broken = f"{BEGINNING}rgb:ffff/ffff/ffff\x01"
    long = f"\x1b]52;{'x' * LONGEST_SEQUENCE}rgb:ffff/ffff/ffff\x07"
    for sent in (broken, long):
        assert not [each for each in keys.feed(sent) if isinstance(each, BackgroundReported)]
