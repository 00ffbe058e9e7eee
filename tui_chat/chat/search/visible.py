"""Find the marks of Markdown in a cut piece of text, so that an excerpt can show the words alone.

A piece does not say what stood before it, so only marks that are hardly ever text are taken for marks: those of
headings, quotes, emphasis, code, links and tables where they stand as they do in a reply.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.search.excerpt import Excerpt

# Over an excerpt, whose length is bounded; and each repetition has a bound of its own.
_LINE_START: Final = re.compile(r" {0,3}(?:#{1,6} |(?:> ?){1,10})")
_EMPHASIS: Final = re.compile(r"\*{1,3}|_{1,3}|~~|`{1,3}")
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{1,200})\]\([^()\s]{1,400}\)")
_RULE: Final = frozenset(" |:-")


def visible_words(pieces: Excerpt) -> Excerpt:
    """The pieces of an excerpt of a reply without the marks of Markdown; what was found stays letter by letter."""
    text = "".join(piece for piece, _ in pieces)
    dropped = [False] * len(text)
    for start, end in _marks(text):
        dropped[start:end] = [True] * (end - start)
    shown, at = [], 0
    for piece, found in pieces:
        kept = (letter for letter, mark in zip(piece, dropped[at : at + len(piece)], strict=True) if found or not mark)
        shown.append(("".join(kept), found))
        at += len(piece)
    return tuple(piece for piece in shown if piece[0])


def _marks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the marks are."""
    at = 0
    for line in text.split("\n"):
        if "--" in line and set(line) <= _RULE:
            yield at, at + len(line)
        elif mark := _LINE_START.match(line):
            yield at, at + mark.end()
        elif line.lstrip().startswith("|"):
            yield from ((at + place, at + place + 1) for place, letter in enumerate(line) if letter == "|")
        at += len(line) + 1
    for link in _LINK.finditer(text):
        yield link.start(), link.start(1)
        yield link.end(1), link.end()
    for mark in _EMPHASIS.finditer(text):
        before, after = text[: mark.start()][-1:], text[mark.end() :][:1]
        code = mark[0][0] == "`"
        begins = not before or not before.isalnum()
        ends = not after or not after.isalnum()
        touches = bool((before and not before.isspace()) or (after and not after.isspace()))
        if code or (touches and (begins or ends)):
            yield mark.start(), mark.end()
