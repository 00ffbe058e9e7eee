"""A message as rows: parts in order, ending, and figures. It contains no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.message import CitationPart, ImagePart, TextPart, ToolCall
from tui_chat.ui.transcript import message_rows
from tui_chat.ui.transcript.ending_rows import ending_rows
from tui_chat.ui.transcript.section_stack import NOWHERE, RowAnchor, SectionStack
from tui_chat.ui.transcript.sections import (
    Canvas,
    Fold,
    NotesSection,
    Section,
    Text,
    call_body,
    call_preview,
)
from tui_chat.ui.transcript.text.copied_text import code_blocks_in
from tui_chat.ui.transcript.text.highlights import Highlights
from tui_chat.ui.transcript.text.selection import whole_graphemes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.selection import Selection

    from tui_chat.chat.message import Message, Part
    from tui_chat.keymap import Keymap
    from tui_chat.ui.markdown.rows import Row
    from tui_chat.ui.transcript.entry import TranscriptEntry
    from tui_chat.ui.transcript.message_styles import MessageStyles
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern

LINES_PER_PART = 1 << 24
"""The number of line numbers reserved for each part. A selection refers to lines by a single number, so a part that
grows or folds does not move the selection in another."""

LONGEST_COUNTED = 50_000
"""The most characters of a text whose blocks of code are counted by parsing it, in about a tenth of a second; of longer
texts, those that are rendered already count."""

TAIL = 1 << 24
"""The key of the section below the parts: what a reply waits for, or how it ended. Parts have the entry's keys."""

FOOTER = TAIL + 1
"""The key of the row of figures at the end of a reply."""


