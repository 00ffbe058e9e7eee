"""A text on the screen: rows to paint, and logical lines to copy.

A document receives text in pieces and renders them in `flush`. When the text is complete, `settle` renders all of it
again in slices, so that the rows do not depend on how the text was cut into pieces.
"""

from __future__ import annotations

import re
from itertools import islice
from time import thread_time
from typing import TYPE_CHECKING, Any

from tui_chat.chat.clean import Cleaner
from tui_chat.ui.markdown.blocks import language_of
from tui_chat.ui.markdown.incremental import IncrementalRenderer
from tui_chat.ui.markdown.lexers import MOST_LANGUAGES, load_lexers, wait_for_lexers
from tui_chat.ui.markdown.parser.markdown_parser import parsed, parser
from tui_chat.ui.markdown.row_buffer import RowBuffer
from tui_chat.ui.markdown.styled_text import StyledText

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from tui_chat.ui.markdown.rows import Row
    from tui_chat.ui.markdown.styles import MarkdownStyles

SLICE = 1_000
"""Characters rendered between two yields of `settle`: some three milliseconds."""

LINES_A_SLICE = 30
"""The most lines in a slice: short lines may be rows of a wide table, or deep in quotes."""

LINES_SHOWN = 250
"""The most lines in a slice if each slice is shown, since the open end is then rendered again."""

CLEAN_SLICE = 20_000
"""Characters cleaned between two yields of `settle`."""

MOST_FENCES = 1_000
"""The number of fences in whose languages code may wait for its lexer."""

