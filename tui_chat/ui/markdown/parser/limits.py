"""Limits of Markdown parsing: everything beyond them becomes a block of plain text.

The parser's work grows with the depth of quotes and lists times their lines, and with a table's columns times its rows,
however short they are. Beyond its own depth limit it drops all further text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

PLAIN = "plain_block"
"""The type of the token for lines as they were written; if there is one, the environment has an entry with this
name."""

DEEPEST = 20
"""The deepest nesting; quotes count as one, lists as two."""

DEEPEST_QUOTE = 10
"""The deepest nesting of a quote: each of its lines is looked at on each level, even a line without its marks."""

MOST_COLUMNS = 50
"""The most columns of a table."""


def limit(markdown: MarkdownIt) -> None:
    """Add these limits to a parser."""
    markdown.options["maxNesting"] = DEEPEST + 4  # one more list may begin, and holds plain text
    markdown.block.ruler.before("table", "plain", _plain, {"alt": ["paragraph", "reference"]})


def _plain(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule for the rest of a quote or item that is too deep, or a table with too many columns."""
    deepest = DEEPEST_QUOTE if state.parentType == "blockquote" else DEEPEST
    if state.level >= deepest and not silent:
        end = _end(state, first + 1, last, over_blanks=True)
    elif _is_wide_table(state, first, last):
        end = _end(state, first + 2, last, over_blanks=False)
    else:
        return False
    if not silent:
        token = state.push(PLAIN, "", 0)
        token.content = state.getLines(first, end, state.blkIndent, False)
        token.map = [first, end]
        state.env[PLAIN] = True
        state.line = end
    return True


def _is_wide_table(state: StateBlock, first: int, last: int) -> bool:
    from markdown_it.rules_block import table

    if first + 2 > last or state.src.count("|", state.bMarks[first + 1], state.eMarks[first + 1]) <= MOST_COLUMNS:
        return False
    is_table: bool = table(state, first, last, True)
    return is_table


def _end(state: StateBlock, line: int, last: int, *, over_blanks: bool) -> int:
    """The first line from `line` on that is outside the quote or item. With `over_blanks`, blank lines and lines
    without quote marks belong to it."""
    while line < last:
        blank = state.isEmpty(line)
        lazy = state.sCount[line] < 0  # goes on in a quote without its mark
        if not over_blanks if blank or lazy else state.sCount[line] < state.blkIndent:
            break
        line += 1
    return line
