"""The dialect of the smallest chat servers: the question is sent in the URL, and the answer has no fixed format.

There is no specification, so this accepts what such servers send: server-sent events whose data is text, a JSON string
or a JSON object with the text in a field of a usual name; JSON lines; one JSON document. (A plain text body is handled
elsewhere.) The first piece of text determines the format of the others.

If data is text, an event without data stands for the line break that a server wrote into `data: {token}`. As the last
event it marks the end, as do `[DONE]`, an event named `end`, and an object with `"done": true`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias
from urllib.parse import quote

from tui_chat.chat.events import Failed, Usage
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.dialects.base import NOTHING, DialectBase
from tui_chat.wire.event_names import END_NAMES, ERROR_NAMES, kind_of_object, marks_end
from tui_chat.wire.failures.errors import parse_error, sentence
from tui_chat.wire.foreign import decoded, first_count, text_in, to_json
from tui_chat.wire.request_messages import GO_ON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent, EndSignal
    from tui_chat.wire.framing import Frame
    from tui_chat.wire.request_fixes import RequestFix
    from tui_chat.wire.request_messages import RequestMessages

Form: TypeAlias = Literal["objects", "strings", "text"]

TEXT_FIELDS: Final = (
    "content",
    "text",
    "delta",
    "message",
    "response",
    "chunk",
    "token",
    "answer",
    "output",
    "data",
    "result",
    "reply",
    "completion",
    "generated_text",
    "value",
)
"""Fields of an object that may hold the text, the first non-empty one counts; nested objects are searched the same
way."""

_REASONING_FIELDS: Final = ("reasoning_content", "reasoning", "thinking", "thought")
_REASON_FIELDS: Final = ("finish_reason", "finishReason", "stop_reason", "done_reason")
_NO_REASON: Final = frozenset({"", "null", "none"})

_REASONING: Final = frozenset({"reasoning", "thinking", "thought", *_REASONING_FIELDS})
_NO_TEXT: Final = frozenset(
    """ping pong heartbeat keepalive keep-alive keep_alive open opened connected connection ready start started begin
    init meta metadata session status progress id usage title message_start""".split()  # noqa: SIM905 (readable)
)
"""Event names, and values of an object's `type`, whose events hold no text of the answer, and their meaning."""

_END_WORDS: Final = END_NAMES | {"ok", "true", "1", "null"}
"""Data of an event whose name marks the end."""

_NOT_JSON: Final = object()


