"""JSON as rows that can be folded, and bytes as rows of text or of hexadecimal digits."""

from __future__ import annotations

import json
from itertools import islice
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.inspector.virtual_list import end_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_chat.ui.inspector.virtual_list import Piece

MOST_ROWS: Final = 20_000
"""Rows of one document; the rest is counted."""
DEEPEST: Final = 100
"""Levels below which a value is shown in one row."""
LONG: Final = 20
"""Items of a list or an object from which it is folded at first, if it is not the outermost."""
LONGEST_TEXT: Final = 1 << 18
"""Characters of a text that are laid out; the rest is counted."""
_PER_ROW: Final = 16
"""Bytes in a row of hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row of a text view."""

    pieces: tuple[Piece, ...]
    fold: tuple[str | int, ...] | None = None
    """The path of the value that a press on this row folds or unfolds; `None`: it does not fold."""
    whole: str = ""
    """The text that the row shows the beginning of, if it may be longer; empty: the row shows all."""


def wrapped_rows(text: str, width: int) -> list[TextRow]:
    """A text as rows of at most `width` cells."""
    rows = [
        TextRow(((piece, "text"),))
        for line in clean(text[:LONGEST_TEXT]).expandtabs(4).split("\n")
        for piece in _chopped(line, max(1, width))
    ]
    if len(text) > LONGEST_TEXT:
        rows.append(TextRow(((f"… {len(text) - LONGEST_TEXT:,} more characters", "muted"),)))
    return rows


def _chopped(line: str, cells: int) -> Iterator[str]:
    """The parts of a line that take at most so many cells each; a character that is wider stands alone."""
    start = 0
    while True:
        end = max(start + 1, end_within(line, cells, start))
        yield line[start:end]
        start = end
        if start >= len(line):
            return


def sentence_rows(text: str, width: int) -> list[TextRow]:
    """A text as rows that end between words; a line that begins with blanks keeps them in all of its rows."""
    rows: list[TextRow] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        parts = wrap(line, max(8, width), subsequent_indent=indent) or [""]
        rows += [row for part in parts for row in wrapped_rows(part, width)]
    return rows


def hex_rows(data: bytes, width: int) -> list[TextRow]:
    """Bytes as rows of an offset, hexadecimal digits, and the printable characters among them."""
    per_row = next((count for count in (_PER_ROW, 8) if width >= 11 + 4 * count), 4)
    rows: list[TextRow] = []
    for at in range(0, min(len(data), MOST_ROWS * per_row), per_row):
        part = data[at : at + per_row]
        digits = part.hex(" ")
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        rows.append(TextRow(((f"{at:08x}  ", "muted"), (f"{digits:{per_row * 3}} ", "text"), (letters, "accent"))))
    if len(data) > MOST_ROWS * per_row:
        rows.append(TextRow(((f"… {len(data) - MOST_ROWS * per_row:,} more bytes", "muted"),)))
    return rows


def document_in(text: str) -> object | None:
    """The JSON object or list that a text is, or that the data of an event is; `None`: it is none."""
    lines = [line.partition(":")[2].removeprefix(" ") for line in text.splitlines() if line.startswith("data:")]
    try:
        document = json.loads("\n".join(lines) if lines else text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict | list) else None


class FoldedJson:
    """A document with what is folded of it."""

    def __init__(self, document: object) -> None:
        self._document = document
        self._turned: set[tuple[str | int, ...]] = set()
        """Paths that are folded though they would not be, or the other way round."""

    def turn(self, path: tuple[str | int, ...]) -> None:
        """Fold what is unfolded at a path, or unfold it."""
        self._turned ^= {path}

    def rows(self) -> list[TextRow]:
        """The rows of what is not folded."""
        rows = [*islice(self._rows((), "", self._document), MOST_ROWS + 1)]
        if len(rows) > MOST_ROWS:
            rows[-1] = TextRow((("… more rows than can be shown: fold some", "muted"),))
        return rows

    def _rows(self, path: tuple[str | int, ...], label: str, value: object) -> Iterator[TextRow]:
        indent = "  " * len(path)
        name: tuple[Piece, ...] = ((f"{label}: ", "accent"),) if label else ()
        items = _items(value)
        if items is None or not value or len(path) >= DEEPEST:
            text = json.dumps(value, ensure_ascii=False) if items is None or not value else "…"
            yield TextRow(
                ((f"{indent}  ", "muted"), *name, (text, "text")), whole=value if isinstance(value, str) else ""
            )
            return
        count = len(value) if isinstance(value, dict | list) else 0
        folded = (count >= LONG and bool(path)) != (path in self._turned)
        kind = f"{{{count}}}" if isinstance(value, dict) else f"[{count}]"
        sign = "▸" if folded else "▾"
        yield TextRow(((f"{indent}{sign} ", "muted"), *name, (kind, "muted")), fold=path)
        if not folded:
            for key, each in items:
                yield from self._rows((*path, key), str(key), each)


def _items(value: object) -> Iterable[tuple[str | int, object]] | None:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else None
