"""Text that is rendered while it comes: what is frozen, what is told of changes, and what waits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.markdown_texts import LOOK, in_one_piece
from tui_chat.ui.markdown import code
from tui_chat.ui.markdown import incremental as incremental_module
from tui_chat.ui.markdown.incremental import LONG_CONTAINER, LONG_LINE, LONGEST_TAIL, IncrementalRenderer
from tui_chat.ui.markdown.parser.markdown_parser import parsed

TABLE = "| a | b |\n|---|---|\n"
LONG = "word " * (LONGEST_TAIL // 5)


def feed(renderer: IncrementalRenderer, text: str, *, complete: bool = False) -> None:
    for _ in renderer.render(text, complete=complete):
        pass


def fed(*pieces: str, **options: Any) -> IncrementalRenderer:
    """A renderer that has got some pieces of a text."""
    renderer = IncrementalRenderer(60, LOOK, **options)
    for piece in pieces:
        feed(renderer, piece)
    return renderer


def seen(renderer: IncrementalRenderer) -> list[str]:
    return [row.strip.text.strip() for row in renderer.buffer.rows]


def work(renderer: IncrementalRenderer, text: str) -> int:
    """The characters that are parsed to render some more text."""
    before = renderer.parsed
    feed(renderer, text)
    return renderer.parsed - before


@pytest.mark.parametrize(
    "text",
    [
        "9. nine\n10. ten\n11. eleven\n",
        "1. one\n\n   two\n\n   - three\n\n     four\n   - five\n2. six\n",
        "> - one\n>   - two\n>\n>     three\n>\n> > four\n> > five\n",
        "- ```python\n  x = 1\n\n  y = 2\n  ```\n\n  after\n- > ~~~\n  > z\n\n  end\n",
        "- <!-- a\n\n  b -->\n  c\n- <div>\n  d\n\n  e\n",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |\n> | 333 | 4 |\n>\n> after\n",
        "-     code\n\n      more\n\n  after\n",
        "-\n  one\n\n  two\n- \n\n- three\n",
        "- one\ngoes on\n- two\n===\n> quoted\n- and\n",
        "1. - [ ] do\n   - [x] done\n\n   ***\n",
    ],
)
def test_a_container_goes_on_where_it_was_cut(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental_module, "LONG_CONTAINER", 0)
    renderer = fed(*text.splitlines(keepends=True))
    feed(renderer, "", complete=True)
    assert [row.strip.text for row in renderer.buffer.rows] == [row.strip.text for row in in_one_piece(text).rows]


def test_the_first_row_that_changed_is_told() -> None:
    renderer = fed("one\n\ntwo")
    assert (renderer.changed, renderer.changed_from) == (True, 0)
    above = renderer.buffer.rows[:2]
    feed(renderer, " more")
    assert (renderer.changed, renderer.changed_from) == (True, 2)
    assert all(row is other for row, other in zip(renderer.buffer.rows, above, strict=False))
    feed(renderer, "\n- ")  # what it will be is not known yet
    assert not renderer.changed
    assert seen(renderer) == ["one", "", "two more"]


def test_rows_that_disappear_are_a_change_too() -> None:
    renderer = fed("text\n\n")
    feed(renderer, "42", complete=True)
    assert (renderer.complete, seen(renderer)) == (True, ["text", "", "42"])
    feed(renderer, "")
    assert (renderer.complete, seen(renderer)) == (False, ["text"])
    assert (renderer.changed, renderer.changed_from) == (True, 1)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("- one\n- tw", "o\n- three\n"),
        ("> a\n>", " b\n> c"),
        ("```python\nx = '''\n`", "``\n'''\n"),
        (TABLE + "| 1 | 2", "2 |\n| a wide cell | 3 |\n"),
        ("word " * 200 + "**bo", "ld** and"),
        ("Title\n=", "\n==="),
        (f"# {LONG}", "more\n\nend"),
    ],
)
def test_text_that_goes_on_after_its_end_looks_as_if_it_had_not_ended(text: str, more: str) -> None:
    renderer, other = fed(text), fed(text)
    feed(renderer, "", complete=True)
    for each in (renderer, other):
        feed(each, more)
    assert renderer.buffer.rows == other.buffer.rows
    assert renderer.buffer.lines == other.buffer.lines


def test_a_long_line_of_code_is_rendered_again_when_it_has_grown_by_a_quarter() -> None:
    line = "x" * LONG_LINE
    renderer = fed("```\n" + line, "a")
    assert renderer.buffer.lines == [line + "a"]
    assert work(renderer, "b") == 0
    assert not renderer.changed
    assert renderer.buffer.lines == [line + "a"]
    more = "c" * (LONG_LINE // 4)
    assert work(renderer, more)
    assert renderer.buffer.lines == [line + "ab" + more]
    assert work(renderer, "d") == 0
    feed(renderer, "\ne")
    assert renderer.buffer.lines == [line + "ab" + more + "d", "e"]
    feed(renderer, "f")
    assert renderer.buffer.lines[1:] == ["ef"]


def test_the_end_of_a_text_does_not_wait_in_a_long_line() -> None:
    renderer = fed("```\n" + "x" * LONG_LINE, "a", "b")
    feed(renderer, "c", complete=True)
    assert renderer.buffer.lines == ["x" * LONG_LINE + "abc"]


@pytest.mark.parametrize(
    ("block", "more"),
    [
        ("- an item of a list\n", "- more\n"),
        ("> a line of a quote\n>\n", "> more\n"),
        ("1. an item\n\n   of paragraphs\n\n", "1. more\n"),
    ],
)
def test_finished_blocks_in_a_long_container_are_not_parsed_again(
    block: str, more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert work(fed(block * 40), more) < LONG_CONTAINER
    monkeypatch.setattr(incremental_module, "LONG_CONTAINER", 1_000_000)
    assert work(fed(block * 40), more) > 40 * len(block)


def test_what_takes_too_long_to_parse_again_and_again_is_plain_up_to_a_blank_line() -> None:
    renderer = fed(f"# {LONG}")
    assert renderer.plain
    assert " ".join(renderer.buffer.lines).split() == ["#", *LONG.split()]
    assert work(renderer, "more ") == 0
    feed(renderer, "\n\n*end*\n\n")
    assert renderer.buffer.lines[-1] == "end"


def test_text_that_is_complete_is_parsed_however_long_it_is() -> None:
    renderer = fed()
    feed(renderer, f"# {LONG}", complete=True)
    assert not renderer.plain
    assert renderer.buffer.lines == [LONG.rstrip()]


@pytest.mark.parametrize("pieces", [["> " * 30 + "deep\n", "\n*end*"], ["> " * 30 + "deep\n\n*end*"]])
def test_text_too_deep_in_quotes_is_plain_and_what_follows_is_not(pieces: list[str]) -> None:
    renderer = fed(*pieces)
    assert renderer.plain
    assert any("deep" in line for line in renderer.buffer.lines)
    assert renderer.buffer.lines[-1] == "end"


def test_of_a_whole_text_only_finished_blocks_are_rendered_before_its_end() -> None:
    renderer = fed("one\n\ntwo", whole=True)
    assert seen(renderer) == ["one"]
    assert work(renderer, "s") == 0  # parsed again when it has doubled
    assert work(renderer, " and more")
    assert seen(renderer) == ["one"]
    feed(renderer, "", complete=True)
    assert seen(renderer) == ["one", "", "twos and more"]


def test_blocks_of_code_are_counted_on_from_those_before_the_text() -> None:
    renderer = fed("```sh\nls\n```\n\n```\nls\n```\n", blocks_before=2)
    assert [row.split()[-2:] for row in seen(renderer) if row.endswith("copy")] == [["3", "copy"], ["4", "copy"]]
    assert renderer.buffer.blocks == 4


def test_a_link_knows_the_definitions_before_it() -> None:
    renderer = fed("see [a]\n\n", "more\n\n", "[a]: https://a.b/c\n\n", "text\n\n", "see [a]\n\n", "end")
    assert [line for line in renderer.buffer.lines if line.startswith("see")] == ["see [a]", "see a (https://a.b/c)"]
    env: dict[str, Any] = {}
    parsed("[a]: https://a.b/c\n", env)
    assert seen(fed("see [a].", references=env["references"])) == ["see a (https://a.b/c)."]


def test_lines_whose_colours_are_still_to_come_get_them_without_more_text(monkeypatch: pytest.MonkeyPatch) -> None:
    may_create = False
    monkeypatch.setattr(code, "is_created", lambda language: may_create)
    renderer = fed()
    renderer.buffer.colours_at_once = False
    feed(renderer, "text\n\n```go\na := 1\n")
    before = seen(renderer)
    assert (renderer.uncoloured, renderer.recolours) == (True, False)
    may_create = True
    assert (renderer.uncoloured, renderer.recolours) == (True, True)
    feed(renderer, "")
    assert (renderer.uncoloured, renderer.recolours) == (False, False)
    assert (renderer.changed, renderer.changed_from) == (True, 3)
    assert renderer.buffer.rows[3].runs
    assert seen(renderer) == before
