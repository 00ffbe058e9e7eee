"""Blocks that grow: which can, what of them is final, and what is only shown for now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.ui.markdown_texts import LOOK
from tui_chat.ui.markdown import code, open_blocks
from tui_chat.ui.markdown.blocks import BlockContext
from tui_chat.ui.markdown.open_blocks import (
    OpenBlock,
    OpenLines,
    OpenTable,
    OpenText,
    head_of_text,
    innermost,
    is_closed,
    lines_of,
    may_grow,
)
from tui_chat.ui.markdown.parser.markdown_parser import parsed
from tui_chat.ui.markdown.row_buffer import RowBuffer
from tui_chat.ui.markdown.styled_text import StyledText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

Open = TypeVar("Open", OpenLines, OpenTable)

TABLE = "| a | b |\n|---|---|\n"


def block_of(source: str) -> Sequence[Token]:
    """The innermost first block of a source."""
    return innermost(parsed(source, {}))[0]


def begun(kind: type[Open], head: str, buffer: RowBuffer) -> Open:
    """A block that the text `head` opens, at the top level."""
    return kind.begun(head, BlockContext(), block_of(head), buffer)


def consumed(
    block: OpenBlock,
    tail: str,
    buffer: RowBuffer,
    *,
    ended: bool = False,
    complete: bool = False,
    whole: bool = False,
) -> int:
    """Let a block take what is final of the text behind its head; the source line up to which it is."""
    source = block.head + tail
    lines = source.count("\n")
    steps = block.consume(block_of(source), buffer, whole_lines=lines, ended=ended, complete=complete, whole=whole)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return int(done.value)


def texts(buffer: RowBuffer) -> list[str]:
    return [row.strip.text.strip() for row in buffer.rows]


def is_coloured(buffer: RowBuffer) -> bool:
    return any(row.runs for row in buffer.rows)


# Which blocks can grow


@pytest.mark.parametrize(
    ("source", "grows"),
    [
        ("words", True),
        ("words\n", True),
        ("words\n\n", False),
        ("```\n", False),  # without a line of code there is nothing to keep
        ("```\na\n", True),
        ("```\na\n\n", True),
        ("```\na\n```\n", False),
        ("```\na\n```", False),
        ("    a\n", True),
        ("    a", False),
        ("<div>\n", True),
        ("<div>", False),
        ("<div>\n\n\n", False),
        (TABLE, True),
        (TABLE[:-1], False),
        (TABLE + "| 1 |\n", True),
        (TABLE + "| 1 |\n\n", False),
        ("# words\n", False),
        ("---\n", False),
    ],
)
def test_a_block_grows_once_it_has_begun_and_until_it_has_ended(source: str, *, grows: bool) -> None:
    assert may_grow(block_of(source)[0], source.count("\n")) == grows


def test_only_code_grows_within_a_long_first_line() -> None:
    assert may_grow(block_of("```\nx")[0], 1, long=True)
    assert not may_grow(block_of("```")[0], 0, long=True)
    assert not may_grow(block_of(TABLE[:-1])[0], 1, long=True)


@pytest.mark.parametrize(
    ("source", "inner", "behind"),
    [
        ("> - a", ["paragraph_open", "inline", "paragraph_close"], ["list_item", "bullet_list", "blockquote"]),
        ("- ```\n  a\n  ```", ["fence"], ["list_item", "bullet_list"]),
        ("---", ["hr"], []),
        ("> ", [], []),
        ("", [], []),
    ],
)
def test_the_innermost_block_is_found_with_what_follows_it(source: str, inner: list[str], behind: list[str]) -> None:
    block, rest = innermost(parsed(source, {}))
    assert [token.type for token in block] == inner
    assert [token.type.removesuffix("_close") for token in rest] == behind


def test_a_table_is_one_block_and_what_follows_is_another() -> None:
    block, rest = innermost(parsed("- " + TABLE.replace("\n", "\n  ") + "| 1 | 2 |\n\n  words\n", {}))
    assert (block[0].type, block[-1].type) == ("table_open", "table_close")
    assert sum(token.type == "tr_open" for token in block) == 2
    assert rest[0].type == "paragraph_open"


@pytest.mark.parametrize(
    ("source", "first", "lines", "closed"),
    [
        ("```\na\n\nb\n```", 1, ["a", "", "b"], True),
        ("```\na\n", 1, ["a"], False),
        ("```\n\n", 1, [""], False),
        ("```\n```", 1, [], True),
        ("words\n\n~~~\na\n~~~", 3, ["a"], True),
        ("```", 1, [], False),
    ],
)
def test_the_lines_of_a_fence_are_counted_from_behind_its_mark(
    source: str, first: int, lines: list[str], *, closed: bool
) -> None:
    (token,) = (token for token in parsed(source, {}) if token.type == "fence")
    assert lines_of(token) == (first, lines)
    assert is_closed(token) == closed


def test_indented_code_and_html_begin_with_their_first_line() -> None:
    assert lines_of(block_of("    a\n      b\n")[0]) == (0, ["a", "  b"])
    assert lines_of(block_of("<div>\na\n")[0]) == (0, ["<div>", "a"])


@pytest.mark.parametrize(
    ("source", "head"),
    [
        ("some words", "x"),
        ("some words\nand more", "x"),
        ("- some words  ", "- x"),
        ("> some words\n> and more", "> x"),
        ("- #\n  some words", "- #\n  x"),
    ],
)
def test_a_letter_stands_for_the_text_of_a_paragraph_that_is_opened_again(source: str, head: str) -> None:
    tokens = parsed(source, {})
    at = next(index for index, token in enumerate(tokens) if token.type == "paragraph_open")
    assert head_of_text(tokens[at:], source) == head


# Code and HTML


@pytest.mark.parametrize(
    ("head", "tail", "shown"),
    [
        ("```\n", "a\nb", "a\nb"),
        ("```\n", "a\n``", "a\n"),
        ("```\n", "a\n``` ", "a\n"),
        ("```\n", "a\n  ", "a\n"),
        ("```\n", "a\n```b", "a\n```b"),
        ("```\n", "a\n```\nb", "a\n```\n"),
        ("```\n", "a\n````  \nb\n```\n", "a\n````  \n"),
        ("````\n", "a\n```\nb", "a\n```\nb"),
        ("```\n", "a\n~~~\nb", "a\n~~~\nb"),
        ("~~~\n", "a\n~~~\nb", "a\n~~~\n"),
        ("```\n", "> ```\nb", "> ```\nb"),
        ("<!--\n", "a\n```\nb", "a\n```\nb"),
        ("<!--\n", "a\n  ", "a\n"),
    ],
)
def test_a_line_that_may_end_the_block_is_held_back_and_nothing_is_shown_behind_the_end(
    head: str, tail: str, shown: str
) -> None:
    assert begun(OpenLines, head, RowBuffer(60, LOOK)).shown_of(tail) == shown


def test_in_a_quote_the_end_stands_behind_its_mark() -> None:
    head = "> ```\n"
    context = BlockContext().in_quote(LOOK)
    block = OpenLines.begun(head, context, block_of(head), RowBuffer(60, LOOK))
    assert block.shown_of("> a\n> ```\nb") == "> a\n> ```\n"
    assert block.shown_of("> a\n> ``") == "> a\n"


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("```\na\n", False),
        ("```\na\n```", True),
        ("    a\n\nb\n", False),  # more of it may follow the blank line
        ("<div>\na\n", False),
        ("<div>\na\n\n", True),
    ],
)
def test_the_end_of_a_block_is_its_mark_or_a_line_that_is_no_part_of_it(source: str, *, ends: bool) -> None:
    head = source.split("\n")[0] + "\n"
    block = begun(OpenLines, head, RowBuffer(60, LOOK))
    assert block.ends(block_of(source)[0], source.count("\n")) == ends


def test_a_line_of_code_is_final_when_it_has_its_end() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "```\n", buffer)
    assert consumed(block, "a\nb", buffer) == 2
    assert buffer.lines == ["a"]
    block.render_rest(block_of("```\na\nb"), buffer, 2)
    assert buffer.lines == ["a", "b"]


def test_a_line_without_its_end_says_nothing_of_the_next() -> None:
    head = "```python\n"
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, head, buffer)
    block.render_rest(block_of(head + 'x = """'), buffer, 1)
    assert buffer.lines == ['x = """']
    assert block.colours.peek("def x") == code.Highlighter("python", LOOK).peek("def x")


