"""The content of one message view: a question, or a reply together with the replies that continue it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.message import TextPart, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.message import Cursor, Message, Part


class TranscriptEntry:
    """Messages shown as one, with a cursor that yields what is new.

    Each part has a key, in the order of the parts. Text that continues other text has the same key.
    """

    def __init__(self, messages: list[Message], folded_by_hand: dict[int, bool]) -> None:
        """`folded_by_hand`: by key, what the user has folded or unfolded; the caller keeps it, and this entry changes
        it."""
        self.messages = messages
        self.folded_by_hand = folded_by_hand
        self.parts: dict[int, Part] = {}
        """The parts read so far, by key."""
        self._cursors: list[Cursor] = []
        self._first_keys: dict[int, int] = {}
        """The key of the first part of each message that has parts, by the message's number."""
        self._last_answer = -1

    @property
    def last(self) -> Message:
        """The newest message: it may still grow, and its ending is that of the entry."""
        return self.messages[-1]

    @property
    def may_grow(self) -> bool:
        """Whether a part may get more text: the reply is running, or another message continues it."""
        return len(self.messages) > 1 or not self.last.settled

    def restart(self) -> None:
        """Start again from the first part."""
        self.parts.clear()
        self._cursors.clear()
        self._first_keys.clear()
        self._last_answer = -1

    def fresh(self) -> Iterator[tuple[int, Part, str]]:
        """Yield what is new since the last call: key, part, and its new text (empty if it is not text)."""
        for number, message in enumerate(self.messages):
            if number == len(self._cursors):
                self._cursors.append(())
            taken, self._cursors[number] = message.since(self._cursors[number])
            for index, text in taken:
                if number not in self._first_keys:
                    self._first_keys[number] = self._key_after(message.parts[0])
                key = self._first_keys[number] + index
                self.parts[key] = part = message.parts[index]
                if key > self._last_answer and _is_answer(part):
                    self._last_answer = key
                yield key, part, text

    def _key_after(self, part: Part) -> int:
        """The key of the first part of an additional message."""
        last = max(self.parts, default=-1)
        return last if last >= 0 and _is_text(part) and _is_text(self.parts[last]) else last + 1

    def folded(self, key: int) -> bool:
        """Whether a part is folded: as the user set it; otherwise tool calls are, and reasoning is once the answer has
        begun."""
        part = self.parts[key]
        if isinstance(part, TextPart) and part.kind == "reasoning":
            return self.folded_by_hand.get(key, self._last_answer > key)
        return isinstance(part, ToolCall) and self.folded_by_hand.get(key, True)


def _is_text(part: Part) -> bool:
    return isinstance(part, TextPart) and part.kind == "text"


def _is_answer(part: Part) -> bool:
    """Whether a part belongs to the answer, so that the reasoning is over."""
    return isinstance(part, ToolCall) or (isinstance(part, TextPart) and part.kind != "reasoning" and len(part) > 0)
