"""The sections of a message view: text, folds and notes, stacked vertically.

A section provides rows by number, and logical lines for selection. It only processes new text, and renders nothing that
is folded.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rich.segment import Segment
from textual.strip import Strip

from tui_chat.chat.clean import clean_line
from tui_chat.ui.markdown.rows import GUTTER, MARGIN, Row
from tui_chat.ui.markdown.styled_text import width_of
from tui_chat.ui.transcript import message_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_chat.chat.message import ToolCall
    from tui_chat.keymap import Keymap
    from tui_chat.ui.markdown.document import Document, PlainDocument
    from tui_chat.ui.transcript.message_rows import StyledWords
    from tui_chat.ui.transcript.message_styles import MessageStyles

INDENT = "  "
"""Before reasoning and the arguments of tools; its first cell is for their bar."""

LEAST_TEXT = 8
"""Cells that remain for text after the indentation."""

LAID_AT_ONCE = 40_000
"""The most characters of Markdown rendered at once, in about a tenth of a second; longer texts are rendered in
slices."""

LAID_A_FRAME = 0.03
"""CPU seconds after which the rest of a text waits for the next frame, so that keys are echoed promptly."""


class Canvas(NamedTuple):
    """The values that all sections of a view share."""

    width: int
    styles: MessageStyles
    keys: Keymap
    """The keys that rows name."""


class Section(Protocol):
    """A block of consecutive rows."""

    @property
    def height(self) -> int:
        """The height in rows."""
        ...

    @property
    def lines(self) -> Sequence[str]:
        """The logical lines that rows refer to, for selection."""
        ...

    def row(self, y: int) -> Row:
        """The row `y` below the top of this section."""
        ...


class NotesSection:
    """Rows that are not part of the text."""

    lines: Sequence[str] = ()

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    @property
    def height(self) -> int:
        """The height in rows."""
        return len(self.rows)

    def row(self, y: int) -> Row:
        """The row `y` below the top of this section."""
        return self.rows[y]


class Text:
    """The answer or a refusal as Markdown, or a user's message as typed."""

    def __init__(
        self,
        canvas: Canvas,
        text: str,
        *,
        blocks: int = 0,
        asked: bool = False,
        streams: bool = False,
        beside: StyledWords = (),
    ) -> None:
        """`blocks`: blocks of code in the message before it. `asked`: it is a user's message. `streams`: the text is
        still arriving. `beside`: what stands at the right of its first row, on the surface of a question."""
        # Imported here because the first frame has no text, and the import takes a tenth of the start-up time.
        from tui_chat.ui.markdown.document import Document, PlainDocument

        self.blocks_before = blocks
        """The number of blocks of code in the message before it."""
        self._canvas = canvas
        self._beside = beside
        self._first: tuple[Row, Row] | None = None
        if asked:
            short = sum(width_of(words) for words, _ in beside) + GUTTER if beside else 0
            self.document: Document | PlainDocument = PlainDocument(
                canvas.width, canvas.styles.asked, text, bar=-GUTTER, short=short
            )
        else:
            self.document = Document(canvas.width, canvas.styles.answer, text, blocks=blocks, streams=streams)
        self.deferred = len(text) > LAID_AT_ONCE
        """Whether it is too long to be rendered at once; it has no rows until `settle` creates them."""

    @property
    def height(self) -> int:
        """The height in rows."""
        return self.document.height

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the text before they are wrapped, for selection."""
        return self.document.lines

    def row(self, y: int) -> Row:
        """The row `y` below the top of this section."""
        row = self.document.row(y)
        if y or not self._beside:
            return row
        if self._first is None or self._first[0] is not row:
            self._first = (row, self._with_words_beside(row))
        return self._first[1]

    def _with_words_beside(self, row: Row) -> Row:
        """The first row with the words at its right end, unless its text needs their cells."""
        width, fill = self._canvas.width, self._canvas.styles.marks.asked
        tail = [Segment(words, style) for words, style in self._beside] + [Segment(" " * MARGIN, fill)]
        left = width - sum(width_of(segment.text) for segment in tail)
        if left < 0 or row.strip.crop(left).text.strip():
            return row
        return Row(Strip([*row.strip.crop(0, left), *tail], width), row.line, row.start, row.prefix, row.end)

    @property
    def blocks(self) -> int:
        """The blocks of code in the message up to its end."""
        return self.document.blocks

    @property
    def behind(self) -> bool:
        """Whether `flush` has left text for the next frame."""
        return not self.deferred and self.document.behind

    @property
    def plain(self) -> bool:
        """Whether part of the Markdown is shown as written because rendering it would take too long."""
        return self.document.plain

    def append(self, text: str) -> None:
        """Store new text; `flush` renders it."""
        self.document.append(text)

    def flush(self, *, complete: bool) -> int | None:
        """Render the stored text. Returns the first row that changed, or `None`. `complete`: no more text is
        expected."""
        self.document.complete = complete
        return None if self.deferred else self.document.flush(LAID_A_FRAME)

    def settle(self) -> Iterator[None]:
        """Render the whole text in slices of a few milliseconds."""
        yield from self.document.settle()
        self.deferred = False


class Fold:
    """A title row and, unless folded, indented plain text below it."""

    def __init__(self, canvas: Canvas, key: int) -> None:
        self._canvas = canvas
        self.key = key
        """The index of its part in the message."""
        self.folded = True
        self._title = message_rows.blank(canvas.width, canvas.styles.marks)
        self._body: PlainDocument | None = None

    @property
    def height(self) -> int:
        """The height in rows."""
        return 1 + (self._body.height if self._body else 0)

    @property
    def lines(self) -> Sequence[str]:
        """The visible logical lines."""
        return self._body.lines if self._body else ()

    def row(self, y: int) -> Row:
        """Row number `y`; the title is 0."""
        return self._title if y == 0 or self._body is None else self._body.row(y - 1)

    def set_title(self, title: Row) -> bool:
        """Set the title; returns whether it changed."""
        changed = title.strip != self._title.strip
        self._title = title if changed else self._title
        return changed

    def show(self, text: str) -> None:
        """Unfold and show `text`."""
        self.folded = False
        from tui_chat.ui.markdown.document import PlainDocument

        width = self._canvas.width
        indent = INDENT[: max(0, width - LEAST_TEXT - GUTTER - MARGIN)]
        bar = 0 if indent else None
        self._body = PlainDocument(width, self._canvas.styles.quiet, text, indent=indent, bar=bar)

    @property
    def behind(self) -> bool:
        """Whether `flush` has left text for the next frame."""
        return self._body is not None and self._body.behind

    def fold(self) -> None:
        """Show only the title."""
        self.folded = True
        self._body = None

    def append(self, text: str) -> None:
        """Store new text; ignored while folded."""
        if self._body is not None:
            self._body.append(text)

    def flush(self) -> int | None:
        """Render the stored text. Returns the first row that changed, or `None`."""
        if self._body is None or (first := self._body.flush(LAID_A_FRAME)) is None:
            return None
        return first + 1


def call_preview(call: ToolCall) -> str:
    """The start of a call's arguments in one line."""
    return clean_line(call.arguments[:200])


def call_body(call: ToolCall) -> str:
    """A call's arguments, indented over several lines if they are complete JSON."""
    try:
        return json.dumps(json.loads(call.arguments), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):  # still coming, not JSON, or nested without end: as it came
        return call.arguments
