"""Render blocks of Markdown: the parser's tokens become rows in a buffer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.clean import clean
from tui_chat.ui.markdown.code import highlighted
from tui_chat.ui.markdown.inline import as_link, inline
from tui_chat.ui.markdown.latex import readable
from tui_chat.ui.markdown.open_path import LISTS, NOTHING, Resumed, first_line, first_number, number_after
from tui_chat.ui.markdown.styled_text import StyledText
from tui_chat.ui.markdown.tables import EMPTY, RULED, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token
    from textual.style import Style

    from tui_chat.ui.markdown.row_buffer import RowBuffer
    from tui_chat.ui.markdown.styles import MarkdownStyles
    from tui_chat.ui.markdown.tables import Align

QUOTE_INDENT = "  "
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_NOTED = re.compile(r"\[[^\[\]]+\]:")


class Block(NamedTuple):
    """A top-level block: its tokens, and its range of lines in the source."""

    start: int
    end: int
    tokens: Sequence[Token]


def blocks_of(tokens: Sequence[Token]) -> list[Block]:
    """The top-level blocks of a parsed text."""
    found: list[Block] = []
    first = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            start, end = tokens[first].map or (0, 0)
            found.append(Block(start, end, tokens[first : index + 1]))
            first = index + 1
    return found


def is_blank(line: str) -> bool:
    """Whether a line of source is blank, apart from quote marks."""
    return not line.strip("> \t")


def cells_of(tokens: Sequence[Token], styles: MarkdownStyles) -> tuple[list[Align], list[list[StyledText]]]:
    """The alignments of a table's columns and the cells of its rows, the head first; `tokens` start with
    `table_open`."""
    rows: list[list[StyledText]] = []
    aligns: list[Align] = []
    for token in tokens:
        kind = token.type
        if kind == "table_close":
            break
        if kind == "tr_open":
            rows.append([])
        elif kind == "inline":
            rows[-1].append(inline(token.children, styles) if token.children else EMPTY)
        elif kind == "th_open":
            style = str(token.attrs.get("style", ""))
            aligns.append("right" if "right" in style else "center" if "center" in style else "left")
    return aligns, rows


class BlockContext:
    """The indentation and style of a block, from the quotes and list items around it."""

    __slots__ = ("bars", "base", "bullet", "depth", "hang", "indent")

    def __init__(self) -> None:
        self.indent = ""
        """Text before every row that is not part of any logical line: that of quotes."""
        self.hang = ""
        """Text before every row of an item except its first, which is part of the logical line."""
        self.bullet = ""
        """Replaces `hang` in the next row, once."""
        self.bars: tuple[int, ...] = ()
        """The cells of `indent` and `hang` over which the bars of quotes are painted."""
        self.depth = 0
        self.base: Style | None = None

    def next_bullet(self) -> str:
        """The beginning of the next row: the bullet, if it has not been used yet, else `hang`."""
        bullet, self.bullet = self.bullet or self.hang, ""
        return bullet

    def within(self, *, indent: str = "", hang: str = "", base: Style | None = None) -> BlockContext:
        """A context with more indentation; an unused bullet moves into it."""
        inner = BlockContext()
        inner.depth = self.depth
        inner.bars = self.bars
        inner.base = base or self.base
        inner.indent = self.indent + indent
        inner.hang = self.hang + hang
        inner.bullet = self.next_bullet() + hang if self.bullet else ""
        return inner

    def in_quote(self, styles: MarkdownStyles) -> BlockContext:
        """The context inside a quote."""
        inner = self.within(**{"hang" if self.hang else "indent": QUOTE_INDENT}, base=styles.quote)
        inner.bars = (*self.bars, len(self.indent) + len(self.hang))
        return inner

    def in_item(self, item: Token, number: int, bullets: str, *, goes_on: bool) -> BlockContext:
        """The context inside a list item; `number` is used in ordered lists, `bullets` in others, by depth. With
        `goes_on`, the item's bullet is already rendered."""
        if item.info:
            label = item.info if int(item.info) == number else str(number)
            bullet = f"{label}{item.markup} "
        else:
            bullet = bullets[min(self.depth, 2)] + " "
        inner = BlockContext()
        inner.depth = self.depth + 1
        inner.bars = self.bars
        inner.base = self.base
        inner.indent = self.indent
        inner.hang = self.hang + " " * len(bullet)
        inner.bullet = "" if goes_on else self.next_bullet() + bullet
        return inner


