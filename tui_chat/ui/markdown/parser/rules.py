"""Parser rules that keep what Markdown would drop: link definitions, extra cells of table rows, and footnotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_NOTE = re.compile(r"\[\^([^\]\[\s]{1,100})\]:")
_NOTE_MARK = re.compile(r"\[\^([^\]\[\s]{1,100})\]")


def keep_everything(markdown: MarkdownIt) -> None:
    """Add these rules to a parser."""
    markdown.block.ruler.at("reference", _definition)
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    markdown.block.ruler.before("reference", "note", _note, {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.inline.ruler.before("link", "note_mark", _note_mark)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _definition(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule for link definitions, whose token has the source as its content."""
    from markdown_it.rules_block import reference

    if not reference(state, first, last, silent):
        return False
    if not silent:
        state.tokens[-1].content = "\n".join(_line(state, number) for number in range(first, state.line))
    return True


def _table(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule for tables; text in cells beyond the head's columns is added to the last cell, and a row has only
    the cells that were written."""
    from markdown_it.rules_block import table

    is_table: bool = table(state, first, last, True)
    if silent or not is_table:
        return is_table
    begin = len(state.tokens)
    state.push = _WrittenCells(state, first)  # type: ignore[method-assign, assignment]
    try:
        table(state, first, last, False)
    finally:
        del state.push  # a bound method in its place would keep state and tokens alive until garbage is collected
    tokens = state.tokens[begin:]
    columns = sum(token.type == "th_open" for token in tokens)
    cell: Token | None = None
    for token in tokens:
        if token.type == "inline":
            cell = token
        elif token.type == "tr_close" and cell is not None and cell.map:
            source = _line(state, cell.map[0]).strip()
            if _most_cells(source) > columns:
                cell.content = _from_cell(source, columns - 1) or cell.content
    return True


def _most_cells(row: str) -> int:
    """The number of cells in a row's source, and perhaps more: bars in code and escaped ones are counted too."""
    return row.count("|") + 1 - row.startswith("|") - row.endswith("|")


class _WrittenCells:
    """Adds a table's tokens for the parser, but not those of cells that it adds to a short row: a row of two characters
    would cost as much as one with a word in each column."""

    def __init__(self, state: StateBlock, first: int) -> None:
        from markdown_it.token import Token

        self.before = state.push
        self._state = state
        self._next_line = first
        self._left = 0
        self._unused = Token("", "", 0)
        self._leaves_out = False

    def __call__(self, kind: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        if kind == "td_open":
            self._left -= 1
            self._leaves_out = self._left < 0
        elif kind == "tr_open":
            self._left = _most_cells(_line(self._state, self._next_line).strip())
            self._next_line += 2 if self._state.tokens[-1].type == "thead_open" else 1
        elif kind == "tr_close":
            self._leaves_out = False
        return self._unused if self._leaves_out else self.before(kind, tag, nesting)


def cells_in(row: str) -> list[str]:
    """The sources of the cells in a table row, as markdown-it separates them."""
    from markdown_it.rules_block.table import escapedSplit

    cells: list[str] = escapedSplit(row.strip())
    if cells[0] == "":
        del cells[0]
    if cells and cells[-1] == "":
        del cells[-1]
    return cells


def _from_cell(row: str, number: int) -> str:
    """The source of a table row from cell `number` on, from 0; empty if it has no more cells."""
    cells = cells_in(row)
    return " | ".join(cell.strip() for cell in cells[number:]) if len(cells) > number + 1 else ""


def note_key(label: str) -> str:
    """The key of a footnote among the link references, whose labels never contain lowercase letters."""
    return f"note {label}"


def _note(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule for the first line of a footnote, which begins a paragraph and defines its label."""
    begin = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith("[^", begin) or state.is_code_block(first):
        return False
    found = _NOTE.match(state.src, begin, state.eMarks[first])
    if found is None:
        return False
    if not silent:
        known: dict[str, Any] = state.env.setdefault("references", {})
        if note_key(found[1]) not in known:
            known[note_key(found[1])] = {"title": "", "href": "", "map": [first, first + 1]}
        return _paragraph(state, first, last)
    return True


def _paragraph(state: StateBlock, first: int, last: int) -> bool:
    from markdown_it.rules_block import paragraph

    take: Callable[[StateBlock, int, int, bool], bool] = paragraph
    return take(state, first, last, False)


def _note_mark(state: StateInline, silent: bool) -> bool:
    """A parser rule for `[^1]`, if that footnote is defined; otherwise it is text (such as a character class)."""
    found = _NOTE_MARK.match(state.src, state.pos)
    if found is None or note_key(found[1]) not in state.env.get("references", ()):
        return False
    if not silent:
        token = state.push("note_mark", "", 0)
        token.content = found[1]
    state.pos = found.end()
    return True