@pytest.mark.parametrize("last", ["ended", "complete"])
def test_all_lines_are_final_at_the_end(last: str) -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "```\n", buffer)
    assert consumed(block, "a\nb", buffer, ended=last == "ended", complete=last == "complete") == 3
    assert buffer.lines == ["a", "b"]


@pytest.mark.parametrize(("tail", "complete"), [("a\nb\n", False), ("a\n\nb\n", False), ("a\n\n\n", True)])
def test_the_last_line_of_html_waits_for_another_and_no_blank_line_is_its_last(tail: str, *, complete: bool) -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "<!--\n", buffer)
    assert buffer.lines == ["<!--"]
    assert consumed(block, tail, buffer, complete=complete) == 2
    assert buffer.lines == ["<!--", "a"]


def test_code_of_a_whole_text_is_coloured_when_all_of_it_is_there() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "```python\n", buffer)
    head = len(buffer.rows)
    assert consumed(block, "x = 1\n", buffer, whole=True) == 2
    assert len(buffer.rows) == head
    consumed(block, "y = 2\n", buffer, whole=True, complete=True)
    assert buffer.lines == ["x = 1", "y = 2"]
    assert is_coloured(buffer)


@pytest.mark.parametrize("coloured", [True, False])
def test_code_that_goes_on_after_its_end_is_coloured_at_once_unless_it_is_long(
    monkeypatch: pytest.MonkeyPatch, *, coloured: bool
) -> None:
    monkeypatch.setattr(open_blocks, "MOST_RECOLOURED", 10 if coloured else 9)
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "```python\n", buffer)
    block.code = ["x = 1", "y = 2"]
    consumed(block, "", buffer)
    assert buffer.lines == ["x = 1", "y = 2"]
    assert is_coloured(buffer) == coloured
    assert block.code == []


