"""The end of a Markdown source that is not rendered for good: how it is parsed, and what is cut from its start."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import field
from typing import TYPE_CHECKING, Any

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.blocks import is_blank
from tui_chat.ui.markdown.open_blocks import head_of_text, innermost
from tui_chat.ui.markdown.open_path import NOTHING, Resumed, first_line, reopening, without_placeholders
from tui_chat.ui.markdown.parser.limits import PLAIN
from tui_chat.ui.markdown.parser.markdown_parser import parsed
from tui_chat.ui.markdown.partial import begun_table, presentable
from tui_chat.ui.markdown.tables import RULED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

LONG_PARAGRAPH = 500
"""Length of an open paragraph, in characters, from which its finished rows are frozen."""

KEPT_OPEN = 120
"""Characters at a paragraph's end that are never frozen."""

LONGEST_WORD = 200
"""The number of characters in which a place to cut a paragraph is searched for."""

MOST_CUTS = 2
"""The number of places to cut that are tried before the paragraph is left to grow."""

TRY_AGAIN = 250
"""Growth, in characters, before cutting is tried again."""

TOO_LONG = 1_000
"""Length, in characters, from which a paragraph is frozen even if a mark in it may still be open."""

MOST_BLANK_LINES = 3
"""The most equal blank lines kept at the open end; more make no difference."""

FIRST_WIDE = "\u2e80"
"""Most scripts from this character on are written without spaces; for the others it does no harm."""

_BENIGN = re.compile(r"\[[^\[\]]*\]|(?<=\s)[*_~]+(?=\s)|(?<=\w)_+(?=\w)|\$(?=[\d\s])")
_OPEN_MARK = re.compile(r"[`*_\[$]|~~|<[A-Za-z/!?]")
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")


@dataclass(slots=True)
class OpenSource:
    """The source from the first character on whose rows may still change."""

    references: dict[str, Any] = field(default_factory=dict)
    """The link references defined before it."""
    tail: str = ""
    """The source whose rows are not final."""
    head: str = ""
    """The source that opens the blocks again in which the tail continues."""
    resumed: Resumed = NOTHING
    """The part of the head that is already rendered."""
    try_at: int = LONG_PARAGRAPH
    """The length of the tail from which freezing rows of a paragraph is tried again."""
    parsed: int = 0
    """Characters given to the parser or a lexer so far."""
    plain: bool = False
    """Whether part of the text is shown as plain text because Markdown would take too long."""

    def parse(self, source: str, head: str) -> tuple[list[Token], dict[str, Any]]:
        """Parse `source`, which begins with `head`; returns the tokens without those of the head, and the parser's
        environment."""
        self.parsed += len(source)
        env: dict[str, Any] = {"references": ChainMap({}, self.references)}
        tokens = parsed(source, env)
        self.plain = self.plain or PLAIN in env
        return without_placeholders(tokens, head.count("\n")) if head else tokens, env

    def parse_tail(self, *, complete: bool, whole: bool) -> tuple[str, list[Token], dict[str, Any]]:
        """Parse what can be shown of the tail; returns that behind its head, its tokens, and the parser's environment.
        `complete`: no more text is expected. `whole`: nothing needs to be shown before that."""
        source = self.head + self.tail
        if not complete and not whole and (table := begun_table(source)) is not None:
            tokens, env = self.parse(table.source, self.head)
            for token in tokens:
                if token.type == "table_open" and first_line(token) == table.line:
                    token.meta[RULED] = table.ruled
                    return table.source, tokens, env
        if not complete:
            source = presentable(source)
        return source, *self.parse(source, self.head)

    def drop(self, lines: int) -> None:
        """Remove lines from the start of the tail."""
        at = 0
        for _ in range(lines):
            at = self.tail.find("\n", at) + 1
            if not at:  # the last line, which has no end
                at = len(self.tail)
                break
        self.tail = self.tail[at:]

    def learn(self, env: dict[str, Any], line: int) -> None:
        """Keep the link references that were defined before `line`."""
        for label, reference in env["references"].maps[0].items():
            if reference["map"][1] <= line:
                self.references[label] = reference

    def reopen(self, containers: Sequence[Token], lines: Sequence[str], shown: Resumed) -> None:
        """Continue the tail inside these blocks, which are already rendered."""
        self.head = reopening(containers, lines)
        self.resumed = shown._replace(lines=self.head.count("\n"))
        self.try_at = LONG_PARAGRAPH

    def cut_text(self, head: str, *, tear: bool = False) -> tuple[str, Sequence[Token], bool] | None:
        """Cut the beginning of a long paragraph from the tail. Returns the new head, the tokens that were cut, and
        whether a mark may be open there; `None` if the paragraph is too short or there is no place to cut.

        `head` comes before the tail. `tear`: cut even if a mark may be open.
        """
        tail = self.tail
        if len(tail) < self.try_at:
            return None
        self.try_at = len(tail) + TRY_AGAIN
        for cut in _places_to_cut(tail):
            source = head + tail[:cut]
            tokens, _ = self.parse(source, head)
            paragraph, behind = innermost(tokens)
            if not paragraph or paragraph[0].type != "paragraph_open" or any(token.nesting >= 0 for token in behind):
                return None
            torn = _may_be_open(paragraph[1].children or ())
            if tear or not torn or len(tail) >= TOO_LONG:
                self.tail, self.try_at = tail[cut:], LONG_PARAGRAPH
                return head_of_text(paragraph, source), paragraph, torn
        return None

    def drop_blank_lines(self) -> None:
        """Remove all blank lines from the start of the tail."""
        if blank := _BLANK_LINES.match(self.tail):
            self.tail = self.tail[blank.end() :]

    def drop_blank_run(self) -> None:
        """Remove excess equal blank lines from the end of the tail."""
        self.tail = _without_blank_run(self.tail)


def _without_blank_run(tail: str) -> str:
    """The tail without excess equal blank lines at its end, including those within quotes."""
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
    """The places at which a paragraph may be cut in two, the last places first: at spaces within a line, and between
    letters of scripts written without spaces. In a long run without either: between two letters, or anywhere."""
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
    """Whether a mark in the text may still be closed by a later one."""
    return any(child.type == "text" and _OPEN_MARK.search(_BENIGN.sub("", child.content)) for child in children)
