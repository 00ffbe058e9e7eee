"""Definitions, footnotes, titles, numbers and surplus cells are shown, though standard Markdown drops them."""

from __future__ import annotations

import gc

import pytest
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from tests.ui.markdown_texts import LOOK, settled, shown, streamed
from tui_chat.ui.markdown.document import Document
from tui_chat.ui.markdown.parser.markdown_parser import parser


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[a]: https://example.com/a 'title'", ["[a]: https://example.com/a 'title'"]),
        ("See [a].\n\n[a]: /x\n[b]: /y", ["See a (/x).", "", "[a]: /x", "[b]: /y"]),
        ("[a]: /x\n[a]: /y\n\nEnd", ["[a]: /x", "[a]: /y", "", "End"]),
        ("[a](/x \"title\") [/x](/x 'same') ![i](/p 'n')", ["a (/x “title”) /x (“same”) image: i (/p “n”)"]),
        ("[a](https://example.com/北京?q=a%20b)", ["a (https://example.com/北京?q=a%20b)"]),
        ("<https://example.com/a%20b>", ["https://example.com/a%20b"]),
        ("A[^1], b[^n].\n\n[^1]: C.\n[^n]: D\nline.", ["A[1], b[n].", "", "[1]: C.", "[n]: D", "line."]),
        ("Text[^1]\n[^1]: note", ["Text[1]", "", "[1]: note"]),
        ("Not a word: [^a-z] [^2]", ["Not a word: [^a-z] [^2]"]),
        ("Twice[^1]\n\n[^1]: Word\n\n[^2]: unused\n", ["Twice[1]", "", "[1]: Word", "[2]: unused"]),
        ("- a[^1]\n- b\n\n[^1]: **note**", ["• a[1]", "• b", "", "[1]: note"]),
        ("1. a\n3. b\n7) c\n", ["1. a", "3. b", "", "7) c"]),
        ("1. a\n1. b\n1. c\n4. d", ["1. a", "2. b", "3. c", "4. d"]),
        ("007. a\n008. b", ["007. a", "008. b"]),
        ("a | b\n-|-\n1 | 2 | 3 \\| 4 | 5\n| 6 | 7 |", ["a  b", "─  ──────────────", "1  2 | 3 | 4 | 5", "6  7"]),
    ],
)  # fmt: skip
def test_nothing_is_dropped(text: str, rows: list[str]) -> None:
    found = [row.strip() for row in shown(settled(text))]
    if "|" in text:
        rows = [rows[0], found[1], *rows[2:]]
    assert found == rows
    for size in (1, 5):
        document = streamed(text, size)
        document.complete = True
        document.flush()
        for _ in document.settle():
            pass
        assert [row.strip() for row in shown(document)] == found


def test_numbers_stay_as_written_where_a_list_is_gone_on_with() -> None:
    text = "".join(f"{number}. item {number} with some words\n" for number in (1, 2, 2, 5, 5, 9, 10, 11, 20, 21))
    document = streamed(text, 3)
    rows = [row.split()[0] for row in shown(document)]
    assert rows == ["1.", "2.", "3.", "5.", "6.", "9.", "10.", "11.", "20.", "21."]
    assert shown(document) == shown(settled(text))


def test_what_is_said_of_code_stands_above_it_and_is_not_copied() -> None:
    document = settled('Text\n\n```python title="a b.py"\nx = 1\n```\n\n- ~~~sh\n  ls\n  ~~~\n')
    assert [row.strip() for row in shown(document)] == [
        "Text",
        "",
        'python title="a b.py"                              1 copy',
        "x = 1",
        "",
        "• sh                                               2 copy",
        "ls",
    ]
    assert "\n".join(document.lines) == "Text\n\nx = 1\n\nls"


def test_a_long_label_and_no_code_are_shown() -> None:
    document = settled("```one two three four five six", 12)
    assert " ".join(row.strip() for row in shown(document)) == "one two three four five six"


def test_a_long_footnote_streams_as_it_ends() -> None:
    text = "Said[^1].\n\n[^1]: " + "many words " * 80 + "\n[^2]: " + "other words " * 80
    document = streamed(text, 7)
    assert shown(document)[2:] == shown(settled(text))[2:]


@pytest.mark.parametrize("width", range(1, 14))
def test_a_narrow_pane_hides_nothing(width: int) -> None:
    text = (
        "> - 10. deep words\n>     > ```sh\n>     > code here\n>     > ```\n\n# Title\n\n"
        "| a | bb | ccc | d | e |\n|--|--|--|--|--|\n| 1 | 22 | 333 | 4 | 5 |\n\n- [ ] task\n\n    indented\n"
    )
    document = Document(width, LOOK, text)
    document.complete = True
    document.flush()
    rows = [document.row(y).strip.text.replace(LOOK.bar_sign, "") for y in range(document.height)]
    whole = "".join("".join(row.split()) for row in rows)
    for word in (
        "10.",
        "deep",
        "words",
        "sh",
        "code",
        "here",
        "Title",
        "1",
        "22",
        "333",
        "4",
        "5",
        "☐",
        "task",
        "indented",
    ):
        assert word in whole, (word, whole)
    assert all(document.row(y).strip.cell_length == width for y in range(document.height))


def test_a_short_row_has_the_cells_that_were_written() -> None:
    tokens = parser().parse("|a|b|c|\n|-|-|-|\n|1|\n|1|2|3|4|\n2|\n")
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    assert [[cell for cell in row if cell] for row in rows] == [["a", "b", "c"], ["1"], ["1", "2", "3 | 4"], ["2"]]
    assert max(len(row) for row in rows) == 3
    assert rows[1] == ["1"]
    assert [token.level for token in tokens if token.type in ("table_open", "tr_open", "table_close")][-1] == 0


def test_parsing_leaves_nothing_for_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        parser().parse("|a|b|\n|-|-|\n|c|\n\n> - d\n\n[e](f) *g* `h` ~~i~~ http://j.k $l$\n\n[m]: n\n")
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [each for each in gc.garbage if isinstance(each, Token | StateBlock)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == []
