"""Markdown laid as it arrives: what is finished is frozen, only the open end is parsed again.

Every top-level block but the last is final. Of the last one, these are final too: all items of a list and
blocks of a quote but the last, the lines of a fence, the rows of a table, and the whole rows of a long paragraph. So
the work of laying a few new characters does not depend on how long the text is.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.code_rows import Highlighter, highlighted
from tui_chat.ui.inline_text import inline, parser
from tui_chat.ui.markdown_rows import Block, blocks_of, cells_of, children_of, is_blank, language_of, lay_block
from tui_chat.ui.partial_markdown import presentable
from tui_chat.ui.rows import Mark, Sheet
from tui_chat.ui.table_rows import Table

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from markdown_it.token import Token

    from tui_chat.ui.look import Look
    from tui_chat.ui.styled_text import StyledText

LONG_CONTAINER = 150
"""Characters of an open list or quote from which on what is finished in it is frozen."""

LONG_PARAGRAPH = 500
"""Characters of an open paragraph from which on its finished rows are frozen."""

KEPT_OPEN = 120
"""Characters at a paragraph's end that are not frozen."""

LONGEST_WORD = 200
"""How far back a place to cut a paragraph is looked for."""

MOST_CUTS = 6
"""How many places are tried before the paragraph is left to grow."""

TOO_LONG = 1_500
"""Characters after which a paragraph is frozen though a mark in it may still be open."""

CONTAINERS = ("bullet_list_open", "ordered_list_open", "blockquote_open")

QUOTED = re.compile(r" {0,3}>")
UNINDENTED = re.compile(r" {0,3}\S")

FIRST_WIDE = "\u2e80"
"""From here on scripts are written without spaces (and a few others, which lose nothing)."""

_OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})[^\n]*\n")
_BENIGN = re.compile(r"\[[^\[\]]*\]|(?<=\s)[*_~]+(?=\s)|(?<=\w)_+(?=\w)|\$(?=[\d\s])")
_OPEN_MARK = re.compile(r"[`*_\[$]|~~|<[A-Za-z/!?]")


@dataclass(slots=True)
class _Fence:
    """An open fence: what closes it, and the code so far."""

    close: re.Pattern[str]
    half_closed: re.Pattern[str]
    """Matches a last line that may become the closing one."""
    indent: int
    language: str
    code: list[str]
    """Pieces of it, kept where it is lexed as a whole."""
    colours: Highlighter

    def unindented(self, text: str) -> str:
        """Lines of code without the fence's own indentation."""
        return re.sub(rf"^ {{1,{self.indent}}}", "", text, flags=re.MULTILINE) if self.indent else text


@dataclass(slots=True)
class _OpenTable:
    """A table that may get more rows."""

    head: str
    """The source of its head, with which further rows are parsed."""
    table: Table
    start: Mark
    """Where it begins on the sheet."""
    laid: int = 0
    """How many of its rows are on the sheet."""


@dataclass(slots=True)
class _OpenContainer:
    """Items of this list (blocks of this quote) are frozen; the next has a blank row before it, or not."""

    ordinal: int | None
    """The next item's number, in a list."""
    gap: bool


@dataclass(slots=True)
class _OpenParagraph:
    """Rows of this paragraph are frozen; the next row begins with this text."""

    carry: StyledText


