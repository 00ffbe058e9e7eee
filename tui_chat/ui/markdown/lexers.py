"""Pygments' lexers by language. Creating one takes up to 40 ms, so it can be done in a thread."""

from __future__ import annotations

from functools import lru_cache
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from tui_chat.ui.markdown.lexer_states import state_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pygments.lexer import Lexer

MADE_AHEAD = ("python", "bash")
"""Languages whose lexers are created before the first reply: Python's takes 30 ms, which would delay its first line."""

LONGEST_WAIT = 2.0
"""Seconds for which a settling text waits for the thread that creates a lexer."""

MOMENT = 0.002
"""Seconds of this wait between two yields."""

MOST_LANGUAGES = 64
"""The most lexers that are kept."""


def load_lexers() -> None:
    """Import what all lexers need, and create those that most replies need; others are created on demand."""
    import pygments.filters  # noqa: F401

    for language in MADE_AHEAD:
        resumable_lexer(language)


@lru_cache(MOST_LANGUAGES)
def lexer_of(language: str) -> Lexer | None:
    """The lexer for a fence's language, or `None` if there is none by that name."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    list(lexer.get_tokens_unprocessed("x"))  # some import their lists of names only then
    return lexer


@lru_cache(MOST_LANGUAGES)
def resumable_lexer(language: str) -> Any:
    """The lexer if it is driven by its state table, since others can only lex a whole text. Postprocessing by some
    lexers (C's knows the names of the standard library) only happens in the final pass."""
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    lexer = lexer_of(language)
    resumable = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer) and state_table(lexer)
    return lexer if resumable else None


class _Creation:
    """Creates lexers one after the other in a thread, which begins with the first. Text is foreign, so the number of
    languages that are remembered is limited."""

    def __init__(self) -> None:
        self._wanted: SimpleQueue[str] = SimpleQueue()
        self._known: dict[str, bool] = {}
        """Whether the lexer of a language has been created."""
        self._thread: Thread | None = None

    def is_done(self, language: str) -> bool:
        done = self._known.get(language)
        if done is None:
            if len(self._known) >= MOST_LANGUAGES:
                self._known.clear()
            self._known[language] = done = False
            self._wanted.put(language)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="lexers", daemon=True)
                self._thread.start()
        return done

    def _run(self) -> None:
        while True:
            language = self._wanted.get()
            try:
                resumable_lexer(language)
            finally:
                self._known[language] = True


_creation = _Creation()


def is_created(language: str) -> bool:
    """Whether the lexer of a language can be used at once; if not, a thread begins to create it."""
    return not language or language in MADE_AHEAD or _creation.is_done(language)


def wait_for_lexers(languages: Iterable[str]) -> Iterator[None]:
    """Wait until a thread has created the lexers of these languages, but not for ever; yields every few
    milliseconds."""
    end = monotonic() + LONGEST_WAIT
    for language in languages:
        while not is_created(language) and monotonic() < end:
            sleep(MOMENT)
            yield
