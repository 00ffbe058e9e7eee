"""Any text, at any width, in any pieces: rows without an exception, with work that grows as the text does.

The long run takes as many CPU seconds as TUI_CHAT_FUZZ_SECONDS says (300 without it):

    TUI_CHAT_FUZZ_SECONDS=600 python -m pytest -n 0 -m slow -s tests/fuzz/test_markdown_rows.py
"""

from __future__ import annotations

import os
import random
import sys
from time import process_time

import pytest

from tests.hostile_markdown import CODE, LANGUAGES, patterns
from tests.hostile_texts import BUILT
from tests.hostile_units import REPEATED
from tests.ui.markdown_texts import LOOK, PIECES
from tui_chat.ui.markdown.document import Document
from tui_chat.ui.markdown.incremental import LONGEST_TAIL

SECONDS = float(os.environ.get("TUI_CHAT_FUZZ_SECONDS", "300"))
"""Read here, since no test sees the variables of the program."""

FEWEST = 3
"""Texts that are tried however slow the machine is."""

NOISE = "ab 12\n\n-*_`~>|#[](){}$\\!:.\t日👩\u200d<&\u0301"


def some_text(chance: random.Random) -> str:
    """Constructs one after the other, inside of each other, and cut anywhere."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 6)):
        kind = chance.random()
        if kind < 0.45:
            unit = chance.choice(list(REPEATED.values()))
            part = unit * chance.randint(1, max(1, chance.choice((20, 300, 2_000)) // len(unit)))
        elif kind < 0.6:
            part = chance.choice(list(BUILT.values()))(chance.choice((100, 1_000, 3_000)))[:4_000]
        elif kind < 0.7:
            unit = chance.choice(list(CODE.values()))
            part = f"```{chance.choice(LANGUAGES)}\n" + unit * chance.randint(1, 200) + chance.choice(("", "\n```\n"))
        elif kind < 0.85:
            part = "".join(chance.choices(PIECES, k=chance.randint(1, 8)))
        else:
            part = "".join(chance.choices(NOISE, k=chance.randint(1, 200)))
        if chance.random() < 0.3:
            mark = chance.choice(("> ", "- ", "   ", "1. ", "\t", "| "))
            part = mark + part.replace("\n", "\n" + chance.choice((mark, " " * len(mark))))
        parts.append(part[chance.randint(0, 3) :] if chance.random() < 0.2 else part)
    return chance.choice(("", "\n", "\n\n")).join(parts)


def render(text: str, width: int, chance: random.Random, mean: int) -> Document:
    """Stream a text in random pieces, look at what is on the screen, end it, and lay it once more."""
    document = Document(width, LOOK)
    at = 0
    while at < len(text):
        size = 1 + int(chance.expovariate(1 / mean))
        document.append(text[at : at + size])
        document.flush(chance.choice((None, None, 0.0)))
        at += size
        check(document, width)
    document.complete = True
    while document.flush() is not None:
        check(document, width)
    for _ in document.settle():
        pass
    check(document, width, everything=True)
    return document


def check(document: Document, width: int, *, everything: bool = False) -> None:
    """Rows fill the width and point into their logical lines."""
    for y in range(0 if everything else max(0, document.height - 20), document.height):
        row = document.row(y)
        assert row.strip.cell_length == width
        assert 0 <= row.start <= len(document.lines[row.line])


def fuzz(seconds: float) -> int:
    """Try texts for so many CPU seconds; how many there were."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    end = process_time() + seconds
    tried = 0
    while process_time() < end or tried < FEWEST:
        case = f"{seed}:{tried}"
        chance = random.Random(case)
        text = some_text(chance)
        width = chance.choice((1, 2, 3, 5, 8, 20, 40, 80, 100, 200))
        try:
            document = render(
                text, width, chance, chance.choice((1, 10, 100, 1_000, 10_000)) if len(text) < 3_000 else 400
            )
        except Exception:
            print(f"case {case!r}: width {width}, {text!r}")
            raise
        assert document.parsed <= 10 * len(text) + LONGEST_TAIL, case  # of the whole pass at the end
        assert document.height <= 3 * len(text) + 100, case
        tried += 1
    print(f"{tried} texts in {seconds:.0f} CPU seconds")
    return tried


def calls(text: str, chance: random.Random) -> int:
    """How many calls of functions it takes to stream a text and to lay it once more."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        render(text, 100, chance, 600)
    finally:
        sys.setprofile(None)
    return count


def grows(names: list[str], small: int, large: int) -> list[str]:
    """The patterns that take more than half as much again as in proportion to their length."""
    found = []
    texts = dict(patterns(small)), dict(patterns(large))
    for name in names:
        little, much = (calls(by_name[name], random.Random(1)) for by_name in texts)
        allowed = 1.5 * len(texts[1][name]) / len(texts[0][name])
        print(f"{name}: {little} and {much} calls, {much / little / allowed * 1.5:.2f}")
        if much > allowed * little + 200_000:
            found.append(
                f"{name}: {little} calls for {len(texts[0][name])}, {much} for {len(texts[1][name])} characters"
            )
    return found


def test_random_texts() -> None:
    assert fuzz(1) >= FEWEST


def test_the_work_for_hostile_text_grows_with_its_length() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    names = [name for name, _ in patterns(10)]
    assert grows(random.Random(seed).sample(names, 2), 2_000, 6_000) == []


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_random_texts_for_long() -> None:
    assert fuzz(SECONDS) > FEWEST


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_the_work_for_all_hostile_text_grows_with_its_length() -> None:
    assert grows([name for name, _ in patterns(10)], 10_000, 40_000) == []