def test_lines_without_colours_are_rendered_again_when_their_lexer_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    may_create = False
    monkeypatch.setattr(code, "is_created", lambda language: may_create)
    buffer = RowBuffer(60, LOOK)
    buffer.colours_at_once = False
    block = begun(OpenLines, "```go\n", buffer)
    consumed(block, "a := 1\n", buffer)
    assert block.uncoloured == ["a := 1"]
    assert not is_coloured(buffer)
    assert (block.recolours, block.waits()) == (False, True)
    copied = block.copied()
    assert (copied.recolours, copied.waits()) == (False, False)  # its lines may not be in the buffer any more
    before = texts(buffer)
    may_create = True
    assert (block.recolours, block.waits()) == (True, False)
    consumed(block, "", buffer)
    assert is_coloured(buffer)
    assert texts(buffer) == before
    assert (block.uncoloured, block.recolours) == ([], False)


def test_of_long_code_without_colours_only_the_last_lines_are_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "is_created", lambda language: False)
    monkeypatch.setattr(open_blocks, "MOST_RECOLOURED", 9)
    buffer = RowBuffer(60, LOOK)
    buffer.colours_at_once = False
    block = begun(OpenLines, "```go\n", buffer)
    block.render(["a := 1"], buffer)
    block.render(["b := 2"], buffer)
    assert block.uncoloured == ["a := 1", "b := 2"]
    rows = len(buffer.rows)
    block.render(["c := 3"], buffer)
    assert block.uncoloured == ["c := 3"]
    assert block.start is not None
    assert block.start.rows == rows


def test_a_copy_of_code_does_not_follow_the_block() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenLines, "```python\n", buffer)
    block.code, block.uncoloured = ["a"], ["b"]
    copied = block.copied()
    block.code.append("c")
    block.uncoloured.append("d")
    block.render(['x = """'], buffer)
    block.context.bullet = "-"
    assert (copied.code, copied.uncoloured, copied.context.bullet) == (["a"], ["b"], "")
    assert block.uncoloured == []  # what was rendered has its colours
    assert copied.colours.peek("def x").runs != block.colours.peek("def x").runs


# Tables


@pytest.mark.parametrize(
    ("tail", "shown"),
    [
        ("| 1 |\n| 2", "| 1 |\n| 2"),
        ("| 1 |\n| **2", "| 1 |\n| **2**"),
        ("| 1 |\n|", "| 1 |\n"),
        ("| 1 |\n\n| 2", "| 1 |\n\n"),
        ("| 1 |\n>\n| 2", "| 1 |\n>\n"),
    ],
)
def test_the_beginning_of_a_row_is_shown_and_nothing_behind_a_blank_line(tail: str, shown: str) -> None:
    assert begun(OpenTable, TABLE, RowBuffer(60, LOOK)).shown_of(tail) == shown


