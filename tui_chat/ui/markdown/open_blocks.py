"""Blocks that grow while a text arrives, and the parts of them that are already final.

Code and HTML grow by lines, tables by rows, and long paragraphs by screen rows. New text in such a block is parsed
after its *head*, the source that opens the block again.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import field
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.blocks import (
    cells_of,
    language_of,
    render_code,
    render_label,
    render_lone_bullet,
    render_text,
)
from tui_chat.ui.markdown.code import Highlighter, highlighted
from tui_chat.ui.markdown.inline import inline
from tui_chat.ui.markdown.open_path import CONTAINERS, first_line, line_after
from tui_chat.ui.markdown.partial import presentable, presentable_row
from tui_chat.ui.markdown.styled_text import StyledText
from tui_chat.ui.markdown.tables import Table

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Self

    from markdown_it.token import Token

    from tui_chat.ui.markdown.blocks import BlockContext
    from tui_chat.ui.markdown.row_buffer import Mark, RowBuffer

LINES = ("fence", "code_block", "html_block")
"""Types of blocks that are rendered line by line."""

_BLANK_LINE = re.compile(r"^[ \t>]*\n", re.MULTILINE)

MOST_RECOLOURED = 8_000
"""If code continues after it was rendered as complete, at most this many characters are coloured at once; more stay
plain until the text settles again."""

LINES_A_SLICE = 200
"""The number of lines of code that are rendered between two yields."""

ALIGNED_ROWS = 200
"""Up to this many rows, the whole table is rendered again when a column widens; above it, only after it grew by a
quarter."""

MOST_ALIGNED_ROWS = 2_000
"""Above this many rows, a table is only rendered again at its end."""


@dataclass(slots=True, kw_only=True)
class OpenBlock:
    """A block that grows and contains no other blocks."""

    head: str
    """The source that opens the block again."""
    context: BlockContext

    def shown_of(self, tail: str) -> str:
        """The part of `tail` that can be shown before more arrives, up to the end of the block."""
        raise NotImplementedError

    def waits(self) -> bool:
        """Whether rendering can be skipped if there is nothing new to show."""
        return True

    def ends(self, token: Token, whole_lines: int) -> bool:
        """Whether the block ends within the first `whole_lines` lines of the source; `token` is its first."""
        return line_after(token) < whole_lines

    def copied(self) -> Self:
        """An independent copy of the block."""
        open_block = copy(self)
        open_block.context = copy(self.context)
        return open_block

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        """Render the final part of the block, yielding between slices. Returns the source line up to which the block is
        final.

        `whole_lines`: number of complete lines in the source. `ended`: the block has ended. `complete`: the text has
        ended. `whole`: nothing needs to be shown before one of these.
        """
        raise NotImplementedError

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        """Render the part that may still change, from line `taken` of the source on."""


@dataclass(slots=True, kw_only=True)
class OpenLines(OpenBlock):
    """A fence, indented code or HTML."""

    kind: str
    language: str
    colours: Highlighter
    end: re.Pattern[str]
    """Matches the line that probably ends the block; text after it need not be parsed."""
    undecided: re.Pattern[str]
    """Matches an incomplete last line that may become the end of the block."""
    code: list[str] = field(default_factory=list)
    """The lines so far, if they are only coloured once all are there."""
    uncoloured: list[str] = field(default_factory=list)
    """The lines in the buffer that are rendered again when the lexer exists."""
    start: Mark | None = None
    """The start of these lines in the buffer."""
    stale: bool = False
    """Whether these lines are not in the buffer any more."""

    @classmethod
    def begun(cls, head: str, context: BlockContext, tokens: Sequence[Token], buffer: RowBuffer) -> OpenLines:
        """Start with a block's first line, which ends the head; code or HTML in it is rendered."""
        token = tokens[0]
        language = language_of(token.info)
        quoted = r"[ \t>]*" if context.depth or context.indent else r"[ \t]*"
        mark = token.markup[:1]
        open_block = cls(
            head=head,
            context=context,
            kind=token.type,
            language=language,
            colours=Highlighter(language, buffer.styles, at_once=buffer.colours_at_once),
            end=re.compile(rf"^{quoted}{token.markup}{mark}*[ \t]*\n" if mark else r"(?!)", re.MULTILINE),
            undecided=re.compile(rf"{quoted}(?:{mark}+[ \t]*)?" if mark else quoted),
        )
        if token.type != "html_block":
            render_label(token.info, context, buffer)
        if token.type != "fence":
            open_block.render(lines_of(token)[1][:1], buffer)
        return open_block

    def copied(self) -> Self:
        open_block = OpenBlock.copied(self)
        open_block.code, open_block.colours = list(self.code), copy(self.colours)
        open_block.uncoloured, open_block.stale = list(self.uncoloured), bool(self.uncoloured)
        return open_block

    @property
    def recolours(self) -> bool:
        """Whether lines without colours can get them now."""
        return bool(self.uncoloured) and self.colours.ready

    def waits(self) -> bool:
        return not self.recolours and not self.stale

    def shown_of(self, tail: str) -> str:
        if ending := self.end.search(tail):
            return tail[: ending.end()]
        start = tail.rfind("\n") + 1
        return tail[:start] if self.undecided.fullmatch(tail, start) else tail

    def ends(self, token: Token, whole_lines: int) -> bool:
        if self.kind == "code_block":  # may go on after blank lines
            return False
        return line_after(token) < whole_lines or (self.kind == "fence" and is_closed(token))

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        last = ended or complete
        if self.start is not None and (self.stale or self.recolours):
            buffer.cut(self.start)
            again, self.uncoloured, self.stale = self.uncoloured, [], False
            self.render(again, buffer)
        first, lines = lines_of(tokens[0])
        done = self.head.count("\n")
        upto = first + len(lines) if last else min(first + len(lines), whole_lines)
        if self.kind == "html_block":
            if not last:  # the last line may be what ends it
                upto = min(upto, first + len(lines) - 1)
            while upto > done and not lines[upto - first - 1]:  # no blank lines at its end
                upto -= 1
        upto = max(done, upto)
        fresh = lines[done - first : upto - first]
        if self.kind == "fence" and whole:
            self.code += fresh
            if last:
                coloured = yield from highlighted("\n".join(self.code), self.language, buffer.styles)
                self.code.clear()
                for at in range(0, len(coloured), LINES_A_SLICE):
                    render_code(coloured[at : at + LINES_A_SLICE], self.context, buffer)
                    yield
        else:
            if self.code:  # the block continues after it was rendered as a whole
                if sum(map(len, self.code)) > MOST_RECOLOURED:
                    render_code([StyledText(line) for line in self.code], self.context, buffer)
                else:
                    self.render(self.code, buffer)
                self.code.clear()
            if fresh:
                self.render(fresh, buffer)
        return upto

    def render(self, lines: Sequence[str], buffer: RowBuffer) -> None:
        """Render lines that are complete."""
        if self.kind == "html_block":
            for line in lines:
                render_text(StyledText(clean(line)).without_tabs(), self.context, buffer, self.context.base)
        else:
            if self.colours.ready:
                self.uncoloured.clear()
            else:
                if not self.uncoloured or sum(map(len, self.uncoloured)) > MOST_RECOLOURED:
                    self.uncoloured, self.start = [], buffer.mark()
                self.uncoloured += lines
            render_code(self.colours.lines("\n".join(lines) + "\n"), self.context, buffer)

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        first, lines = lines_of(tokens[0])
        rest = lines[taken - first :]
        bullet = self.context.bullet
        if rest and self.kind != "html_block":
            render_code([self.colours.peek(rest[0])], self.context, buffer)
        elif any(rest):
            self.render(rest, buffer)
        self.context.bullet = bullet