def render_block(
    tokens: Sequence[Token], lines: Sequence[str], buffer: RowBuffer, resumed: Resumed = NOTHING
) -> Iterator[None]:
    """Render one top-level block, or its part that is new, yielding between slices of work. Closing tokens may be
    missing at the end.

    `lines` is the parsed source; blocks inside others are separated by a blank row if the source has a blank line
    there.
    """
    if not resumed.lines and stands_apart(tokens, buffer):
        buffer.gap()
    yield from _BlockRenderer(tokens, lines, buffer, resumed).render(BlockContext())


def stands_apart(tokens: Sequence[Token], buffer: RowBuffer) -> bool:
    """Whether a blank row belongs before a top-level block; false between footnotes or link definitions."""
    if not (buffer.lines and _NOTED.match(buffer.lines[-1])):
        return True
    if tokens[0].type == "definition":
        return False
    children = tokens[1].children if tokens[0].type == "paragraph_open" else None
    return not children or children[0].type != "note_mark"


def context_of(containers: Sequence[Token], styles: MarkdownStyles, resumed: Resumed) -> BlockContext:
    """The context inside these containers, which are ordered from the outside in; `resumed` has numbers for all
    lists."""
    numbers = iter(resumed.numbers)
    context = BlockContext()
    for token in containers:
        if token.type == "blockquote_open":
            context = context.in_quote(styles)
        elif token.type == "list_item_open":
            context = context.in_item(token, next(numbers), styles.signs.bullets, goes_on=resumed.has(token))
    return context


class _BlockRenderer:
    """Renders the tokens of one block."""

    def __init__(self, tokens: Sequence[Token], lines: Sequence[str], buffer: RowBuffer, resumed: Resumed) -> None:
        self._tokens = tokens
        self._lines = lines
        self._buffer = buffer
        self._resumed = resumed
        self._blank = resumed.blank
        self._numbers = iter(resumed.numbers)
        self._at = 0

    def render(self, context: BlockContext, *, goes_on: bool = False) -> Iterator[None]:
        """Render the blocks up to the end of their container."""
        first = not goes_on
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.nesting == -1:
                return
            if not first:
                self._gap_before(token, context)
            first = False
            yield from self._block(token, context)

    def _gap_before(self, token: Token, context: BlockContext) -> None:
        """Add a blank row before `token` if the source has a blank line there."""
        if self._resumed.has(token):
            return
        start = first_line(token)
        if self._blank or (0 < start <= len(self._lines) and is_blank(self._lines[start - 1])):
            self._buffer.gap(context.bars)
        self._blank = False

    def _block(self, token: Token, context: BlockContext) -> Iterator[None]:
        kind, buffer, styles = token.type, self._buffer, self._buffer.styles
        if kind in ("paragraph_open", "heading_open"):
            children = self._tokens[self._at].children or ()
            self._at += 2
            base = styles.headings[int(token.tag[1]) - 1] if kind == "heading_open" else context.base
            # The signs of a heading without words are all that there is to see of it.
            render_text(inline(children, styles) if children else StyledText(token.markup), context, buffer, base)
            if token.tag == "h1" and children:
                buffer.rule(context.indent + context.hang, context.bars, below=True)
        elif kind in LISTS:
            yield from self._list(token, context)
        elif kind == "blockquote_open":
            yield from self.render(context.in_quote(styles), goes_on=self._resumed.has(token))
        elif kind in ("fence", "code_block"):
            yield from self._code(token, context)
        elif kind == "table_open":
            yield from self._table(context)
        elif kind == "math_block":
            formula = StyledText(clean(readable(token.content)))
            render_text(formula, context.within(hang="  "), buffer, styles.text + styles.math)
        elif kind == "hr":
            render_lone_bullet(context, buffer)
            buffer.rule(context.indent + context.hang, context.bars)
        elif kind == "definition":
            render_text(
                as_link(token.content, str(token.meta["url"]), styles), context, buffer, styles.text + styles.muted
            )
        elif token.content:
            render_text(StyledText(clean(token.content.rstrip("\n"))).without_tabs(), context, buffer, context.base)

    def _list(self, token: Token, context: BlockContext) -> Iterator[None]:
        goes_on = self._resumed.has(token)
        number = next(self._numbers) if goes_on else first_number(token)
        first = not goes_on
        before: Token | None = None
        while self._at < len(self._tokens) and self._tokens[self._at].type == "list_item_open":
            item = self._tokens[self._at]
            self._at += 1
            if not first:
                self._gap_before(item, context)
            first = False
            if before is not None:
                number = number_after(number, before, item)
            before = item
            goes_on = self._resumed.has(item)
            inside = context.in_item(item, number, self._buffer.styles.signs.bullets, goes_on=goes_on)
            height = len(self._buffer.rows)
            yield from self.render(inside, goes_on=goes_on)
            if len(self._buffer.rows) == height:
                render_lone_bullet(inside, self._buffer)
        self._at += 1

    def _code(self, token: Token, context: BlockContext) -> Iterator[None]:
        code = token.content.removesuffix("\n")
        render_label(token.info, context, self._buffer)
        if not token.content:
            render_lone_bullet(context, self._buffer)
            return
        buffer = self._buffer
        language = language_of(token.info)
        lines = yield from highlighted(code, language, buffer.styles, at_once=buffer.colours_at_once)
        render_code(lines, context, self._buffer)

    def _table(self, context: BlockContext) -> Iterator[None]:
        render_lone_bullet(context, self._buffer)
        indent = context.indent + context.hang
        aligns, rows = cells_of(self._tokens[self._at - 1 :], self._buffer.styles)
        table = Table(aligns, self._buffer.room(len(indent)))
        table.ruled = self._tokens[self._at - 1].meta.get(RULED, table.ruled)
        for cells in rows:
            table.add(cells)
        while self._tokens[self._at].type != "table_close":
            self._at += 1
        self._at += 1
        yield from table.render(self._buffer, indent=indent, bars=context.bars)