def test_a_row_without_its_end_is_shown_and_not_kept() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenTable, TABLE, buffer)
    assert not block.waits()
    assert consumed(block, "| 1 | 2 |\n| 3", buffer) == 3
    assert (len(block.table), block.rendered, block.waits()) == (2, 2, True)
    height = len(buffer.rows)
    block.render_rest((), buffer, 3)
    assert texts(buffer)[height:] == ["3"]
    assert len(block.table) == 2
    consumed(block, "| 3 | 4 |\n", buffer)
    assert (len(block.table), block.unfinished) == (3, ())


@pytest.mark.parametrize("last", ["ended", "complete"])
def test_the_last_row_needs_no_end(last: str) -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenTable, TABLE, buffer)
    assert consumed(block, "| 1 | 2 |\n| 3", buffer, ended=last == "ended", complete=last == "complete") == 4
    assert texts(buffer)[-1] == "3"
    assert (len(block.table), block.unfinished) == (3, ())


def test_the_rows_of_a_whole_text_are_rendered_when_all_are_there() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenTable, TABLE, buffer)
    consumed(block, "| 1 | 2 |\n", buffer, whole=True)
    assert buffer.rows == []
    consumed(block, "", buffer, whole=True, complete=True)
    assert texts(buffer)[-1].split() == ["1", "2"]


@pytest.mark.parametrize(
    ("always", "at_most", "aligned", "moves"),
    [
        (5, 0, 0, True),
        (2, 5, 3, True),
        (2, 5, 4, False),  # it has grown by a quarter, and not by more
        (2, 4, 0, False),
    ],
)
def test_rows_above_a_wider_one_are_rendered_again_unless_they_are_many(
    always: int, at_most: int, aligned: int, monkeypatch: pytest.MonkeyPatch, *, moves: bool
) -> None:
    monkeypatch.setattr(open_blocks, "ALIGNED_ROWS", always)
    monkeypatch.setattr(open_blocks, "MOST_ALIGNED_ROWS", at_most)
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenTable, TABLE, buffer)
    consumed(block, "| 1 | 2 |\n" * 3, buffer)
    narrow, wide = "─  ─", "─" * 11 + "  ─"
    assert texts(buffer)[1] == narrow
    block.aligned = aligned
    consumed(block, "| a wide cell | 4 |\n", buffer)
    assert texts(buffer)[1] == (wide if moves else narrow)
    assert texts(buffer)[5] == "a wide cell  4"
    consumed(block, "", buffer, complete=True)
    assert texts(buffer)[1] == wide


def test_a_copy_of_a_table_does_not_follow_it_and_is_rendered_from_its_head() -> None:
    buffer = RowBuffer(60, LOOK)
    block = begun(OpenTable, TABLE, buffer)
    consumed(block, "| 1 | 2 |\n", buffer)
    copied = block.copied()
    consumed(block, "| 3 | 4 |\n", buffer)
    assert (len(copied.table), copied.rendered) == (2, 0)


# Long paragraphs


def open_text(buffer: RowBuffer, before: str) -> OpenText:
    """A paragraph whose rows before the last are in the buffer."""
    buffer.text(StyledText(before))
    return OpenText(head="x", context=BlockContext(), carry=buffer.pop_last_row(), torn=False)


def test_a_mark_that_is_open_at_the_end_of_a_paragraph_is_closed_for_now() -> None:
    block = open_text(RowBuffer(60, LOOK), "words")
    assert block.shown_of(" and **bold") == " and **bold**"
    assert block.shown_of(" and *") == " and "
    assert not block.waits()


def test_a_paragraph_goes_on_in_its_last_row_behind_the_letter_that_opened_it() -> None:
    buffer = RowBuffer(20, LOOK)
    block = open_text(buffer, "one two three four five six")
    assert buffer.lines == ["one two three "]
    block.render_rest(block_of("x **seven**"), buffer, 0)
    assert buffer.lines == ["one two three four five six seven"]
    assert [row.text for row in buffer.rows] == ["one two three", "four five six", "seven"]
    assert buffer.rows[-1].runs == ((0, 5, LOOK.strong),)


@pytest.mark.parametrize(("ended", "taken"), [(True, 1), (False, 0)])
def test_the_rest_of_a_paragraph_is_final_when_it_has_ended(taken: int, *, ended: bool) -> None:
    buffer = RowBuffer(60, LOOK)
    block = open_text(buffer, "one")
    assert consumed(block, " two\n", buffer, ended=ended) == taken
    assert buffer.lines == (["one two"] if ended else [""])
