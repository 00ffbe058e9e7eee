"""The rules that are left out by a line's first character would not have matched: the tokens are those of all rules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.rules_block import heading

from tests.hostile_markdown import patterns
from tests.ui.markdown_texts import EVERYTHING, markdown, nested_markdown, noise, recorded_texts
from tui_chat.ui.markdown.parser.line_rules import CHAINS, FIRST_CHARACTERS, try_fewer_rules
from tui_chat.ui.markdown.parser.markdown_parser import parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

STARTS = [
    *("", "a", "1", "日", "-", "- ", "+ b", "* c", "1. d", "2) e", "7", "# f", "#g", "####### h", "---", "***", "___"),
    *("> i", ">", ">\tj", "```", "```py", "~~~", "``", "<div>", "<!-- k", "-->", "<b>l</b>", "</p>", "$$", "$$m$$"),
    *("\\[", "\\]", "$n", "\\o", "|", "|p|q|", "|-|-|", "-|-", ":-", "=", "===", "[r]: s", "[^t]: u", "[v", "w|x"),
    *("\u00a0$$", "\x0b# y", "\f---", "\u2028> z", "\x00", "|" * 60, "|-" * 60),
]
lines = st.tuples(
    st.lists(st.sampled_from(["", " ", "  ", "    ", "\t", ">", "> ", "- ", "1. "]), max_size=4).map("".join),
    st.sampled_from(STARTS),
).map("".join)


@cache
def with_all_rules() -> MarkdownIt:
    made: MarkdownIt = parser.__wrapped__()
    del made.block.ruler.getRules
    return made


def found_by(markdown_it: MarkdownIt, text: str) -> tuple[list[object], dict[str, Any]]:
    env: dict[str, Any] = {}
    return [token.as_dict() for token in markdown_it.parse(text + "\n", env)], env


def check(text: str) -> None:
    assert found_by(parser(), text) == found_by(with_all_rules(), text)


@given(st.lists(lines, max_size=12).map("\n".join))
def test_lines_that_begin_in_all_ways(text: str) -> None:
    check(text)


@given(st.one_of(markdown, nested_markdown, noise))
def test_generated_texts(text: str) -> None:
    check(text)


def test_recorded_texts() -> None:
    for _, text in recorded_texts():
        check(text)


@pytest.mark.parametrize("size", [30, 120])
def test_hostile_texts(size: int) -> None:
    for _, text in [*patterns(size), ("", EVERYTHING)]:
        check(text)


def test_each_rule_by_which_another_block_ends_is_known() -> None:
    ruler = with_all_rules().block.ruler
    names = dict(zip(ruler.getRules(""), ruler.get_active_rules(), strict=True))
    ending = {names[rule] for chain in CHAINS for rule in ruler.getRules(chain)}
    assert ending == {*FIRST_CHARACTERS, "table", "plain"}


def test_a_letter_calls_no_rule() -> None:
    called: list[int] = []

    def counted(rule: Callable[..., bool]) -> Callable[..., bool]:
        def counting(state: StateBlock, first: int, last: int, silent: bool) -> bool:
            called.append(first)
            return rule(state, first, last, silent)

        return counting

    made = parser.__wrapped__()
    del made.block.ruler.getRules
    made.block.ruler.at("heading", counted(heading), {"alt": ["paragraph", "reference", "blockquote"]})
    try_fewer_rules(made)
    made.parse(">" * 9 + " a\n" + "b\n" * 50 + "# c\n")
    assert set(called) == {0, 51}
