"""Expressions that run over foreign text take time by its length, also where it fits them almost."""

from __future__ import annotations

import importlib
import pkgutil
import re
from time import process_time
from typing import TYPE_CHECKING

import pytest

import tui_chat.chat
import tui_chat.terminal
import tui_chat.ui
from tui_chat.ui.markdown.partial import presentable

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = [
    *"a_*`~$[(>- \t\n\\|:=#'\"{é日0\r!<&@.",
    "[a](",
    "](",
    "> ",
    "- ",
    "1. ",
    "<a ",
    "<!--",
    "http://",
    "a@b.",
    "|-",
]
UNITS += ["\\(", "a_", "_a ", "[^", "![", "a\n", "> \n"]
SMALL, LARGE = 2_000, 20_000
GROWTH = 30
"""Ten times the text takes ten times as long, and a hundred times where an expression is quadratic."""

FREE = 0.02
"""CPU seconds that are too few to say anything."""

LOOKED_FOR_FROM_A_PLACE = {
    # only matched at one place: at the start of a line or a text, or where a mark stands
    "document._NOTE",
    "document._DEFINITION",
    "open_source._BLANK_LINES",
    "partial._BEGUN_ROW",
    "partial._TABLE_ROW",
    "partial._ROW_ALONE",
    "partial._FORMULA",
    "partial._OPEN_LINK",  # lines up to `LONGEST_LINE`
}


def patterns() -> dict[str, re.Pattern[str]]:
    """Every expression of ui/ and chat/ with a name of its own."""
    return {
        f"{module.name.rpartition('.')[2]}.{name}": value
        for package in (tui_chat.ui, tui_chat.chat, tui_chat.terminal)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, re.Pattern)
    }


def seconds(act: Callable[[], object]) -> float:
    """CPU seconds, the fewest of three."""
    took = []
    for _ in range(3):
        began = process_time()
        act()
        took.append(process_time() - began)
        if took[-1] < FREE:
            break
    return min(took)


def grows(act: Callable[[str], object]) -> list[str]:
    """The units of which ten times as many take far more than ten times as long."""
    found = []
    for unit in UNITS:
        for end in ("", "x", "\n"):
            large = seconds(lambda: act(unit * (LARGE // len(unit)) + end))  # noqa: B023
            if large > FREE and large > GROWTH * seconds(lambda: act(unit * (SMALL // len(unit)) + end)):  # noqa: B023
                found.append(unit + "…" + end)
    return found


@pytest.mark.parametrize("name", patterns())
def test_an_expression_takes_time_by_the_length_of_the_text(name: str) -> None:
    pattern = patterns()[name]
    assert grows(pattern.fullmatch) == []
    if name not in LOOKED_FOR_FROM_A_PLACE:
        assert grows(lambda text: pattern.sub("", text)) == []


def test_a_text_of_marks_is_made_presentable_in_time() -> None:
    assert grows(presentable) == []