class SimpleGet(DialectBase):
    """One reply of such a server."""

    lines: ClassVar[bool] = False
    plain: ClassVar[bool] = True
    no_end = (
        "the server closed the connection without a sign of the end (`[DONE]`, an event named `end`, an empty `data:`)"
    )

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._form: Form | None = None
        """The format of the text, once some was received."""
        self._breaks = 0
        """Number of events without data since the last text."""

    # ---- request

    @staticmethod
    def path(request: RequestMessages) -> str:
        """The percent-encoded text that replaces `{message}`: the system prompt and the last question. Earlier
        messages are not sent. Raises `SetupError` for attachments other than text."""
        *before, last = request.messages
        if last.files:
            raise SetupError(f"{last.files[0].name} cannot be sent: this endpoint takes nothing but text.")
        texts = [request.system, last.text]
        if request.continuing:
            asked = [message.text for message in before[-1:] if message.role == "user"]
            texts = [request.system, *asked, last.text, GO_ON]
        return quote("\n\n".join(text for text in texts if text.strip()), safe="", errors="replace")

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, if there is one."""
        accept = {"Accept": "text/event-stream, */*;q=0.5"}
        return accept | ({"Authorization": f"Bearer {key}"} if key else {})

    def body(self, _request: RequestMessages) -> dict[str, Any]:
        """Return an empty body; the question is in the URL."""
        return {}

    def request_fixes(self, _refusal: str, _body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Return nothing: the request has no JSON to change."""
        return ()

    # ---- stream

    def decode(self, frame: Frame) -> Sequence[ChatEvent]:
        """Return the events of one frame."""
        kind, data, name, _, complete = frame
        if self.over or kind == "comment":
            return NOTHING
        if kind == "text":
            return self._continue_text(data)
        name = name.lower()
        if kind == "error" or name in ERROR_NAMES:
            return self._failed_with(data)
        if data.strip() == "[DONE]":
            return self._end("done-sentinel")
        document = _parsed(data)
        if isinstance(document, dict) and (self._form != "text" or _closes(document)):
            self._empty_last = False
            return self._object(document, name)
        if name in END_NAMES:
            return self._ended_by(data if document is _NOT_JSON else document)
        if name in _NO_TEXT:
            return NOTHING
        if not data or (self._form != "text" and not data.strip()):
            self._empty_last = self._understood and complete  # a body may break off right after `data: `
            self._breaks += self._form == "text"
            return NOTHING
        self._empty_last = False
        if self._form == "objects":
            return self._non_object(data, document, complete=complete)
        if self._form is None:
            self._form = "strings" if isinstance(document, str) else "text"
        events: list[ChatEvent] = []
        text = document if self._form == "strings" and isinstance(document, str) else data
        if name in _REASONING:
            self._reasoned(text, events)
            self._understood = True
        else:
            self._add_text(text, events)
        return events

    def _continue_text(self, text: str) -> Sequence[ChatEvent]:
        """Return the rest of a text with line breaks, which began with the preceding event without data."""
        events: list[ChatEvent] = []
        if self._form == "text":
            self._breaks = max(0, self._breaks - 1)
            self._add_text(text, events)
        return events

    def _add_text(self, text: str, events: list[ChatEvent]) -> None:
        text = "\n" * self._breaks + text
        self._breaks = 0
        self._understood = True
        self._text(text, events)

    def _object(self, document: dict[str, Any], name: str) -> Sequence[ChatEvent]:
        names = {name, kind_of_object(document)}
        if _is_error(document):
            return self._failed(document)
        events: list[ChatEvent] = []
        self._name(document.get("model"), events)
        ends = name in END_NAMES or marks_end(document)
        inner = (document.get(field) for field in ("delta", "message", "data"))
        places = (document, *(place for place in inner if isinstance(place, dict)))
        reasoning = next((found for place in places if (found := text_in(place, _REASONING_FIELDS))), None)
        text = text_in(document, TEXT_FIELDS)
        if names & _NO_TEXT or _word(document.get("role")) in {"user", "system"}:
            reasoning = text = None
        elif names & _REASONING:
            reasoning, text = reasoning or text, None
        if reasoning:
            self._reasoned(reasoning, events)
        if text and not (ends and text == self._reply_text.whole):
            self._add_text(text, events)
        if text is not None or reasoning is not None:
            self._form = self._form or "objects"
            self._understood = True
        elif not self._stray:
            self._stray = to_json(document)
        self._report(document.get("usage"), events)
        for key in _REASON_FIELDS:
            if isinstance(reason := document.get(key), str) and reason.lower() not in _NO_REASON:
                self._finish(reason)
        return (*events, *self._end("terminal-event")) if ends else events

    def _ended_by(self, last: object) -> Sequence[ChatEvent]:
        """Handle an event whose name marks the end; without earlier content its data may be the whole answer."""
        events: list[ChatEvent] = []
        if isinstance(last, str) and not self._understood and last.strip() and last.strip().lower() not in _END_WORDS:
            self._add_text(last, events)
        self._understood = self._understood or self.begun
        return (*events, *self._end("terminal-event"))

    def _non_object(self, data: str, document: object, *, complete: bool) -> Sequence[ChatEvent]:
        """Handle data that is not an object in a stream of objects: a keep-alive, or a damaged object."""
        if document is not _NOT_JSON or data.lstrip()[:1] not in {"{", "["} or not complete:
            return NOTHING
        return self._broken(data)

    def _end(self, sign: EndSignal) -> Sequence[ChatEvent]:
        if not self._understood and self._stray[:1] == "{":
            self.over = True
            return (_no_text(self.secrets.masked(self._stray)),)
        return super()._end(sign)

    def _counts(self, usage: dict[str, Any]) -> Usage:
        return Usage(
            first_count(usage, "prompt_tokens", "input_tokens", "input", "prompt"),
            first_count(usage, "completion_tokens", "output_tokens", "output", "completion"),
            first_count(usage, "total_tokens", "total"),
            _detail(usage, "completion_tokens_details", "output_tokens_details", key="reasoning_tokens"),
            _detail(usage, "prompt_tokens_details", "input_tokens_details", key="cached_tokens"),
        )

    # ---- a whole answer

    def decode_document(self, document: object) -> Sequence[ChatEvent]:
        """Return the events of an answer that is one JSON document: an object, a string, or a list of objects."""
        events: list[ChatEvent] = []
        if isinstance(document, str):
            self._add_text(document, events)
        elif isinstance(document, dict) and _is_error(document):
            return self._failed(document)
        elif text_in(document, (*TEXT_FIELDS, *_REASONING_FIELDS)) is not None:
            for item in document if isinstance(document, list) else [document]:
                if isinstance(item, dict) and not self.over:
                    events += self._object(item, "")
        elif parse_error(document).message:
            return self._failed(document)
        else:
            self.over = True
            return (_no_text(self.secrets.masked(to_json(document))),)
        return events if self.over else (*events, *self._end("eof"))


def _detail(usage: dict[str, Any], *objects: str, key: str) -> int | None:
    """A token count, found at the top level or in one of several nested objects."""
    return next(
        (found for place in (*map(usage.get, objects), usage) if (found := first_count(place, key)) is not None), None
    )


def _word(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _parsed(data: str) -> object:
    try:
        return decoded(data)
    except ValueError:
        return _NOT_JSON


def _closes(document: dict[str, Any]) -> bool:
    """Whether an object between texts is not text: an error, the end, or token counts."""
    if _is_error(document):
        return True
    return not text_in(document, TEXT_FIELDS) and (marks_end(document) or isinstance(document.get("usage"), dict))


def _is_error(document: dict[str, Any]) -> bool:
    if document.get("error") or document.get("success") is False:
        return True
    if _word(document.get("status")) in ERROR_NAMES or kind_of_object(document) in ERROR_NAMES:
        return True
    codes = (document.get("code"), document.get("status"))
    return any(isinstance(code, int) and not isinstance(code, bool) and code >= 400 for code in codes)


def _no_text(document: str) -> Failed:
    return Failed(
        sentence("The server answered with JSON in which no text was found", document),
        f"The text is looked for in these fields: {', '.join(TEXT_FIELDS)}.",
        "request",
    )