PLAIN_SLICE = 8_000
"""Characters of plain text wrapped between two yields of `settle`."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# Linear: what may stand before a fence contains no mark of one.
_FENCE_INFO = re.compile(r"^[ \t>*+\-\d.)]*+(?:`{3,}+|~{3,}+)[ \t]*+([^`\n]+)", re.MULTILINE)
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:[ \t]*\S")


ADDRESS = "It is at https://example.org/path?query."
"""A text with a bare URL, for which linkify-it compiles expressions that take 20 ms."""


def load_engine() -> None:
    """Import and compile everything else that rendering Markdown needs, so that the first text does not wait for it."""
    parsed(ADDRESS, {})
    load_lexers()


class _RenderedText:
    """The parts that both kinds of documents share: reading the row buffer."""

    _buffer: RowBuffer
    _left: str
    complete = False
    """Whether no more text is expected, so that nothing is held back; set it before `flush`."""

    @property
    def behind(self) -> bool:
        """Whether `flush` has left text for the next call."""
        return bool(self._left)

    @property
    def plain(self) -> bool:
        """Whether part of the Markdown is shown as written because rendering it would take too long."""
        return False

    @property
    def blocks(self) -> int:
        """The number of blocks of code so far, with those of the message before this text."""
        return self._buffer.blocks

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self._buffer.rows)

    def row(self, y: int) -> Row:
        """Row `y`, from 0."""
        return self._buffer.rows[y]

    @property
    def lines(self) -> Sequence[str]:
        """The logical lines, without wrapping and margins; rows refer to them by index."""
        return self._buffer.lines


class Document(_RenderedText):
    """Markdown that is rendered while it arrives."""

    def __init__(
        self, width: int, styles: MarkdownStyles, text: str = "", *, blocks: int = 0, streams: bool = False
    ) -> None:
        """`blocks`: number of blocks of code before this text in its message. `streams`: code whose lexer does not
        exist yet is shown without colours until it does, since creating it takes as long as several frames. `settle`
        waits for it."""
        self.width = width
        self.styles = styles
        self._blocks_before = blocks
        self._pending: list[str] = [text] if text else []
        self._source: list[str] = []
        self._cleaner = Cleaner()
        self._renderer = IncrementalRenderer(width, styles, blocks_before=blocks)
        self._buffer = self._renderer.buffer
        self._buffer.colours_at_once = not streams
        self._streams = streams
        self._left = ""
        """Cleaned text that is not rendered yet."""

    @property
    def parsed(self) -> int:
        """Characters parsed or lexed so far, counting repetitions: a measure of work."""
        return self._renderer.parsed

    @property
    def plain(self) -> bool:
        return self._renderer.plain

    @property
    def behind(self) -> bool:
        return bool(self._left) or self._renderer.uncoloured

    def append(self, text: str) -> None:
        """Store more text for the next `flush`."""
        if text:
            self._pending.append(text)

    def flush(self, seconds: float | None = None) -> int | None:
        """Render the stored text. Returns the first row that changed (or the height, if rows only disappeared), or
        `None`.

        After `seconds` of CPU time the rest is left for another call, and the document is `behind`.
        """
        text, renderer = self._left + self._taken(), self._renderer
        if not text and (renderer.complete or not self.complete) and not renderer.recolours:
            return None
        began = thread_time()
        first: int | None = None
        at, end = 0, -1
        while end < len(text):
            end = _slice_end(text, at, LINES_SHOWN)
            for _ in renderer.render(text[at:end], complete=self.complete and end == len(text)):
                pass
            if renderer.changed:
                first = renderer.changed_from if first is None else min(first, renderer.changed_from)
            at = end
            if seconds is not None and thread_time() - began > seconds:
                break
        self._left = text[at:]
        return first

    def settle(self) -> Iterator[None]:
        """Render the complete text again, in slices; afterwards the rows depend only on text, width and styles.

        If there were no rows, they appear slice by slice, else all of them are replaced after the last slice. More text
        may be appended afterwards.
        """
        pending = "".join(self._pending)
        self._pending.clear()
        for at in range(0, len(pending), CLEAN_SLICE):
            piece = self._cleaner.feed(pending[at : at + CLEAN_SLICE])
            self._source.append(piece)
            self._left += piece
            yield
        text = "".join(self._source)
        known = len(self._source)
        references = yield from _definitions(text)
        yield from wait_for_lexers(_languages(text))
        renderer = IncrementalRenderer(
            self.width, self.styles, references, whole=True, blocks_before=self._blocks_before
        )
        if not self._buffer.rows:
            self._buffer = renderer.buffer
        at = 0
        while at < len(text):
            end = _slice_end(text, at)
            yield from renderer.render(text[at:end], complete=end == len(text))
            at = end
            yield
        renderer.whole = False
        self._taken()
        while known < len(self._source):
            text, known = "".join(self._source[known:]), len(self._source)
            at = 0
            while at < len(text):
                end = _slice_end(text, at)
                yield from renderer.render(text[at:end], complete=self.complete and end == len(text))
                at = end
                yield
            self._taken()
        self._left = ""
        self._renderer, self._buffer = renderer, renderer.buffer
        self._buffer.colours_at_once = not self._streams

    def _taken(self) -> str:
        text = self._cleaner.feed("".join(self._pending))
        self._pending.clear()
        if text:
            self._source.append(text)
        return text


def _slice_end(text: str, at: int, lines: int = LINES_A_SLICE) -> int:
    """The end of the slice that starts at `at`: preferably at a line end, and after at most `lines` lines."""
    end = min(at + SLICE, len(text))
    line_end = at
    for _ in range(lines):
        following = text.find("\n", line_end, end) + 1
        if not following:
            return end if end == len(text) else line_end if line_end > at else end
        line_end = following
    return line_end


def _languages(text: str) -> list[str]:
    """The languages of the first blocks of code in a text, without repetitions."""
    found = dict.fromkeys(language_of(info[1]) for info in islice(_FENCE_INFO.finditer(text), MOST_FENCES))
    return list(found)[:MOST_LANGUAGES]


def _definitions(text: str) -> Generator[None, None, dict[str, Any]]:
    """The link references and footnotes defined at the top level of a text: not in code, and links not within a
    paragraph."""
    env: dict[str, Any] = {}
    fence = ""
    free = True
    defined = 0
    lines = text.split("\n") if "]:" in text else []
    for number, line in enumerate(lines):
        if number % 1_000 == 999:
            yield
        marks = _FENCE.match(line)
        if fence or marks:
            if marks and not fence:
                fence = marks[1]
            elif marks and marks[1].startswith(fence):
                fence = ""
            free = True
        elif (note := bool(_NOTE.match(line))) or (free and _DEFINITION.match(line)):
            # a title may stand on the next line
            parser().parse("\n".join(lines[number : number + 2]), env)
            free = not note
            defined += 1
            if defined % 20 == 0:
                yield
        else:
            free = not line.strip() or line.startswith("#")
    return dict(env.get("references", {}))


class PlainDocument(_RenderedText):
    """Text that is only wrapped: a user's message, or reasoning while it streams."""

    def __init__(
        self,
        width: int,
        styles: MarkdownStyles,
        text: str = "",
        *,
        indent: str = "",
        bar: int | None = None,
        short: int = 0,
    ) -> None:
        """`indent`: precedes each row. `bar`: the blank cell of each row, counted from the end of the gutter, in which
        a bar stands. `short`: cells at the end of the first row that stay free."""
        self.width = width
        self.styles = styles
        self._indent = indent
        self._bars = () if bar is None else (bar,)
        self._pending: list[str] = [text] if text else []
        self._buffer = RowBuffer(width, styles, short=short)
        self._left = ""
        self._line_ends = ""
        self._cleaner = Cleaner()

    def append(self, text: str) -> None:
        """Store more text for the next `flush`."""
        if text:
            self._pending.append(text)

    def flush(self, seconds: float | None = None) -> int | None:
        """Render the stored text. Returns the first row that changed, or `None`.

        After `seconds` of CPU time the rest is left for another call, and the document is `behind`.
        """
        first = max(0, len(self._buffer.rows) - 1)
        text = self._left + self._taken()
        if not text:
            return None
        began = thread_time()
        at = 0
        while at < len(text) and (not at or seconds is None or thread_time() - began <= seconds):
            self._render(text[at : at + PLAIN_SLICE])
            at += PLAIN_SLICE
        self._left = text[at:]
        return first

    def settle(self) -> Iterator[None]:
        """Render the stored text in slices; rows already rendered do not change."""
        text, self._left = self._left + self._taken(), ""
        for at in range(0, len(text), PLAIN_SLICE):
            self._render(text[at : at + PLAIN_SLICE])
            yield

    def _taken(self) -> str:
        """The stored text without trailing line ends, which only become blank rows when more text follows."""
        text = self._line_ends + self._cleaner.feed("".join(self._pending))
        self._pending.clear()
        kept = text.rstrip("\n")
        self._line_ends = text[len(kept) :]
        return kept

    def _render(self, text: str) -> None:
        buffer = self._buffer
        piece = StyledText(text).without_tabs()
        onto = bool(buffer.rows)
        if onto:
            piece = buffer.pop_last_row().joined(piece)
        buffer.text(piece, indent=self._indent, bars=self._bars, onto=onto)
