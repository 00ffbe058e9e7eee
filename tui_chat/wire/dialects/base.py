"""The common part of all dialects: JSON documents in, events out, exactly one ending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui_chat.chat.events import (
    Citation,
    CutOff,
    Failed,
    Finished,
    Image,
    ModelNamed,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.wording.hints import BEFORE_IS_KEPT
from tui_chat.wire.dialects.reply_text import ReplyText
from tui_chat.wire.dialects.reported_error import reported_failure
from tui_chat.wire.dialects.stray_text import is_keep_alive, no_answer
from tui_chat.wire.event_names import END_NAMES, ERROR_NAMES, SIGNIFICANT_NAMES, is_done, marks_end
from tui_chat.wire.failures.errors import NO_SECRETS, parse_error, sentence
from tui_chat.wire.foreign import decode, decoded, deep, nested_text, pruned, split_documents, text_in, to_json
from tui_chat.wire.skip_count import SkipCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import ChatEvent, EndSignal
    from tui_chat.wire.framing import Frame

NOTHING: Final[tuple[ChatEvent, ...]] = ()

CONTENT: Final = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, Image)
"""Events with content of the answer."""

_LOOSE: Final = ("choices", "candidates", "delta", "content", "text", "response", "output", "output_text", "token",
                 "generated_text", "completion", "answer", "parts", "message")  # fmt: skip
"""Fields that may hold text in an object that does not fit the dialect, the best first."""


class DialectBase:
    """The decoder of one reply. A subclass reads its documents in `_chunk` and recognises a whole answer in `_fits`."""

    plain: ClassVar[bool] = False
    secrets = NO_SECRETS
    """Secrets to mask in an error before its beginning is quoted."""
    answer_name = "an answer"
    """The dialect's name for an answer, used in sentences."""
    no_end = "the connection closed before the answer was complete"
    """A clause that says how an answer broke off if it has no ending."""

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        self.over = False
        self.finishing = False
        self.begun = False
        self._reply_text = ReplyText(inline_reasoning=inline_reasoning)
        self._reason: str | None = None
        self._detail: str | None = None
        self._usage: object = None
        self._model = ""
        self._sources: set[str] = set()
        self._understood = False
        self._empty_last = False
        """An empty `data:` came after content, and no content since."""
        self._stray = ""
        self._unread = ""
        """The first document in which nothing was found."""
        self._broke_off = False
        """The body ended inside a document."""
        self.skipped = SkipCount()

    # ---- frames

    @property
    def ending_announced(self) -> bool:
        """Whether a finish reason, or an empty `data:` after text, was received, so that only bookkeeping should
        follow."""
        return self.finishing or (self._empty_last and not self._reply_text.empty)

    def decode(self, frame: Frame) -> Sequence[ChatEvent]:
        """Return the events of one frame."""
        kind, data, event, _, _ = frame
        if self.over:
            return NOTHING
        if kind != "data":
            return self._no_data(frame)
        try:
            document, end = decode(data)
        except (ValueError, RecursionError):
            return self._not_json(frame)
        if end != len(data) and data[end:].strip():
            return self._not_json(frame)
        if end > 1000 and deep(data):
            document = pruned(document)
        if type(document) is not dict or (event and event in SIGNIFICANT_NAMES):
            return self._document(frame, document)
        if self._empty_last:
            return self._after_empty(document)
        return self._chunk(document)

    def _no_data(self, frame: Frame) -> Sequence[ChatEvent]:
        if frame.kind == "comment":
            return NOTHING
        return self._failed_with(frame.data) if frame.kind == "error" else self._not_json(frame)

    def _document(self, frame: Frame, document: object) -> Sequence[ChatEvent]:
        if frame.event in ERROR_NAMES:
            return self._failed(document)
        if isinstance(document, list) and document:
            # Proxies that batch events send several documents in one.
            events: list[ChatEvent] = []
            for item in document:
                if self.over:
                    break
                if isinstance(item, dict):
                    events += self._after_empty(item)
                elif item is not None:
                    self.skipped.add(to_json(item))
            return events
        if not isinstance(document, dict):
            if isinstance(document, str) and document:
                return self._string(frame, document)
            return NOTHING  # `data: null`, a number or `true` is a keep-alive
        found = self._after_empty(document)
        if frame.event in END_NAMES and self.begun and not any(isinstance(event, CONTENT) for event in found):
            self.finishing = True
        return found

    def _string(self, frame: Frame, text: str) -> Sequence[ChatEvent]:
        """Handle a JSON string in place of a document, which may be the document, encoded twice."""
        if is_done(text):
            return self._end("done-sentinel")
        documents, rest = split_documents(text)
        if not documents or rest:
            return self._non_json(frame.data, text)
        return self._documents(frame, documents)

    def _documents(self, frame: Frame, documents: Sequence[str]) -> Sequence[ChatEvent]:
        """Return the events of several documents that stand in one frame."""
        events: list[ChatEvent] = []
        for document in documents:
            if self.over:
                break
            events += self._document(frame, decoded(document))
        return events

    def _after_empty(self, document: dict[str, Any]) -> Sequence[ChatEvent]:
        """Return the events of a document. If it has content, an earlier empty `data:` was not the end."""
        events = self._chunk(document)
        if self._empty_last and any(isinstance(event, CONTENT) for event in events):
            self._empty_last = False
        return events

    def _not_json(self, frame: Frame) -> Sequence[ChatEvent]:
        data = frame.data.strip()
        if frame.event in ERROR_NAMES:
            return self._failed_with(data)
        if is_done(data):
            return self._end("done-sentinel")
        if not data:
            self._empty_last |= self._understood and frame.complete  # a body may break off right after `data: `
            self.finishing |= frame.event in END_NAMES and self.begun
            return NOTHING
        try:
            # Leading white space, numbers and depths that the fast path does not parse.
            return self._document(frame, decoded(data))
        except ValueError:
            documents, rest = split_documents(data)
        events = self._documents(frame, documents)
        return events if self.over or not rest else (*events, *self._rest_of(frame, rest))

    def _rest_of(self, frame: Frame, data: str) -> Sequence[ChatEvent]:
        """Handle the end of a frame's data that is not JSON."""
        if is_done(data):
            return self._end("done-sentinel")
        if not frame.complete:
            # The rest of a body that broke off is not counted as unreadable.
            self._broke_off = data[0] in "{["
            self._stray = self._stray or ("" if self._broke_off else data)
            return NOTHING
        if frame.event in END_NAMES and self.begun:
            self.finishing = True
            return NOTHING
        return self._broken(data) if data[0] in "{[" else self._non_json(data, data)

    def _non_json(self, data: str, reported: str) -> Sequence[ChatEvent]:
        """Handle data that is not a document. It is the answer if nothing better arrives; a keep-alive (`data:
        ping`) is ignored, and anything else is reported as skipped."""
        self._stray = self._stray or reported
        if not is_keep_alive(reported):
            self.skipped.add(data)
        return NOTHING

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        """Return the events of one document."""
        raise NotImplementedError

    # ---- what documents hold

    def _name(self, model: object, events: list[ChatEvent]) -> None:
        if isinstance(model, str) and model and not self._model:
            self._model = model
            events.append(ModelNamed(model))

    def _text(self, text: str, events: list[ChatEvent], part: int = 0) -> None:
        """Add a piece of the answer; a new `part` begins another block."""
        self._understood = True
        if self._reply_text.add(text, events, part):
            self.begun = True

    def _reasoned(self, text: str, events: list[ChatEvent], part: int = 0) -> None:
        """Add a piece of the reasoning."""
        self._understood = True
        if self._reply_text.add_reasoning(text, events, part):
            self.begun = True

    def _repeated(self, text: str, events: list[ChatEvent], part: int = 0, *, last: bool = False) -> None:
        """Add the new part of a text from a field in which some servers send pieces and others the whole text so far.
        `last`: it arrived with the end of the answer."""
        if text := self._reply_text.new_in(text, last=last):
            self._text(text, events, part)

    def _loose(self, document: dict[str, Any], events: list[ChatEvent]) -> bool:
        """Add the text of a document that does not fit the dialect, or the document that it wraps; returns whether
        there was any. It may also say that the reply has ended."""
        for value in () if self._fits(document) else document.values():
            if isinstance(value, dict) and self._fits(value):
                events += self._chunk(value)
                return True
        found = text_in({key: value for key, value in document.items() if not _is_message(key, value)}, _LOOSE)
        if found:
            self._repeated(found, events, last=True)
        elif self.begun and marks_end(document):
            self.finishing = True
        elif document and not self._unread:
            self._unread = to_json(document)
        return bool(found)

    def _set_aside(self, index: int, text: object, reason: object) -> None:
        """Keep a piece of an alternative (`n` > 1) other than index 0; one alternative is used if index 0 never
        arrives."""
        self._understood = True
        self._reply_text.set_aside(index, nested_text(text), reason)

    def _source(self, url: object, title: object, events: list[ChatEvent]) -> None:
        if isinstance(url, str) and url and url not in self._sources:  # Perplexity repeats the list in each chunk
            self._sources.add(url)
            events.append(Citation(url, title if isinstance(title, str) else ""))

    def _report(self, usage: object, events: list[ChatEvent]) -> None:
        if isinstance(usage, dict) and usage and usage != self._usage:
            self._usage = usage
            self._understood = True
            counts = self._counts(usage)
            if (
                counts.input or counts.output or counts.total or counts.cost
            ):  # all zeros: the server did not fill in the fields
                events.append(UsageReport(counts))

    def _counts(self, usage: dict[str, Any]) -> Usage:
        """Convert the dialect's usage object."""
        raise NotImplementedError

    def _finish(self, reason: object) -> None:
        """Store the provider's finish reason."""
        if reason and isinstance(reason, str) and reason != "null":  # DashScope writes "null" until the end
            self._reason = reason
            self.finishing = True

    # ---- endings

    def _failed_with(self, text: str) -> Sequence[ChatEvent]:
        try:
            return self._failed(decoded(text))
        except ValueError:
            return self._failed(text)

    def _failed(self, document: object) -> Sequence[ChatEvent]:
        self.over = True
        left = self._held_back()
        begun = self.begun or bool(left)
        return (*left, reported_failure(document, self.secrets, begun=begun, reason=self._reason))

    def _broken(self, data: str) -> Sequence[ChatEvent]:
        self.over = True
        return (
            *self._held_back(),
            Failed(
                sentence("The server sent an event that is not JSON", self.secrets.masked(data)),
                f"{BEFORE_IS_KEPT}. If it happens again, a proxy in between may be breaking events.",
                reason=self._reason,
            ),
        )

    def _end(self, sign: EndSignal) -> Sequence[ChatEvent]:
        self.over = True
        left = self._held_back()
        if not self._understood and not left and self._reason is None:
            stray, unread = self.secrets.masked(self._stray), self.secrets.masked(self._unread)
            return (no_answer(stray, unread, broke_off=self._broke_off),)
        return (*left, Finished(self._reason, sign, self._detail))

    def _held_back(self) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        alternative = self._reply_text.alternative
        if alternative is not None and self._reply_text.empty:
            self._finish(alternative.reason)
            if text := alternative.text:
                self._text(text, events)
        return [*events, *self._reply_text.close()]

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """Return the ending. A finish reason completes an answer, and so does an empty `data:` after one, as many
        hand-written servers end; otherwise it was cut off."""
        if self.over:
            return NOTHING
        alternative = self._reply_text.alternative
        if alternative is not None and alternative.reason and self._reply_text.empty:
            return self._end("eof")
        if self._empty_last and not self.finishing:
            return self._end("empty-data")
        if self.finishing or (not self._understood and not lost):
            return self._end("eof")
        self.over = True
        left = self._held_back()
        if not self.begun and not left:
            why = lost or "the connection closed"
            return (Failed(f"No answer came: {why}.", "Try again.", "network"),)
        return (*left, CutOff(lost or self.no_end))

    # ---- a whole answer

    def decode_document(self, document: object) -> Sequence[ChatEvent]:
        """Return the events of an answer that is one JSON document, or the array of a stream's documents."""
        if isinstance(document, list) and any(isinstance(item, dict) and self._fits(item) for item in document):
            found: list[ChatEvent] = []
            for item in document:
                if isinstance(item, dict) and not self.over:
                    found += self._after_empty(item)
            return (*found, *self.close())
        if isinstance(document, dict) and self._fits(document):
            events = [*self._chunk(document)]
            if document.get("error") and not self.over:
                events += self._failed(document)
            return (*events, *self.close())
        if not isinstance(document, (dict, list)) or not parse_error(document).message:
            events = []
            if isinstance(document, dict) and not document.get("error") and self._loose(document, events):
                return events if self.over else (*events, *self._end("eof"))
            return (
                Failed(
                    f"The server answered with JSON that is not {self.answer_name}.",
                    "Check the base URL and the API it speaks.",
                    "request",
                ),
            )
        return self._failed(document)

    def _fits(self, document: dict[str, Any]) -> bool:
        """Whether a document is an answer in this dialect."""
        raise NotImplementedError


def arguments_of(value: object) -> str:
    """The arguments of a tool call as text, even if the API sends an object."""
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) else to_json(value)


def _is_message(key: str, value: object) -> bool:
    """Whether a field is a status message and not text of the answer."""
    return key == "message" and not isinstance(value, dict)
