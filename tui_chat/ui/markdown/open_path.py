"""The open end of parsed Markdown: the block that may grow, its containers, and how to open them again.

New text can only change the last block of a text, the last block inside it, and so on: the *path*. Everything before
the blocks of the path is finished. To continue parsing without it, lines with the markers of the items and quotes on
the path open them again, with an empty heading in place of what was dropped: after `- #`, the line ` y` continues in
the item.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

LISTS = ("bullet_list_open", "ordered_list_open")
CONTAINERS = frozenset((*LISTS, "list_item_open", "blockquote_open"))

PLACEHOLDER = "#"
"""An empty heading: no later line can continue it."""


class Resumed(NamedTuple):
    """The part of a source that is already rendered."""

    lines: int = 0
    """Number of source lines whose blocks have already begun; only later lines of these blocks are rendered."""
    numbers: Sequence[int] = ()
    """Numbers of the first items of the lists in it, from the outside in."""
    blank: bool = False
    """Whether a blank line followed it."""

    def has(self, token: Token) -> bool:
        """Whether the beginning of a block is already rendered."""
        return first_line(token) < self.lines


NOTHING = Resumed()


class OpenPath(NamedTuple):
    """The path to the last block of a top-level block, as indexes of first tokens."""

    blocks: list[int]
    fresh: int
    """Index in `blocks` of the deepest one that follows a sibling; 0 if there is none."""


def open_path(tokens: Sequence[Token], resumed: Resumed) -> OpenPath:
    """The path of the top-level block that consists of `tokens`."""
    blocks, fresh = [0], 0
    while tokens[blocks[-1]].type in CONTAINERS:
        level = tokens[blocks[-1]].level + 1
        inside = [
            index
            for index in range(blocks[-1] + 1, len(tokens))
            if (token := tokens[index]).level == level
            and token.nesting >= 0
            and not (resumed.has(token) and _is_empty(tokens, index, resumed))
        ]
        if not inside:
            break
        if len(inside) > 1:
            fresh = len(blocks)
        blocks.append(inside[-1])
    return OpenPath(blocks, fresh)


def _is_empty(tokens: Sequence[Token], index: int, resumed: Resumed) -> bool:
    """Whether a container that was opened again has received nothing new."""
    after = index + 1
    while after < len(tokens) and (tokens[after].nesting == -1 or resumed.has(tokens[after])):
        after += 1
    return after == len(tokens) or tokens[after].level <= tokens[index].level


def block_before(tokens: Sequence[Token], index: int) -> tuple[Token, Token]:
    """The first and last token of the block that ends before token `index`."""
    begin = index - 1
    while tokens[begin].level != tokens[index].level or tokens[begin].nesting < 0:
        begin -= 1
    return tokens[begin], tokens[index - 1]


def first_line(token: Token) -> int:
    """The source line in which a block begins."""
    return token.map[0] if token.map else 0


def line_after(token: Token) -> int:
    """The source line after a block."""
    return token.map[1] if token.map else 0


def first_number(token: Token) -> int:
    """The number of a list's first item, as written."""
    return int(token.attrs.get("start", 1))


def number_after(number: int, before: Token, item: Token) -> int:
    """The number of an item in an ordered list: as written, unless it repeats that of the item `before`, which is shown
    as `number`."""
    return number + 1 if item.info == before.info or not item.info else int(item.info)


def may_reopen(containers: Sequence[Token], lines: Sequence[str]) -> bool:
    """Whether these containers can be opened again; false after tabs in a quote, whose width the parser computes
    differently from the standard."""
    quoted = any(token.type == "blockquote_open" for token in containers)
    return not (quoted and any("\t" in lines[first_line(token)] for token in containers))


def reopening(containers: Sequence[Token], lines: Sequence[str]) -> str:
    """The lines that open these containers again, ordered from the outside in; `lines` is the source."""
    opening: dict[int, str] = {}
    for at, token in enumerate(containers):
        if token.type not in LISTS:
            line = first_line(token)
            # a quote has its mark on every line, an item on its first
            markers = 1 + sum(
                other.type == "blockquote_open" or (other.type == "list_item_open" and first_line(other) == line)
                for other in containers[:at]
            )
            opening[line] = _prefix(lines[line], markers) + PLACEHOLDER + "\n"
    return "".join(opening.values())


def _prefix(line: str, markers: int) -> str:
    """The start of a line up to the text after its first `markers` (CommonMark 5.2)."""
    found = re.match(rf"(?:[ \t]*(?:>|[-+*]|\d{{1,9}}[.)])){{{markers}}}([ \t]*)", line)
    if found is None:
        raise ValueError(f"no {markers} markers in {line!r}")
    before, behind = line[: found.start(1)], line[: found.end()]
    padding = len(behind.expandtabs(4)) - len(before.expandtabs(4))
    if before.endswith(">") or behind == line or not 0 < padding <= 4:
        padding = 1
    return before + " " * padding


def without_placeholders(tokens: Sequence[Token], reopened: int) -> list[Token]:
    """The tokens without the placeholder headings in the first `reopened` lines."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.map and token.map[0] >= reopened:
            break
        if token.type == "heading_open" and token.markup == PLACEHOLDER:
            at += 3
        else:
            kept.append(token)
            at += 1
    return [*kept, *tokens[at:]]


def last_numbers(tokens: Sequence[Token], containers: Sequence[int], resumed: Resumed) -> list[int]:
    """The numbers of the last items of the lists among these containers."""
    numbers: list[int] = []
    for index in containers:
        token = tokens[index]
        if token.type in LISTS:
            number = resumed.numbers[len(numbers)] if resumed.has(token) else first_number(token)
            level = token.level + 1
            items = (other for other in tokens[index:] if other.type == "list_item_open" and other.level == level)
            for before, item in pairwise(items):
                number = number_after(number, before, item)
            numbers.append(number)
    return numbers
