"""However a text arrives, it ends as the same rows, at a cost that does not grow."""

from __future__ import annotations

import sys
from random import Random
from subprocess import run
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.markdown_texts import (
    EVERYTHING,
    LOOK,
    PIECES,
    in_one_piece,
    markdown,
    nested_markdown,
    noise,
    recorded_texts,
    settled,
    shown,
    streamed,
)
from tui_chat.chat.clean import clean
from tui_chat.ui.markdown import document as document_module
from tui_chat.ui.markdown import incremental as incremental_module
from tui_chat.ui.markdown.document import SLICE, Document, PlainDocument
from tui_chat.ui.markdown.incremental import IncrementalRenderer
from tui_chat.ui.markdown.open_source import TOO_LONG


def rows_of(document: Document | PlainDocument) -> list[object]:
    return [document.row(y) for y in range(document.height)]


def check_rows(document: Document | PlainDocument) -> None:
    for y in range(document.height):
        row = document.row(y)
        strip = row.strip
        assert sum(segment.cell_length for segment in strip) == strip.cell_length == document.width
        assert not any(category(character) == "Cc" for character in strip.text), strip.text
        assert all(segment.style is not None and segment.style.bgcolor is not None for segment in strip)
        if row.end == row.start:
            continue  # a blank row, or one that is not a part of the text
        text = document.lines[row.line][row.start :]
        behind = strip.text[row.prefix :].replace(LOOK.bar_sign, " ").rstrip()
        assert text.startswith(behind) or not text.strip(), (text, behind)


def settle(document: Document | PlainDocument) -> None:
    for _ in document.settle():
        pass


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("width", [20, 60])
def test_streamed_rows_are_those_of_the_whole_text_once_settled(size: int, width: int) -> None:
    document, whole = streamed(EVERYTHING, size, width), settled(EVERYTHING, width)
    settle(document)
    assert rows_of(document) == rows_of(whole)
    assert document.lines == whole.lines


@settings(max_examples=120)
@given(markdown | nested_markdown | noise, st.lists(st.integers(1, 50), max_size=8), st.integers(1, 90))
def test_any_text_in_any_cuts_ends_as_the_whole_text(text: str, cuts: list[int], width: int) -> None:
    document, whole = streamed(text, cuts, width), settled(text, width)
    check_rows(document)
    settle(document)
    check_rows(document)
    assert rows_of(document) == rows_of(whole)


@settings(max_examples=60)
@given(markdown | nested_markdown)
def test_a_settled_text_looks_as_if_it_were_parsed_in_one_piece(text: str) -> None:
    text = clean(text)
    assert in_one_piece(text).rows == rows_of(settled(text))


@settings(max_examples=150, derandomize=True)
@given(nested_markdown, st.sampled_from([0, 40, 150]))
def test_blocks_inside_of_others_look_the_same_when_those_before_them_are_frozen(text: str, long: int) -> None:
    text = clean(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_module, "SLICE", 200)
        patch.setattr(incremental_module, "LONG_CONTAINER", long)
        assert rows_of(settled(text)) == in_one_piece(text).rows


def test_a_quote_that_ends_in_its_mark_is_parsed() -> None:
    assert shown(settled(">1.\n>    <!--\n>"))


@pytest.mark.parametrize("seed", range(3))
def test_every_recorded_answer_ends_the_same_however_it_came(seed: int) -> None:
    random = Random(seed)
    for name, text in recorded_texts():
        width = random.randint(20, 120)
        whole = settled(text, width)
        check_rows(whole)
        longest = random.choice((3, 40, 400))
        for cuts in ((1, 7, 64)[seed], [random.randint(1, longest) for _ in text]):
            document = streamed(text, cuts, width)
            settle(document)
            assert rows_of(document) == rows_of(whole), (name, width, cuts)


def test_the_first_row_that_changed_is_told_and_those_above_stay_as_they_are() -> None:
    document = Document(40, LOOK)
    before: list[object] = []
    for character in EVERYTHING:
        document.append(character)
        first = document.flush()
        after = rows_of(document)
        if first is None:
            assert all(old is new for old, new in zip(before, after, strict=True))
        else:
            assert all(old is new for old, new in zip(before[:first], after[:first], strict=True))
            assert before[first : first + 1] != after[first : first + 1]
        before = after


def test_no_blank_row_ends_a_text() -> None:
    for piece in PIECES:
        rows = shown(settled(piece + "\n\n"))
        assert not rows or rows[-1].strip()


def test_nothing_stored_is_nothing_to_lay() -> None:
    document = Document(40, LOOK)
    document.append("")
    assert document.flush() is None
    assert document.height == 0


