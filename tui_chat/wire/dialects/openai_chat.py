"""OpenAI chat completions, and everything that calls itself compatible.

Read as the recordings of some twenty-five providers show it: any key may be missing, null or of another type.
"""

from __future__ import annotations

import json
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
from tui_chat.wire.dialects.surrogates import SurrogateJoiner
from tui_chat.wire.dialects.think_tags import ThinkTags
from tui_chat.wire.failures import sentence, server_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent, EndSign
    from tui_chat.chat.turn import Question
    from tui_chat.wire.framing import Frame

_decode: Final = json.JSONDecoder().raw_decode
"""`json.loads` without its checks of type and encoding, which cost as much as a small event does."""

_REASONING_FIELDS: Final = ("reasoning_content", "reasoning", "reasoning_details")
"""Where reasoning stands in a delta, the best first. Some gateways send the same text in two of them."""

_NOTHING: Final[tuple[ChatEvent, ...]] = ()


class OpenAIChat:
    """One reply of a chat completions API."""

    path: ClassVar[str] = "/chat/completions"
    droppable: ClassVar[frozenset[str]] = frozenset({"stream_options"})

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: read `<think>…</think>` at the very start of the text as reasoning."""
        self.over = False
        self.finishing = False
        self.begun = False
        self._tags = ThinkTags() if inline_reasoning else None
        self._text_halves, self._reasoning_halves = SurrogateJoiner(), SurrogateJoiner()
        self._reason: str | None = None
        self._usage: object = None
        self._model = ""
        self._source = len(_REASONING_FIELDS)
        """The place in `_REASONING_FIELDS` that this server uses."""
        self._calls: dict[str, int] = {}
        self._last_call = -1
        self._sources: set[str] = set()
        self._heard = False
        self._empty_last = False
        self._stray = ""

    # ---- request

    def body(self, question: Question, *, stream: bool) -> dict[str, Any]:
        """Turns with nothing said in them are left out: several APIs refuse an empty assistant message. Reasoning and
        error texts are not sent."""
        messages = [{"role": "system", "content": question.system}] if question.system.strip() else []
        messages += [
            {"role": message.role, "content": said}
            for message in question.messages
            if (said := message.shown).strip() or message.role == "user"
        ]
        body: dict[str, Any] = {"model": question.model} if question.model else {}
        body |= {"messages": messages, "stream": stream}
        if stream:
            body["stream_options"] = {"include_usage": True}
        return body

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, where there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    # ---- stream

    def take(self, frame: Frame) -> Sequence[ChatEvent]:
        """The events of one frame."""
        if self.over or frame.kind == "comment":
            return _NOTHING
        data = frame.data
        if frame.kind == "error":
            return self._failed_with(data)
        try:
            chunk, end = _decode(data)
        except (ValueError, RecursionError):
            return self._not_json(frame)
        if end != len(data) and data[end:].strip():
            return self._not_json(frame)
        return self._document(frame, chunk)

    def _document(self, frame: Frame, document: object) -> Sequence[ChatEvent]:
        self._empty_last = False
        if not isinstance(document, dict):
            return _NOTHING  # `data: null` is a keep-alive of some proxies
        if frame.event == "error":
            return self._failed(document)
        return self._chunk(document)

    def _not_json(self, frame: Frame) -> Sequence[ChatEvent]:
        data = frame.data.strip()
        if data == "[DONE]":
            return self._end("done-sentinel")
        if not data:
            self._empty_last = self._heard and frame.complete  # a body may break off right after `data: `
            return _NOTHING
        if frame.event == "error":
            return self._failed(data)
        if data[0] not in "{[":
            # Keep-alives are sent as text, too (`data: ping`). If nothing better comes, it was all the server said.
            self._stray = self._stray or data
            return _NOTHING
        if not frame.complete:
            return _NOTHING
        try:
            return self._document(frame, json.loads(data))  # white space in front, which the fast way does not skip
        except (ValueError, RecursionError):
            self.over = True
            return (
                *self._held_back(),
                Failed(
                    sentence("The server sent an event that is not JSON", data),
                    "What came before it is kept. If it happens again, a proxy in between may be breaking events.",
                    reason=self._reason,
                ),
            )

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        choices = chunk.get("choices")
        usage = chunk.get("usage")
        if not self._model:
            self._name(chunk, events)
        if choices and isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and not choice.get("index"):  # of several choices, the first is shown
                    self._choice(choice, events)
                    usage = usage or choice.get("usage")
        error = chunk.get("error")
        if (groq := chunk.get("x_groq")) and isinstance(groq, dict):
            usage = usage or groq.get("usage")
            error = error or groq.get("error")
        if usage and usage != self._usage:
            self._report(usage, events)
        if (sources := chunk.get("citations") or chunk.get("search_results")) and isinstance(sources, list):
            self._cite(sources, events)
        if error:
            events += self._failed(chunk if chunk.get("error") else error)
        elif choices is None and _is_error(chunk):
            events += self._failed(chunk)
        return events

    def _name(self, chunk: dict[str, Any], events: list[ChatEvent]) -> None:
        model = chunk.get("model")
        if model and isinstance(model, str):
            self._model = model
            events.append(ModelNamed(model))

    def _choice(self, choice: dict[str, Any], events: list[ChatEvent]) -> None:
        delta = choice.get("delta")
        if delta and isinstance(delta, dict):
            self._delta(delta, events)
        elif "delta" not in choice and not self._heard:
            # The whole answer in place of deltas, as simple servers send it; legacy completions call it `text`.
            if isinstance(message := choice.get("message"), dict):
                self._delta(message, events)
            elif isinstance(text := choice.get("text"), str):
                self._text(text, events)
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str):
            self._reason = reason
            self.finishing = True

    def _delta(self, delta: dict[str, Any], events: list[ChatEvent]) -> None:
        content = None
        for key, value in delta.items():
            if not value or key == "role":
                continue
            if key == "content":
                content = value
            elif key in _REASONING_FIELDS:
                self._reasoning(_REASONING_FIELDS.index(key), value, events)
            elif key == "refusal" and isinstance(value, str):
                events.append(RefusalDelta(value))
            elif key == "tool_calls" and isinstance(value, list):
                for call in value:
                    self._call(call, events)
            elif key == "function_call" and isinstance(value, dict):
                self._call({"index": 0, "function": value}, events)
            elif key == "annotations" and isinstance(value, list):
                self._cite(value, events)
            elif key == "images" and isinstance(value, list):
                self._parts(value, events)
        if content is not None:  # after the reasoning, wherever the two stand in the object
            if isinstance(content, str):
                self._text(content, events)
            elif isinstance(content, list):
                self._parts(content, events)
        self._heard = True
        if events and not self.begun:
            self.begun = any(not isinstance(event, ModelNamed) for event in events)

    def _text(self, text: str, events: list[ChatEvent]) -> None:
        text = self._text_halves.join(text) if text else ""
        if self._tags is None:
            if text:
                events.append(TextDelta(text))
            return
        for reasoning, piece in self._tags.split(text):
            events.append(ReasoningDelta(piece) if reasoning else TextDelta(piece))
        if self._tags.settled:
            self._tags = None

    def _reasoning(self, source: int, value: object, events: list[ChatEvent]) -> None:
        if source > self._source:
            return  # this server uses a better field; here stands the same text again
        if isinstance(value, list):
            # OpenRouter's and Snowflake's details: text or a summary; encrypted ones have neither.
            value = "".join(
                text
                for detail in value
                if isinstance(detail, dict) and isinstance(text := detail.get("text") or detail.get("summary"), str)
            )
        if not isinstance(value, str) or not value:
            return
        if source < self._source:
            # A worse field of the same delta may have been read already.
            events[:] = [event for event in events if not isinstance(event, ReasoningDelta)]
            self._source = source
        if value := self._reasoning_halves.join(value):
            events.append(ReasoningDelta(value))

    def _parts(self, parts: list[Any], events: list[ChatEvent]) -> None:
        """Content as a list (Mistral; OpenAI in whole answers): text, thinking, pictures."""
        for part in parts:
            if isinstance(part, str):
                self._text(part, events)
            elif isinstance(part, dict):
                thinking = part.get("thinking")
                picture = part.get("image_url")
                if isinstance(thinking, str):
                    thinking = [{"text": thinking}]
                if isinstance(thinking, list):
                    text = "".join(str(item.get("text") or "") for item in thinking if isinstance(item, dict))
                    if text:
                        events.append(ReasoningDelta(text))
                elif picture:
                    url = picture.get("url") if isinstance(picture, dict) else picture
                    if isinstance(url, str):
                        events.append(Image(url))
                elif (said := part.get("text")) and isinstance(said, str):
                    self._text(said, events)

    def _call(self, call: object, events: list[ChatEvent]) -> None:
        if not isinstance(call, dict):
            return
        function = call.get("function")
        if not isinstance(function, dict):
            function = call
        name, arguments = function.get("name") or "", function.get("arguments")
        identity = str(call.get("id") or "")
        index = call.get("index")
        if not isinstance(index, int):
            # Without an index a new id, or a name where there are no ids, begins a new call.
            new = identity not in self._calls if identity else bool(name)
            index = self._last_call + 1 if new or self._last_call < 0 else self._calls.get(identity, self._last_call)
        self._last_call = index
        if identity:
            self._calls.setdefault(identity, index)
        if arguments is not None and not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        events.append(ToolCallDelta(index, identity, str(name), arguments or ""))

    def _cite(self, sources: list[Any], events: list[ChatEvent]) -> None:
        for source in sources:
            found = source.get("url_citation") or source if isinstance(source, dict) else {"url": source}
            url, title = found.get("url"), found.get("title") or ""
            if isinstance(url, str) and url and url not in self._sources:  # Perplexity repeats the list in each chunk
                self._sources.add(url)
                events.append(Citation(url, str(title)))

    def _report(self, usage: object, events: list[ChatEvent]) -> None:
        if isinstance(usage, dict):
            self._usage = usage
            self._heard = True
            events.append(UsageReport(_usage(usage)))

    # ---- endings

    def _failed_with(self, text: str) -> Sequence[ChatEvent]:
        try:
            return self._failed(json.loads(text))
        except (ValueError, RecursionError):
            return self._failed(text)

    def _failed(self, document: object) -> Sequence[ChatEvent]:
        self.over = True
        said = server_said(document)
        message = said.message or said.code or said.type
        return (
            *self._held_back(),
            Failed(
                sentence("The server reported an error", message) if message else "The server reported an error.",
                "What came before it is kept; try again." if self.begun else "Try again, or ask another model.",
                message=said.message,
                type=said.type,
                code=said.code,
                reason=self._reason,
            ),
        )

    def _end(self, sign: EndSign) -> Sequence[ChatEvent]:
        self.over = True
        if self._reason == "error":  # OpenRouter's word where the error object did not get through
            return self._failed(None)
        left = self._held_back()
        if not self._heard and not left and self._reason is None:
            return (_empty(self._stray),)
        return (*left, Finished(self._reason, sign))

    def _held_back(self) -> list[ChatEvent]:
        held = [(True, self._reasoning_halves.rest())]
        if self._tags is not None:
            held += self._tags.close()
        held.append((False, self._text_halves.rest()))
        return [ReasoningDelta(piece) if reasoning else TextDelta(piece) for reasoning, piece in held if piece]

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """The ending: a finish reason is a whole answer, and so is an empty `data:` after one, as many hand-written
        servers end; anything else broke off."""
        if self.over:
            return _NOTHING
        if self._reason is not None or self._empty_last or (not self._heard and not lost):
            return self._end("eof")
        self.over = True
        left = self._held_back()
        if not self.begun and not left:
            why = lost or "the connection closed"
            return (Failed(f"No answer came: {why}.", "Try again.", "network"),)
        return (*left, CutOff(lost or "the connection closed before the answer was complete"))

    # ---- a whole answer

    def whole(self, document: object) -> Sequence[ChatEvent]:
        """The events of a completion that came as one JSON document."""
        if not isinstance(document, dict) or not isinstance(document.get("choices"), list) or document.get("error"):
            if not isinstance(document, (dict, list)) or not server_said(document).message:
                return (
                    Failed(
                        "The server answered with JSON that is no chat completion.",
                        "Check the base URL and the API it speaks.",
                        "request",
                    ),
                )
            return self._failed(document)
        return (*self._chunk(document), *self.close())


def _is_error(chunk: dict[str, Any]) -> bool:
    """Whether an object without `choices` reports an error, in the shapes that have no `error` (vLLM, DashScope)."""
    if "usage" in chunk:
        return False
    kind = chunk.get("object") or chunk.get("type")
    return kind == "error" or (not kind and server_said(chunk).message is not None)


def _empty(stray: str) -> Failed:
    if stray:
        return Failed(
            sentence("The server answered with text that is no event stream", stray),
            "Check the base URL and the API it speaks.",
            message=stray,
        )
    return Failed("The server's answer was empty.", "Try again; check the model's name and the server's log.")


def _usage(raw: dict[str, Any]) -> Usage:
    completion, prompt = raw.get("completion_tokens_details"), raw.get("prompt_tokens_details")
    cost = raw.get("cost")
    return Usage(
        _count(raw, "prompt_tokens"),
        _count(raw, "completion_tokens"),
        _count(raw, "total_tokens"),
        _count(completion, "reasoning_tokens"),
        _count(prompt, "cached_tokens"),
        float(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) else None,
    )


def _count(numbers: object, key: str) -> int | None:
    value = numbers.get(key) if isinstance(numbers, dict) else None
    if value is None or type(value) is int:  # the usual cases first: some servers send usage with every delta
        return value
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
