"""The rows of a message outside its text: header, folds, notes and endings.

Every status has a word and a sign, never only a colour. All text from outside is cleaned here before it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import may_continue, outcome_of, remarks
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped
from tui_chat.chat.message import CitationPart
from tui_chat.chat.wording.hints import on_screen
from tui_chat.ui.markdown.rows import MARGIN, Row
from tui_chat.ui.markdown.styled_text import width_of, wrap
from tui_chat.ui.numbers import reply_numbers, seconds, whole_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import ImagePart, Message
    from tui_chat.ui.transcript.message_styles import Marks

StyledWords: TypeAlias = "Sequence[tuple[str, Style]]"

NO_LINE = -1
"""The logical line of rows that are not part of the text: they cannot be selected or copied."""


def row(width: int, words: StyledWords, fill: Style, right: StyledWords = ()) -> Row:
    """A row of `width` cells; text that is too long ends with an ellipsis. `right` is aligned to the right edge."""
    tail = sum(width_of(text) for text, _ in right)
    room = max(0, width - 2 * MARGIN - tail - (1 if right else 0))
    segments = [Segment(" " * MARGIN, fill)]
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
    """An empty row."""
    return Row(Strip.blank(width, marks.text), NO_LINE, 0, 0)


def wrapped(width: int, text: str, style: Style, marks: Marks, sign: tuple[str, Style] | None = None) -> list[Row]:
    """Rows of cleaned text, indented by two cells; `sign` precedes the first."""
    rows: list[Row] = []
    for start, end in wrap(text, max(1, width - 2 - 2 * MARGIN)):
        lead = ("  ", marks.text) if rows or sign is None else sign
        rows.append(row(width, [lead, (text[start:end], style)], marks.text))
    return rows


def action(name: str, *arguments: object) -> Style:
    """A style that runs an action of the message view when clicked; its text is not parsed as markup."""
    return Style.from_meta({"@click": (name, arguments)})


def header(
    message: Message, width: int, marks: Marks, *, focused: bool, asked_at: str, branch: str = "", note: str = ""
) -> Row:
    """The speaker, the position among alternatives (`2/3`), a note about how it is displayed, and the numbers of a
    finished reply or the time of a question."""
    fill = marks.focus if focused else marks.text
    quiet = marks.focus if focused else marks.muted
    who = "You" if message.role == "user" else clean_line(message.model) or clean_line(message.endpoint) or "reply"
    name = [("❯ ", fill), (who, fill)] if focused else [(who, marks.strong)]
    for words in (branch, note):
        if words:
            name.append((f"  {words}", quiet))
            who += f"  {words}"
    numbers = ([asked_at] if asked_at else []) if message.role == "user" else []
    if message.role == "assistant" and message.ending is not None:
        numbers = reply_numbers(message)
    room = width - 2 * MARGIN - min(width_of(who), 24 + width_of(note)) - 4
    while numbers and width_of(" · ".join(numbers)) > room:
        numbers.pop()
    return row(width, name, fill, [(" · ".join(numbers), quiet)] if numbers else [])


def waiting(message: Message, width: int, marks: Marks, now: float) -> list[Row]:
    """What a reply is waiting for before its first delta: the next attempt, the response's head, or the first token."""
    host = clean_line(message.endpoint) or "the endpoint"
    if (again := message.retrying) is not None:
        left = whole_seconds(again.at + again.wait - now + 0.999)
        what = f"attempt {again.attempt} of {again.of} in {left}: {clean_line(again.why)}"
        return wrapped(width, what, marks.warning, marks, sign=("↻ ", marks.warning))
    asked = message.timing.asked
    waited = 0.0 if asked is None else now - asked
    span = f" {whole_seconds(waited)}" if waited >= 1 else ""
    what = f"waiting for {host}…" if message.timing.opened is None else f"{host} has the question, no word yet…"
    return [row(width, [(what + span, marks.muted)], marks.text)]


def fold_title(label: str, width: int, marks: Marks, *, folded: bool, key: int, preview: str = "") -> Row:
    """A row that folds or unfolds the part with index `key` when clicked."""
    click = action("toggle_part", key)
    words = [(f"{'▸' if folded else '▾'} {label}", marks.muted + click)]
    if folded and preview:
        words.append((f" {preview}", marks.muted + Style(dim=True) + click))
    return row(width, words, marks.text)


