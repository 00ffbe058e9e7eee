from __future__ import annotations

import pytest

from tui_chat.chat.choices.effort import EFFORTS, effort_of, effort_option, effort_problem


def test_an_effort_becomes_an_option_that_reads_as_that_effort() -> None:
    assert {effort: effort_of(effort_option(effort)) for effort in EFFORTS} == {
        "off": "off",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "default": "",
    }


def test_no_effort_leaves_what_the_settings_say_and_default_takes_it_back() -> None:
    assert effort_option("") == {}
    assert effort_option("default") == {"reasoning_effort": None}


@pytest.mark.parametrize(
    ("word", "says"), [("hihg", "did you mean high?"), ("much", "there are off, low"), ("low", "")]
)
def test_an_unknown_effort_is_named(word: str, says: str) -> None:
    assert says in effort_problem(word)
    assert bool(says) == bool(effort_problem(word))
