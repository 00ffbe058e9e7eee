"""Markdown laid as it arrives: what is finished is frozen, only the open end is parsed again.

Every block with another after it is final, at the top level and inside of lists and quotes: only the last block, the
last block inside of that, and so on, can change. Of the innermost of these, final are too: the lines of code and HTML,
the rows of a table, and the whole rows of a long paragraph. So the work of laying a few new characters does not depend
on how long the text is.
"""

from __future__ import annotations

import re
from collections import ChainMap
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
from tui_chat.ui.markdown.inline import inline, parsed
from tui_chat.ui.markdown.open_blocks import (
    LINES,
    OpenBlock,
    OpenLines,
    OpenTable,
    OpenText,
    head_of_text,
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
    reopening,
    without_placeholders,
)
from tui_chat.ui.markdown.open_plain import OpenPlain
from tui_chat.ui.markdown.parse_limits import PLAIN
from tui_chat.ui.markdown.partial import presentable
from tui_chat.ui.markdown.rows import RowBuffer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from markdown_it.token import Token

    from tui_chat.ui.markdown.blocks import Block, BlockContext
    from tui_chat.ui.markdown.open_path import OpenPath
    from tui_chat.ui.markdown.rows import Mark
    from tui_chat.ui.markdown.styles import MarkdownStyles

LONG_CONTAINER = 150
"""Characters of the open end from which on what is finished inside an open list or quote is frozen."""

LONG_PARAGRAPH = 500
"""Characters of an open paragraph from which on its finished rows are frozen."""

KEPT_OPEN = 120
"""Characters at a paragraph's end that are not frozen."""

LONGEST_WORD = 200
"""How far back a place to cut a paragraph is looked for."""

MOST_CUTS = 2
"""How many places are tried before the paragraph is left to grow."""

TRY_AGAIN = 250
"""How many more characters it takes until this is tried again."""

TOO_LONG = 1_000
"""Characters after which a paragraph is frozen though a mark in it may still be open."""

MOST_BLANK_LINES = 3
"""Equal blank lines kept at the end of the open end: more of them say no more."""

LONG_LINE = 4_000
"""Characters of a line of code or HTML from which on it is shown again only when it has grown by a quarter."""

LONGEST_TAIL = 8_000
"""Characters after which the open end is laid as plain text, if nothing of it can be frozen: it is parsed again with
each piece that comes, and all of it at once."""

FIRST_WIDE = "\u2e80"
"""From here on scripts are written without spaces (and a few others, which lose nothing)."""

_BENIGN = re.compile(r"\[[^\[\]]*\]|(?<=\s)[*_~]+(?=\s)|(?<=\w)_+(?=\w)|\$(?=[\d\s])")
_OPEN_MARK = re.compile(r"[`*_\[$]|~~|<[A-Za-z/!?]")
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")


class _State(NamedTuple):
    """What a layout knew before its text was laid as complete, so that it can go on if more comes after all."""

    tail: str
    head: str
    resumed: Resumed
    open_block: OpenBlock | None
    frozen: Mark
    try_at: int