def render_text(text: StyledText, context: BlockContext, buffer: RowBuffer, base: Style | None) -> None:
    """Render text in its context; a task's checkbox replaces the bullet, or follows the number."""
    own = context.next_bullet()
    has_bullet = bool(own.strip())
    if has_bullet and text.plain[:4] in _TASKS:
        mark = StyledText(_TASKS[text.plain[:4]])
        text = text.part(4, len(text.plain))
        if own[-2] in buffer.styles.signs.bullets:
            own = own[:-2] + mark.plain
        else:
            text = mark.joined(text)
    own_style = buffer.styles.muted if has_bullet else None
    buffer.text(
        text,
        base=base,
        indent=context.indent,
        own=own,
        own_style=own_style,
        hang=context.hang,
        bars=context.bars,
    )


def render_lone_bullet(context: BlockContext, buffer: RowBuffer) -> None:
    """Render a row for an unused bullet alone."""
    if context.bullet:
        render_text(StyledText(""), context, buffer, context.base)


def render_label(info: str, context: BlockContext, buffer: RowBuffer) -> None:
    """Render the row above a block of code, with the info string of its fence: a language, often a file's name."""
    shown = buffer.code_label(
        clean(info.strip()).replace("\n", " "),
        indent=context.indent + context.hang,
        own=context.indent + (context.bullet or context.hang),
        bars=context.bars,
    )
    if shown:
        context.bullet = ""


def render_code(lines: Sequence[StyledText], context: BlockContext, buffer: RowBuffer) -> None:
    """Render lines of code in their context."""
    indent = context.indent + context.hang
    for line in lines:
        buffer.code_line(line, indent=indent, own=context.indent + context.next_bullet(), bars=context.bars)


def language_of(info: str) -> str:
    """The language in a fence's info string: its first word."""
    return info.split(maxsplit=1)[0].strip("{}.").lower() if info.strip() else ""
