"""The text and the reasoning of one reply: pieces as the server cut them in, events out."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from tui_chat.chat.events import ReasoningDelta, TextDelta
from tui_chat.wire.dialects.surrogates import SurrogateJoiner
from tui_chat.wire.dialects.think_tags import ThinkTags

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent


class ReplyText:
    """Rejoins split characters, separates think tags from the answer, and keeps the answer so far."""

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        self._tags = ThinkTags() if inline_reasoning else None
        self._text_halves, self._reasoning_halves = SurrogateJoiner(), SurrogateJoiner()
        self._text_part = self._reasoning_part = 0
        self._raw = StringIO(newline="")
        """The full text of the answer including think tags, because some servers repeat it."""
        self._repeats = 0
        """Number of text pieces from a field that may repeat the whole text so far."""
        self.alternative: Alternative | None = None
        """The one alternative that is kept in case the first answer never arrives."""

    @property
    def empty(self) -> bool:
        """Whether no text of the answer has arrived."""
        return not self._raw.tell()

    @property
    def whole(self) -> str:
        """The answer so far, including its think tags."""
        return self._raw.getvalue()

    def add(self, text: str, events: list[ChatEvent], part: int = 0) -> bool:
        """Add a piece of the answer, and its events to `events`; a new `part` begins another block. Returns whether the
        piece gave an event."""
        self._raw.write(text)
        if part != self._text_part:
            if rest := self._text_halves.rest():
                events.append(TextDelta(rest, self._text_part))
            self._text_part = part
        halves = self._text_halves
        if halves.half or not text.isascii():
            text = halves.join(text)
        if self._tags is None:
            if text:
                events.append(TextDelta(text, part))
            return bool(text)
        pieces = self._tags.split(text)
        for reasoning, piece in pieces:
            events.append(ReasoningDelta(piece, part) if reasoning else TextDelta(piece, part))
        if self._tags.settled:
            self._tags = None
        return bool(pieces)

    def add_reasoning(self, text: str, events: list[ChatEvent], part: int = 0) -> bool:
        """Add a piece of the reasoning, as `add` does with the answer."""
        if part != self._reasoning_part:
            if rest := self._reasoning_halves.rest():
                events.append(ReasoningDelta(rest, self._reasoning_part))
            self._reasoning_part = part
        if text := self._reasoning_halves.join(text):
            events.append(ReasoningDelta(text, part))
        return bool(text)

    def new_in(self, text: str, *, last: bool = False) -> str:
        """Return the new part of a text from a field in which some servers send pieces and others the whole text so
        far.

        A text that begins with all earlier text is a repetition, unless the earlier text is so short that the next
        piece may start alike by chance. `last`: it arrived with the end of the answer.
        """
        self._repeats += 1
        before = self._raw.getvalue() if 0 < self._raw.tell() <= len(text) else ""
        if before and text.startswith(before):
            alike = len(before) == len(text)
            surely = self._repeats > 2 or len(before) > 30 or (alike and last)
            likely = any(map(str.isalpha, before)) and text != before * (len(text) // len(before))
            if surely or likely:
                return text[len(before) :]
        return text

    def set_aside(self, index: int, text: str, reason: object) -> None:
        """Keep a piece of an alternative; pieces of any other than the first that came are dropped."""
        if self.alternative is None:
            self.alternative = Alternative(index)
        if index == self.alternative.index:
            self.alternative.add(text, reason)

    def close(self) -> list[ChatEvent]:
        """Return the events of the text kept back at the end of the reply."""
        held = [(True, self._reasoning_part, self._reasoning_halves.rest())]
        if self._tags is not None:
            held += [(reasoning, self._text_part, piece) for reasoning, piece in self._tags.close()]
        held.append((False, self._text_part, self._text_halves.rest()))
        return [
            ReasoningDelta(piece, part) if reasoning else TextDelta(piece, part)
            for reasoning, part, piece in held
            if piece
        ]


class Alternative:
    """An answer other than the one with index 0, which servers send if several are asked for (`n` > 1)."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.reason: object = None
        """Its finish reason, as the server sent it."""
        self._text = StringIO(newline="")

    @property
    def text(self) -> str:
        """The text so far."""
        return self._text.getvalue()

    def add(self, text: str, reason: object) -> None:
        """Add a piece, and the finish reason if there is one."""
        self._text.write(text)
        self.reason = reason or self.reason
