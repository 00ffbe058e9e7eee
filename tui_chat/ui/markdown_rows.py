"""Blocks of Markdown as rows: takes the parser's tokens, lays them on a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.clean import clean_in_place
from tui_chat.ui.code_rows import highlighted
from tui_chat.ui.inline_text import inline
from tui_chat.ui.math_text import readable
from tui_chat.ui.styled_text import StyledText
from tui_chat.ui.table_rows import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token
    from textual.style import Style

    from tui_chat.ui.look import Look
    from tui_chat.ui.rows import Sheet
    from tui_chat.ui.table_rows import Align

QUOTE_INDENT = "  "
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_BULLETS = "•◦▪"


class Block(NamedTuple):
    """A top-level block: its tokens, and the lines of the source it came from."""

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


def children_of(tokens: Sequence[Token]) -> list[int]:
    """Where in the tokens of a list its items begin, or in those of a quote its blocks."""
    return [index for index, token in enumerate(tokens) if token.level == 1 and token.nesting >= 0]


def is_blank(line: str) -> bool:
    """Whether a line of source is blank, within quotes too."""
    return not line.strip("> \t")


def cells_of(tokens: Sequence[Token], look: Look) -> tuple[list[Align], list[list[StyledText]]]:
    """A table's columns, and the cells of its rows, the head first; `tokens` from `table_open` on."""
    rows: list[list[StyledText]] = []
    aligns: list[Align] = []
    for token in tokens:
        kind = token.type
        if kind == "table_close":
            break
        if kind == "tr_open":
            rows.append([])
        elif kind == "inline":
            rows[-1].append(inline(token.children or (), look))
        elif kind == "th_open":
            style = str(token.attrs.get("style", ""))
            aligns.append("right" if "right" in style else "center" if "center" in style else "left")
    return aligns, rows


class _Place:
    """Where blocks are laid: inside which quotes and list items."""

    __slots__ = ("base", "bullet", "depth", "hang", "indent")

    def __init__(self) -> None:
        self.indent = ""
        """Before every row, in no logical line: a quote's."""
        self.hang = ""
        """Before every row but the first of an item, and in the logical line."""
        self.bullet = ""
        """Instead of `hang`, once."""
        self.depth = 0
        self.base: Style | None = None

    def take_bullet(self) -> str:
        bullet, self.bullet = self.bullet or self.hang, ""
        return bullet

    def within(self, *, indent: str = "", hang: str = "", bullet: str = "", base: Style | None = None) -> _Place:
        inner = _Place()
        inner.depth = self.depth + bool(bullet)
        inner.base = base or self.base
        inner.indent = self.indent + indent
        if bullet:
            inner.bullet = (self.take_bullet()) + bullet
            inner.hang = self.hang + hang
        else:
            inner.hang = self.hang + hang
            inner.bullet = self.take_bullet() + hang if self.bullet else ""
        return inner


def lay_block(
    tokens: Sequence[Token], lines: Sequence[str], sheet: Sheet, *, ordinal: int | None = None, gap: bool = True
) -> Iterator[None]:
    """Lay one top-level block, or some items of a list, in slices of work.

    `lines` is the parsed source; blocks within others are set apart by a blank row where a blank line stands there.
    `ordinal` replaces the number of the list's first item; `gap`: a blank row comes before the block.
    """
    if gap:
        sheet.gap()
    yield from _Layer(tokens, lines, sheet).lay(_Place(), ordinal)


