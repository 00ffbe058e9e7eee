from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from tui_chat.ui.markdown.open_path import (
    CONTAINERS,
    NOTHING,
    Resumed,
    block_before,
    last_numbers,
    line_after,
    may_reopen,
    number_after,
    open_path,
    reopening,
    without_placeholders,
)

if TYPE_CHECKING:
    from markdown_it.token import Token

PARSER = MarkdownIt("commonmark")


def path(text: str) -> list[str]:
    """The kinds of the blocks on the path to the last block of a text that is one top-level block."""
    tokens = PARSER.parse(text)
    return [tokens[index].type.removesuffix("_open") for index in open_path(tokens, NOTHING).blocks]


def containers(text: str) -> list[Token]:
    """The containers on the path to its last block, from the outside in."""
    tokens = PARSER.parse(text)
    return [tokens[index] for index in open_path(tokens, NOTHING).blocks if tokens[index].type in CONTAINERS]


@pytest.mark.parametrize(
    ("text", "blocks", "fresh"),
    [
        ("words", ["paragraph"], 0),
        ("- a", ["bullet_list", "list_item", "paragraph"], 0),
        ("- a\n- b", ["bullet_list", "list_item", "paragraph"], 1),
        ("- a\n\n  b", ["bullet_list", "list_item", "paragraph"], 2),
        ("- a\n  > b\n  > - c", ["bullet_list", "list_item", "blockquote", "bullet_list", "list_item", "paragraph"], 3),
        ("> ", ["blockquote"], 0),
    ],
)
def test_the_path_goes_to_the_last_block_and_says_where_it_left_a_sibling(
    text: str, blocks: list[str], fresh: int
) -> None:
    assert path(text) == blocks
    assert open_path(PARSER.parse(text), NOTHING).fresh == fresh


def test_a_container_that_was_opened_again_and_got_nothing_is_not_on_the_path() -> None:
    tokens = PARSER.parse("- #\nwords")[:-3]  # the list, opened again; the words are another block
    assert [tokens[index].type for index in open_path(tokens, Resumed(lines=1)).blocks] == ["bullet_list_open"]
    assert len(open_path(tokens, NOTHING).blocks) == 3


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("- a", "- #\n"),
        ("12.  a", "12.  #\n"),
        ("> a", "> #\n"),
        (">a", "> #\n"),
        ("- a\n  - b", "- #\n  - #\n"),
        ("> - a", "> - #\n"),
        ("- a\n  > b", "- #\n  > #\n"),
        ("-      code", "- #\n"),  # five blanks: the text is indented code, and one blank belongs to the mark
    ],
)
def test_containers_are_opened_again_by_their_marks(text: str, lines: str) -> None:
    assert reopening(containers(text), text.splitlines()) == lines


@pytest.mark.parametrize("text", ["- a\n  - b", "> - a\n>   1. b", "1. a\n\n   > b", "- > - x", "10) a\n    - b"])
def test_text_behind_the_reopened_lines_goes_on_in_the_same_containers(text: str) -> None:
    opened = containers(text)
    lines = reopening(opened, text.splitlines())
    again = without_placeholders(PARSER.parse(lines), lines.count("\n"))
    assert [token.type for token in again if token.nesting == 1] == [token.type for token in opened]


def test_only_the_placeholders_of_the_reopened_lines_are_dropped() -> None:
    tokens = PARSER.parse("#\n#\n# kept\n")
    assert [token.type for token in without_placeholders(tokens, 1)] == ["heading_open", "inline", "heading_close"] * 2
    assert without_placeholders(tokens, 0) == tokens


@pytest.mark.parametrize(
    ("text", "may"), [("> a", True), (">\ta", False), ("-\ta", True), ("- >\ta", False), ("> -\ta", False)]
)
def test_tabs_in_a_quote_cannot_be_opened_again(text: str, may: bool) -> None:
    assert may_reopen(containers(text), text.splitlines()) is may


def test_the_block_before_another_is_found_with_all_that_is_in_it() -> None:
    tokens = PARSER.parse("- a\n- b\n\nwords")
    first, last = block_before(
        tokens, next(i for i, each in enumerate(tokens) if each.type == "paragraph_open" and not each.level)
    )
    assert (first.type, last.type) == ("bullet_list_open", "bullet_list_close")
    assert line_after(first) == 3


@pytest.mark.parametrize(
    ("text", "number"),
    [("1. a\n2. b", 2), ("1. a\n1. b\n1. c", 3), ("7. a\n9. b", 9), ("3. a", 3), ("0. a\n5. b\n5. c", 6)],
)
def test_items_keep_their_numbers_and_repeated_ones_are_counted(text: str, number: int) -> None:
    tokens = PARSER.parse(text)
    assert last_numbers(tokens, open_path(tokens, NOTHING).blocks, NOTHING) == [number]


def test_the_number_of_a_list_that_was_opened_again_is_the_one_it_had() -> None:
    tokens = PARSER.parse("1. #\n1. b")
    blocks = open_path(tokens, Resumed(lines=1, numbers=[8])).blocks
    assert last_numbers(tokens, blocks, Resumed(lines=1, numbers=[8])) == [9]
    before, item = (token for token in tokens if token.type == "list_item_open")
    assert number_after(8, before, item) == 9
