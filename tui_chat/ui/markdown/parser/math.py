r"""Parser rules for maths as language models write it: `$…$` and `\(…\)` within a line, `$$…$$` and `\[…\]` as
blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_LONGEST_FORMULA = 1_000
_SYMBOL = re.compile(r"[A-Za-z]|\\[A-Za-z]{1,20}")
_LONGEST_FORMULA_BLOCK = 2_000
"""Blocks longer than this many characters are not formulas: their dollar signs are unrelated."""


def add_math(markdown: MarkdownIt) -> None:
    """Add these rules to a parser."""
    markdown.inline.ruler.before("escape", "math_inline", _math_inline)
    markdown.block.ruler.before(
        "fence", "math_block", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _math_inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source.startswith("\\(", start) or source.startswith("\\[", start):
        close = "\\)" if source[start + 1] == "(" else "\\]"
        begin = start + 2
        end = source.find(close, begin, begin + _LONGEST_FORMULA)
    elif source[start] == "$":
        close = "$$" if source.startswith("$$", start) else "$"
        begin = start + len(close)
        end = source.find(close, begin, begin + _LONGEST_FORMULA)
        if close == "$" and end > 0 and not _is_formula(source, begin, end):
            return False
    else:
        return False
    formula = source[begin:end].strip() if end >= 0 else ""
    if not formula:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = formula
    state.pos = end + len(close)
    return True


def _is_formula(source: str, begin: int, end: int) -> bool:
    """Whether the text from `begin` to `end`, between two dollar signs, is a formula. The rules are Pandoc's, so that
    "$5 and $10" stays money; and only a single symbol may touch a letter, as in "the $n$th", so that "$5, PATH=$HOME"
    keeps its signs."""
    inside, after = source[begin:end], source[end + 1 : end + 2]
    if not inside or inside[0].isspace() or inside[-1].isspace() or after.isdigit() or "\n" in inside:
        return False
    touched = after.isalpha() or after in {"_", "{"} if after else False
    return not touched or _SYMBOL.fullmatch(inside) is not None


def _math_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    line = state.getLines(first, first + 1, state.blkIndent, False).strip()
    opening = line[:2]
    close = {"$$": "$$", "\\[": "\\]"}.get(opening)
    if close is None or line.startswith("$$$"):
        return False
    found: list[str] = []
    rest, number = line[2:], first
    while True:
        if close in rest:
            content, _, after = rest.partition(close)
            if after.strip(" .,;"):
                return False  # words follow: it is a formula within a paragraph
            found.append(content + after.strip())
            break
        found.append(rest)
        if state.bMarks[number] - state.bMarks[first] > _LONGEST_FORMULA_BLOCK:
            return False
        number += 1
        if number >= last or state.isEmpty(number) or state.sCount[number] < state.blkIndent:
            if not found[0].strip() and len(found) == 1 and number < last:
                return False
            number -= 1
            break
        rest = state.getLines(number, number + 1, state.blkIndent, False)
    if silent:
        return True
    token = state.push("math_block", "math", 0)
    token.content = "\n".join(part for part in found if part.strip())
    token.map = [first, number + 1]
    token.block = True
    state.line = number + 1
    return True
