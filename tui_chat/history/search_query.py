"""What a person looks for: their words as terms, as an expression for FTS5, and where they stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.history.search_words import stands_alone, words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TERMS = 50
"""Of a query; more say nothing (a whole page was pasted), and each of them costs."""
MOST_WORDS = 200
"""Of a phrase, likewise."""

_QUOTED_OR_WORD = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
"""What keyboards and editors make of a quote."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other."""

    words: tuple[str, ...]
    """Folded."""
    open: bool
    """The last of them may be the beginning of a longer word."""

    @property
    def expression(self) -> str:
        """For FTS5."""
        phrase = " ".join(self.words).replace('"', '""')
        return f'"{phrase}"*' if self.open else f'"{phrase}"'


class Span(NamedTuple):
    """A piece of a text: from `start` up to `end`."""

    start: int
    end: int


class Query:
    """What is looked for; made from whatever a person types, it never fails."""

    def __init__(self, typed: str) -> None:
        """Terms are separated by white space; `"two words"` is a phrase. A term outside of quotes matches as a
        beginning, and so does a quoted one that is not closed yet."""
        self.terms = tuple(dict.fromkeys(_terms(typed)))[:MOST_TERMS]

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def expression(self) -> str:
        """For FTS5: a text with all terms."""
        return " AND ".join(term.expression for term in self.terms)

    def spans(self, text: str) -> Iterator[Span]:
        """Where a term stands in `text`, in order, each place once; costs as much as is taken of them."""
        longest = max((len(term.words) for term in self.terms), default=0)
        window: list[tuple[int, int, str]] = []
        reached = 0
        words = words_in(text)
        while longest:
            while len(window) < longest and (word := next(words, None)) is not None:
                window.append(word)
            if not window:
                return
            ahead = [folded for _, _, folded in window]
            length = max((len(term.words) for term in self.terms if _begins(ahead, term)), default=0)
            if length:
                start, end = window[0][0], window[length - 1][1]
                if end > reached:
                    yield Span(max(start, reached), end)
                    reached = end
            del window[0]

    def matches(self, text: str) -> bool:
        """Whether `text` has all terms, without an index."""
        missing = set(self.terms)
        words = [word.folded for word in words_in(text)]
        for at in range(len(words)):
            missing -= {term for term in missing if _begins(words[at : at + len(term.words)], term)}
            if not missing:
                break
        return not missing


def _terms(typed: str) -> Iterator[Term]:
    for found in _QUOTED_OR_WORD.finditer(typed.translate(_QUOTES)):
        quoted, closing, plain = found.groups()
        words = tuple(word.folded for word in words_in(plain if quoted is None else quoted))[:MOST_WORDS]
        if words:
            # One letter begins nearly everything, so it is taken for the whole word.
            may_go_on = not closing and len(words[-1]) > 1 and not stands_alone(words[-1])
            yield Term(words, may_go_on)


def _begins(words: list[str], term: Term) -> bool:
    """Whether a term stands at the beginning of a list of words."""
    *whole, last = term.words
    at = len(whole)
    if len(words) <= at or words[:at] != whole:
        return False
    return words[at].startswith(last) if term.open else words[at] == last
