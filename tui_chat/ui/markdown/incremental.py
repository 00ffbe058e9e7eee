"""Render Markdown while it arrives: finished parts are frozen, and only the open end is parsed again.

Every block that is followed by another is final, at the top level and inside lists and quotes. Only the last block, the
last block inside it, and so on, can change. Parts of the innermost block are final too: lines of code and HTML, rows of
a table, and whole rows of a long paragraph. So the work for a few new characters does not depend on the length of the
text.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.blocks import (
    blocks_of,
    context_of,
    is_blank,
    render_block,
    render_text,
    stands_apart,
)
from tui_chat.ui.markdown.inline import inline
from tui_chat.ui.markdown.open_blocks import (
    LINES,
    OpenBlock,
    OpenLines,
    OpenTable,
    OpenText,
    innermost,
    may_grow,
)
from tui_chat.ui.markdown.open_path import (
    NOTHING,
    Resumed,
    block_before,
    first_line,
    last_numbers,
    line_after,
    may_reopen,
    open_path,
)
from tui_chat.ui.markdown.open_plain import OpenPlain
from tui_chat.ui.markdown.open_source import LONG_PARAGRAPH, OpenSource
from tui_chat.ui.markdown.parser.limits import PLAIN
from tui_chat.ui.markdown.row_buffer import RowBuffer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from markdown_it.token import Token

    from tui_chat.ui.markdown.blocks import Block, BlockContext
    from tui_chat.ui.markdown.open_path import OpenPath
    from tui_chat.ui.markdown.row_buffer import Mark
    from tui_chat.ui.markdown.styles import MarkdownStyles

LONG_CONTAINER = 150
"""Length of the open end, in characters, from which finished blocks in an open list or quote are frozen."""

LONG_LINE = 4_000
"""Longer lines of code or HTML are only rendered again when they have grown by a quarter."""

LONGEST_TAIL = 5_000
"""A longer open end is rendered as plain text if nothing of it can be frozen, since all of it is parsed again for each
new piece."""


class _State(NamedTuple):
    """The state before the text was rendered as complete, restored if more text arrives."""

    tail: str
    head: str
    resumed: Resumed
    try_at: int
    open_block: OpenBlock | None
    frozen: Mark


@dataclass(slots=True)
class IncrementalRenderer:
    """The renderer of one text: frozen rows in a buffer, and the open tail of the source.

    `whole`: the text is complete and is only rendered in pieces to keep the slices of work short. Nothing is rendered
    twice to show it unfinished, and code is lexed as a whole.
    """

    width: int
    styles: MarkdownStyles
    references: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    blocks_before: int = 0
    """The number of blocks of code before this text in its message."""
    buffer: RowBuffer = field(init=False)
    changed: bool = False
    """Whether the last call of `render` changed any row, from `changed_from` on."""
    changed_from: int = 0
    _source: OpenSource = field(init=False)
    _open_block: OpenBlock | None = None
    _frozen: Mark = field(init=False)
    _parse_at: int = 0
    """The length of the tail from which it is parsed again if nothing needs to be shown before the end."""
    _before_end: _State | None = None
    """Set while the text is rendered as complete."""

    def __post_init__(self) -> None:
        self.buffer = RowBuffer(self.width, self.styles, blocks=self.blocks_before)
        self._source = OpenSource(self.references)
        self._frozen = self.buffer.mark()

    def render(self, text: str, *, complete: bool = False) -> Iterator[None]:
        """Add text and render it, yielding between slices; when it ends, the buffer is up to date.

        `complete`: no more text is expected, so nothing is held back. If more arrives anyway, the result is as if the
        text had never been complete.
        """
        if isinstance(self._open_block, OpenLines) and not complete and self._before_end is None:
            line = len(self._source.tail) + len(text)
            if LONG_LINE < line < self._parse_at and "\n" not in text:
                self._source.tail += text
                self.changed = False
                return
            self._parse_at = line + line // 4
        went_on = self._before_end is not None
        self._take_back_end()
        self._source.tail += text
        buffer, first = self.buffer, self._frozen.rows
        before = buffer.rows[first:]
        buffer.cut(self._frozen)
        buffer.kept = first
        if went_on or not complete:
            yield from self._render_tail(complete=False)
        if complete:
            self._before_end = self._state()
            buffer.cut(self._frozen)
            yield from self._render_tail(complete=True)
        self.changed_from = buffer.kept if buffer.kept < first else buffer.keep(before, first)
        self.changed = self.changed_from < len(buffer.rows) or len(buffer.rows) != first + len(before)

    @property
    def parsed(self) -> int:
        """Characters given to the parser or a lexer so far; tests measure work with it."""
        return self._source.parsed

    @property
    def plain(self) -> bool:
        """Whether part of the text is shown as plain text because Markdown would take too long."""
        return self._source.plain

    @property
    def uncoloured(self) -> bool:
        """Whether the open code has lines whose colours are still to come."""
        return isinstance(self._open_block, OpenLines) and bool(self._open_block.uncoloured)

    @property
    def recolours(self) -> bool:
        """Whether `render` would colour such lines now, even without more text."""
        return isinstance(self._open_block, OpenLines) and self._open_block.recolours

    @property
    def complete(self) -> bool:
        """Whether all text so far is rendered, with nothing held back."""
        return self._before_end is not None

    def _render_tail(self, *, complete: bool) -> Iterator[None]:
        again = True
        while again:
            if isinstance(self._open_block, OpenPlain):
                again = self._grow_plain(self._open_block)
            elif self._open_block is not None:
                again = yield from self._grow(self._open_block, complete)
            else:
                again = yield from self._blocks(complete)
            if (
                not again
                and len(self._source.tail) > LONGEST_TAIL
                and not isinstance(self._open_block, OpenLines)
                and not complete
            ):
                yield from self._go_plain(least=len(self._source.tail))
                again = True

    def _state(self) -> _State:
        open_block = self._open_block.copied() if self._open_block is not None else None
        frozen = self._frozen
        if isinstance(open_block, OpenTable) or (isinstance(open_block, OpenLines) and open_block.uncoloured):
            frozen = open_block.start or frozen  # these may be rendered again from their first row on
        source = self._source
        return _State(source.tail, source.head, source.resumed, source.try_at, open_block, frozen)

    def _take_back_end(self) -> None:
        if self._before_end is not None:
            source, before = self._source, self._before_end
            source.tail, source.head, source.resumed, source.try_at = before[:4]
            self._open_block, self._frozen = before.open_block, before.frozen
            self._before_end = None

    def _freeze(self) -> None:
        self._frozen = self.buffer.mark()

    # --- blocks

    def _blocks(self, complete: bool) -> Generator[None, None, bool]:
        """Render the tail; returns true if the rest of it has to be rendered next."""
        if self.whole and not complete and len(self._source.tail) < self._parse_at:
            return False
        top = self._source.head.count("\n")
        source, tokens, env = self._source.parse_tail(complete=complete, whole=self.whole)
        lines = source.split("\n")
        blocks = blocks_of(tokens)
        for block in blocks[:-1]:
            yield from render_block(block.tokens, lines, self.buffer, self._source.resumed)
            self._source.resumed = NOTHING
            self._freeze()
        start = blocks[-1].start if blocks else 0
        if not self._source.resumed.lines:
            self._source.head = ""
            self._source.learn(env, start)
            self._source.drop(start - top)
            top = max(start, top)
        if not blocks:
            if not self._source.resumed.lines:
                self._source.drop_blank_lines()
            return False
        return (yield from self._last(blocks[-1], lines, top, complete))

    def _last(self, block: Block, lines: list[str], top: int, complete: bool) -> Generator[None, None, bool]:
        """Render the last block, which may still grow; the tail begins at line `top` of the source."""
        tokens, shown = block.tokens, self._source.resumed
        path = open_path(tokens, shown)
        if tokens[path.blocks[-1]].type == PLAIN and not complete:
            if path.blocks[-1]:
                yield from render_block(tokens[: path.blocks[-1]], lines, self.buffer, shown)
                self._freeze()
            self._source.drop(first_line(tokens[path.blocks[-1]]) - top)
            yield from self._go_plain()
            return True
        if may_reopen([tokens[index] for index in path.blocks[:-1]], lines):
            if path.fresh and len(self._source.tail) >= LONG_CONTAINER:
                tokens, shown = yield from self._freeze_finished(tokens, path, lines, top)
                path, top = open_path(tokens, shown), shown.lines
            if not complete and not path.fresh and self._open_last_block(tokens, path, lines, top, shown):
                return True
        if complete or not self.whole:
            yield from render_block(tokens, lines, self.buffer, shown)
        if tokens[path.blocks[-1]].type not in LINES:
            self._source.drop_blank_run()
        self._parse_at = min(2 * len(self._source.tail), LONGEST_TAIL)
        return False

    def _freeze_finished(
        self, tokens: Sequence[Token], path: OpenPath, lines: list[str], top: int
    ) -> Generator[None, None, tuple[Sequence[Token], Resumed]]:
        """Render and freeze everything before the path's first unfinished block. Returns the remaining tokens, and what
        is already rendered."""
        fresh = path.blocks[path.fresh]
        yield from render_block(tokens[:fresh], lines, self.buffer, self._source.resumed)
        self._freeze()
        containers = [tokens[index] for index in path.blocks[: path.fresh]]
        numbers = last_numbers(tokens, path.blocks[: path.fresh], self._source.resumed)
        start = first_line(tokens[fresh])
        left = Resumed(start, numbers, is_blank(lines[start - 1]))
        if tokens[fresh].type == "list_item_open":  # an item before it opens the list again
            numbers[-1] -= 1
            self._source.reopen([*containers, tokens[fresh]], lines, left)
            containers += block_before(tokens, fresh)
        else:
            self._source.reopen(containers, lines, left)
        self._source.drop(start - top)
        return [*containers, *tokens[fresh:]], left

    # --- blocks that grow

    def _open_last_block(
        self, tokens: Sequence[Token], path: OpenPath, lines: list[str], top: int, shown: Resumed
    ) -> bool:
        """If possible, let the innermost open block grow from here on. Returns false if it cannot."""
        *containers, token = (tokens[index] for index in path.blocks)
        if not may_grow(token, len(lines) - 1, long=len(self._source.tail) > LONG_LINE):
            return False
        start = next(first_line(block) for block in (*containers, token) if not shown.has(block))
        gap = not shown.lines or shown.blank or is_blank(lines[start - 1])
        around = context_of([block for block in containers if shown.has(block)], self.styles, shown).bars
        numbers = last_numbers(tokens, path.blocks[:-1], shown)
        shown = Resumed(shown.lines, numbers)
        context = context_of(containers, self.styles, shown)
        if token.type == "paragraph_open":
            gap = gap and stands_apart(tokens, self.buffer)
            if not self._open_text(context, around, gap=gap):
                return False
        elif token.type in ("fence", "table_open") or len(self._source.tail) >= LONG_CONTAINER:
            if gap:
                self.buffer.gap(around)
            begin = first_line(token) + (2 if token.type == "table_open" else 1)
            head = self._source.head + "".join(line + "\n" for line in lines[start:begin])
            kind = OpenTable if token.type == "table_open" else OpenLines
            self._open_block = kind.begun(head, context, tokens[path.blocks[-1] :], self.buffer)
            self._source.drop(begin - top)
        else:
            return False
        self._freeze()
        self._source.reopen(containers, lines, shown)
        return True

    def _open_text(self, context: BlockContext, around: tuple[int, ...], *, gap: bool) -> bool:
        """Freeze whole rows of the paragraph in the tail; false if it is too short or cannot be cut. `around`: the bars
        beside the gap before it."""
        found = self._source.cut_text(self._source.head)
        if found is None:
            return False
        head, paragraph, torn = found
        if gap:
            self.buffer.gap(around)
        render_text(inline(paragraph[1].children or (), self.styles), context, self.buffer, context.base)
        self._open_block = OpenText(head=head, context=context, carry=self.buffer.pop_last_row(), torn=torn)
        return True

    def _go_plain(self, *, least: int = 0) -> Iterator[None]:
        """Render the tail as plain text from here on, up to a blank line but at least `least` characters."""
        open_block, buffer = self._open_block, self.buffer
        buffer.cut(self._frozen)
        if isinstance(open_block, OpenText):
            open_block.render((), buffer)
        elif isinstance(open_block, OpenTable):
            if not open_block.rendered:
                buffer.cut(open_block.start)
            context = open_block.context
            yield from open_block.table.render(buffer, open_block.rendered, context.indent + context.hang, context.bars)
        self._freeze()
        self._source.head, self._source.resumed, self._open_block = "", NOTHING, OpenPlain.begun(least)
        self._source.plain = True

    def _grow_plain(self, open_block: OpenPlain) -> bool:
        """Render new plain text; returns true if it has ended and more follows."""
        text, self._source.tail, ended = open_block.split(self._source.tail)
        if text:
            open_block.render(text, self.buffer)
            self._freeze()
        open_block.render_last_row(self.buffer)
        if ended:
            self._open_block = None
            self._source.try_at, self._parse_at = LONG_PARAGRAPH, 0
            self._freeze()
        return ended and bool(self._source.tail)

    def _grow(self, open_block: OpenBlock, complete: bool) -> Generator[None, None, bool]:
        """Render new text of an open block; returns true if the block has ended and more follows."""
        try_at = self._source.try_at
        if (
            isinstance(open_block, OpenText)
            and (found := self._source.cut_text(open_block.head, tear=open_block.torn)) is not None
        ):
            _, paragraph, open_block.torn = found
            open_block.render(paragraph, self.buffer)
            open_block.carry = self.buffer.pop_last_row()
            self._freeze()
        tail = self._source.tail
        # a text that was long enough to be cut, and was not, may have ended
        if self.whole and not complete and isinstance(open_block, OpenText) and len(tail) < try_at:
            return False
        shown = tail if complete else open_block.shown_of(tail)
        if not shown and not complete and open_block.waits():
            return False
        source, top = open_block.head + shown, open_block.head.count("\n")
        tokens, _ = self._source.parse(source, open_block.head)
        block, behind = innermost(tokens)
        whole_lines = source.count("\n")
        ended = open_block.ends(block[0], whole_lines) or any(token.nesting >= 0 for token in behind)
        taken = yield from open_block.consume(
            block, self.buffer, whole_lines=whole_lines, ended=ended, complete=complete, whole=self.whole
        )
        self._freeze()
        if ended:
            self._open_block = None
            self._source.try_at, self._parse_at = LONG_PARAGRAPH, 0
            taken = line_after(block[0])
            last = source.split("\n")[taken - 1] if taken > top else self.buffer.lines[-1]
            if self._source.resumed.lines:
                self._source.resumed = self._source.resumed._replace(blank=is_blank(last))
        self._source.drop(taken - top)
        if not ended and (complete or not self.whole):
            open_block.render_rest(block, self.buffer, taken)
        return ended and bool(self._source.tail)
