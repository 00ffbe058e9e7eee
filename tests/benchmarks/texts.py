"""What the scripted replies say: endless texts of several kinds, the same in every run.

They hold no character outside ASCII, so that a key such as `ж` can be found in what a program writes.
"""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["prose", "mixed", "fence", "paragraph", "list", "quote"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SPEECH = (
    "the reader takes bytes as they come and cuts them into events while a slow painter catches up with every word "
    "that was said so far and nothing is lost when the window is closed in the middle of an answer because each piece "
    "was kept on its way"
)
WORDS = SPEECH.split()


def _sentence(number: int, words: int) -> str:
    start = number * 7 % len(WORDS)
    ring = WORDS[start:] + WORDS[:start]
    return " ".join((ring * 2)[:words]).capitalize() + f" ({number})."


def _prose() -> Iterator[str]:
    for number in count():
        yield " ".join(_sentence(4 * number + part, 12 + part) for part in range(4)) + "\n\n"


def _mixed() -> Iterator[str]:
    for number in count():
        yield f"## Part {number}: how it is read\n\n"
        yield (
            _sentence(number, 14) + " It is **always** so, `even()` with [a link](https://example.org/a), *mostly*.\n\n"
        )
        yield "".join(f"- {_sentence(number + item, 9)}\n" for item in range(3)) + "  - and one below it\n\n"
        yield "```python\n" + "".join(_code_line(6 * number + line) for line in range(6)) + "```\n\n"
        yield f"1. {_sentence(number + 5, 8)}\n2. **bold** and `code`\n\n> {_sentence(number + 9, 10)}\n\n"
        yield "| name | value | note |\n|---|---:|---|\n"
        yield "".join(f"| field {row} | {number * row} | `x{row}` |\n" for row in range(4)) + "\n"


def _code_line(number: int) -> str:
    indent = "    " * (number % 3)
    return f'{indent}value_{number} = read(source, {number}) or "none"  # {WORDS[number % len(WORDS)]}\n'


def _fence() -> Iterator[str]:
    yield "```python\n"
    for number in count():
        yield _code_line(number)


def _paragraph() -> Iterator[str]:
    for number in count():
        yield _sentence(number, 15) + " "


def _list() -> Iterator[str]:
    yield "1. One item that holds all of it:\n\n"
    for number in count():
        yield f"   {_sentence(number, 14)} It is **always** so.\n\n"
        yield "".join(f"   - {_sentence(number + item, 9)}\n" for item in range(3))
        yield "     - and one below it\n\n"


def _quote() -> Iterator[str]:
    for number in count():
        yield f"> {_sentence(number, 14)} It is **always** so.\n>\n> ```python\n"
        yield "".join(f"> {_code_line(6 * number + line)}" for line in range(6)) + "> ```\n>\n"


_ENDLESS = {
    "prose": _prose,
    "mixed": _mixed,
    "fence": _fence,
    "paragraph": _paragraph,
    "list": _list,
    "quote": _quote,
}
_MARKS = {"paragraph": " {} ", "list": "\n\n   {} ", "quote": "\n> {} "}


def text(kind: Kind, length: int) -> str:
    """The first `length` characters of the text of this kind."""
    pieces: list[str] = []
    have = 0
    for piece in _ENDLESS[kind]():
        if have >= length:
            break
        pieces.append(piece)
        have += len(piece)
    return "".join(pieces)[:length]


def mark(kind: Kind, word: str) -> str:
    """`word` as a delta of its own, such that every renderer shows it in one piece."""
    return _MARKS.get(kind, "\n\n{} ").format(word)


def deltas(kind: Kind, start: int, number: int, size: int) -> Iterator[str]:
    """`number` pieces of `size` characters from position `start` on."""
    whole = text(kind, start + number * size)
    return islice((whole[at : at + size] for at in range(start, len(whole), size)), number)