@dataclass(slots=True)
class IncrementalRenderer:
    """A text on its way: what is frozen on the sheet, and the open tail.

    `whole`: the text is complete, and laid in pieces only to keep the slices of work short; nothing is laid twice to
    show it half done, and code is lexed as a whole.
    """

    width: int
    styles: MarkdownStyles
    references: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    buffer: RowBuffer = field(init=False)
    parsed: int = 0
    """Characters that were given to the parser or a lexer so far; tests count work with it."""
    plain: bool = False
    """Whether a part is shown as plain text, since Markdown would take too long."""
    changed: bool = False
    """Whether the last call of `lay` changed any row, from `changed_from` on."""
    changed_from: int = 0
    _tail: str = ""
    """The source that is not on the sheet for good."""
    _head: str = ""
    """The source that opens again what the tail goes on with."""
    _resumed: Resumed = NOTHING
    """The head's blocks are on the sheet."""
    _open_block: OpenBlock | None = None
    _frozen: Mark = field(init=False)
    _try_at: int = LONG_PARAGRAPH
    """The tail's length from which on it is tried again to freeze rows of a paragraph."""
    _parse_at: int = 0
    """The tail's length from which on it is parsed again, where nothing needs to be shown before the end."""
    _before_end: _State | None = None
    """Set while the text is laid as complete."""

    def __post_init__(self) -> None:
        self.buffer = RowBuffer(self.width, self.styles)
        self._frozen = self.buffer.mark()

    def render(self, text: str, *, complete: bool = False) -> Iterator[None]:
        """Take more text and lay what can be laid, in slices; when it ends the sheet is up to date.

        `complete`: no more is expected, so nothing is held back. More may come all the same: then the text is laid as
        if it had never been taken for complete.
        """
        if isinstance(self._open_block, OpenLines) and not complete and self._before_end is None:
            line = len(self._tail) + len(text)
            if LONG_LINE < line < self._parse_at and "\n" not in text:
                self._tail += text
                self.changed = False
                return
            self._parse_at = line + line // 4
        went_on = self._before_end is not None
        self._take_back_end()
        self._tail += text
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
    def complete(self) -> bool:
        """Whether all text so far is on the sheet, nothing held back."""
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
                and len(self._tail) > LONGEST_TAIL
                and not isinstance(self._open_block, OpenLines)
                and not complete
            ):
                yield from self._go_plain(least=len(self._tail))
                again = True

    def _state(self) -> _State:
        open_block = self._open_block.copied() if self._open_block is not None else None
        # a table may be laid once more from its first row on
        frozen = open_block.start if isinstance(open_block, OpenTable) else self._frozen
        return _State(self._tail, self._head, self._resumed, open_block, frozen, self._try_at)

    def _take_back_end(self) -> None:
        if self._before_end is not None:
            self._tail, self._head, self._resumed, self._open_block, self._frozen, self._try_at = self._before_end
            self._before_end = None

    def _freeze(self) -> None:
        self._frozen = self.buffer.mark()

    def _parse(self, source: str, head: str) -> tuple[list[Token], dict[str, Any]]:
        self.parsed += len(source)
        env: dict[str, Any] = {"references": ChainMap({}, self.references)}
        tokens = parsed(source, env)
        self.plain = self.plain or PLAIN in env
        return without_placeholders(tokens, head.count("\n")) if head else tokens, env

    def _drop(self, lines: int) -> None:
        """Take lines away from the tail."""
        at = 0
        for _ in range(lines):
            at = self._tail.find("\n", at) + 1
            if not at:  # the last line, which has no end
                at = len(self._tail)
                break
        self._tail = self._tail[at:]

    def _learn(self, env: dict[str, Any], line: int) -> None:
        """Keep the link references that were defined before `line`."""
        for label, reference in env["references"].maps[0].items():
            if reference["map"][1] <= line:
                self.references[label] = reference

    # --- blocks

    def _blocks(self, complete: bool) -> Generator[None, None, bool]:
        """Lay the tail; true if it has to go on with what is left of it."""
        if self.whole and not complete and len(self._tail) < self._parse_at:
            return False
        source = self._head + self._tail if complete else presentable(self._head + self._tail)
        top = self._head.count("\n")
        tokens, env = self._parse(source, self._head)
        lines = source.split("\n")
        blocks = blocks_of(tokens)
        for block in blocks[:-1]:
            yield from render_block(block.tokens, lines, self.buffer, self._resumed)
            self._resumed = NOTHING
            self._freeze()
        start = blocks[-1].start if blocks else 0
        if not self._resumed.lines:
            self._head = ""
            self._learn(env, start)
            self._drop(start - top)
            top = max(start, top)
        if not blocks:
            if not self._resumed.lines and (blank := _BLANK_LINES.match(self._tail)):
                self._tail = self._tail[blank.end() :]
            return False
        return (yield from self._last(blocks[-1], lines, top, complete))

    def _last(self, block: Block, lines: list[str], top: int, complete: bool) -> Generator[None, None, bool]:
        """Lay the block that may still grow; the tail begins in line `top` of the source."""
        tokens, shown = block.tokens, self._resumed
        path = open_path(tokens, shown)
        if tokens[path.blocks[-1]].type == PLAIN and not complete:
            if path.blocks[-1]:
                yield from render_block(tokens[: path.blocks[-1]], lines, self.buffer, shown)
                self._freeze()
            self._drop(first_line(tokens[path.blocks[-1]]) - top)
            yield from self._go_plain()
            return True
        if may_reopen([tokens[index] for index in path.blocks[:-1]], lines):
            if path.fresh and len(self._tail) >= LONG_CONTAINER:
                tokens, shown = yield from self._freeze_finished(tokens, path, lines, top)
                path, top = open_path(tokens, shown), shown.lines
            if not complete and not path.fresh and self._open_last_block(tokens, path, lines, top, shown):
                return True
        if complete or not self.whole:
            yield from render_block(tokens, lines, self.buffer, shown)
        if tokens[path.blocks[-1]].type not in LINES:
            self._tail = _without_blank_run(self._tail)
        self._parse_at = 2 * len(self._tail)
        return False

    def _freeze_finished(
        self, tokens: Sequence[Token], path: OpenPath, lines: list[str], top: int
    ) -> Generator[None, None, tuple[Sequence[Token], Resumed]]:
        """Lay and freeze all before the fresh block of the path: what is left, and what of the source is laid."""
        fresh = path.blocks[path.fresh]
        yield from render_block(tokens[:fresh], lines, self.buffer, self._resumed)
        self._freeze()
        containers = [tokens[index] for index in path.blocks[: path.fresh]]
        numbers = last_numbers(tokens, path.blocks[: path.fresh], self._resumed)
        start = first_line(tokens[fresh])
        left = Resumed(start, numbers, is_blank(lines[start - 1]))
        if tokens[fresh].type == "list_item_open":  # an item before it opens the list again
            numbers[-1] -= 1
            self._reopen([*containers, tokens[fresh]], lines, left)
            containers += block_before(tokens, fresh)
        else:
            self._reopen(containers, lines, left)
        self._drop(start - top)
        return [*containers, *tokens[fresh:]], left

    def _reopen(self, containers: Sequence[Token], lines: Sequence[str], shown: Resumed) -> None:
        """Let the tail go on inside of these blocks, which are on the sheet."""
        self._head = reopening(containers, lines)
        self._resumed = shown._replace(lines=self._head.count("\n"))
        self._try_at = LONG_PARAGRAPH

    # --- blocks that grow

    def _open_last_block(
        self, tokens: Sequence[Token], path: OpenPath, lines: list[str], top: int, shown: Resumed
    ) -> bool:
        """Let the block at the end of the path grow from now on, if it can: the others on it are new, or go on."""
        *containers, token = (tokens[index] for index in path.blocks)
        if not may_grow(token, len(lines) - 1, long=len(self._tail) > LONG_LINE):
            return False
        start = next(first_line(block) for block in (*containers, token) if not shown.has(block))
        gap = not shown.lines or shown.blank or is_blank(lines[start - 1])
        numbers = last_numbers(tokens, path.blocks[:-1], shown)
        shown = Resumed(shown.lines, numbers)
        context = context_of(containers, self.styles, shown)
        if token.type == "paragraph_open":
            gap = gap and stands_apart(tokens, self.buffer)
            if not self._open_text(context, gap=gap):
                return False
        elif token.type in ("fence", "table_open") or len(self._tail) >= LONG_CONTAINER:
            if gap:
                self.buffer.gap()
            begin = first_line(token) + (2 if token.type == "table_open" else 1)
            head = self._head + "".join(line + "\n" for line in lines[start:begin])
            kind = OpenTable if token.type == "table_open" else OpenLines
            self._open_block = kind.begun(head, context, tokens[path.blocks[-1] :], self.buffer)
            self._drop(begin - top)
        else:
            return False
        self._freeze()
        self._reopen(containers, lines, shown)
        return True

    def _open_text(self, context: BlockContext, *, gap: bool) -> bool:
        """Freeze whole rows of the paragraph that the tail is; false if it is not long or cannot be cut."""
        found = self._cut_text(self._head)
        if found is None:
            return False
        head, paragraph, torn = found
        if gap:
            self.buffer.gap()
        render_text(inline(paragraph[1].children or (), self.styles), context, self.buffer, context.base)
        self._open_block = OpenText(head=head, context=context, carry=self.buffer.take_last_row(), torn=torn)
        return True

    def _cut_text(self, head: str, *, tear: bool = False) -> tuple[str, Sequence[Token], bool] | None:
        """Take the beginning of a long paragraph from the tail, which begins with it behind `head`: the head that the
        rest needs, what was taken, and whether a mark may be open there.

        `tear`: cut it even so. `None`: it is not long, or has no place to be cut at.
        """
        tail = self._tail
        if len(tail) < self._try_at:
            return None
        self._try_at = len(tail) + TRY_AGAIN
        for cut in _places_to_cut(tail):
            source = head + tail[:cut]
            tokens, _ = self._parse(source, head)
            paragraph, behind = innermost(tokens)
            if not paragraph or paragraph[0].type != "paragraph_open" or any(token.nesting >= 0 for token in behind):
                return None
            torn = _may_be_open(paragraph[1].children or ())
            if tear or not torn or len(tail) >= TOO_LONG:
                self._tail, self._try_at = tail[cut:], LONG_PARAGRAPH
                return head_of_text(paragraph, source), paragraph, torn
        return None

    def _go_plain(self, *, least: int = 0) -> Iterator[None]:
        """Lay the tail as plain text from now on: up to a blank line, but `least` characters of it at least."""
        open_block, buffer = self._open_block, self.buffer
        buffer.cut(self._frozen)
        if isinstance(open_block, OpenText):
            open_block.render((), buffer)
        elif isinstance(open_block, OpenTable):
            if not open_block.rendered:
                buffer.cut(open_block.start)
            yield from open_block.table.render(
                buffer, open_block.rendered, open_block.context.indent + open_block.context.hang
            )
        self._freeze()
        self._head, self._resumed, self._open_block = "", NOTHING, OpenPlain.begun(least)
        self.plain = True

    def _grow_plain(self, open_block: OpenPlain) -> bool:
        """Lay what came as plain text; true if it has ended and more follows."""
        text, self._tail, ended = open_block.split(self._tail)
        if text:
            open_block.render(text, self.buffer)
            self._freeze()
        open_block.render_last_row(self.buffer)
        if ended:
            self._open_block = None
            self._try_at, self._parse_at = LONG_PARAGRAPH, 0
            self._freeze()
        return ended and bool(self._tail)

    def _grow(self, open_block: OpenBlock, complete: bool) -> Generator[None, None, bool]:
        """Lay what came to an open leaf; true if it has ended and more follows."""
        if (
            isinstance(open_block, OpenText)
            and (found := self._cut_text(open_block.head, tear=open_block.torn)) is not None
        ):
            _, paragraph, open_block.torn = found
            open_block.render(paragraph, self.buffer)
            open_block.carry = self.buffer.take_last_row()
            self._freeze()
        if self.whole and not complete and isinstance(open_block, OpenText) and len(self._tail) < self._try_at:
            return False
        shown = self._tail if complete else open_block.shown_of(self._tail)
        if not shown and not complete and open_block.waits():
            return False
        source, top = open_block.head + shown, open_block.head.count("\n")
        tokens, _ = self._parse(source, open_block.head)
        block, behind = innermost(tokens)
        whole_lines = source.count("\n")
        ended = open_block.ends(block[0], whole_lines) or any(token.nesting >= 0 for token in behind)
        taken = yield from open_block.consume(
            block, self.buffer, whole_lines=whole_lines, ended=ended, complete=complete, whole=self.whole
        )
        self._freeze()
        if ended:
            self._open_block = None
            self._try_at, self._parse_at = LONG_PARAGRAPH, 0
            taken = line_after(block[0])
            last = source.split("\n")[taken - 1] if taken > top else self.buffer.lines[-1]
            if self._resumed.lines:
                self._resumed = self._resumed._replace(blank=is_blank(last))
        self._drop(taken - top)
        if not ended and (complete or not self.whole):
            open_block.render_rest(block, self.buffer, taken)
        return ended and bool(self._tail)


