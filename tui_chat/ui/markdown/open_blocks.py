"""Blocks that grow while a text arrives, and what of them is on the sheet for good.

Code and HTML grow by lines, tables by rows, long paragraphs by rows of the screen. What comes to such a block is parsed
behind its *head*, the source that opens it again, and laid in its place.
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
from tui_chat.ui.markdown.partial import presentable
from tui_chat.ui.markdown.styled_text import StyledText
from tui_chat.ui.markdown.tables import Table

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Self

    from markdown_it.token import Token

    from tui_chat.ui.markdown.blocks import BlockContext
    from tui_chat.ui.markdown.rows import Mark, RowBuffer

LINES = ("fence", "code_block", "html_block")
"""Blocks that are laid line by line."""

_BLANK_LINE = re.compile(r"^[ \t>]*\n", re.MULTILINE)

MOST_RECOLOURED = 8_000
"""Characters of code that are coloured in one go where it goes on after it was laid as complete; more of it is plain
until its text has settled once more."""

LINES_A_SLICE = 200
"""How many lines of code are laid between two yields."""

ALIGNED_ROWS = 200
"""Rows of a table up to which all are laid again when a column widens; from there on when they are a quarter more."""

MOST_ALIGNED_ROWS = 2_000
"""Rows from which on that waits for the table's end."""


@dataclass(slots=True, kw_only=True)
class OpenBlock:
    """A block that grows, and holds no other."""

    head: str
    """The source that opens it again."""
    context: BlockContext

    def shown_of(self, tail: str) -> str:
        """The part of what follows the head that can be shown before more comes, up to where it ends."""
        raise NotImplementedError

    def waits(self) -> bool:
        """Whether there is nothing to lay while nothing more can be shown."""
        return True

    def ends(self, token: Token, whole_lines: int) -> bool:
        """Whether it ends within a source of so many whole lines; `token` is its first."""
        return line_after(token) < whole_lines

    def copied(self) -> Self:
        """A copy that goes on from here, whatever becomes of this one."""
        open_block = copy(self)
        open_block.context = copy(self.context)
        return open_block

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        """Lay what of its tokens is final, in slices; gives the line of the source up to which it is.

        `whole_lines`: so many lines of the source have their ends; `ended`: the block has, too; `complete`: the text
        has; `whole`: nothing needs to be shown before one of these.
        """
        raise NotImplementedError

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        """Lay what may still change, from line `taken` of the source on."""


