"""Reading JSON of which nothing is certain: numbers, words and texts of any type, nested to any depth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 10**12
"""The largest count that is believed: no reply has a million million tokens, and floats hold every whole number below
it."""

DEEPEST: Final = 60
"""Levels of nesting that are read. What is nested deeper becomes `None`, so that nothing that walks a document by
recursion (comparing, writing it as JSON) reaches Python's limit."""

_DEEP_LENGTH: Final = 2 * DEEPEST
_MOST_CHOICES: Final = 1000
_DEEPEST_TEXT: Final = 4
_LONGEST_NUMBER: Final = 400
"""Digits; Python refuses to read whole numbers of more than 4,300."""


def _none(_: str) -> None:
    """`NaN` and `Infinity` are no JSON and no numbers to go on with."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else None


decode: Final = json.JSONDecoder(parse_constant=_none).raw_decode
"""`json.loads` without its checks of type and encoding, which cost as much as a small event does. The caller prunes
what is `deep`."""

_decode_any: Final = json.JSONDecoder(parse_constant=_none, parse_int=_whole).decode


def decoded(text: str) -> Any:
    """A JSON document, pruned below `DEEPEST`. Raises `ValueError` where the text is none."""
    try:
        document = _decode_any(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return pruned(document) if deep(text) else document


def deep(text: str) -> bool:
    """Whether a JSON text has so many brackets that it may be nested too deeply; a quick look."""
    return len(text) > _DEEP_LENGTH and text.count("[") + text.count("{") > DEEPEST


def pruned(document: Any) -> Any:
    """The document, changed in place: containers below `DEEPEST` levels are `None`."""
    level: list[Any] = [document] if isinstance(document, (dict, list)) else []
    for depth in range(DEEPEST):
        below: list[Any] = []
        for container in level:
            for place, value in list(container.items() if isinstance(container, dict) else enumerate(container)):
                if isinstance(value, (dict, list)):
                    if depth == DEEPEST - 1:
                        container[place] = None
                    else:
                        below.append(value)
        level = below
    return document


def to_json(value: object) -> str:
    """A part of a document as JSON again."""
    return json.dumps(value, ensure_ascii=False)


def count(numbers: object, key: str) -> int | None:
    """A number of tokens in a usage object; `None` where it is missing, negative, beyond `MOST` or no number."""
    value = numbers.get(key) if isinstance(numbers, dict) else None
    if value is None:  # the usual cases first: some servers send usage with every delta
        return None
    if type(value) is int or type(value) is float:
        return int(value) if 0 <= value <= MOST else None  # NaN and the infinities are not in between
    return None


def first_count(numbers: object, *keys: str) -> int | None:
    """The first of several names of a count that has a number."""
    return next((found for key in keys if (found := count(numbers, key)) is not None), None)


def amount(value: object) -> float | None:
    """A sum of money; `None` where it is negative, not finite, or no number."""
    if (type(value) is int or type(value) is float) and 0 <= value <= MOST:
        return float(value)
    return None


def word(value: object) -> str:
    """An id or a name: a string, or a number as one; else empty."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int and abs(value) <= MOST else ""


def is_other_choice(index: object) -> bool:
    """Whether an index is that of another alternative (`n` > 1) than the first."""
    return type(index) is int and 0 < index <= _MOST_CHOICES


def items(value: object) -> Sequence[Any]:
    """The items of a list; of an object in its place, that object alone."""
    if isinstance(value, list):
        return value
    return (value,) if isinstance(value, dict) else ()


def text_in(value: object, fields: Sequence[str], depth: int = 0) -> str | None:
    """The text in a JSON value: in the first of `fields` that has some, lists joined with nothing between. `None`:
    there is no such field."""
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
    elif isinstance(value, list):
        texts = [item if isinstance(item, str) else text_in(item, fields, depth + 1) for item in value]
        known = [text for text in texts if text is not None]
        found = "".join(known) if known else None
    return found


def said_in(value: object) -> str:
    """The text of a field that should hold a string, and may hold it within objects and lists."""
    return value if isinstance(value, str) else text_in(value, TEXTS) or ""


TEXTS: Final = ("text", "content", "value", "parts", "output_text", "generated_text", "response", "delta", "completion")
"""Fields in which text stands where an object came in its place."""
