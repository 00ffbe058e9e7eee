"""No regular expression takes more than its share of time over a foreign text, however that was made to harm it."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import tui_chat

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(tui_chat.__file__).parent
ROOMS = ("wire", "server", "settings", "history", "backend", "cli", "log.py")
FUNCTIONS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}

SHORT, LONG = 6_000, 40_000
"""Characters: a text is tried short, and long where that took a moment."""

MOMENT, MOST = 0.002, 0.25
"""Seconds of this process, whatever else the machine does. Over a long text, what is quadratic takes a second and
more, and what is linear some milliseconds."""


class Use(NamedTuple):
    """An expression, and how it is used."""

    place: str
    pattern: re.Pattern[Any]
    function: str


def literal(node: ast.expr) -> str | bytes | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) else None


def flags_of(call: ast.Call, after: int) -> int:
    given = [*call.args[after:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")]
    names = {node.attr for each in given for node in ast.walk(each) if isinstance(node, ast.Attribute)}
    return sum(int(getattr(re, name)) for name in names if name.isupper())


def uses_in(path: Path) -> Iterator[Use]:
    """The expressions of a file that stand there as literals."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = str(path.relative_to(PACKAGE))
    named: dict[str, re.Pattern[Any]] = {}
    used: set[str] = set()
    loose: list[re.Pattern[Any]] = []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    for call in calls:
        function = call.func
        assert isinstance(function, ast.Attribute)
        if not (isinstance(function.value, ast.Name) and function.value.id == "re" and call.args):
            continue
        text = literal(call.args[0])
        if text is None:
            continue
        if function.attr == "compile":
            loose.append(re.compile(text, flags_of(call, 1)))
        elif function.attr in FUNCTIONS:
            yield Use(place, re.compile(text, flags_of(call, 2)), function.attr)
    for node in ast.walk(tree):
        target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and value.args:
            text = literal(value.args[0])
            found = [pattern for pattern in loose if pattern.pattern == text]
            if found:
                named[target.id] = found[0]
                loose.remove(found[0])
    for call in calls:
        function = call.func
        assert isinstance(function, ast.Attribute)
        if isinstance(function.value, ast.Name) and function.value.id in named and function.attr in FUNCTIONS:
            yield Use(place, named[function.value.id], function.attr)
            used.add(function.value.id)
    loose += [pattern for name, pattern in named.items() if name not in used]
    for pattern in loose:  # in a function, a table, …: as hard as it can be used
        yield Use(place, pattern, "finditer")


def files() -> list[Path]:
    """The files that may hold an expression; what is in them is read by the tests, as each process lists all tests."""
    every = [file for room in ROOMS for file in ([PACKAGE / room] if "." in room else (PACKAGE / room).rglob("*.py"))]
    return sorted(file for file in every if "import re\n" in file.read_text(encoding="utf-8"))


def words_of(pattern: re.Pattern[Any]) -> list[str]:
    """Pieces that the expression is looking for, as far as its text tells."""
    text = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    bare = re.sub(r"\(\?[a-zA-Z]+\)|\(\?P?<?[=!:a-z]*>?|\\[bswdWSD]|\[\^?[^\]]*\]|\{[\d,]*\}", " ", text)
    return [word.replace("\\", "") for word in re.split(r"[ ()|*+?^$]+", bare) if word.replace("\\", "")][:12]


def hostile(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts that make an expression try again and again: what it looks for, many times and never to the end. Always in
    the same order."""
    words = words_of(pattern)
    for filler in "a \t\n\r0-.:/`\"'\\;<=+~&@":
        for start in ["", *words]:
            for end in ["", "\0"]:
                yield start + filler * (size - len(start)) + end
    pieces = [word + filler for word in words for filler in ["", " ", "a", ".", "\\", '"', "+", "a.", "; a="]]
    pieces += [first + second for first, second in pairwise(words)]
    pieces += ["a.", "a=", ';a="\\', "; ", "://", "a@", "\n\r", "<a", "`\n", "a b", "1.", "#?", "=&"]
    for piece in pieces:
        yield piece * (size // len(piece))


def run(use: Use, text: str) -> None:
    given: Any = text.encode() if isinstance(use.pattern.pattern, bytes) else text
    match use.function:
        case "sub" | "subn":
            use.pattern.sub(given[:0], given)
        case "finditer":
            for _ in use.pattern.finditer(given):
                pass
        case name:
            getattr(use.pattern, name)(given)


def seconds(use: Use, text: str) -> float:
    began = process_time()
    run(use, text)
    return process_time() - began


def harm(use: Use) -> str:
    """The beginning of a text over which the expression takes too long; empty: there is none."""
    for short, long in zip(hostile(use.pattern, SHORT), hostile(use.pattern, LONG), strict=True):
        if seconds(use, short) > MOMENT and seconds(use, long) > MOST:
            return long[:40]
    return ""


def test_the_expressions_of_the_package_are_found() -> None:
    assert sum(len(set(uses_in(file))) for file in files()) > 80


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_an_expression_takes_time_by_the_length_of_a_text_alone(file: Path) -> None:
    assert {use: found for use in set(uses_in(file)) if (found := harm(use))} == {}


@pytest.mark.parametrize(
    ("text", "flags", "function"),
    [
        (r"<title[^>]*>(.*?)</title>", re.DOTALL, "search"),
        (r"[^/]*@", 0, "sub"),
        (r"\b[a-z][a-z0-9+.-]*://", 0, "search"),
    ],
)
def test_an_expression_that_can_be_harmed_is_found(text: str, flags: int, function: str) -> None:
    assert harm(Use("", re.compile(text, flags), function))
