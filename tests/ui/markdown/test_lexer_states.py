from __future__ import annotations

from types import SimpleNamespace

import pytest
from pygments.lexers import JsonLexer, PythonLexer

from tui_chat.ui.markdown.lexer_states import state_table


def test_the_states_of_a_lexer_of_expressions_are_known() -> None:
    table = state_table(PythonLexer())
    assert "root" in table
    assert all(len(rule) == 3 for rule in table["root"])


def test_a_lexer_of_another_kind_has_none() -> None:
    assert state_table(JsonLexer()) == {}


@pytest.mark.parametrize(
    "tokens",
    [None, [], {}, {"root": []}, {"other": [(1, 2, 3)]}, {"root": [(1, 2)]}, {"root": [(1, 2, 3), [1, 2, 3]]}],
    ids=str,
)
def test_a_table_of_another_form_is_not_used(tokens: object) -> None:
    assert state_table(SimpleNamespace(_tokens=tokens)) == {}


def test_a_table_of_the_known_form_is_handed_on_whole() -> None:
    tokens = {"root": [(1, 2, 3)], "string": [(4, 5, 6)]}
    assert state_table(SimpleNamespace(_tokens=tokens)) is tokens
