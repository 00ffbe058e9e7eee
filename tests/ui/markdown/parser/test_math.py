from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from tui_chat.ui.markdown.parser.math import add_math

PARSER = MarkdownIt("commonmark")
add_math(PARSER)


def formulas(text: str) -> list[tuple[str, str]]:
    """Whether it is a block or within a line, and the content of each formula."""
    return [
        (each.type.removeprefix("math_"), each.content)
        for token in PARSER.parse(text)
        for each in (token, *(token.children or ()))
        if each.type in {"math_inline", "math_block"}
    ]


@pytest.mark.parametrize(
    "text", ["$a+b$", "\\(a+b\\)", "\\[a+b\\] and words", "$$a+b$$ and words", "so $a+b$.", "\\( a+b \\)"]
)
def test_a_formula_within_a_line(text: str) -> None:
    assert formulas(text) == [("inline", "a+b")]


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",  # a digit follows the second one
        "$ a$",
        "$a $",
        "$a\nb$",
        "\\(\\)",
        "only $5",
        "$5, or $6 for two. PATH=$HOME/bin:$PATH",
        "PATH=$HOME/bin:$PATH",
        "${HOME}/${USER}",
        "$a_b$_c",
        "$" + "a" * 1_001 + "$",
    ],
)
def test_dollar_signs_that_are_money_or_stand_alone_are_text(text: str) -> None:
    assert formulas(text) == []


@pytest.mark.parametrize(("text", "content"), [("the $n$th", "n"), ("$\\alpha$s", "\\alpha"), ("$x+1$, $", "x+1")])
def test_a_symbol_may_touch_a_letter_behind_it(text: str, content: str) -> None:
    assert formulas(text) == [("inline", content)]


def test_a_formula_may_be_as_long_as_the_limit() -> None:
    text = "a" * 999
    assert formulas(f"${text}$") == [("inline", text)]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("$$\na\nb\n$$", "a\nb"),
        ("\\[\na\n\\]", "a"),
        ("$$a$$", "a"),
        ("$$\na\n$$.", "a\n."),
        ("$$a\nb", "a\nb"),  # the end is still to come
        ("words\n$$\na\n$$", "a"),
        ("- $$\n  a\n  $$", "a"),
    ],
)
def test_a_formula_of_its_own_lines(text: str, content: str) -> None:
    assert formulas(text) == [("block", content)]


@pytest.mark.parametrize("text", ["    $$\n    a\n    $$", "$$\n\na", "$$\n" + "aaaa\n" * 600])
def test_what_only_begins_like_one_is_text(text: str) -> None:
    assert formulas(text) == []


def test_a_formula_that_is_not_closed_ends_before_a_blank_line() -> None:
    assert formulas("$$a\nb\n\nwords $c$") == [("block", "a\nb"), ("inline", "c")]