def test_append_only_stores() -> None:
    document = Document(40, LOOK)
    document.append("# Title\n\ntext")
    assert document.height == 0
    assert document.parsed == 0


GROWING = {
    "prose": ("A sentence with **bold** words and `code`. " * 12 + "\n\n", "More words follow. "),
    "fence": ("```python\n" + "def f(x):\n    return x + 1\n" * 20, "    y = x * 2\n"),
    "paragraph": ("word after word " * 40, "word after word "),
    "marked paragraph": ("some **bold** and `code` and [a](http://b.c) " * 15, "some **bold** and `code` "),
    "unclosed mark": ("**never closed " + "word after word " * 40, "word after word "),
    "no spaces": ("x" * 600, "xxxxxxxxxxxxxxxx"),
    "wide": ("日本語のテキスト" * 80, "日本語のテキスト"),
    "list": ("".join(f"- item {n} of a list\n" for n in range(30)), "- another item\n"),
    "table": ("| a | b |\n|---|---|\n" + "| one | two |\n" * 30, "| one | two |\n"),
    "paragraphs of an item": ("- start\n\n" + "  more of **it**\n\n" * 40, "  more of **it**\n\n"),
    "text of an item": ("- " + "word after word " * 40, "word after word "),
    "lines of a quote": ("> word after word\n" * 40, "> word after word\n"),
    "paragraphs of a quote": ("> word after word\n>\n" * 40, "> word after word\n>\n"),
    "fence in an item": ("1. text\n\n   ```python\n" + "   x = 1\n" * 40, "   x = f(1)\n"),
    "fence in a quote": ("> ```python\n" + "> x = 1\n" * 40, "> x = f(1)\n"),
    "table in a quote": ("> | a | b |\n> |---|---|\n" + "> | one | two |\n" * 30, "> | one | two |\n"),
    "nested items": ("- a\n  - b\n    - c\n" + "      - an item\n" * 30, "      - an item\n"),
    "paragraphs of a nested item": ("- a\n  - b\n    1. c\n\n" + "       text\n\n" * 40, "       more text\n\n"),
    "HTML": ("<div>\n" + "<p>words</p>\n" * 40, "<p>more</p>\n"),
    "comment": ("<!--\n" + "words\n\n" * 60, "more\n\n"),
    "indented code": ("    x = 1\n" * 50, "    x = f(1)\n"),
    "formula": ("$$\n" + "x_1 = \\frac{a}{b}\n" * 120, "x_1 = \\frac{a}{b}\n"),
    "definitions": ("[r]: https://example.com/r\n" * 20, "[r]: https://example.com/r\n"),
    "line ends": ("text\n" + "\n" * 200, "\n\n\n"),
    "spaces": ("text" + " " * 1_200, " " * 9),
    "unclosed marks": ("*a _b [c `d " * 100, "*a _b [c `d "),
}


@pytest.mark.parametrize("kind", GROWING)
def test_the_work_for_a_few_characters_does_not_grow_with_the_text(kind: str) -> None:
    start, more = GROWING[kind]
    document = Document(80, LOOK)
    document.append(start)
    document.flush()
    work = []
    for _ in range(6):
        before = document.parsed
        for _ in range(120):
            document.append(more)
            document.flush()
        work.append((document.parsed - before) / 120)
    assert max(work[3:]) <= 1.15 * max(work[:3]), work
    assert max(work) < 2 * TOO_LONG


def test_a_slice_of_settling_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    renderers: list[IncrementalRenderer] = []

    def making(*arguments: Any, **options: Any) -> IncrementalRenderer:
        renderers.append(IncrementalRenderer(*arguments, **options))
        return renderers[-1]

    monkeypatch.setattr(document_module, "IncrementalRenderer", making)
    document = Document(80, LOOK, EVERYTHING * 20)
    work, before = [], 0
    for _ in document.settle():
        parsed = renderers[-1].parsed if len(renderers) > 1 else 0
        work.append(parsed - before)
        before = parsed
    assert len(work) > len(EVERYTHING) * 20 / SLICE
    assert max(work) <= 4 * SLICE, sorted(work)[-5:]


def test_a_stored_text_shows_its_first_rows_while_the_rest_is_laid() -> None:
    document = Document(80, LOOK, "A paragraph.\n\n" * 500)
    heights = [document.height for _ in document.settle()]
    assert any(0 < height < 500 for height in heights)
    assert document.height == 999


def test_text_may_be_appended_after_settling() -> None:
    document = streamed("- one\n- two", 3)
    settle(document)
    document.append(" and more\n- three\n\nEnd")
    document.flush()
    assert shown(document) == shown(settled("- one\n- two and more\n- three\n\nEnd"))


@pytest.mark.parametrize("count", [150, 200, 300])
def test_a_long_paragraph_before_the_last_block_is_laid_once(count: int) -> None:
    words = [f"word{number}" for number in range(count)]
    document = settled(" ".join(words) + "\n\n# End\n\nLast")
    assert [word for word in " ".join(shown(document)).split() if "─" not in word] == [*words, "End", "Last"]


def test_text_that_comes_while_settling_is_not_lost() -> None:
    document = streamed("word " * 1000, 50)
    steps = document.settle()
    next(steps)
    document.append("and the end")
    document.flush()
    for _ in steps:
        pass
    assert document.lines[-1].endswith("and the end")


def test_a_reference_defined_at_the_end_counts_from_the_beginning_once_settled() -> None:
    document = streamed("See [words].\n\n" + "Text.\n\n" * 400 + "[words]: https://example.com/later\n", 20)
    assert "later" not in shown(document)[0]
    settle(document)
    assert shown(document)[0] == " See words (https://example.com/later)."


def test_a_definition_inside_code_is_none() -> None:
    text = "[words]\n\n```\n[words]: https://example.com\n```\n"
    assert shown(settled(text))[0] == " [words]"


def test_line_ends_may_be_cut_in_two() -> None:
    assert shown(streamed("one\r\n\r\ntwo\r\n", 4)) == shown(streamed("one\n\ntwo\n", 1)) == [" one", "", " two"]


def test_a_line_of_100_000_characters() -> None:
    document = streamed("x" * 100_000, 5_000)
    check_rows(document)
    settle(document)
    assert "".join(document.lines) == "x" * 100_000


def test_the_parser_and_the_lexers_are_imported_when_they_are_needed() -> None:
    code = (
        "import sys, tui_chat.ui.markdown.document; "
        "assert not {'markdown_it', 'pygments', 'linkify_it'} & set(sys.modules), 'imported too early'"
    )
    assert run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr == ""


def test_plain_text_is_shown_as_it_is() -> None:
    document = PlainDocument(20, LOOK, "# not a *heading*\n\n- x\ty that goes on and on\n")
    settle(document)
    check_rows(document)
    assert "\n".join(document.lines) == "# not a *heading*\n\n- x    y that goes on and on"


@settings(max_examples=60)
@given(markdown | noise, st.integers(1, 30), st.integers(1, 40))
def test_plain_text_in_any_cuts_ends_as_the_whole_text(text: str, size: int, width: int) -> None:
    cut, whole = PlainDocument(width, LOOK), PlainDocument(width, LOOK, text)
    for at in range(0, len(text), size):
        cut.append(text[at : at + size])
        cut.flush()
    settle(whole)
    check_rows(cut)
    assert cut.lines == whole.lines
    assert rows_of(cut) == rows_of(whole)


HELD_BACK = [
    "42",
    "The year was\n\n1984",
    "| a | b |\n|---|---|\n| 1 | end |",
    "a | b\n--|--\n1 | end",
    "| x",
    "```\n| x",
]
HELD_BACK += ["- ", "Title\n=", "$$", "```python\nx = 1\n``", "a `b", "*", "\\", "<div", "[a](b", "> 7", "- a\n- 12."]


@pytest.mark.parametrize("text", HELD_BACK)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_nothing_is_held_back_of_a_complete_text(text: str, size: int) -> None:
    document = streamed(text, size)
    document.complete = True
    document.flush()
    assert shown(document) == [row.strip.text.rstrip()[1:] for row in in_one_piece(text).rows]
    assert document.flush() is None


@settings(max_examples=150)
@given(
    markdown | nested_markdown | noise, st.lists(st.integers(1, 50), max_size=8), st.sets(st.integers(0, 8)), st.data()
)
def test_text_that_goes_on_after_it_was_complete_is_laid_as_if_it_had_not_been(
    text: str, cuts: list[int], complete: set[int], data: st.DataObject
) -> None:
    settled_at = data.draw(st.integers(0, 8))
    document, never = Document(40, LOOK), Document(40, LOOK)
    at = 0
    for turn, size in enumerate([*cuts, 1000]):
        for one in (document, never):
            one.append(text[at : at + size])
        at += size
        document.complete = turn in complete
        for one in (document, never):
            one.flush()
        if turn == settled_at:
            settle(document)
    document.complete = False
    document.append("\n\nAnd on.")
    never.append("\n\nAnd on.")
    document.flush()
    never.flush()
    if settled_at > len(cuts):
        assert rows_of(document) == rows_of(never)
    check_rows(document)
    for one in (document, never):
        one.complete = True
        one.flush()
        settle(one)
    assert rows_of(document) == rows_of(never)
