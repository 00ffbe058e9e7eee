"""Cut an excerpt around the first match of a search and mark the matches in it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.search.query import Query, Span

WIDTH = 160
"""Approximate length of an excerpt in characters."""
LEAD = 48
"""Approximate number of characters before the first match."""
SLACK = 16
"""Characters that a cut may move to fall between two words."""
CUT = "…"

Excerpt: TypeAlias = tuple[tuple[str, bool], ...]
"""Pieces of exact text; True marks a match."""


def excerpt(texts: Sequence[str], query: Query) -> Excerpt:
    """The text around the first match, from the first of `texts` that has one; without a match, the beginning of the
    first text. An ellipsis marks omitted text."""
    for text in texts:
        spans = query.spans(text)
        if (first := next(spans, None)) is not None:
            begin = _cut_before(text, first.start - LEAD) if first.start > LEAD else 0
            end = _cut_after(text, max(begin + WIDTH, first.end))
            return _pieces(text, begin, end, chain([first], spans))
    beginning = next((text for text in texts if text.strip()), "")
    return _pieces(beginning, 0, _cut_after(beginning, WIDTH), [])


def _cut_before(text: str, at: int) -> int:
    """The start of a word at or soon after `at`; otherwise `at`."""
    for position in range(at, at + SLACK):
        if text[position - 1].isspace() and not text[position].isspace():
            return position
    return _letter(text, at)


def _cut_after(text: str, at: int) -> int:
    """The end of a word at or soon before `at`; otherwise `at`. The end of the text if little of it would be left."""
    if len(text) - at <= SLACK:
        return len(text)
    for position in range(at, at - SLACK, -1):
        if text[position].isspace() and not text[position - 1].isspace():
            return position
    return _letter(text, at)


def _letter(text: str, at: int) -> int:
    """Move `at` to the start of a character as terminals draw it: joiners, selectors and combining marks belong to
    the character before them."""
    from unicodedata import category

    for position in range(at, max(at - SLACK, 0), -1):
        joined = text[position - 1] == "\u200d" or text[position] == "\u200d"
        if not joined and category(text[position])[0] != "M" and not "\U0001f3fb" <= text[position] <= "\U0001f3ff":
            return position
    return at


def _pieces(text: str, begin: int, end: int, spans: Iterable[Span]) -> Excerpt:
    pieces: list[tuple[str, bool]] = [(CUT, False)] if begin else []
    at = begin
    for span in spans:
        if span.start >= end:
            break
        pieces += [(text[at : span.start], False), (text[span.start : min(span.end, end)], True)]
        at = min(span.end, end)
    pieces += [(text[at:end], False), (CUT if end < len(text) else "", False)]
    return tuple(piece for piece in pieces if piece[0])