@dataclass(slots=True, kw_only=True)
class OpenLines(OpenBlock):
    """A fence, indented code or HTML."""

    kind: str
    language: str
    colours: Highlighter
    end: re.Pattern[str]
    """Matches the line that ends it, in all probability; what follows need not be parsed for it."""
    undecided: re.Pattern[str]
    """Matches a last line that may yet end it."""
    code: list[str] = field(default_factory=list)
    """Its lines so far, where they are coloured when all are there."""

    @classmethod
    def begun(cls, head: str, context: BlockContext, tokens: Sequence[Token], buffer: RowBuffer) -> OpenLines:
        """Begin with a block's first line, which ends the head; code or HTML in it is laid."""
        token = tokens[0]
        language = language_of(token.info)
        quoted = r"[ \t>]*" if context.depth or context.indent else r"[ \t]*"
        mark = token.markup[:1]
        open_block = cls(
            head=head,
            context=context,
            kind=token.type,
            language=language,
            colours=Highlighter(language, buffer.styles),
            end=re.compile(rf"^{quoted}{token.markup}{mark}*[ \t]*\n" if mark else r"(?!)", re.MULTILINE),
            undecided=re.compile(rf"{quoted}(?:{mark}+[ \t]*)?" if mark else quoted),
        )
        if token.type == "fence":
            render_label(token.info, context, buffer)
        else:
            open_block.render(lines_of(token)[1][:1], buffer)
        return open_block

    def copied(self) -> Self:
        open_block = OpenBlock.copied(self)
        open_block.code, open_block.colours = list(self.code), copy(self.colours)
        return open_block

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
            if self.code:  # the block goes on after it was laid as a whole
                if sum(map(len, self.code)) > MOST_RECOLOURED:
                    render_code([StyledText(line) for line in self.code], self.context, buffer)
                else:
                    self.render(self.code, buffer)
                self.code.clear()
            if fresh:
                self.render(fresh, buffer)
        return upto

    def render(self, lines: Sequence[str], buffer: RowBuffer) -> None:
        """Lay whole lines."""
        if self.kind == "html_block":
            for line in lines:
                render_text(StyledText(clean(line)).without_tabs(), self.context, buffer, self.context.base)
        else:
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
    """Where it begins on the sheet."""
    rendered: int = 0
    """How many of its rows are on the sheet."""
    stale: bool = False
    """Whether rows on the sheet are not as wide as the columns are."""
    aligned: int = 0
    """How many rows it had when all were laid again."""

    @classmethod
    def begun(cls, head: str, context: BlockContext, tokens: Sequence[Token], buffer: RowBuffer) -> OpenTable:
        """Begin with a table's first two lines, which end the head; nothing of it is laid."""
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
        blank = _BLANK_LINE.search(tail)
        return tail[: blank.end() if blank else tail.rfind("\n") + 1]

    def waits(self) -> bool:
        return self.rendered > 0

    def consume(
        self, tokens: Sequence[Token], buffer: RowBuffer, *, whole_lines: int, ended: bool, complete: bool, whole: bool
    ) -> Generator[None, None, int]:
        _, (_, *rows) = cells_of(tokens, buffer.styles)
        for cells in rows:
            self.stale = self.table.add(cells) or self.stale
        height = len(self.table)
        due = height <= ALIGNED_ROWS or (height <= MOST_ALIGNED_ROWS and height > self.aligned * 5 // 4)
        if self.stale and (due or whole or ended or complete):
            self.rendered, self.stale, self.aligned = 0, False, height
        if not whole or ended or complete:
            if not self.rendered:
                buffer.cut(self.start)
            yield from self.table.render(buffer, self.rendered, self.context.indent + self.context.hang)
            self.rendered = len(self.table)
        return line_after(tokens[0])


@dataclass(slots=True, kw_only=True)
class OpenText(OpenBlock):
    """A long paragraph, whose first rows are on the sheet; its head ends in a letter that stands for them."""

    carry: StyledText
    """What the next row begins with."""
    torn: bool
    """It was cut though a mark in it may be open, and may be again: such text has no better places."""

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
        """Lay its text behind what is on the sheet."""
        _drop_first_character(tokens)
        text = self.carry
        for token in tokens:
            if token.type == "inline":
                text = text.joined(inline(token.children or (), buffer.styles))
        context = self.context
        buffer.text(text, base=context.base, indent=context.indent, hang=context.hang, onto=True)

    def render_rest(self, tokens: Sequence[Token], buffer: RowBuffer, taken: int) -> None:
        self.render(tokens, buffer)


def head_of_text(paragraph: Sequence[Token], source: str) -> str:
    """The head with which a paragraph goes on that `source` ends with."""
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
"""How many lines a block that grows needs to begin with."""


def may_grow(token: Token, whole_lines: int, *, long: bool = False) -> bool:
    """Whether a block, in a source of so many whole lines, can be let grow: it has begun, and not ended.

    `long`: its last line is long, so that code in it need not have a whole line.
    """
    least = 1 if long and token.type == "fence" else _BEGUN.get(token.type)
    if least is None or first_line(token) + least > whole_lines:
        return False
    return whole_lines <= line_after(token) and not (token.type == "fence" and is_closed(token))


def innermost(tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """The first block that holds no others, if there is one, and all that follows it."""
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
    """The lines of a fence, indented code or HTML, and the line of the source of the first of them."""
    first = first_line(token) + (token.type == "fence")
    return first, token.content.removesuffix("\n").split("\n") if token.content else []


def is_closed(token: Token) -> bool:
    """Whether a fence has its closing line."""
    first, lines = lines_of(token)
    return line_after(token) > first + len(lines)