@dataclass(slots=True)
class Layout:
    """A text on its way: what is frozen on the sheet, and the open tail.

    `whole`: the text is complete, and laid in pieces only to keep the slices of work short; nothing is laid twice to
    show it half done, and code is lexed as a whole.
    """

    width: int
    look: Look
    references: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    sheet: Sheet = field(init=False)
    parsed: int = 0
    """Characters that were given to the parser or a lexer so far; tests count work with it."""
    _tail: str = ""
    changed: bool = False
    """Whether the last call of `lay` changed any row, from `changed_from` on."""
    changed_from: int = 0
    _frozen: Mark = field(init=False)
    _relaid_from: int = 0
    _try_at: int = LONG_PARAGRAPH
    """The tail's length from which on it is tried again to freeze rows of a paragraph."""
    _parse_at: int = 0
    """The tail's length from which on it is parsed again, where nothing needs to be shown before the end."""
    _open: _Fence | _OpenTable | _OpenContainer | _OpenParagraph | None = None

    def __post_init__(self) -> None:
        self.sheet = Sheet(self.width, self.look)
        self._frozen = self.sheet.mark()

    def lay(self, text: str, *, complete: bool = False) -> Iterator[None]:
        """Take more text and lay what can be laid, in slices; when it ends the sheet is up to date.

        `complete`: no more is expected, so nothing is held back.
        """
        self._tail += text
        first = self._frozen.rows
        before = self.sheet.rows[first:]
        self.sheet.cut(self._frozen)
        self._relaid_from = first
        again = True
        while again:
            if isinstance(self._open, _Fence):
                again = yield from self._fence_lines(self._open, complete)
            elif isinstance(self._open, _OpenTable):
                again = yield from self._table_rows(self._open, complete)
            else:
                again = yield from self._blocks(complete)
        self.changed_from = self._relaid_from if self._relaid_from < first else self.sheet.keep(before, first)
        self.changed = self.changed_from < len(self.sheet.rows) or len(self.sheet.rows) != first + len(before)

    def _freeze(self) -> None:
        self._frozen = self.sheet.mark()

    def _parse(self, source: str) -> tuple[list[Token], dict[str, Any]]:
        self.parsed += len(source)
        env: dict[str, Any] = {"references": dict(self.references)}
        return parser().parse(source, env), env

    # --- blocks

    def _blocks(self, complete: bool) -> Generator[None, None, bool]:
        """Lay the tail; true if it has to go on with what is left of it."""
        if self.whole and not complete and len(self._tail) < self._parse_at:
            return False
        if len(self._tail) >= LONG_PARAGRAPH:
            self._shorten_paragraph()
        source = self._tail if complete else presentable(self._tail)
        going_on = isinstance(self._open, _OpenParagraph)
        # what goes on with a paragraph must not look like the beginning of another block
        tokens, env = self._parse("x" + source if going_on else source)
        if not tokens:
            return False
        if going_on:
            _drop_first_character(tokens)
        lines = source.split("\n")
        *finished, last = blocks_of(tokens)
        for block in finished:
            yield from self._lay(block, lines)
            self._open = None
            self._freeze()
        if last.start:
            self._learn(env, last.start)
            self._drop_lines(last.start)
        first = last.tokens[0]
        if first.type == "fence" and self._open_fence(first):
            return True
        if first.type == "table_open" and not complete and self._open_table():
            return True
        if first.type in CONTAINERS and len(self._tail) >= LONG_CONTAINER:
            last = yield from self._freeze_inside(last, lines)
        if complete or not self.whole:
            yield from self._lay(last, lines)
        self._parse_at = 2 * len(self._tail)
        return False

    def _lay(self, block: Block, lines: list[str]) -> Iterator[None]:
        before = self._open
        if isinstance(before, _OpenParagraph):
            text = before.carry
            for token in block.tokens:
                if token.type == "inline":
                    text = text.joined(inline(token.children or (), self.look))
            self.sheet.text(text, onto=True)
        elif isinstance(before, _OpenContainer) and block.tokens[0].type in CONTAINERS:
            yield from lay_block(block.tokens, lines, self.sheet, ordinal=before.ordinal, gap=before.gap)
        else:
            yield from lay_block(block.tokens, lines, self.sheet)

    def _drop_lines(self, count: int) -> None:
        at = 0
        for _ in range(count):
            at = self._tail.index("\n", at) + 1
        self._tail = self._tail[at:]

    def _learn(self, env: dict[str, Any], line: int) -> None:
        """Keep the link references that were defined before `line`."""
        for label, reference in env["references"].items():
            if label not in self.references and reference.get("map", (0, 0))[1] <= line:
                self.references[label] = reference

    def _freeze_inside(self, block: Block, lines: list[str]) -> Generator[None, None, Block]:
        """Lay and freeze all but the last item of an open list, or block of an open quote; gives what is left of it."""
        tokens = list(block.tokens)
        inside = children_of(tokens)
        last = inside[-1] if inside else 0
        start = tokens[last].map
        # the rest has to be a list, or a quote, by itself
        alone = QUOTED if tokens[0].type == "blockquote_open" else UNINDENTED
        if len(inside) < 2 or start is None or not alone.match(lines[start[0]]):
            return block
        before = self._open.ordinal if isinstance(self._open, _OpenContainer) else None
        yield from self._lay(Block(block.start, start[0], [*tokens[:last], tokens[-1]]), lines)
        ordinal = int(tokens[0].attrs.get("start", 1)) if before is None else before
        self._open = _OpenContainer(ordinal + len(inside) - 1, gap=is_blank(lines[start[0] - 1]))
        self._freeze()
        self._drop_lines(start[0] - block.start)
        return Block(start[0], block.end, [tokens[0], *tokens[last:]])

    # --- paragraphs

    def _shorten_paragraph(self) -> None:
        """Freeze whole rows of a long open paragraph, if the tail is one and has a place to be cut at."""
        tail, before = self._tail, self._open
        if len(tail) < self._try_at or "\n\n" in tail:
            return
        prologue = "x" if isinstance(before, _OpenParagraph) else ""
        for cut in _places_to_cut(tail):
            tokens, _ = self._parse(prologue + tail[:cut])
            if len(tokens) != 3 or tokens[0].type != "paragraph_open":
                cut = 0
                break
            if len(tail) >= TOO_LONG or not _may_be_open(tokens[1].children or ()):
                break
        else:
            cut = 0
        if not cut:
            self._try_at = len(tail) + KEPT_OPEN
            return
        self._try_at = LONG_PARAGRAPH
        if prologue:
            _drop_first_character(tokens)
        text = inline(tokens[1].children or (), self.look)
        if isinstance(before, _OpenParagraph):
            self.sheet.text(before.carry.joined(text), onto=True)
        else:
            self.sheet.gap()
            self.sheet.text(text)
        self._open = _OpenParagraph(self.sheet.take_last_row())
        self._tail = tail[cut:]
        self._freeze()

    # --- fences

    def _open_fence(self, token: Token) -> bool:
        """Let the open fence that the tail begins with grow line by line from now on; false if it has closed."""
        opening = _OPENING.match(self._tail)
        if opening is None or token.markup != opening[2]:
            return False
        close = re.compile(rf"^ {{0,3}}{re.escape(opening[2])}{opening[2][0]}*[ \t]*$", re.MULTILINE)
        if close.search(self._tail, opening.end()):
            return False
        language = language_of(token.info)
        self.sheet.gap()
        half = re.compile(rf" {{0,3}}{re.escape(opening[2][0])}+[ \t]*")
        self._open = _Fence(close, half, len(opening[1]), language, [], Highlighter(language, self.look))
        self._tail = self._tail[opening.end() :]
        self._freeze()
        return True

    def _fence_lines(self, fence: _Fence, complete: bool) -> Generator[None, None, bool]:
        """Lay the lines of an open fence; true if it has closed and more follows."""
        tail = self._tail
        closing = fence.close.search(tail)
        if closing is not None and closing.end() == len(tail) and not complete:
            closing = None  # the line may go on
        if closing is not None:
            code, self._tail = tail[: closing.start()], tail[closing.end() + 1 :]
        else:
            end = tail.rfind("\n") + 1
            if complete and tail[end:].strip():  # blanks that end a text are no line
                end = len(tail)
            code, self._tail = tail[:end], tail[end:]
        if code:
            code = fence.unindented(code)
            if self.whole:
                fence.code.append(code)
            else:
                self.parsed += len(code)
                for line in fence.colours.lines(code if code.endswith("\n") else code + "\n"):
                    self.sheet.code_line(line)
                self._freeze()
                yield
        if self.whole and (complete or closing):
            yield from self._whole_code(fence)
            self._freeze()
        if closing is not None:
            self._open = None
            return bool(self._tail)
        if self._tail and not self.whole and not fence.half_closed.fullmatch(self._tail):
            half = fence.unindented(self._tail)
            self.parsed += len(half)
            self.sheet.code_line(fence.colours.peek(half))
        return False

    def _whole_code(self, fence: _Fence) -> Iterator[None]:
        if not fence.code:
            return
        code = "".join(fence.code).removesuffix("\n")
        self.parsed += len(code)
        lines = yield from highlighted(code, fence.language, self.look)
        for number, line in enumerate(lines):
            self.sheet.code_line(line)
            if number % 200 == 199:
                yield

    # --- tables

    def _open_table(self) -> bool:
        """Let the table that the tail begins with grow row by row from now on."""
        head_end = self._tail.find("\n", self._tail.find("\n") + 1) + 1
        if not head_end or isinstance(self._open, _OpenParagraph):
            return False
        head, self._tail = self._tail[:head_end], self._tail[head_end:]
        tokens, _ = self._parse(head)
        self.sheet.gap()
        aligns, rows = cells_of(tokens, self.look)
        table = Table(aligns, self.sheet.room(0))
        table.add(rows[0])
        self._freeze()
        self._open = _OpenTable(head, table, self._frozen)
        return True

    def _table_rows(self, grown: _OpenTable, complete: bool) -> Generator[None, None, bool]:
        """Lay more rows of a table; true if it has ended and more follows."""
        end = len(self._tail) if complete else self._tail.rfind("\n") + 1
        source = self._tail[:end]
        table, ended = grown.table, False
        if source:
            tokens, _ = self._parse(grown.head + source)
            block = blocks_of(tokens)[0]
            _, (_, *rows) = cells_of(block.tokens, self.look)
            for cells in rows:
                if table.add(cells):
                    grown.laid = 0
            taken = block.end - 2
            ended = taken < source.count("\n") + (not source.endswith("\n"))
            self._drop_lines(min(taken, source.count("\n")))
            if taken > source.count("\n"):
                self._tail = ""
        if not self.whole or complete or ended:
            if not grown.laid:
                self.sheet.cut(grown.start)
                self._relaid_from = min(self._relaid_from, grown.start.rows)
            yield from table.lay(self.sheet, grown.laid)
            grown.laid = len(table)
            self._freeze()
        if ended:
            self._open = None
        return ended and bool(self._tail)


def _drop_first_character(tokens: list[Token]) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.content:
                child.content = child.content[1:]
                return


def _places_to_cut(tail: str) -> Iterator[int]:
    """Where a paragraph may be cut in two, the last places first: at spaces within a line, and between letters of a
    script that is written without them; in a long run without either, between any two letters."""
    limit, found = len(tail) - KEPT_OPEN, 0
    for at in range(limit, max(0, limit - LONGEST_WORD), -1):
        before, after = tail[at - 1], tail[at]
        at_space = after == " " and not before.isspace() and before != "\\" and not tail[at + 1].isspace()
        if at_space or (before >= FIRST_WIDE <= after and before.isalnum() and after.isalnum()):
            yield at
            found += 1
            if found == MOST_CUTS:
                return
    if not found and len(tail) >= TOO_LONG:
        for at in range(limit, 1, -1):
            if tail[at - 1].isalnum() and tail[at].isalnum():
                yield at
                return


def _may_be_open(children: Sequence[Token]) -> bool:
    """Whether a mark in the text might yet find the mark that closes it."""
    return any(child.type == "text" and _OPEN_MARK.search(_BENIGN.sub("", child.content)) for child in children)
