"""Code, highlighted as it streams in.

Pygments' regular-expression lexers are tables of states; kept between lines, the stack of states lets the next line be
lexed without those before it. Tokens that span lines in one expression are coloured wrongly that way, but for comments
between `/*` and `*/`, which are known; the clean pass at a text's end lexes the whole block.
"""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

from tui_chat.ui.markdown.styled_text import StyledText, TextBuilder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pygments.lexer import Lexer
    from textual.style import Style

    from tui_chat.ui.markdown.styles import MarkdownStyles

LONGEST_LINE = 2_000
"""Characters of a line up to which it is lexed: minified code would cost more than it shows."""

IN_COMMENT = "/*"
"""On top of a lexer's stack of states: in a comment that goes on in the next line."""

MADE_AHEAD = ("python", "bash")
"""Languages whose lexers are made before the first reply: Python's takes 30 ms, which its first line would wait for."""

LONGEST_CODE = 8_000
"""Characters that a lexer is given at once: some expressions scan all that follows again at each line."""

MOST_BLANK_LINES = 20
"""Blank lines in a row that a lexer is given: some expressions try each line of white space with each after it."""

TOKENS_A_SLICE = 250
"""How many tokens are lexed between two yields: some three milliseconds."""

SLICE = 0.005
"""Seconds after which a slice ends though it has fewer tokens."""

PATIENCE = 0.1
"""CPU seconds that a block may take in any case. Pygments' expressions cannot be broken off, so what is left to do is
to go on without colours."""

PATIENCE_A_CHARACTER = 50e-6
"""CPU seconds that each character adds, about ten times what code takes."""

UNSAFE = frozenset(
    (
        "ansys",
        "cddl",
        "chapel",
        "factor",
        "fancy",
        "fish",
        "maple",
        "mcschema",
        "ncl",
        "pan",
        "registry",
        "rego",
        "rell",
        "rita",
        "scala",
        "smithy",
        "tads3",
        "tcsh",
        "urbiscript",
    )
)
"""Lexers with an expression that some dozen characters keep busy for minutes: in most of them a string of backslashes
without its end. A slow test looks for others."""


def load_lexers() -> None:
    """Import what all lexers need, and make those that most replies need; others are made when a block needs them."""
    import pygments.filters  # noqa: F401

    for language in MADE_AHEAD:
        _resumable(language)


