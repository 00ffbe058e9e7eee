"""The rows of a message beside its text: folds, sources, what it waits for, and the row of figures at its end.

None of them is part of a logical line, so they are not selected, copied or found. All text from outside is cleaned here
before it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.chat.clean import clean_line
from tui_chat.chat.message import CitationPart
from tui_chat.chat.wording.hints import short_problem
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui import numbers
from tui_chat.ui.markdown.rows import GUTTER, MARGIN, Row, first_shorter
from tui_chat.ui.markdown.styled_text import width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.message import ImagePart, Message
    from tui_chat.ui.transcript.message_styles import Marks

StyledWords: TypeAlias = "Sequence[tuple[str, Style]]"

NO_LINE = -1
"""The logical line of rows that are not part of the text: they cannot be selected or copied."""

NARROW = 50
"""Cells of a column below which a question has no time, and a reply no pace."""

MEDIUM = 70
"""Cells of a column below which a reply has no time to its first token, and no prompt tokens."""

_TIE = "\N{NO-BREAK SPACE}"
"""A blank at which `wrapped` breaks no row; it is shown as an ordinary one."""

GAP = "   "
"""Blanks between words that can be clicked."""


def row(width: int, words: StyledWords, fill: Style, right: StyledWords = (), lead: StyledWords = ()) -> Row:
    """A row of `width` cells; text that is too long ends with an ellipsis. `right` is aligned to the right edge, `lead`
    stands at the left edge in place of the empty gutter."""
    words = [(text.replace(_TIE, " "), style) for text, style in words]
    tail = sum(width_of(text) for text, _ in right)
    segments = [Segment(text, style) for text, style in lead] or [Segment(" " * GUTTER, fill)]
    room = max(0, width - sum(width_of(segment.text) for segment in segments) - MARGIN - tail - (1 if right else 0))
    for text, style in words:
        if width_of(text) > room:
            segments.append(Segment(set_cell_size(text, room - 1) + "…" if room else "", style))
            room = 0
            break
        segments.append(Segment(text, style))
        room -= width_of(text)
    segments.append(Segment(" " * (room + (1 if right else 0)), fill))
    segments.extend(Segment(text, style) for text, style in right)
    segments.append(Segment(" " * MARGIN, fill))
    strip = Strip([segment for segment in segments if segment.text]).adjust_cell_length(width, fill)
    return Row(strip, NO_LINE, 0, 0)


def blank(width: int, marks: Marks) -> Row:
    """A row without text."""
    return Row(Strip.blank(width, marks.text), NO_LINE, 0, 0)


def wrapped(
    width: int, words: StyledWords, marks: Marks, *, first: StyledWords = (), hang: StyledWords = ()
) -> list[Row]:
    """Rows of cleaned words, broken at spaces. `first` stands before the first row, `hang` before the others."""
    hang = hang or ((" " * GUTTER, marks.text),)
    first = first or hang
    indents = [sum(width_of(text) for text, _ in lead) for lead in (first, hang)]
    room = max(1, width - indents[1] - MARGIN)
    plain = "".join(text for text, _ in words)
    rows: list[Row] = []
    for start, end in first_shorter(plain, room, max(0, indents[0] - indents[1])):
        rows.append(row(width, _between(words, start, end), marks.text, lead=hang if rows else first))
    return rows


def _between(words: StyledWords, start: int, end: int) -> list[tuple[str, Style]]:
    """The part of styled words from one character to another."""
    found: list[tuple[str, Style]] = []
    at = 0
    for text, style in words:
        if part := text[max(0, start - at) : max(0, end - at)]:
            found.append((part, style))
        at += len(text)
    return found


def action(name: str, *arguments: object) -> Style:
    """A style that runs an action of the message view when clicked; its text is not parsed as markup."""
    return Style.from_meta({"@click": (name, arguments)})


def hint(key: str, word: str, marks: Marks, click: Style) -> StyledWords:
    """A key and what it does, to be clicked; the words stay in one row. Without a key, the words alone."""
    together = word.replace(" ", _TIE)
    return [(key, marks.strong + click), (f"{_TIE if key else ''}{together}", marks.muted + click)]


def speaker(message: Message, marks: Marks) -> StyledWords:
    """The sign of a reply and its model."""
    name = clean_line(message.model) or clean_line(message.endpoint) or "reply"
    return [(f"{marks.signs.reply} ", marks.assistant), (name, marks.strong)]


def footer(message: Message, width: int, marks: Marks, *, time: str, branch: str = "", note: str = "") -> Row:
    """The row at the end of a reply: its model and figures. What does not fit is left out whole, from the right.

    `time`: of the reply. `branch`: its position among alternatives, `2/3`. `note`: how it is displayed.
    """
    figures = [branch_mark(branch)] if branch else []
    figures += numbers.reply_figures(message, marks.signs, pace=width >= NARROW, full=width >= MEDIUM)
    figures += [words for words in (note, time if width >= MEDIUM else "") if words]
    words = list(speaker(message, marks))
    room = width - GUTTER - MARGIN - sum(width_of(text) for text, _ in words)
    for figure in figures:
        room -= width_of(marks.signs.sep) + width_of(figure)
        if room < 0:
            break
        words.append((marks.signs.sep + figure, marks.muted))
    return row(width, words, marks.text)


def attachments(message: Message, width: int, marks: Marks) -> list[Row]:
    """The names and sizes of the files of a question, on its surface."""
    if not message.attachments:
        return []
    words: list[tuple[str, Style]] = []
    for file in message.attachments:
        words += [(GAP, marks.asked)] if words else []
        words.append((clean_line(file.name), marks.asked + Style(bold=True)))
        words.append((f" {readable_size(len(file.data))}", marks.asked))
    lead = [(f"{marks.signs.bar} ", marks.asked_bar)]
    return [row(width, words, marks.asked, lead=lead)]


def branch_mark(branch: str) -> str:
    """The position of a message among its alternatives: `‹ 2/3 ›`."""
    return f"‹ {branch} ›"


def waiting(message: Message, width: int, marks: Marks, now: float, key_of: Callable[[str], str]) -> list[Row]:
    """The rows of a reply before its first delta, which name what it waits for: the next attempt, the response's head,
    or the first token. `key_of` gives what to press for a command."""
    if (again := message.retrying) is not None:
        why = "".join(short_problem(clean_line(again.why), None))
        left = numbers.seconds_left(again.at + again.wait - now)
        words = [
            (f"Retrying in {left}", marks.warning + Style(bold=True)),
            (f" ({again.attempt} of {again.of}): {why}{GAP}", marks.text),
            *hint(key_of("stop"), "cancel", marks, Style.from_meta({"@click": "screen.press('stop')"})),
        ]
        return wrapped(width, words, marks, first=(("  ↻ ", marks.warning),), hang=(("    ", marks.text),))
    asked = message.timing.asked
    waited = 0.0 if asked is None else now - asked
    span = numbers.whole_seconds(waited) if waited >= 1 else ""
    words, sep = list(speaker(message, marks)), marks.signs.sep
    if message.timing.opened is None:
        what = f"connecting to {clean_line(message.endpoint) or 'the endpoint'}"
    else:
        room = width - GUTTER - MARGIN - sum(width_of(text) for text, _ in words)
        what = "waiting for the first token"
        if width_of(f"{sep}{what}, {span}") > room:
            what, span = f"waiting {span}".rstrip(), ""
    words.append((f"{sep}{what}, {span}" if span else f"{sep}{what}", marks.muted))
    return [row(width, words, marks.text)]


def fold_title(label: str, width: int, marks: Marks, *, folded: bool, key: int) -> Row:
    """A row that folds or unfolds the reasoning with index `key` when clicked."""
    return row(width, [(f"{'▸' if folded else '▾'} {label}", marks.muted + action("toggle_part", key))], marks.text)


def call_title(name: str, arguments: str, width: int, marks: Marks, *, live: bool, key: int) -> Row:
    """A row for a tool call, which shows or hides its arguments when clicked. `live`: they are still arriving."""
    click = action("toggle_part", key)
    words = [
        (f"{marks.signs.tool} ", marks.muted + click),
        (name, marks.strong + click),
        (f" {arguments}", marks.muted + click),
    ]
    return row(width, words, marks.text, [("…", marks.muted)] if live else ())


def reasoning_label(began: float, ended: float, tokens: int | None, sep: str, *, live: bool) -> str:
    """`Thinking 3.2 s` while reasoning streams, `Thought for 3.2 s · 64 tokens` afterwards; without a time if it
    arrived at once, and without tokens if the server did not report them."""
    span = ended - began
    if live:
        return f"Thinking {numbers.seconds(span)}" if span else "Thinking"
    label = f"Thought for {numbers.seconds(span)}" if span else "Thought"
    return f"{label}{sep}{numbers.count(tokens)} tokens" if tokens else label


def source(part: CitationPart | ImagePart, width: int, marks: Marks) -> Row:
    """A row for a source or picture; clicking it opens its link if that is allowed."""
    if isinstance(part, CitationPart):
        label = f"source: {clean_line(part.title)}" if part.title else "source:"
    else:
        label = "image:"
    style = marks.link + action("link", part.url) if openable(part.url) else marks.muted
    target = part.url if len(part.url) < 2_000 else f"{part.url[:40]}… ({len(part.url):,} characters)"
    return row(width, [(f"{label} ", marks.muted), (clean_line(target), style)], marks.text)


def openable(url: str) -> bool:
    """Whether a link from outside may be opened: only web and mail links, nothing that reaches into this machine."""
    return url.lower().startswith(("http://", "https://", "mailto:"))