def _without_blank_run(tail: str) -> str:
    """The tail without what is too much of a run of equal blank lines at its end, also of those within quotes."""
    end = len(tail) if tail.endswith("\n") else 0
    start = tail.rfind("\n", 0, end - 1) + 1 if end else 0
    line = tail[start:end]
    if not end or not is_blank(line[:-1]):
        return tail
    run = 1
    while tail.endswith(line, 0, start) and (start == len(line) or tail[start - len(line) - 1] == "\n"):
        start -= len(line)
        run += 1
    return tail if run <= MOST_BLANK_LINES else tail[: start + MOST_BLANK_LINES * len(line)]


def _places_to_cut(tail: str) -> Iterator[int]:
    """Where a paragraph may be cut in two, the last places first: at spaces within a line, and between letters of a
    script that is written without them; in a long run without either, between two letters, or anywhere."""
    limit, found = len(tail) - KEPT_OPEN, 0
    for at in range(limit, max(0, limit - LONGEST_WORD), -1):
        before, after = tail[at - 1], tail[at]
        at_space = after == " " and not before.isspace() and before not in "\\>" and not tail[at + 1].isspace()
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
        yield limit


def _may_be_open(children: Sequence[Token]) -> bool:
    """Whether a mark in the text might yet find the mark that closes it."""
    return any(child.type == "text" and _OPEN_MARK.search(_BENIGN.sub("", child.content)) for child in children)
