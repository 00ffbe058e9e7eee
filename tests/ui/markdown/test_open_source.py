"""The end of a Markdown source that is still open: what is cut from its start and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.ui.markdown.open_source import KEPT_OPEN, LONG_PARAGRAPH, MOST_BLANK_LINES, TOO_LONG, OpenSource


def source(tail: str) -> OpenSource:
    return OpenSource(tail=tail)


@pytest.mark.parametrize(("lines", "left"), [(0, "a\nb\nc"), (1, "b\nc"), (2, "c"), (3, ""), (9, "")])
def test_lines_are_dropped_from_the_start(lines: int, left: str) -> None:
    tail = source("a\nb\nc")
    tail.drop(lines)
    assert tail.tail == left


def test_blank_lines_at_the_start_go_and_indentation_stays() -> None:
    tail = source("\n  \n\t\n    code\n\n")
    tail.drop_blank_lines()
    assert tail.tail == "    code\n\n"


@pytest.mark.parametrize("line", ["\n", "  \n", "> \n"])
def test_a_run_of_equal_blank_lines_at_the_end_is_bounded(line: str) -> None:
    tail = source("text\n" + 50 * line)
    tail.drop_blank_run()
    assert tail.tail == "text\n" + MOST_BLANK_LINES * line
    tail = source("text\n" + MOST_BLANK_LINES * line)
    tail.drop_blank_run()
    assert tail.tail == "text\n" + MOST_BLANK_LINES * line


def test_a_short_paragraph_is_not_cut() -> None:
    assert source("word " * (LONG_PARAGRAPH // 5 - 1)).cut_text("") is None


@given(st.integers(LONG_PARAGRAPH // 5, 400))
def test_a_long_paragraph_is_cut_at_a_space_and_loses_nothing(words: int) -> None:
    tail = source(whole := "word " * words)
    cut = tail.cut_text("")
    assert cut is not None
    _, tokens, torn = cut
    assert not torn
    frozen = tokens[1].content
    assert " ".join([frozen, tail.tail.strip()]).split() == whole.split()
    assert tail.tail.startswith(" ")
    assert len(tail.tail) >= KEPT_OPEN


@pytest.mark.parametrize(("length", "is_cut"), [(TOO_LONG - 10, False), (TOO_LONG + 10, True)])
def test_a_mark_that_may_be_open_delays_the_cut_for_a_while(length: int, *, is_cut: bool) -> None:
    tail = source(("**bold " + "word " * 300)[:length])
    cut = tail.cut_text("")
    assert (cut is not None) == is_cut
    assert cut is None or cut[2]


def test_a_run_without_spaces_is_cut_once_it_is_too_long() -> None:
    assert source("x" * (TOO_LONG - 1)).cut_text("") is None
    tail = source("x" * TOO_LONG)
    cut = tail.cut_text("")
    assert cut is not None
    assert cut[1][1].content + tail.tail == "x" * TOO_LONG


def test_scripts_without_spaces_are_cut_between_letters() -> None:
    tail = source("寿司" * LONG_PARAGRAPH)
    cut = tail.cut_text("")
    assert cut is not None
    assert cut[1][1].content + tail.tail == "寿司" * LONG_PARAGRAPH


def test_references_are_kept_for_what_comes_after_them() -> None:
    tail = source("")
    _, env = tail.parse("[a]: https://example.org/a\n\ntext\n", "")
    tail.learn(env, 2)
    assert "A" in tail.references
    tokens, _ = tail.parse("see [a]\n", "")
    assert any(child.type == "link_open" for child in tokens[1].children or ())