class MessageBody:
    """The rows of a message; it reads the message through a cursor and renders only what is new."""

    def __init__(
        self,
        entry: TranscriptEntry,
        styles: MessageStyles,
        *,
        now: Callable[[], float],
        time_of_day: Callable[[float], str],
        keys: Keymap,
        in_chat: bool = True,
    ) -> None:
        """`in_chat`: whether a reply ends with a row of figures and offers all that a chat can do."""
        self.entry = entry
        self._in_chat = in_chat
        self.canvas = Canvas(0, styles, keys)
        self.branch = ""
        """The position among alternatives: `2/3`."""
        self._now = now
        self._time_of_day = time_of_day
        self._parts: dict[int, Section] = {}
        self.highlights = Highlights(entry.parts, self._parts)
        self._to_settle: dict[Text, None] = {}
        self._tail, self._footer = NotesSection([]), NotesSection([])
        self._stacked = SectionStack()

    @property
    def height(self) -> int:
        """In rows; 0 before the first rendering."""
        return self._stacked.height

    @property
    def message(self) -> Message:
        """The message that may grow."""
        return self.entry.last

    @property
    def waiting(self) -> bool:
        """Whether nothing has arrived yet and the seconds are counted."""
        return not self.message.settled and not self.message.parts

    @property
    def to_settle(self) -> bool:
        """Whether `settle` has work: streamed text that is complete, or long text that is not rendered yet."""
        return self._next_to_settle() is not None

    @property
    def behind(self) -> bool:
        """Whether `update` has left work for the next frame."""
        return any(isinstance(section, Text | Fold) and section.behind for section in self._parts.values())

    # --- rendering

    def render(self, canvas: Canvas) -> None:
        """Render everything again; what the user has folded stays folded."""
        self.canvas = canvas
        self.entry.restart()
        self._parts.clear()
        self._to_settle.clear()
        self.update()
        self._locate_match()

    def show_branch(self, branch: str) -> None:
        """Set the position among alternatives: `2/3`; empty if there are none.

        It stands in the first row of a question, which has to be rendered again, and in the last of a reply.
        """
        self.branch = branch
        if self.message.role == "user" and self.canvas.width:
            self.render(self.canvas)

    def update(self) -> int | None:
        """Render what is new. Returns the first row that changed; `None` if none did."""
        for key, part, text in self.entry.fresh():
            self._update_part(key, part, text)
        changed: list[int | None] = []
        # the last of several messages shown as one may still be empty, and a part before another is complete
        growing = None if self.message.settled or not self.message.parts else max(self.entry.parts, default=None)
        for key, section in self._parts.items():
            first: int | None = None
            if isinstance(section, Text):
                first = section.flush(complete=key != growing)
            elif isinstance(section, Fold):
                first = self._update_fold(key, section)
            changed.append(None if first is None else self._stacked.top_of(section) + first)
        changed += [self._update_tail(), self._update_footer()]
        self._stack()
        return min((row for row in changed if row is not None), default=None)

    def settle(self) -> Iterator[None]:
        """Render streamed text again as if it had arrived at once, and text that is too long for one go, in slices."""
        while (text := self._next_to_settle()) is not None:
            self._to_settle.pop(text)  # it comes back if more is appended meanwhile
            for _ in text.settle():
                if text not in self._parts.values():  # everything was rendered again meanwhile
                    return
                self._stack()
                yield
            self._update_footer()
            self._stack()
            self._locate_match()

    def _next_to_settle(self) -> Text | None:
        return next((text for text in self._to_settle if text.deferred or self.message.settled), None)

    def _update_part(self, key: int, part: Part, text: str) -> None:
        section = self._parts.get(key)
        if isinstance(section, Text):
            section.append(text)
            self._to_settle[section] = None
        elif isinstance(section, Fold):
            section.append(text)
        elif isinstance(part, TextPart) and part.kind != "reasoning":
            self._parts[key] = section = self._new_text(text)
            if section.deferred or not self.message.settled:
                self._to_settle[section] = None
        elif isinstance(part, TextPart | ToolCall):
            self._parts[key] = Fold(self.canvas, key)
        elif isinstance(part, CitationPart | ImagePart):
            self._parts[key] = NotesSection([message_rows.source(part, self.canvas.width, self.canvas.styles.marks)])

    def _new_text(self, text: str) -> Text:
        message, marks = self.message, self.canvas.styles.marks
        if message.role == "user":
            words = [message_rows.branch_mark(self.branch)] if self.branch else []
            time = self._time_of_day(message.created) if self.canvas.width >= message_rows.NARROW else ""
            words += [time] if time else []
            beside = [(message_rows.GAP.join(words), marks.asked)] if words else []
            return Text(self.canvas, text, asked=True, beside=beside)
        return Text(self.canvas, text, blocks=self._blocks_before(), streams=not message.settled)

    def _blocks_before(self) -> int:
        """The number of blocks of code in all texts so far. They are counted in the text as for copying, because its
        rows may not be rendered yet."""
        for key, section in reversed(self._parts.items()):
            if isinstance(section, Text) and isinstance(part := self.entry.parts[key], TextPart):
                if len(part) > LONGEST_COUNTED:
                    return section.blocks
                return section.blocks_before + len(code_blocks_in(part.text))
        return 0

    def _update_fold(self, key: int, fold: Fold) -> int | None:
        part, folded = self.entry.parts[key], self.entry.folded(key)
        growing = not self.message.settled and key == max(self.entry.parts)
        rewritten = folded != fold.folded or (not folded and isinstance(part, ToolCall) and growing)
        width, marks = self.canvas.width, self.canvas.styles.marks
        if isinstance(part, TextPart):
            tokens = self._reasoning_tokens
            label = message_rows.reasoning_label(part.began, part.ended, tokens, marks.signs.sep, live=growing)
            title = message_rows.fold_title(label, width, marks, folded=folded, key=key)
        elif isinstance(part, ToolCall):
            name = clean_line(part.name) or "a tool"
            preview = call_preview(part) if folded else ""
            title = message_rows.call_title(name, preview, width, marks, live=growing, key=key)
        else:
            return None
        if rewritten and folded:
            fold.fold()
        elif rewritten:
            fold.show(part.text if isinstance(part, TextPart) else call_body(part))
        flushed = fold.flush()
        return 0 if fold.set_title(title) or rewritten else flushed

    @property
    def _reasoning_tokens(self) -> int | None:
        """The tokens of the reasoning as reported, if it is in one piece."""
        usage = self.message.usage
        pieces = [part for part in self.entry.parts.values() if isinstance(part, TextPart) and part.kind == "reasoning"]
        return usage.reasoning if usage is not None and len(pieces) == 1 else None

    def _update_footer(self) -> int | None:
        message = self.message
        top = self._stacked.last_top
        if message.role == "user" or message.ending is None or not self._in_chat:
            if not self._footer.rows:
                return None
            self._footer = NotesSection([])  # the reply is being continued
            return top
        plain = any(isinstance(section, Text) and section.plain for section in self._parts.values())
        row = message_rows.footer(
            message,
            self.canvas.width,
            self.canvas.styles.marks,
            time=self._time_of_day(message.created),
            branch=self.branch,
            note="part shown as plain text" if plain else "",
        )
        if self._footer.rows and self._footer.rows[0].strip == row.strip:
            return None
        self._footer = NotesSection([row])
        return top

    def _update_tail(self) -> int | None:
        message, width, marks = self.message, self.canvas.width, self.canvas.styles.marks
        if message.role == "user":
            rows = message_rows.attachments(message, width, marks)
        elif message.ending is not None:
            rows = ending_rows(message.ending, message, width, marks, self.canvas.keys.hint, in_chat=self._in_chat)
        elif not any(section.height for section in self._parts.values()):
            # Beside other replies the key stops all of them, and a click only this one.
            key_of = self.canvas.keys.hint if self._in_chat else lambda _: ""
            rows = message_rows.waiting(message, width, marks, self._now(), key_of)
        else:
            rows = []
        if [row.strip for row in rows] == [row.strip for row in self._tail.rows]:
            return None
        top = self._stacked.top_of(self._tail) if self._tail.rows else self.height
        self._tail = NotesSection(rows)
        return top

    def _stack(self) -> None:
        sections = (*self._parts.items(), (TAIL, self._tail), (FOOTER, self._footer))
        self._stacked.stack(sections, self._adjoin)

    def _adjoin(self, above: Section, below: Section) -> bool:
        """Whether two sections have no empty row between them: a question and its files, sources, and tool calls whose
        arguments are hidden."""
        if self.message.role == "user":
            return True
        if isinstance(above, NotesSection):
            return isinstance(below, NotesSection) and below not in (self._tail, self._footer)
        both = (above, below)
        return all(
            isinstance(section, Fold) and section.folded and isinstance(self.entry.parts[section.key], ToolCall)
            for section in both
        )

    # Rows

    def row(self, y: int) -> tuple[int, Row]:
        """The key of the section in row `y`, and the row; the rows between sections are empty."""
        found = self._stacked.row(y)
        return found or (NOWHERE, message_rows.blank(self.canvas.width, self.canvas.styles.marks))

    def line(self, key: int, number: int) -> str:
        """A logical line of a part."""
        return self._parts[key].lines[number]

    def anchor_at(self, y: int) -> RowAnchor:
        """The position of row `y`, or of the row above it if it is empty."""
        return self._stacked.anchor_at(y)

    def row_of(self, anchor: RowAnchor) -> int:
        """The row of a position, or the nearest row before it if it no longer exists."""
        return self._stacked.row_of(anchor)

    @property
    def blocks(self) -> int:
        """The number of blocks of code."""
        return max((part.blocks for part in self._parts.values() if isinstance(part, Text)), default=0)

    # --- folds and copying

    @property
    def can_fold(self) -> bool:
        """Whether there is anything to fold or unfold."""
        return any(isinstance(section, Fold) for section in self._parts.values())

    def fold_all(self) -> bool:
        """Fold everything that can fold, or unfold it if all of it is folded; `update` shows the result. Returns false
        if nothing can fold."""
        folds = [section for section in self._parts.values() if isinstance(section, Fold)]
        folded = not all(fold.folded for fold in folds)
        self.entry.folded_by_hand |= {fold.key: folded for fold in folds}
        return bool(folds)

    def fold(self, key: int) -> bool:
        """Fold or unfold one part; `update` shows the result. Returns false if it cannot fold."""
        section = self._parts.get(key)
        if not isinstance(section, Fold):
            return False
        self.entry.folded_by_hand[key] = not section.folded
        return True

    # --- highlights and selection

    def find(self, pattern: SearchPattern | None, occurrence: tuple[int, int] | None) -> None:
        """Search for a pattern. `occurrence`: index of the current match, and number of matches in the source."""
        self.highlights.find(pattern, occurrence)
        self._locate_match()

    def _locate_match(self) -> None:
        deferred = any(isinstance(part, Text) and part.deferred for part in self._parts.values())
        self.highlights.locate_match(complete=not deferred)

    def row_of_place(self) -> int:
        """The row of the marked place; the first row if it is not shown."""
        anchor = self.highlights.anchor_of_place
        return 0 if anchor is None else self.row_of(anchor)

    def row_of_match(self) -> int:
        """The row of the current match; the first row if it is not known yet."""
        anchor = self.highlights.anchor_of_match
        return 0 if anchor is None else self.row_of(anchor)

    def selected(self, selection: Selection) -> str:
        """The selected logical text in whole graphemes, with an empty line between parts."""
        texts: list[str] = []
        for key, section in self._parts.items():
            chosen: list[str] = []
            for number, line in enumerate(section.lines):
                if (span := selection.get_span(key * LINES_PER_PART + number)) is not None:
                    start, end = whole_graphemes(line, *span)
                    chosen.append(line[start:end])
            if chosen:
                texts.append("\n".join(chosen))
        return "\n\n".join(texts)
