"""Code that keeps lexers busy: beginnings of strings and comments, filled with one thing, for each lexer of Pygments.

    python -m tests.hostile_code [LANGUAGE...]

Says which lexers are at work for longer than one piece may take, and ends with 1 if there are any.
"""

from __future__ import annotations

import random
import resource
import sys
from time import thread_time
from typing import TYPE_CHECKING

from pygments.lexers import get_all_lexers

from tests.ui.markdown_texts import LOOK
from tui_chat.ui.markdown.code import AT_ONCE, LONGEST_CODE, Highlighter, highlighted
from tui_chat.ui.markdown.lexers import lexer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 6 * AT_ONCE
"""CPU seconds of one piece of work: what a lexer gets twice, with what the machine and collections of garbage add."""

CODES = 36
"""Number of codes for each lexer."""

MOST_OF_A_LEXER = 120
"""CPU seconds for all code of one lexer, after which the process is ended."""

OPENINGS = [
    '"',
    "'",
    "`",
    "/*",
    "<!--",
    "(",
    "[",
    "{",
    "<",
    "#",
    "//",
    'r"',
    '"""',
    "/",
    '@"',
    '$"',
    "$'",
    "%",
    "\\",
    "a=",
    "@a(",
    "<a",
    "--",
    "s/",
    'f"',
    "q{",
    "a<",
    "\\begin{",
]
FILLINGS = [
    "\\\\",
    "\\a",
    "a",
    "  ",
    "a ",
    '\\"x',
    "0",
    ".",
    "a.",
    "*",
    "(",
    "a,",
    "a\n",
    "\\\n",
    "a=",
    "-",
    "a b",
    "<",
    "/",
    "\t ",
]


def codes(chance: random.Random) -> Iterator[str]:
    """Beginnings and fillings by chance: some dozen characters, a long line, and as much as a lexer gets at once."""
    for number in range(CODES):
        opening, filling = chance.choice(OPENINGS), chance.choice(FILLINGS)
        line = opening + filling * (1_900 // len(filling)) + "\x01"
        yield (opening + filling * (72 // len(filling)), line, "\n".join([line] * (LONGEST_CODE // len(line))))[
            number % 3
        ]


def longest_piece(language: str, code: str) -> float:
    """The CPU seconds of the longest piece of work while code is coloured, as it arrives and when it is whole."""
    pieces: list[float] = []
    began = thread_time()
    Highlighter(language, LOOK).lines(code[:1_000] + "\n")
    pieces.append(thread_time() - began)
    steps = highlighted(code, language, LOOK)
    while True:
        began = thread_time()
        ended = next(steps, steps) is steps
        pieces.append(thread_time() - began)
        if ended:
            return max(pieces)


def main(languages: list[str]) -> int:
    """Try all lexers, or some; the exit status."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    slow: dict[str, float] = {}
    for language in languages or sorted(aliases[0] for _, aliases, _, _ in get_all_lexers() if aliases):
        resource.setrlimit(resource.RLIMIT_CPU, (int(thread_time()) + MOST_OF_A_LEXER, resource.RLIM_INFINITY))
        lexer_of(language)
        chance = random.Random(f"{seed} {language}")
        longest = max(longest_piece(language, code) for code in codes(chance))
        print(f"{language}: {longest * 1000:.0f} ms", flush=True)
        if longest > MOST:
            slow[language] = longest
    print(f"too long: {slow}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