@lru_cache(64)
def _lexer(language: str) -> Lexer | None:
    """The lexer for a fence's language; `None` if there is none by that name."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return None if UNSAFE.intersection(lexer.aliases) else lexer


@lru_cache(64)
def _resumable(language: str) -> Any:
    """The lexer, if it is driven by its state table; others can only lex a whole text.

    What some do afterwards (C's knows the names of the standard library) comes with the clean pass.
    """
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    lexer = _lexer(language)
    return lexer if isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer) else None


class _Patience:
    """The CPU time that a block's lexer may still take.

    It depends on the machine whether a block close to the limit is coloured, and nothing else does.
    """

    def __init__(self) -> None:
        self._left = PATIENCE
        self._since = 0.0
        self._looked = 0.0

    @property
    def over(self) -> bool:
        """Whether the lexer has taken too long."""
        return self._left < 0

    def begin(self, characters: int) -> None:
        """So much is lexed from now on."""
        self._left += PATIENCE_A_CHARACTER * characters
        self._since, self._looked = thread_time(), perf_counter()

    def slice_ends(self, *, full: bool = False) -> bool:
        """Whether it is time to look whether it is over; then `begin` has to be called before the lexer goes on."""
        if not full and perf_counter() - self._looked < SLICE:
            return False
        self.end()
        return True

    def end(self) -> None:
        """Count what was spent since `begin`."""
        self._left -= thread_time() - self._since


class _Colours:
    """Token types to styles, by their nearest parent that has one."""

    def __init__(self, styles: MarkdownStyles) -> None:
        self._styles = styles
        self._known: dict[Any, Style | None] = {}

    def of(self, token: Any) -> Style | None:
        if token not in self._known:
            name = str(token).removeprefix("Token.")
            while name and name not in self._styles.tokens:
                name = name.rpartition(".")[0]
            self._known[token] = self._styles.tokens.get(name)
        return self._known[token]


class Lines:
    """Tokens put together to lines."""

    def __init__(self, colours: _Colours) -> None:
        self.done: list[StyledText] = []
        self._colours = colours
        self._line = TextBuilder()

    def add(self, token: Any, text: str) -> None:
        """One token, which may hold line ends."""
        style = self._colours.of(token)
        if "\n" not in text:
            self._line.add(text, style)
            return
        first, *others = text.split("\n")
        self._line.add(first, style)
        for part in others:
            self.done.append(self._line.text())
            self._line = TextBuilder()
            self._line.add(part, style)

    def rest(self) -> StyledText:
        """The line that has no end yet."""
        return self._line.text()


class Highlighter:
    """Colours one block of code, line by line."""

    def __init__(self, language: str, styles: MarkdownStyles) -> None:
        self._colours = _Colours(styles)
        self._language = language
        self._stack: tuple[str, ...] = ("root",)
        self._patience = _Patience()

    def lines(self, text: str) -> list[StyledText]:
        """The next lines; `text` ends at a line end."""
        lines, self._stack = self._lexed(text)
        return lines

    def peek(self, text: str) -> StyledText:
        """The beginning of a line that has not ended; the next call of `lines` gets it again."""
        return self._lexed(text + "\n")[0][0] if text else StyledText("")

    def _lexed(self, text: str) -> tuple[list[StyledText], tuple[str, ...]]:
        lexer = _lexer(self._language) if self._language and not self._patience.over else None
        plain = text.split("\n")[:-1]
        if lexer is None or len(text) > LONGEST_CODE or max(map(len, plain)) > LONGEST_LINE:
            return [StyledText(line) for line in plain], self._stack
        lines, stack = Lines(self._colours), list(self._stack)
        self._patience.begin(len(text))
        resumable = _resumable(self._language)
        for _ in _lex(lexer, text, lines) if resumable is None else _resume(resumable, text, stack, lines):
            if self._patience.slice_ends():
                if self._patience.over:
                    return [StyledText(line) for line in plain], self._stack
                self._patience.begin(0)
        self._patience.end()
        return lines.done, tuple(stack)


def _lex(lexer: Lexer, text: str, into: Lines) -> Iterator[None]:
    """Lex a text on its own; yields after each token."""
    for token, value in lexer.get_tokens(text):
        into.add(token, value)
        yield


def _resume(lexer: Any, text: str, stack: list[str], lines: Lines) -> Iterator[None]:
    """Run the lexer's state table over `text`, from the states in `stack` on, which is left as it ends.

    Yields after each token.
    """
    from pygments.token import Comment, Error, Text, _TokenType

    states = lexer._tokens  # noqa: SLF001 - the table that RegexLexer compiles; it has no public name
    at, end = 0, len(text)
    comments = stack[-1] == IN_COMMENT or "/*" in text
    while at < end:
        yield
        opened = 0
        if comments and stack[-1] != IN_COMMENT and text.startswith("/*", at) and _begins_comment(lexer, stack[-1]):
            stack.append(IN_COMMENT)
            opened = 2
        if comments and stack[-1] == IN_COMMENT:
            close = text.find("*/", at + opened)
            stop = end if close < 0 else close + 2
            lines.add(Comment.Multiline, text[at:stop])
            if close >= 0:
                stack.pop()
            at = stop
            continue
        for match_at, action, next_state in states[stack[-1]]:
            found = match_at(text, at)
            if found is None:
                continue
            if isinstance(action, _TokenType):
                lines.add(action, found[0])
            elif action is not None:
                for _, token, value in action(lexer, found):
                    lines.add(token, value)
            at = found.end()
            if next_state is not None:
                _go(stack, next_state)
            break
        else:
            character = text[at]
            if character == "\n":
                stack[:] = ["root"]
            lines.add(Text if character == "\n" else Error, character)
            at += 1


@lru_cache(512)
def _begins_comment(lexer: Any, state: str) -> bool:
    """Whether `/*` begins a comment in a state that takes the whole of it in one expression."""
    from pygments.token import Comment, _TokenType

    for match_at, action, _ in lexer._tokens[state]:  # noqa: SLF001 - see `_resume`
        found = match_at("/*\n*/", 0)
        if found is not None and found[0]:
            return isinstance(action, _TokenType) and action in Comment and len(found[0]) == 5
    return False


def _go(stack: list[str], to: str | int | tuple[str, ...]) -> None:
    """Change the stack as a rule says: push states, or pop (`-n`: n states, but never the last)."""
    if isinstance(to, int):
        del stack[max(1, len(stack) + to) if to < 0 else to :]
        return
    for state in (to,) if isinstance(to, str) else to:
        if state == "#pop":
            if len(stack) > 1:
                stack.pop()
        else:
            stack.append(stack[-1] if state == "#push" else state)


def highlighted(code: str, language: str, styles: MarkdownStyles) -> Generator[None, None, list[StyledText]]:
    """A whole block's lines, coloured; yields after each slice of work. No line end after the last line of `code`.

    Without colours are lines of a block that no lexer takes, has too long a line, or takes too long.
    """
    plain = code.split("\n")
    lexer = _lexer(language) if language else None
    if lexer is None or max(map(len, plain)) > LONGEST_LINE:
        return [StyledText(line) for line in plain]
    lexed, left_out = _without_blank_lines(plain)
    lines = Lines(_Colours(styles))
    patience = _Patience()
    patience.begin(len(code))
    for number, _ in enumerate(_run(lexer, language, lexed, lines), start=1):
        if patience.slice_ends(full=number % TOKENS_A_SLICE == 0):
            if patience.over:
                return [StyledText(line) for line in plain]
            yield
            patience.begin(0)
    if [line.plain for line in lines.done] != lexed:  # a lexer that changes its text would change what is copied
        return [StyledText(line) for line in plain]
    coloured: list[StyledText] = []
    for number, line in enumerate(lines.done):
        coloured.append(line)
        coloured += (StyledText(blank) for blank in left_out.get(number, ()))
    return coloured


def _without_blank_lines(lines: list[str]) -> tuple[list[str], dict[int, list[str]]]:
    """The lines without what is too much of a run of blank ones, and what was left out behind which of those kept."""
    kept: list[str] = []
    left_out: dict[int, list[str]] = {}
    blank = 0
    for line in lines:
        blank = 0 if line.strip() else blank + 1
        if blank > MOST_BLANK_LINES:
            left_out.setdefault(len(kept) - 1, []).append(line)
        else:
            kept.append(line)
    return kept, left_out


def _run(lexer: Lexer, language: str, code: list[str], into: Lines) -> Iterator[None]:
    """Lex lines of code, as a whole if they are not too many, else in pieces; yields after each token."""
    pieces = list(_pieces(code))
    resumable = _resumable(language) if len(pieces) > 1 else None
    stack = ["root"]
    for piece in pieces:
        if resumable is not None:
            yield from _resume(resumable, piece, stack, into)
        else:
            yield from _lex(lexer, piece, into)


def _pieces(lines: list[str]) -> Iterator[str]:
    """The lines with their ends, joined to pieces that are not too long for a lexer."""
    piece: list[str] = []
    length = 0
    for line in lines:
        if piece and length + len(line) >= LONGEST_CODE:
            yield "\n".join(piece) + "\n"
            piece.clear()
            length = 0
        piece.append(line)
        length += len(line) + 1
    yield "\n".join(piece) + "\n"
