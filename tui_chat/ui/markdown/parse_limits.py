"""Limits of what is read as Markdown: what is beyond them becomes a block of plain text.

The parser's work grows with the depth of quotes and lists times their lines, and with the columns of a table times its
rows, however short those are. Beyond its own limit of depth it drops all that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

PLAIN = "plain_block"
"""The type of a token for lines as they were written; the environment then has an entry of this name, too."""

DEEPEST = 20
"""Quotes count one, lists two: what is inside of so many is plain."""

MOST_COLUMNS = 50
"""A table with more is plain."""


def limit(markdown: MarkdownIt) -> None:
    """Give the parser these limits."""
    markdown.options["maxNesting"] = DEEPEST + 4  # one more list may begin, and holds plain text
    markdown.block.ruler.before("table", "plain", _plain, {"alt": ["paragraph", "reference"]})


def _plain(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """All that is left of a quote or an item that is too deep inside of others, or a table with too many columns."""
    if state.level >= DEEPEST and not silent:
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
    """The first line from `line` on that is not in the same quote or item, to which blank lines and those without the
    quote's marks belong with `over_blanks` only."""
    while line < last:
        blank = state.isEmpty(line)
        lazy = state.sCount[line] < 0  # goes on in a quote without its mark
        if not over_blanks if blank or lazy else state.sCount[line] < state.blkIndent:
            break
        line += 1
    return line
