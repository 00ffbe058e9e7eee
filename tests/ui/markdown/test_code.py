"""Code is coloured line by line while it streams, and as a whole at the end."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from tests.ui.markdown_texts import LOOK, markdown, nested_markdown, settled, shown, streamed
from tui_chat.chat.message import Message, TextPart
from tui_chat.ui.markdown import code as code_rows
from tui_chat.ui.markdown import lexers
from tui_chat.ui.markdown.code import Highlighter, highlighted
from tui_chat.ui.markdown.lexer_states import state_table
from tui_chat.ui.markdown.styled_text import StyledText
from tui_chat.ui.transcript.text.copied_text import code_blocks

PYTHON = (
    'def f(x):\n    """A text\n    of three\n    lines."""\n    return x + 1  # why\n\n\nclass A(B):\n    y = \'z\'\n'
)


def whole(code: str, language: str) -> list[StyledText]:
    steps = highlighted(code, language, LOOK)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return list(done.value)


def colours(lines: list[StyledText]) -> list[list[object]]:
    """The style of each character, so that it does not matter how runs are split."""
    found = []
    for line in lines:
        styles: list[object] = [None] * len(line.plain)
        for start, end, style in line.runs:
            styles[start:end] = [style] * (end - start)
        found.append(styles)
    return found


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", PYTHON),
        ("rust", "fn main() {\n    let x = 1; // one\n}\n"),
        ("sh", 'for f in *.txt; do\n  echo "$f"\ndone\n'),
        ("json", '{"a": [1, true,\n null]}\n'),
        ("", "no language\n  at all\n"),
        ("nosuchlanguage", "def f\n"),
    ],
)
def test_lines_that_come_one_by_one_are_coloured_as_the_whole(language: str, code: str) -> None:
    highlighter = Highlighter(language, LOOK)
    lines = [line for text in code.splitlines(keepends=True) for line in highlighter.lines(text)]
    expected = whole(code.removesuffix("\n"), language)
    assert [line.plain for line in lines] == [line.plain for line in expected] == code.splitlines()
    assert colours(lines) == colours(expected)


def test_a_string_of_several_lines_is_known_in_its_second() -> None:
    highlighter = Highlighter("python", LOOK)
    highlighter.lines('x = """one\n')
    assert highlighter.peek("def two").runs == ((0, 7, LOOK.tokens["Literal.String"]),)
    (line,) = highlighter.lines("def two\n")
    assert [style for _, _, style in line.runs] == [LOOK.tokens["Literal.String"]]


def test_the_beginning_of_a_line_changes_nothing_for_its_end() -> None:
    highlighter, other = Highlighter("python", LOOK), Highlighter("python", LOOK)
    highlighter.peek('x = """')
    assert highlighter.lines("x = 1\n") == other.lines("x = 1\n")


def test_a_comment_that_one_expression_spans_is_right_once_settled() -> None:
    text = "```c\n/* two\n   lines */ int x;\n```\n"
    document = streamed(text, 1)
    for _ in document.settle():
        pass
    segments = {segment.text.strip(): segment.style for segment in document.row(2).strip}
    comment = next(style for words, style in segments.items() if "lines" in words)
    assert segments["lines */"] is comment or segments["lines */"] == comment
    assert comment is not None
    assert comment.italic


def test_a_very_long_line_is_not_lexed() -> None:
    code = "x = 1;" * 1000
    assert whole(code, "python") == [StyledText(code)]
    assert Highlighter("python", LOOK).lines(code + "\n") == [StyledText(code)]


def test_logical_lines_are_exact_but_for_tabs() -> None:
    code = "\tdef f():\n\n\t\treturn 1   \n  end"
    document = settled(f"Text\n\n```python\n{code}\n```\n\nMore")
    assert "\n".join(document.lines[2:6]) == code.expandtabs(4)


def test_an_open_fence_shows_its_code_so_far() -> None:
    document = streamed("```\none\ntwo", 5)
    assert document.lines == ["one", "two"]


def test_code_within_a_list_has_lines_without_the_lists_indentation() -> None:
    document = settled("1. do:\n   ```sh\n   a\n     b\n   ```\n")
    assert document.lines == ["1. do:", "a", "  b"]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    document = streamed("````md\n```\nx\n```\n````\nafter", 2)
    assert document.lines == ["```", "x", "```", "", "after"]
    assert shown(document)[0].split() == ["md", "1", "copy"]


COMMENTED = {
    "c": '/* a\n "b" */ int x;\nchar *s = "no /* one";\nint y = a /*\n b */ + 1; // no /*\n#define X /* a\n b */ 1\n',
    "java": "/** a\n * b\n */\nclass A { int a = 4 /2; }\n",
    "javascript": "/* a\n b */\nconst r = /x\\/*/g; let s = `t /* ${1} */`;\nf();\n",
    "css": "a { color: red; /* x\n y */ }\n",
    "bash": "rm /*\necho */\nls\n",
    "rust": "/* a\n /* n */ b */\nfn f() {}\n",
}


