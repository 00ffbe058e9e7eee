"""The sections of a message alone: the rows of its text, and what folds below a title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.style import Style

from tests.ui.markdown_texts import THEME
from tui_chat.chat.message import ToolCall
from tui_chat.keymap import Keymap
from tui_chat.ui.roles import role_variables
from tui_chat.ui.transcript import message_rows, sections
from tui_chat.ui.transcript.message_styles import MessageStyles
from tui_chat.ui.transcript.sections import Canvas, Fold, NotesSection, Section, Text, call_body, call_preview

if TYPE_CHECKING:
    from tui_chat.ui.markdown.rows import Row

STYLES = MessageStyles.of(role_variables(THEME), ansi=False)
TIME = [("12:00", STYLES.marks.asked)]


def canvas(width: int = 40) -> Canvas:
    return Canvas(width, STYLES, Keymap())


def shown(section: Section) -> list[str]:
    """The rows of a section, without the blanks at their ends."""
    return [section.row(y).strip.text.rstrip() for y in range(section.height)]


def question(text: str, width: int) -> Text:
    """A question with the time beside it."""
    section = Text(canvas(width), text, asked=True, beside=TIME)
    section.flush(complete=True)
    return section


def title(words: str) -> Row:
    return message_rows.row(40, [(words, Style())], Style())


def test_notes_have_rows_and_no_lines_to_select() -> None:
    notes = NotesSection([title("one"), title("two")])
    assert shown(notes) == ["  one", "  two"]
    assert notes.lines == ()


# Text


@pytest.mark.parametrize(
    ("asked", "rows", "lines"),
    [(True, ["▎ **bold**"], ["**bold**"]), (False, ["  bold"], ["bold"])],
    ids=["question", "answer"],
)
def test_a_question_stays_as_it_was_typed_and_an_answer_is_rendered(
    asked: bool, rows: list[str], lines: list[str]
) -> None:
    section = Text(canvas(), "**bold**", asked=asked)
    assert section.flush(complete=True) == 0
    assert (shown(section), section.lines) == (rows, lines)


@pytest.mark.parametrize(
    ("width", "text", "rows"),
    [
        (20, "hi", ["▎ hi          12:00"]),
        (30, "aaaa bbbb cccc dddd eeee ffff", ["▎ aaaa bbbb cccc dddd   12:00", "▎ eeee ffff"]),
        (16, "hi", ["▎ hi      12:00"]),
        (16, "abcdefghijklm", ["▎ abcdefghijklm"]),
        (5, "a", ["a"]),
    ],
    ids=["room", "a shorter first row", "just room", "the text needs the cells", "narrower than the words"],
)
def test_words_stand_at_the_right_of_the_first_row_unless_the_text_needs_their_cells(
    width: int, text: str, rows: list[str]
) -> None:
    section = question(text, width)
    assert shown(section) == rows
    assert {section.row(y).strip.cell_length for y in range(section.height)} == {width}


def test_a_row_with_words_beside_it_shows_the_same_part_of_its_line() -> None:
    section = question("hello", 30)
    row, bare = section.row(0), section.document.row(0)
    assert (row.line, row.start, row.prefix, row.end) == (bare.line, bare.start, bare.prefix, bare.end) == (0, 0, 2, 5)
    assert row is not bare


def test_the_row_with_words_beside_it_is_made_once_until_its_text_changes() -> None:
    section = question("hello", 30)
    assert section.row(0) is section.row(0)
    section.append(" there")
    assert section.flush(complete=True) == 0
    assert shown(section) == ["▎ hello there           12:00"]


def test_a_mark_that_may_go_on_is_held_back_until_no_more_text_is_expected() -> None:
    section = Text(canvas(), "one **two")
    section.flush(complete=False)
    assert shown(section) == ["  one two"]
    section.flush(complete=True)
    assert shown(section) == ["  one **two"]


def test_a_text_counts_its_blocks_of_code_from_those_before_it() -> None:
    section = Text(canvas(), "```\none\n```\n\n```\ntwo\n```\n", blocks=2)
    section.flush(complete=True)
    assert section.blocks == 4


def test_a_text_of_great_length_has_no_rows_until_it_is_settled_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "LAID_AT_ONCE", 20)
    assert not Text(canvas(), "x" * 20).deferred
    section = Text(canvas(), "word " * 5)
    assert (section.flush(complete=True), section.height, section.deferred) == (None, 0, True)
    slices = section.settle()
    next(slices)
    assert section.document.behind
    assert not section.behind  # the frames need not go on with it, since the slices do
    for _ in slices:
        pass
    assert (shown(section), section.deferred) == (["  word word word word word"], False)
    section.append("more")
    assert section.flush(complete=True) == 0


def flush(section: Text | Fold) -> bool:
    """Render what has come; returns whether some of it waits for the next frame."""
    if isinstance(section, Fold):
        section.flush()
    else:
        section.flush(complete=True)
    return section.behind


@pytest.mark.parametrize("folds", [False, True], ids=["text", "fold"])
def test_what_takes_too_long_waits_for_the_next_frame(folds: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "LAID_A_FRAME", -1.0)
    source = "\n\n".join(f"line {number}" for number in range(1_000))
    section = Fold(canvas(), 0) if folds else Text(canvas(), source)
    if isinstance(section, Fold):
        section.show(source)
    heights = []
    while flush(section):
        heights.append(section.height)
    assert len(heights) >= 1
    assert 1 < heights[0] < section.height
    assert shown(section)[-1].split()[-2:] == ["line", "999"]


# Folds


def test_a_fold_is_its_title_until_it_is_shown_and_again_when_it_is_folded() -> None:
    fold = Fold(canvas(), 3)
    fold.set_title(title("Thought"))
    fold.append("not kept")
    assert (fold.flush(), fold.folded, fold.key) == (None, True, 3)
    assert (shown(fold), list(fold.lines)) == (["  Thought"], [])
    assert not fold.behind
    fold.show("one\ntwo")
    assert (fold.flush(), fold.folded) == (1, False)
    assert (shown(fold), list(fold.lines)) == (["  Thought", "  ┊ one", "  ┊ two"], ["one", "two"])
    fold.fold()
    assert (shown(fold), list(fold.lines), fold.folded) == (["  Thought"], [], True)


def test_text_that_comes_to_an_open_fold_changes_its_last_row_and_those_below() -> None:
    fold = Fold(canvas(), 0)
    fold.show("one\ntwo")
    fold.flush()
    assert fold.flush() is None
    fold.append(" and more\nthree")
    assert fold.flush() == 2
    assert list(fold.lines) == ["one", "two and more", "three"]


@pytest.mark.parametrize(("width", "row"), [(20, "  ┊ a wide window"), (12, "  ┊a wide"), (11, "  a wide"), (4, "a")])
def test_a_narrow_column_takes_the_indentation_and_its_bar_before_the_text(width: int, row: str) -> None:
    fold = Fold(canvas(width), 0)
    fold.show("a wide window")
    fold.flush()
    assert shown(fold)[1] == row


def test_a_title_that_looks_the_same_is_no_change() -> None:
    fold = Fold(canvas(), 0)
    first = title("Thought for 1 s")
    assert fold.set_title(first)
    assert not fold.set_title(title("Thought for 1 s"))
    assert fold.row(0) is first
    assert fold.set_title(title("Thought for 2 s"))
    assert shown(fold) == ["  Thought for 2 s"]


# Tool calls


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ('{"city": "Köln", "days": [1]}', '{\n  "city": "Köln",\n  "days": [\n    1\n  ]\n}'),
        ('{"city": "Kö', '{"city": "Kö'),
        ("", ""),
        ("[" * 100_000, "[" * 100_000),
    ],
    ids=["complete", "still coming", "none", "nested without end"],
)
def test_arguments_are_indented_once_they_are_complete_json(arguments: str, body: str) -> None:
    assert call_body(ToolCall(0, arguments=arguments)) == body


def test_a_preview_is_one_line_of_the_first_characters() -> None:
    assert call_preview(ToolCall(0, arguments='{\n  "a":\t1\x1b\n}')) == '{ "a": 1\ufffd }'
    assert call_preview(ToolCall(0, arguments="x" * 300)) == "x" * 200