@dataclass(slots=True, kw_only=True)
class OpenTable(OpenBlock):
    """A table that may get more rows."""

    table: Table
    start: Mark
    """Its start in the buffer."""
    rendered: int = 0
    """The number of rows in the buffer."""
    stale: bool = False
    """Whether rows in the buffer are narrower than the columns."""
    aligned: int = 0
    """The number of rows when all were last rendered again."""
    unfinished: Sequence[StyledText] = ()
    """The cells of a row that has not come to its end."""

    @classmethod
    def begun(cls, head: str, context: BlockContext, tokens: Sequence[Token], buffer: RowBuffer) -> OpenTable:
        """Start with a table's first two lines, which end the head; nothing is rendered yet."""
        render_lone_bullet(context, buffer)
        aligns, rows = cells_of(tokens, buffer.styles)
        table = Table(aligns, buffer.room(len(context.indent + context.hang)))
        table.add(rows[0])
        return cls(head=head, context=context, table=table, start=buffer.mark())

    def copied(self) -> Self:
        open_block = OpenBlock.copied(self)
        open_block.table, open_block.rendered = self.table.copied(), 0
        return open_block

    def shown_of(self, tail: str) -> str:
        if blank := _BLANK_LINE.search(tail):
            return tail[: blank.end()]
        start = tail.rfind("\n") + 1
        return tail[:start] + presentable_row(tail[start:])

    def waits(self) -> bool:
        return self.rendered > 0

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        _, (_, *rows) = cells_of(tokens, buffer.styles)
        upto = line_after(tokens[0])
        self.unfinished = ()
        if upto > whole_lines and rows and not (ended or complete):
            self.unfinished, upto = rows.pop(), whole_lines
        for cells in rows:
            self.stale = self.table.add(cells) or self.stale
        height = len(self.table)
        due = height <= ALIGNED_ROWS or (height <= MOST_ALIGNED_ROWS and height > self.aligned * 5 // 4)
        if self.stale and (due or whole or ended or complete):
            self.rendered, self.stale, self.aligned = 0, False, height
        if not whole or ended or complete:
            if not self.rendered:
                buffer.cut(self.start)
            context = self.context
            yield from self.table.render(buffer, self.rendered, context.indent + context.hang, context.bars)
            self.rendered = len(self.table)
        return upto

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        if self.unfinished:  # with its own widths, so that the rows above need not be rendered for each piece of it
            table = self.table.copied()
            table.add(self.unfinished)
            for _ in table.render(buffer, len(self.table), self.context.indent + self.context.hang):
                pass


@dataclass(slots=True, kw_only=True)
class OpenText(OpenBlock):
    """A long paragraph whose first rows are in the buffer; its head ends with a letter in their place."""

    carry: StyledText
    """The beginning of the next row."""
    torn: bool
    """Whether it was cut where a mark may be open, and may be again, because there are no better places."""

    def shown_of(self, tail: str) -> str:
        return presentable(self.head + tail)[len(self.head) :]

    def waits(self) -> bool:
        return False

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        if ended:
            self.render(tokens, buffer)
        yield from ()
        return line_after(tokens[0]) if ended else 0

    def render(self, tokens: Sequence[Token], buffer: RowBuffer) -> None:
        """Render the text after the rows that are in the buffer."""
        _drop_first_character(tokens)
        text = self.carry
        for token in tokens:
            if token.type == "inline":
                text = text.joined(inline(token.children or (), buffer.styles))
        context = self.context
        buffer.text(text, base=context.base, indent=context.indent, hang=context.hang, bars=context.bars, onto=True)

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        self.render(tokens, buffer)


def head_of_text(paragraph: Sequence[Token], source: str) -> str:
    """The head for a continuation of the paragraph at the end of `source`."""
    lines = source.split("\n")
    number = first_line(paragraph[0])
    line, text = lines[number].rstrip(), paragraph[1].content.split("\n", 1)[0].rstrip()
    return "\n".join([*lines[:number], line[: len(line) - len(text)] + "x"])


def _drop_first_character(tokens: Sequence[Token]) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.content:
                child.content = child.content[1:]
                return


_BEGUN = {"paragraph_open": 0, "code_block": 1, "html_block": 1, "fence": 2, "table_open": 2}
"""The number of lines that each block needs before it can grow."""


def may_grow(token: Token, whole_lines: int, *, long: bool = False) -> bool:
    """Whether a block in a source with so many complete lines can grow: it has begun and not ended.

    `long`: its last line is long, so code in it does not need a complete line.
    """
    least = 1 if long and token.type == "fence" else _BEGUN.get(token.type)
    if least is None or first_line(token) + least > whole_lines:
        return False
    return whole_lines <= line_after(token) and not (token.type == "fence" and is_closed(token))


def innermost(tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """The first block that contains no others, and all tokens after it."""
    begin = 0
    while begin < len(tokens) and (tokens[begin].nesting < 0 or tokens[begin].type in CONTAINERS):
        begin += 1
    end = begin
    while end < len(tokens) and (end == begin or tokens[end].level > tokens[begin].level):
        end += 1
    if end < len(tokens) and tokens[begin].nesting:
        end += 1
    return tokens[begin:end], tokens[end:]


def lines_of(token: Token) -> tuple[int, list[str]]:
    """The source line where the content of a fence, indented code or HTML begins, and its lines."""
    first = first_line(token) + (token.type == "fence")
    return first, token.content.removesuffix("\n").split("\n") if token.content else []


def is_closed(token: Token) -> bool:
    """Whether a fence has its closing line."""
    first, lines = lines_of(token)
    return line_after(token) > first + len(lines)
