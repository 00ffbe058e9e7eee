"""What hearing a reply is in every dialect: JSON documents in, events out, exactly one ending."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui_chat.chat.events import (
    Citation,
    CutOff,
    Failed,
    Finished,
    ModelNamed,
    ReasoningDelta,
    TextDelta,
    Usage,
    UsageReport,
)
from tui_chat.wire.dialects.surrogates import SurrogateJoiner
from tui_chat.wire.dialects.think_tags import ThinkTags
from tui_chat.wire.failures import NO_SECRETS, sentence, server_said
from tui_chat.wire.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM, is_overflow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import ChatEvent, EndSign
    from tui_chat.wire.framing import Frame

_decode: Final = json.JSONDecoder().raw_decode
"""`json.loads` without its checks of type and encoding, which cost as much as a small event does."""

NOTHING: Final[tuple[ChatEvent, ...]] = ()


class Reading:
    """One reply on its way in. A dialect reads its own documents in `_chunk`, and what a whole answer is in `_fits`."""

    plain: ClassVar[bool] = False
    secrets = NO_SECRETS
    """What is masked in an error before the beginning of it is quoted."""
    answer_name = "answer"
    """What the dialect calls an answer, for a sentence."""
    no_end = "the connection closed before the answer was complete"
    """How an answer broke off that has no ending."""

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: read `<think>…</think>` at the very start of the text as reasoning."""
        self.over = False
        self.finishing = False
        self.begun = False
        self._tags = ThinkTags() if inline_reasoning else None
        self._text_halves, self._reasoning_halves = SurrogateJoiner(), SurrogateJoiner()
        self._text_part = self._reasoning_part = 0
        self._reason: str | None = None
        self._detail: str | None = None
        self._usage: object = None
        self._model = ""
        self._sources: set[str] = set()
        self._heard = False
        self._empty_last = False
        self._stray = ""

    # ---- frames

    def take(self, frame: Frame) -> Sequence[ChatEvent]:
        """The events of one frame."""
        kind, data, event, _, _ = frame
        if self.over or kind == "comment":
            return NOTHING
        if kind == "error":
            return self._failed_with(data)
        try:
            document, end = _decode(data)
        except (ValueError, RecursionError):
            return self._not_json(frame)
        if end != len(data) and data[end:].strip():
            return self._not_json(frame)
        if type(document) is dict and event != "error":
            self._empty_last = False
            return self._chunk(document)
        return self._document(frame, document)

    def _document(self, frame: Frame, document: object) -> Sequence[ChatEvent]:
        self._empty_last = False
        if not isinstance(document, dict):
            return NOTHING  # `data: null` is a keep-alive of some proxies
        if frame.event == "error":
            return self._failed(document)
        return self._chunk(document)

    def _not_json(self, frame: Frame) -> Sequence[ChatEvent]:
        data = frame.data.strip()
        if data == "[DONE]":
            return self._end("done-sentinel")
        if not data:
            self._empty_last = self._heard and frame.complete  # a body may break off right after `data: `
            return NOTHING
        if frame.event == "error":
            return self._failed(data)
        if data[0] not in "{[":
            # Keep-alives are sent as text, too (`data: ping`). If nothing better comes, it was all the server said.
            self._stray = self._stray or data
            return NOTHING
        if not frame.complete:
            return NOTHING
        try:
            return self._document(frame, json.loads(data))  # white space in front, which the fast way does not skip
        except (ValueError, RecursionError):
            return self._broken(data)

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        """The events of one document."""
        raise NotImplementedError

    # ---- what documents hold

    def _name(self, model: object, events: list[ChatEvent]) -> None:
        if isinstance(model, str) and model and not self._model:
            self._model = model
            events.append(ModelNamed(model))

    def _text(self, text: str, events: list[ChatEvent], part: int = 0) -> None:
        """A piece of the answer; with another `part` than the last, the beginning of another block."""
        if part != self._text_part:
            if rest := self._text_halves.rest():
                events.append(TextDelta(rest, self._text_part))
            self._text_part = part
        text = self._text_halves.join(text)
        if self._tags is None:
            if text:
                events.append(TextDelta(text, part))
                self.begun = True
            return
        for reasoning, piece in self._tags.split(text):
            events.append(ReasoningDelta(piece, part) if reasoning else TextDelta(piece, part))
            self.begun = True
        if self._tags.settled:
            self._tags = None

    def _reasoned(self, text: str, events: list[ChatEvent], part: int = 0) -> None:
        """A piece of the reasoning."""
        if part != self._reasoning_part:
            if rest := self._reasoning_halves.rest():
                events.append(ReasoningDelta(rest, self._reasoning_part))
            self._reasoning_part = part
        if text := self._reasoning_halves.join(text):
            events.append(ReasoningDelta(text, part))
            self.begun = True

    def _source(self, url: object, title: object, events: list[ChatEvent]) -> None:
        if isinstance(url, str) and url and url not in self._sources:  # Perplexity repeats the list in each chunk
            self._sources.add(url)
            events.append(Citation(url, title if isinstance(title, str) else ""))

    def _report(self, usage: object, events: list[ChatEvent]) -> None:
        if isinstance(usage, dict) and usage and usage != self._usage:
            self._usage = usage
            self._heard = True
            events.append(UsageReport(self._counts(usage)))

    def _counts(self, usage: dict[str, Any]) -> Usage:
        """The dialect's usage object."""
        raise NotImplementedError

    def _finish(self, reason: object) -> None:
        """The provider's word for the end has come."""
        if reason and isinstance(reason, str):
            self._reason = reason
            self.finishing = True

    # ---- endings

    def _failed_with(self, text: str) -> Sequence[ChatEvent]:
        try:
            return self._failed(json.loads(text))
        except (ValueError, RecursionError):
            return self._failed(text)

    def _failed(self, document: object) -> Sequence[ChatEvent]:
        self.over = True
        said = server_said(document).masked(self.secrets)
        message = said.message or said.code or said.type
        problem = "The server reported an error"
        hint = "What came before it is kept; try again." if self.begun else "Try again, or ask another model."
        if is_overflow(said.message or "", said.code or "", said.type or ""):
            problem, hint = OVERFLOW_PROBLEM, OVERFLOW_HINT
        return (
            *self._held_back(),
            Failed(
                sentence(problem, message) if message else f"{problem}.",
                hint,
                message=said.message,
                type=said.type,
                code=said.code,
                reason=self._reason,
            ),
        )

    def _broken(self, data: str) -> Sequence[ChatEvent]:
        self.over = True
        return (
            *self._held_back(),
            Failed(
                sentence("The server sent an event that is not JSON", self.secrets.masked(data)),
                "What came before it is kept. If it happens again, a proxy in between may be breaking events.",
                reason=self._reason,
            ),
        )

    def _end(self, sign: EndSign) -> Sequence[ChatEvent]:
        self.over = True
        left = self._held_back()
        if not self._heard and not left and self._reason is None:
            return (_empty(self.secrets.masked(self._stray)),)
        return (*left, Finished(self._reason, sign, self._detail))

    def _held_back(self) -> list[ChatEvent]:
        held = [(True, self._reasoning_part, self._reasoning_halves.rest())]
        if self._tags is not None:
            held += [(reasoning, self._text_part, piece) for reasoning, piece in self._tags.close()]
        held.append((False, self._text_part, self._text_halves.rest()))
        return [
            ReasoningDelta(piece, part) if reasoning else TextDelta(piece, part)
            for reasoning, part, piece in held
            if piece
        ]

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """The ending: a finish reason is a whole answer, and so is an empty `data:` after one, as many hand-written
        servers end; anything else broke off."""
        if self.over:
            return NOTHING
        if self.finishing or self._empty_last or (not self._heard and not lost):
            return self._end("eof")
        self.over = True
        left = self._held_back()
        if not self.begun and not left:
            why = lost or "the connection closed"
            return (Failed(f"No answer came: {why}.", "Try again.", "network"),)
        return (*left, CutOff(lost or self.no_end))

    # ---- a whole answer

    def whole(self, document: object) -> Sequence[ChatEvent]:
        """The events of an answer that came as one JSON document."""
        if isinstance(document, dict) and self._fits(document) and not document.get("error"):
            return (*self._chunk(document), *self.close())
        if not isinstance(document, (dict, list)) or not server_said(document).message:
            return (
                Failed(
                    f"The server answered with JSON that is no {self.answer_name}.",
                    "Check the base URL and the API it speaks.",
                    "request",
                ),
            )
        return self._failed(document)

    def _fits(self, document: dict[str, Any]) -> bool:
        """Whether a document is an answer in this dialect."""
        raise NotImplementedError


def count(numbers: object, key: str) -> int | None:
    """A number of a usage object; `None` where it is missing, or no number."""
    value = numbers.get(key) if isinstance(numbers, dict) else None
    if value is None or type(value) is int:  # the usual cases first: some servers send usage with every delta
        return value
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def arguments_of(value: object) -> str:
    """A tool call's arguments as text, where an API sends an object."""
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _empty(stray: str) -> Failed:
    if stray:
        return Failed(
            sentence("The server answered with text that is no event stream", stray),
            "Check the base URL and the API it speaks.",
            message=stray,
        )
    return Failed("The server's answer was empty.", "Try again; check the model's name and the server's log.")
