"""What the scripted replies say: endless texts of several kinds, the same in every run.

All but one hold no character outside ASCII, so that a key such as `ж` can be found in what a program writes.
"""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["prose", "mixed", "fence", "paragraph", "list", "quote", "first"]
KINDS: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != "first")
"""Those that go on as they begin; `first` has something new in each paragraph."""

LANGUAGES = {
    "python": "def sum_of(a, b):\n    return a + b\n",
    "javascript": "const sum = (a, b) => a + b;\n",
    "typescript": "const sum = (a: number, b: number): number => a + b;\n",
    "java": "class Sum { int of(int a, int b) { return a + b; } }\n",
    "c": "int sum(int a, int b) { return a + b; }\n",
    "cpp": "auto sum(auto a, auto b) { return a + b; }\n",
    "csharp": "int Sum(int a, int b) => a + b;\n",
    "go": "func sum(a, b int) int { return a + b }\n",
    "rust": "fn sum(a: u32, b: u32) -> u32 { a + b }\n",
    "php": "<?php echo $a + $b; ?>\n",
    "ruby": "def sum(a, b) = a + b\n",
    "swift": "func sum(a: Int, b: Int) -> Int { a + b }\n",
    "kotlin": "fun sum(a: Int, b: Int) = a + b\n",
    "sql": "SELECT a + b AS sum FROM pairs;\n",
    "bash": 'echo "$((a + b))" | tee sum.txt\n',
    "html": "<p class=sum>a + <b>b</b></p>\n",
    "css": ".sum { color: red; margin: 1em }\n",
    "json": '{"sum": [1, 2.5, null]}\n',
    "yaml": "sum:\n  - a\n  - b: 2\n",
    "diff": "-a + b\n+b + a\n",
}
"""The twenty commonest languages of code in replies, each with a line or two."""

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


def _first() -> Iterator[str]:
    """Everything that a reply can hold, once; then prose."""
    for number, (language, code) in enumerate(LANGUAGES.items()):
        yield f"{_sentence(number, 6)}\n\n```{language}\n{code}```\n\n"
    yield "| name | value |\n|---|---:|\n" + "".join(f"| field {row} | {row} |\n" for row in range(6)) + "\n"
    yield "It is $x^2 + \\frac{1}{n}$, and\n\n$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$\n\n"
    yield f"With [a link](https://example.org/a), https://example.org/b and ~~none~~.\n\n# {_sentence(1, 4)}\n\n"
    yield "".join(f"{number}. {_sentence(number, 7)}\n" for number in range(1, 41)) + "\n"
    yield f"> {_sentence(3, 12)}\n\n- [x] done[^1]\n\n[^1]: {_sentence(5, 5)}\n\n---\n\n"
    yield "\u6587\u5b57\u306f\u6765\u305f\u9806\u306b\u8aad\u307e\u308c\u308b\u3002" * 12 + "\n\n"
    yield from _prose()


_ENDLESS = {
    "first": _first,
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
