"""Make incomplete Markdown presentable.

While a reply streams, its last line is incomplete: `-` may become a list or a rule, `**bo` will be bold. Ambiguous text
is held back, and open inline marks are closed in the copy that is parsed. The source does not change.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tui_chat.ui.markdown.parser.rules import cells_in

LONGEST_LINE = 2_000
"""In longer last lines (in characters) no marks are closed, since each bracket is searched for up to the line's end."""

MOST_OPEN = 8
"""With more open marks than this, none is closed: they are not marks, and parsing them would take too long."""

# Linear: what begins the line is not given back (`*+`), and each alternative is one run.
_UNDECIDED = re.compile(
    r"""[ \t]*+(?:>[ \t]*+)*+
    (?: (?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]?\]?[ \t]*)?   # an item without its text
      | [-=*_+\#:`~>\ \t]+                                # marks alone
      | \d{1,9}[.)]?                                      # the number of an item, perhaps
      | \$\$?|\\[\[(]?                                    # a formula's opening
      | </?[A-Za-z][\w-]*                                 # a tag's name
    )?""",
    re.VERBOSE,
)
_TABLE_ROW = re.compile(r"[ \t]*\|")
_BEGUN_ROW = re.compile(r"[ \t>]*\|[ \t]*[^\s|]")
_DELIMITER_ROW = re.compile(r"[|:\- \t]*")
_BEGUN_DASHES = re.compile(r"[ \t>]*+[|:\- \t]*")
_ROW_ALONE = re.compile(r"([ \t>]*)\|")
# Nothing, or the empty heading that stands for what is already rendered.
_NO_TEXT = re.compile(r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*#?[ \t]*")
_FENCE = re.compile(r"^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})", re.MULTILINE)
_OPEN_LINK = re.compile(r"(?<!\\)(!?)\[([^\[\]]*)(?:\](?:\(([^)]*))?)?\Z")
_IN_ADDRESS = re.compile(r"[^\s()<>]*")
_WEB = ("http://", "https://")
# Linear: a run of marks is only tried from its first on.
_TRAILING = re.compile(r"(?:\\|(?<![*_~])[*_~]+|(?<!`)`+)\Z")
_MARK = re.compile(r"\\\(|\\.|`+|\*+|_+|~~|\$+|!?\[[^\[\]]*\]\([^()\s]*\)|https?://\S+")
_FORMULA = re.compile(r"[^\s\d].*[\\^_]|\\")


def presentable(tail: str) -> str:
    """The part of incomplete Markdown that can be shown, with open inline marks closed.

    Only the end changes: the last line or, while a table's head waits for the line below it, the last two.
    """
    start = tail.rfind("\n") + 1
    line = tail[start:]
    if start and _DELIMITER_ROW.fullmatch(line):
        above = tail.rfind("\n", 0, start - 1) + 1
        if _TABLE_ROW.match(tail, above) and not (above and _TABLE_ROW.match(tail, tail.rfind("\n", 0, above - 1) + 1)):
            return tail[:above]
    if _UNDECIDED.fullmatch(line) or (_TABLE_ROW.match(line) and not _follows_lone_rows(tail, start)):
        return tail[:start]
    if ("```" in tail or "~~~" in tail) and _inside_fence(tail):
        return tail
    return tail[:start] + _closed(line) if len(line) <= LONGEST_LINE else tail


def _follows_lone_rows(tail: str, start: int) -> bool:
    """Whether the lines above position `start` are rows without a table: text with a bar in each line."""
    end, rows = start - 1, 0
    while end >= 0:
        above = tail.rfind("\n", 0, end) + 1
        if tail.find("|", above, end) < 0:
            break
        if _DELIMITER_ROW.fullmatch(tail, above, end):
            return False
        end, rows = above - 1, rows + 1
    return rows > 0


class BegunTable(NamedTuple):
    """Incomplete Markdown that ends with a table's head, completed with a row of dashes below it."""

    source: str
    line: int
    """The number of the head's line."""
    ruled: int
    """The number of columns that have dashes already."""


def begun_table(tail: str) -> BegunTable | None:
    """The table whose head ends incomplete Markdown, perhaps with some of the dashes below it; `None` if it does not
    end so. Only a row after a blank line is taken for a head, and it turns out to be none if no dashes follow."""
    start, end, ruled = tail.rfind("\n") + 1, len(tail), 0
    if start and _BEGUN_DASHES.fullmatch(tail, start):
        ruled = len(cells_in(tail[start:].lstrip(" \t>")))
        start, end = tail.rfind("\n", 0, start - 1) + 1, start - 1
    row = _ROW_ALONE.match(tail, start, end)
    if row is None or (start and not _NO_TEXT.fullmatch(tail, tail.rfind("\n", 0, start - 1) + 1, start - 1)):
        return None
    head = presentable_row(tail[start:end])
    columns = len(cells_in(head.lstrip(" \t>")))
    source = f"{tail[:start]}{head}\n{row[1]}{'|---' * columns}|"
    return BegunTable(source, tail.count("\n", 0, start), ruled) if columns else None


def presentable_row(line: str) -> str:
    """The part of a table's incomplete row that can be shown, with open inline marks closed; empty if none."""
    return _closed(line) if len(line) <= LONGEST_LINE and _BEGUN_ROW.match(line) else ""


def _inside_fence(tail: str) -> bool:
    fence = ""
    for found in _FENCE.finditer(tail):
        marks = found[1]
        if not fence:
            fence = marks
        elif marks[0] == fence[0] and len(marks) >= len(fence):
            fence = ""
    return bool(fence)


def _closed(line: str) -> str:
    """The line with its open marks closed, and without marks that nothing follows yet."""
    line = _TRAILING.sub("", _OPEN_LINK.sub(_link_so_far, line))
    waiting: list[str] = []
    at = 0
    while found := _MARK.search(line, at):
        mark, start, at = found[0], found.start(), found.end()
        if mark[0] == "`":
            close = re.compile(rf"(?<!`){mark}(?!`)").search(line, at)
            if close is None:
                waiting.append(mark)
                break
            at = close.end()
        elif mark == "\\(" or mark == "$":
            closing = "\\)" if mark == "\\(" else "$"
            close_at = line.find(closing, at)
            if close_at >= 0:
                at = close_at + len(closing) if mark == "\\(" or _FORMULA.match(line, at, close_at) else at
            elif mark == "\\(" or _FORMULA.match(line, at):
                waiting.append(closing)
                break
        elif mark[0] in "*_~":
            _emphasis(mark, line[start - 1 : start] or " ", line[at : at + 1] or " ", waiting)
    if not waiting or len(waiting) > MOST_OPEN:
        return line
    return line.rstrip() + "".join(reversed(waiting))


def _link_so_far(found: re.Match[str]) -> str:
    """A link or picture that has not ended: its words, and its address as far as it has come, which is shown behind
    them unless it is the same."""
    mark, words, target = found[1], found[2], found[3] or ""
    on_the_web = target.startswith(_WEB) or (target and any(scheme.startswith(target) for scheme in _WEB))
    if not on_the_web or _bare(words).startswith(_bare(target)):
        return words
    address = _IN_ADDRESS.match(target)
    return f"{mark}[{words}]({address[0] if address else ''})"


def _bare(address: str) -> str:
    """An address without its scheme."""
    return address.removeprefix("https://").removeprefix("http://")


def _emphasis(mark: str, before: str, after: str, waiting: list[str]) -> None:
    """Let a run of `*`, `_` or `~~` close an open one, or add it to the open ones (CommonMark 6.2, without its rule of
    three)."""
    inside_a_word = before.isalnum() and after.isalnum()
    if mark[0] == "_" and inside_a_word:
        return
    left = len(mark)
    if not before.isspace():
        while left and waiting and waiting[-1][0] == mark[0] and len(waiting[-1]) <= left:
            left -= len(waiting.pop())
    if left and not after.isspace():
        waiting.append(mark[0] * left)
