"""A search query: its terms, its expression for FTS5, and its matches in a text."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.search.words import stands_alone, words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.search.words import Word

MOST_TERMS = 50
"""Maximum number of terms in a query; more add cost but no meaning (a pasted page)."""
MOST_WORDS = 200
"""Maximum number of words in a phrase, for the same reason."""

_QUOTED_OR_WORD = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
"""Characters that keyboards and editors produce for a quotation mark."""


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive words to search for."""

    words: tuple[str, ...]
    """The words of the term, case-folded."""
    open: bool
    """Whether the last word also matches the beginning of a longer word."""

    @property
    def expression(self) -> str:
        """The term in FTS5 syntax."""
        phrase = " ".join(self.words).replace('"', '""')
        return f'"{phrase}"*' if self.open else f'"{phrase}"'


class Span(NamedTuple):
    """A range of a text, from `start` up to `end`."""

    start: int
    end: int


class Query:
    """A parsed search query; any text a person types is valid."""

    def __init__(self, typed: str) -> None:
        """Parse the text. Terms are separated by white space; `"two words"` is a phrase. A term outside of quotes,
        or in unclosed quotes, matches as a prefix."""
        self.terms = tuple(dict.fromkeys(_terms(typed)))[:MOST_TERMS]
        alone = {term for term in self.terms if term.open and len(term.words) == 1}
        self._beginnings = tuple(term.words[0] for term in alone)
        """Beginnings of words with which a term can start; `_firsts` holds whole words."""
        self._firsts = {term.words[0] for term in self.terms if term not in alone}

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def expression(self) -> str:
        """The FTS5 expression for texts that contain all terms."""
        return " AND ".join(term.expression for term in self.terms)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the ranges of `text` where a term matches, in order and without repetition; stops reading when the
        caller stops."""
        longest = max((len(term.words) for term in self.terms), default=0)
        words = words_in(text)
        window: deque[Word] = deque()
        reached = 0
        while word := window.popleft() if window else next(words, None):
            if not (word.folded in self._firsts or word.folded.startswith(self._beginnings)):
                continue
            window.extend(islice(words, longest - 1 - len(window)))
            ahead = [word.folded, *(later.folded for later in islice(window, longest - 1))]
            length = max((len(term.words) for term in self.terms if _begins(ahead, term)), default=0)
            end = window[length - 2].end if length > 1 else word.end
            if length and end > reached:
                yield Span(max(word.start, reached), end)
                reached = end

    def matches(self, text: str) -> bool:
        """Whether `text` contains all terms; works without an index."""
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
    """Whether a term matches at the start of a list of words."""
    *whole, last = term.words
    at = len(whole)
    if len(words) <= at or words[:at] != whole:
        return False
    return words[at].startswith(last) if term.open else words[at] == last