def reasoning_label(began: float, ended: float, *, live: bool) -> str:
    """`Thinking… 3.2 s` while reasoning streams, `Thought for 3.2 s` afterwards, or without a time if it arrived at
    once."""
    span = ended - began
    if live:
        return f"Thinking… {seconds(span)}" if span else "Thinking…"
    return f"Thought for {seconds(span)}" if span else "Thought"


def ending_rows(ending: Ending, message: Message, width: int, marks: Marks) -> list[Row]:
    """How a reply ended if that is notable, and what could not be read of it. A complete answer has no such rows."""
    rows = _how_it_ended(ending, message, width, marks)
    said = [row for words in remarks(message) for row in wrapped(width, words, marks.muted, marks)]
    return [*said, *rows]


def _how_it_ended(ending: Ending, message: Message, width: int, marks: Marks) -> list[Row]:
    match ending:
        case Stopped():
            return [row(width, [("■ stopped", marks.warning)], marks.text)]
        case CutOff(why):
            words = f"cut off: {clean_line(why)}" if why else "cut off"
            return [*_note(width, "✂ ", words, marks.warning, marks), _actions(message, width, marks)]
        case Failed():
            return _failure(ending, message, width, marks)
        case Finished():
            return _finish(ending, message, width, marks)
        case _:
            assert_never(ending)


def _finish(finished: Finished, message: Message, width: int, marks: Marks) -> list[Row]:
    outcome, reason = outcome_of(message), clean_line(finished.detail or finished.reason or "")
    if outcome == "length":
        words = "length limit: the answer reached the most tokens it may have"
        return [*_note(width, "✂ ", words, marks.warning, marks), _actions(message, width, marks)]
    if outcome == "paused":
        words = "paused: the provider interrupted a long turn"
        return [*_note(width, "✂ ", words, marks.warning, marks), _actions(message, width, marks)]
    if outcome == "filter":
        return _note(width, "⊘ ", f"content filter: the provider withheld the rest ({reason})", marks.warning, marks)
    if outcome == "refusal":
        words = f"refused: the model would not answer ({reason})" if reason else "refused"
        return _note(width, "⊘ ", words, marks.warning, marks)
    if not message.parts:
        return [*_note(width, "∅ ", "an empty answer", marks.warning, marks), _actions(message, width, marks)]
    if outcome == "no-reason":
        return [row(width, [("ended, no reason given", marks.muted)], marks.text)]
    if outcome == "other":
        return [row(width, [(f"ended: {reason}", marks.muted)], marks.text)]
    return []


def _failure(failed: Failed, message: Message, width: int, marks: Marks) -> list[Row]:
    lines = failure_lines(failed, message)
    rows = _note(width, "✗ ", f"failed: {lines[0]}", marks.error, marks)
    for line in lines[1:]:
        rows += wrapped(width, line, marks.muted if openable(line) else marks.text, marks)
    return [*rows, _actions(message, width, marks)]


def failure_lines(failed: Failed, message: Message) -> list[str]:
    """The cleaned lines about an error: the problem, the server's message, a hint, the URL."""
    problem, said = clean_line(failed.problem), clean_line(failed.message or "")
    lines = [problem, f"The server said: {said}" if said and said not in problem else ""]
    lines += [clean_line(on_screen(failed.hint)), clean_line(failed.url or message.url)]
    return [lines[0], *(line for line in lines[1:] if line)]


def _note(width: int, sign: str, text: str, style: Style, marks: Marks) -> list[Row]:
    return wrapped(width, text, style, marks, sign=(sign, style))


def _actions(message: Message, width: int, marks: Marks) -> Row:
    """The possible actions after an ending: retry, and continue if there is text to continue."""
    words = [("  ", marks.text), ("[Retry]", marks.link + action("retry"))]
    if may_continue(message):
        words += [("  ", marks.text), ("[Continue]", marks.link + action("continue"))]
    return row(width, words, marks.text)


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
