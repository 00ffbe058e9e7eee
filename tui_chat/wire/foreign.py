"""Read untrusted JSON: numbers, words and texts of any type, nested to any depth."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COUNT: Final = 10**12
"""The largest accepted count: no reply has a trillion tokens, and floats represent all integers below it exactly."""

MAX_DEPTH: Final = 60
"""Maximum nesting level. Deeper values become `None`, so that recursive processing (comparing, encoding as JSON)
stays within Python's limit."""

_DEEP_LENGTH: Final = 2 * MAX_DEPTH
_MOST_CHOICES: Final = 1000
_DEEPEST_TEXT: Final = 8
_LONGEST_NUMBER: Final = 400
"""Maximum digits of an integer; Python refuses to parse more than 4,300."""


def _none(_: str) -> None:
    """Read `NaN` and `Infinity` as `None`, because they are not valid JSON."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else None


decode: Final = json.JSONDecoder(parse_constant=_none).raw_decode
"""`json.loads` without its checks of type and encoding, which cost as much as a small event. The caller prunes
documents that are `deep`."""

_ANY: Final = json.JSONDecoder(parse_constant=_none, parse_int=_whole, strict=False)
"""Also accepts control characters in strings, which hand-written servers leave unescaped."""

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""A string, perhaps without its end, or a bracket; what is between them does not nest."""

_BETWEEN: Final = re.compile(r"(?:[\s,\x1e\ufeff]++|data:)*+")
"""The characters that careless servers write before, between and behind JSON documents."""


def decoded(text: str) -> Any:
    """Parse a JSON document and prune it below `MAX_DEPTH`. Raises `ValueError` for invalid JSON."""
    try:
        document = _ANY.decode(text)
    except RecursionError:
        document = _ANY.decode(shallow(text))
    return pruned(document) if deep(text) else document


def shallow(text: str) -> str:
    """Replace what is nested below `MAX_DEPTH` in a JSON text by `null`, before parsing reaches Python's limit."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept.append(text[start : token.start()])
        elif token[0] in "]}":
            depth -= 1
            if depth == MAX_DEPTH:
                kept.append("null")
                start = token.end()
    return "".join([*kept, text[start:]]) if depth <= MAX_DEPTH else "".join(kept)


def split_documents(text: str) -> tuple[list[str], str]:
    """Split a text into the JSON objects and arrays at its beginning, which white space, commas or a repeated `data:`
    may separate, and the rest behind them."""
    found: list[str] = []
    at = 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between is not None else at
        if text[at : at + 1] not in {"{", "["}:
            break
        try:
            _, end = _ANY.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(text[at:end])
        at = end
    return found, text[at:].rstrip()


def deep(text: str) -> bool:
    """Whether a JSON text has so many brackets that it may be nested too deeply; a quick estimate."""
    return len(text) > _DEEP_LENGTH and text.count("[") + text.count("{") > MAX_DEPTH


def pruned(document: Any) -> Any:
    """Replace containers below `MAX_DEPTH` levels by `None`, in place, and return the document."""
    level: list[Any] = [document] if isinstance(document, (dict, list)) else []
    for depth in range(MAX_DEPTH):
        below: list[Any] = []
        for container in level:
            for place, value in list(container.items() if isinstance(container, dict) else enumerate(container)):
                if isinstance(value, (dict, list)):
                    if depth == MAX_DEPTH - 1:
                        container[place] = None
                    else:
                        below.append(value)
        level = below
    return document


def to_json(value: object) -> str:
    """Encode a part of a document as JSON."""
    return json.dumps(value, ensure_ascii=False)


def count(numbers: object, key: str) -> int | None:
    """A token count in a usage object; `None` if it is missing, negative, above `MAX_COUNT` or not a number."""
    value = numbers.get(key) if isinstance(numbers, dict) else None
    if value is None:  # the usual cases first: some servers send usage with every delta
        return None
    if type(value) is int or type(value) is float:
        return int(value) if 0 <= value <= MAX_COUNT else None  # false for NaN and infinities
    return None


def first_count(numbers: object, *keys: str) -> int | None:
    """The first of several named counts that is a number."""
    return next((found for key in keys if (found := count(numbers, key)) is not None), None)


def amount(value: object) -> float | None:
    """A sum of money; `None` if it is negative, not finite, or not a number."""
    if (type(value) is int or type(value) is float) and 0 <= value <= MAX_COUNT:
        return float(value)
    return None


def word(value: object) -> str:
    """An id or a name: a string, or a number as a string; otherwise empty."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int and abs(value) <= MAX_COUNT else ""


def is_other_choice(index: object) -> bool:
    """Whether an index denotes an alternative (`n` > 1) other than the first."""
    return type(index) is int and 0 < index <= _MOST_CHOICES


def items(value: object) -> Sequence[Any]:
    """The elements of a list; an object in place of a list counts as its only element, unless its keys are numbers, as
    PHP writes lists from which elements were removed."""
    if isinstance(value, dict):
        return _numbered(value) or (value,)
    return value if isinstance(value, list) else ()


def _numbered(value: dict[str, Any]) -> Sequence[Any]:
    """The values of an object whose keys are all numbers; empty for any other."""
    return tuple(value.values()) if value and all(key.isdecimal() for key in value) else ()


def text_in(value: object, fields: Sequence[str], depth: int = 0) -> str | None:
    """The text in a JSON value, from the first of `fields` that has some; lists are concatenated. `None`: no such
    field exists."""
    found: str | None = None
    if depth > _DEEPEST_TEXT:
        return None
    if isinstance(value, dict):
        for field in fields:
            inner = value.get(field)
            text = inner if isinstance(inner, str) else text_in(inner, fields, depth + 1)
            if text:
                return text
            found = text if found is None else found
        if found is None and (numbered := _numbered(value)):
            return text_in([*numbered], fields, depth + 1)
    elif isinstance(value, list):
        texts = [item if isinstance(item, str) else text_in(item, fields, depth + 1) for item in value]
        known = [text for text in texts if text is not None]
        found = "".join(known) if known else None
    return found


def nested_text(value: object) -> str:
    """The text of a field that should be a string, but may be nested in objects and lists."""
    return value if isinstance(value, str) else text_in(value, TEXTS) or ""


def number_text(value: object) -> str:
    """The text of a token that a server writes as a number, as PHP does with `JSON_NUMERIC_CHECK`; empty for anything
    else."""
    number = type(value) is int or (type(value) is float and isfinite(value))
    return to_json(value) if number else ""


TEXTS: Final = ("text", "content", "value", "parts", "output_text", "generated_text", "response", "delta", "completion")
"""Fields that contain the text if an object takes the place of a string."""
