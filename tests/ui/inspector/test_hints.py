"""The keys of the last row are actions of the inspector, and those that do nothing are not named."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.inspector.hints import Situation, hints_for
from tui_chat.ui.inspector.inspector import Inspector

EVERYTHING = Situation(
    in_chat=True,
    any_request=True,
    several=True,
    all_chats=False,
    filtering=False,
    stream=True,
    paused=False,
    frame=True,
    troubled=True,
    opens="fold",
)


def situations() -> list[Situation]:
    flags = product(*[(True, False)] * 9)
    return [
        Situation(a, b, c, d, e, f, g, h, i, opens) for a, b, c, d, e, f, g, h, i in flags for opens in ("", "fold")
    ]


def test_every_hint_runs_an_action_that_there_is() -> None:
    for situation in situations():
        for key, word, action in hints_for(situation):
            assert hasattr(Inspector, f"action_{action.partition('(')[0]}"), (key, action)
            assert word


def test_the_last_key_explains_the_others_unless_something_is_typed() -> None:
    for situation in situations():
        assert (hints_for(situation)[-1][0] == "?") is not situation.filtering


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"any_request": False}, {"open", "copy", "save", "filter", "pause"}),
        ({"frame": False}, {"open", "show_place"}),
        ({"troubled": False}, {"next_trouble"}),
        ({"several": False}, {"turn_exchange(-1)"}),
        ({"in_chat": False}, {"show_place", "show_all"}),
        ({"stream": False}, {"open", "filter", "turn_kind(1)", "show_place", "pause", "next_trouble"}),
        ({"stream": False, "opens": ""}, {"fold"}),
    ],
)
def test_a_key_is_named_only_where_it_does_something(change: dict[str, Any], missing: set[str]) -> None:
    named = {action for _, _, action in hints_for(replace(EVERYTHING, **change))}
    assert named & missing == set()


def test_while_paused_the_way_on_comes_before_what_may_not_fit() -> None:
    hints = hints_for(replace(EVERYTHING, paused=True))
    assert [key for key, word, _ in hints if word == "go on"] == ["Space"]
    assert hints[1][1] == "go on"
