"""Highlight code while it streams in.

Pygments' regular-expression lexers are tables of states. By keeping the stack of states between lines, the next line
can be lexed without those before it. Tokens that span lines in one expression get wrong colours this way, except for
comments between `/*` and `*/`, which are handled; the final pass at the end of a text lexes the whole block.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache, partial
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any, TypeVar

from tui_chat.ui.markdown.cpu_limit import TookTooLongError, limited
from tui_chat.ui.markdown.lexer_states import state_table
from tui_chat.ui.markdown.lexers import is_created, lexer_of, resumable_lexer
from tui_chat.ui.markdown.styled_text import StyledText, TextBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pygments.lexer import Lexer
    from textual.style import Style

    from tui_chat.ui.markdown.styles import MarkdownStyles

Result = TypeVar("Result")

LONGEST_LINE = 2_000
"""Lines longer than this many characters are not lexed: minified code would take too long."""

IN_COMMENT = "/*"
"""Marks the top of a lexer's stack of states while a comment continues in the next line."""

LONGEST_CODE = 8_000
"""The most characters that a lexer gets at once: at each line, some expressions scan everything after it again."""

MOST_BLANK_LINES = 20
"""The most blank lines in a row that a lexer gets: some expressions try each line of white space with each after it."""

TOKENS_A_SLICE = 250
"""The number of tokens that are lexed between two yields: some three milliseconds."""

SLICE = 0.005
"""Seconds after which a slice ends even with fewer tokens."""

AT_ONCE = 0.02
"""CPU seconds that a slice may take. Only a regular expression that tries all ways to divide a text takes longer; it
would try for minutes, even in Bash's lexer."""

AT_ONCE_A_CHARACTER = 10e-6
"""CPU seconds added per character where lines are not lexed in slices, about twice what code takes."""

PATIENCE = 0.1
"""CPU seconds that any block may take; then it is shown without colours."""

PATIENCE_A_CHARACTER = 50e-6
"""CPU seconds added per character, about ten times what code takes."""


class _Patience:
    """Limits the CPU time of a block's lexer. Only blocks close to the limit are coloured or not depending on the
    machine."""

    def __init__(self) -> None:
        self._left = PATIENCE

    @property
    def over(self) -> bool:
        """Whether the lexer has used up its time."""
        return self._left < 0

    def add(self, characters: int) -> None:
        """Allow the time for so many more characters."""
        self._left += PATIENCE_A_CHARACTER * characters

    def run(self, lex: Callable[[], Result], at_once: float) -> Result:
        """Let the lexer work, for at most `at_once` seconds of CPU time. Raises `TookTooLongError` if it takes longer,
        or has used up the time of its block."""
        began = thread_time()
        try:
            done = limited(lex, at_once)
        except TookTooLongError:
            self._left = -1
            raise
        self._left -= thread_time() - began
        if self.over:
            raise TookTooLongError
        return done


def _advance(tokens: Iterator[None]) -> bool:
    """Run through the tokens of one slice; returns whether they have ended."""
    began = perf_counter()
    for number, _ in enumerate(tokens, start=1):
        if number == TOKENS_A_SLICE or perf_counter() - began > SLICE:
            return False
    return True


class _Colours:
    """Maps token types to styles; unknown types use their nearest parent that has one."""

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
    """Collects tokens into lines."""

    def __init__(self, colours: _Colours) -> None:
        self.done: list[StyledText] = []
        self._colours = colours
        self._line = TextBuilder()

    def add(self, token: Any, text: str) -> None:
        """Add one token, which may contain line ends."""
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
        """The last, incomplete line."""
        return self._line.text()


class Highlighter:
    """Colours one block of code line by line."""

    def __init__(self, language: str, styles: MarkdownStyles, *, at_once: bool = True) -> None:
        """`at_once`: create the lexer when the first line comes; else a thread creates it, and lines have no colours
        until it exists."""
        self._colours = _Colours(styles)
        self._language = language
        self._at_once = at_once
        self._stack: tuple[str, ...] = ("root",)
        self._patience = _Patience()

    @property
    def ready(self) -> bool:
        """Whether lines get their colours."""
        return self._at_once or is_created(self._language)

    def lines(self, text: str) -> list[StyledText]:
        """The next lines, coloured; `text` ends with a line end."""
        lines, self._stack = self._lexed(text)
        return lines

    def peek(self, text: str) -> StyledText:
        """Colour the beginning of an incomplete line; the next call of `lines` gets the line again."""
        return self._lexed(text + "\n")[0][0] if text else StyledText("")

    def _lexed(self, text: str) -> tuple[list[StyledText], tuple[str, ...]]:
        lexer = lexer_of(self._language) if self._language and not self._patience.over and self.ready else None
        plain = text.split("\n")[:-1]
        if lexer is None or len(text) > LONGEST_CODE or max(map(len, plain)) > LONGEST_LINE:
            return [StyledText(line) for line in plain], self._stack
        lines, stack = Lines(self._colours), list(self._stack)
        resumable = resumable_lexer(self._language)
        tokens = _lex(lexer, text, lines) if resumable is None else _resume(resumable, text, stack, lines)
        self._patience.add(len(text))
        try:
            self._patience.run(partial(deque, tokens, 0), AT_ONCE + AT_ONCE_A_CHARACTER * len(text))
        except TookTooLongError:
            return [StyledText(line) for line in plain], self._stack
        return lines.done, tuple(stack)


def _lex(lexer: Lexer, text: str, into: Lines) -> Iterator[None]:
    """Lex a text on its own; yields after each token."""
    for token, value in lexer.get_tokens(text):
        into.add(token, value)
        yield


def _resume(lexer: Any, text: str, stack: list[str], lines: Lines) -> Iterator[None]:
    """Run the lexer's state table over `text`, beginning with the states in `stack`, which is updated. Yields after
    each token."""
    from pygments.token import Comment, Error, Text

    states = state_table(lexer)
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
            if isinstance(action, type(Comment)):
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
    """Whether `/*` begins a comment in a state whose expression normally matches the whole comment."""
    from pygments.token import Comment

    for match_at, action, _ in state_table(lexer)[state]:
        found = match_at("/*\n*/", 0)
        if found is not None and found[0]:
            return isinstance(action, type(Comment)) and action in Comment and len(found[0]) == 5
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


def highlighted(
    code: str, language: str, styles: MarkdownStyles, *, at_once: bool = True
) -> Generator[None, None, list[StyledText]]:
    """Colour all lines of a block; yields after each slice of work. `code` has no line end after its last line. A block
    without a lexer, with a too long line, or that takes too long stays without colours; so does one whose lexer does
    not exist yet, unless `at_once`."""
    plain = code.split("\n")
    lexer = lexer_of(language) if language and (at_once or is_created(language)) else None
    if lexer is None or max(map(len, plain)) > LONGEST_LINE:
        return [StyledText(line) for line in plain]
    lexed, left_out = _without_blank_lines(plain)
    lines = Lines(_Colours(styles))
    tokens = _run(lexer, language, lexed, lines)
    patience = _Patience()
    patience.add(len(code))
    try:
        while not patience.run(partial(_advance, tokens), AT_ONCE):
            yield
    except TookTooLongError:
        return [StyledText(line) for line in plain]
    if [line.plain for line in lines.done] != lexed:  # a lexer that changes its text would change what is copied
        return [StyledText(line) for line in plain]
    coloured: list[StyledText] = []
    for number, line in enumerate(lines.done):
        coloured.append(line)
        coloured += (StyledText(blank) for blank in left_out.get(number, ()))
    return coloured


def _without_blank_lines(lines: list[str]) -> tuple[list[str], dict[int, list[str]]]:
    """The lines without the excess of long runs of blank lines, and the removed ones by the kept line before them."""
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
    """Lex lines of code, whole if they are few enough, else in pieces; yields after each token."""
    pieces = list(_pieces(code))
    resumable = resumable_lexer(language) if len(pieces) > 1 else None
    stack = ["root"]
    for piece in pieces:
        if resumable is not None:
            yield from _resume(resumable, piece, stack, into)
        else:
            yield from _lex(lexer, piece, into)


def _pieces(lines: list[str]) -> Iterator[str]:
    """The lines with their ends, joined into pieces that are short enough for a lexer."""
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
