"""Parsing whole texts, and only their blocks."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.ui.markdown_texts import markdown, nested_markdown, noise, recorded_texts
from tui_chat.ui.markdown.parser.markdown_parser import parsed, parsed_blocks


def without_children(text: str, *, blocks: bool) -> list[dict[str, object]]:
    tokens = parsed_blocks(text) if blocks else parsed(text, {})
    return [{**token.as_dict(), "children": None} for token in tokens]


@given(markdown | nested_markdown | noise)
def test_blocks_alone_are_those_of_the_whole_text(text: str) -> None:
    assert without_children(text + "\n", blocks=True) == without_children(text + "\n", blocks=False)


def test_blocks_of_recorded_texts() -> None:
    for _, text in recorded_texts():
        assert without_children(text, blocks=True) == without_children(text, blocks=False)


def test_text_within_blocks_is_not_parsed() -> None:
    tokens = parsed_blocks("a *b*\r\n\r\n```\n\0\n```\n")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close", "fence"]
    assert tokens[1].children == []
    assert tokens[3].content == "\ufffd\n"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.com/a.", ["https://example.com/a"]),
        ("see example.com, me@example.com and 127.0.0.1", []),
        ("<https://example.com>", ["https://example.com"]),
    ],
)
def test_only_what_is_surely_a_url_becomes_a_link(text: str, links: list[str]) -> None:
    tokens = [token for block in parsed(text, {}) for token in block.children or ()]
    assert [token.attrs["href"] for token in tokens if token.type == "link_open"] == links