class _Layer:
    """Walks through a block's tokens."""

    def __init__(self, tokens: Sequence[Token], lines: Sequence[str], sheet: Sheet) -> None:
        self._tokens = tokens
        self._lines = lines
        self._sheet = sheet
        self._at = 0

    def lay(self, place: _Place, ordinal: int | None = None) -> Iterator[None]:
        """Lay the blocks from here to the end of what they are in."""
        first = True
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.nesting == -1:
                return
            if not first:
                self._gap(token)
            first = False
            yield from self._block(token, place, ordinal)

    def _gap(self, token: Token) -> None:
        """A blank row before `token`, where the source has a blank line there."""
        start = token.map[0] if token.map else 0
        if 0 < start <= len(self._lines) and is_blank(self._lines[start - 1]):
            self._sheet.gap()

    def _block(self, token: Token, place: _Place, ordinal: int | None) -> Iterator[None]:
        kind, sheet, look = token.type, self._sheet, self._sheet.look
        if kind in ("paragraph_open", "heading_open"):
            children = self._tokens[self._at].children or ()
            self._at += 2
            base = look.headings[int(token.tag[1]) - 1] if kind == "heading_open" else place.base
            self._text(inline(children, look), place, base)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            yield from self._list(token, place, ordinal)
        elif kind == "blockquote_open":
            if place.hang:
                inside = place.within(hang=QUOTE_INDENT, base=look.quote)
            else:
                inside = place.within(indent=QUOTE_INDENT, base=look.quote)
            yield from self.lay(inside)
        elif kind in ("fence", "code_block"):
            yield from self._code(token, place)
        elif kind == "table_open":
            yield from self._table(place)
        elif kind == "math_block":
            self._text(
                StyledText(clean_in_place(readable(token.content))), place.within(hang="  "), look.text + look.math
            )
        elif kind == "hr":
            self._lone_bullet(place)
            sheet.rule(place.indent + place.hang)
        elif token.content:
            self._text(StyledText(clean_in_place(token.content.rstrip("\n"))).without_tabs(), place, place.base)

    def _text(self, text: StyledText, place: _Place, base: Style | None) -> None:
        own = place.take_bullet()
        if own.strip() and text.plain[:4] in _TASKS:
            mark = StyledText(_TASKS[text.plain[:4]])
            text = text.part(4, len(text.plain))
            if own[-2] in _BULLETS:
                own = own[:-2] + mark.plain
            else:  # a number stays
                text = mark.joined(text)
        self._sheet.text(
            text, base=base, indent=place.indent, own=own, own_style=self._sheet.look.muted, hang=place.hang
        )

    def _lone_bullet(self, place: _Place) -> None:
        """A row for the bullet alone, if it is still to come."""
        if place.bullet:
            self._text(StyledText(""), place, place.base)

    def _list(self, token: Token, place: _Place, ordinal: int | None) -> Iterator[None]:
        number = int(token.attrs.get("start", 1)) if ordinal is None else ordinal
        first = True
        while self._tokens[self._at].type == "list_item_open":
            item = self._tokens[self._at]
            self._at += 1
            if not first:
                self._gap(item)
            first = False
            bullet = f"{number}. " if token.type[0] == "o" else _BULLETS[min(place.depth, 2)] + " "
            inside = place.within(hang=" " * len(bullet), bullet=bullet)
            before = len(self._sheet.rows)
            yield from self.lay(inside)
            if len(self._sheet.rows) == before:
                self._lone_bullet(inside)
            number += 1
        self._at += 1

    def _code(self, token: Token, place: _Place) -> Iterator[None]:
        language = language_of(token.info)
        code = token.content.removesuffix("\n")
        if not code and not token.content:
            return
        lines = yield from highlighted(code, language, self._sheet.look)
        indent = place.indent + place.hang
        own = place.indent + place.take_bullet()
        for line in lines:
            self._sheet.code_line(line, indent=indent, own=own)
            own = indent

    def _table(self, place: _Place) -> Iterator[None]:
        self._lone_bullet(place)
        indent = place.indent + place.hang
        aligns, rows = cells_of(self._tokens[self._at - 1 :], self._sheet.look)
        table = Table(aligns, self._sheet.room(len(indent)))
        for cells in rows:
            table.add(cells)
        while self._tokens[self._at].type != "table_close":
            self._at += 1
        self._at += 1
        yield from table.lay(self._sheet, indent=indent)


def language_of(info: str) -> str:
    """The language in a fence's info string: its first word."""
    return info.split(maxsplit=1)[0].strip("{}.").lower() if info.strip() else ""