@pytest.mark.parametrize("language", COMMENTED)
def test_a_comment_over_several_lines_is_one_while_it_streams(language: str) -> None:
    code = COMMENTED[language]
    highlighter, streamed_lines = Highlighter(language, LOOK), list[StyledText]()
    for line in code.splitlines(keepends=True):
        streamed_lines += highlighter.lines(line)
    assert colours(streamed_lines) == colours(whole(code.removesuffix("\n"), language))


def test_a_block_too_long_for_one_go_is_coloured_in_pieces_that_know_where_they_are() -> None:
    code = PYTHON * 200
    lines = whole(code, "python")
    assert [line.plain for line in lines] == code.split("\n")
    once = colours(whole(PYTHON.removesuffix("\n"), "python"))
    assert colours(lines)[:-1] == once * 200


def test_blank_lines_without_end_are_not_lexed_and_stay() -> None:
    code = "x = 1\n" + "\n" * 5_000 + "  \n" * 30 + "y = 2"
    lines = whole(code, "matlab")
    assert [line.plain for line in lines] == code.split("\n")
    assert lines[0].runs
    assert lines[-1].runs


def test_a_lexer_that_takes_too_long_leaves_the_code_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_rows, "PATIENCE", 0)
    monkeypatch.setattr(code_rows, "PATIENCE_A_CHARACTER", 0)
    monkeypatch.setattr(code_rows, "SLICE", 0)
    code = PYTHON * 3
    assert whole(code, "python") == [StyledText(line) for line in code.split("\n")]
    highlighter = Highlighter("python", LOOK)
    assert highlighter.lines(code) == [StyledText(line) for line in code.splitlines()]
    assert highlighter.lines(code) == [StyledText(line) for line in code.splitlines()]


ENDLESS = {
    "bash": "$'" + "\\" * 200,
    "mcschema": "<!--" * 200,
    "scala": '"' + "\\" * 200,
}
"""Code with which an expression of a lexer is busy for minutes."""


@pytest.mark.parametrize("language", ENDLESS)
def test_a_lexer_that_some_dozen_characters_keep_busy_for_minutes_is_interrupted(language: str) -> None:
    code = ENDLESS[language]
    began = process_time()
    assert whole(code, language) == [StyledText(code)]
    highlighter = Highlighter(language, LOOK)
    assert highlighter.lines(code + "\n") == [StyledText(code)]
    assert highlighter.lines("x\n") == [StyledText("x")]
    assert process_time() - began < 5


@pytest.mark.parametrize("language", ["bash", "scala"])
def test_the_next_block_in_its_language_has_colours(language: str) -> None:
    whole(ENDLESS[language], language)
    assert whole('x="y"', language)[0].runs


def test_all_text_before_and_behind_such_code_is_shown() -> None:
    text = f"one\n\n```bash\ntwo\n{ENDLESS['bash']}\nthree\n```\n\nfour\n"
    for document in (settled(text), streamed(text, 7)):
        words = "\n".join(document.lines).split()
        assert [word for word in words if word.isalpha()] == ["one", "two", "three", "four"]


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_no_lexer_is_at_work_for_long_whatever_the_code() -> None:
    """In a process of its own, which the system ends if a lexer cannot be interrupted."""
    done = subprocess.run([sys.executable, "-m", "tests.hostile_code"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_pygments_state_table_code_is_coloured_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_table(object()) == {}
    assert "root" in state_table(get_lexer_by_name("python"))
    monkeypatch.setattr(code_rows, "state_table", lambda _: {})
    monkeypatch.setattr(lexers, "state_table", lambda _: {})
    lexers.resumable_lexer.cache_clear()
    lines = whole("x = 'one'", "python")
    monkeypatch.undo()
    lexers.resumable_lexer.cache_clear()
    assert lines == whole("x = 'one'", "python") != [StyledText("x = 'one'")]


@settings(max_examples=60)
@given(markdown | nested_markdown, st.integers(1, 40))
def test_the_number_above_each_block_is_that_by_which_it_is_copied(text: str, size: int) -> None:
    blocks = code_blocks([Message("r", None, "assistant", 0.0, parts=[TextPart("text", text=text)])])
    document = streamed(text, size, 400)
    document.complete = True
    document.flush()
    for _ in range(2):
        numbers = [int(row.split()[-2]) for row in shown(document) if row.endswith(" copy")]
        assert numbers == list(range(1, len(blocks) + 1))
        assert document.blocks == len(blocks)
        for _ in document.settle():
            pass
