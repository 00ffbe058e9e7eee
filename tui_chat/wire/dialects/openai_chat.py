"""The dialect of OpenAI chat completions and compatible servers.

It accepts what recordings of some twenty-five providers contain: any key may be missing, null or of another type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui_chat.chat.events import (
    Image,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    ToolCallDelta,
    Usage,
)
from tui_chat.wire.dialects.base import DialectBase, arguments_of
from tui_chat.wire.dialects.effort import template_fixes
from tui_chat.wire.dialects.reasoning_details import ReasoningDetails
from tui_chat.wire.failures.errors import base_response_fails, is_reported, parse_error
from tui_chat.wire.foreign import (
    amount,
    count,
    first_count,
    is_other_choice,
    items,
    nested_text,
    number_text,
    text_in,
    word,
)
from tui_chat.wire.request_fixes import RequestFix
from tui_chat.wire.request_messages import data_url_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent, EndSignal
    from tui_chat.wire.request_messages import RequestMessage, RequestMessages

_MOST_CALLS: Final = 10**6
_REASONING_FIELDS: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "thinking_content",
                            "thought", "thoughts", "reasoning_summary", "cot_summary", "thinking_blocks",
                            "reasoning_details")  # fmt: skip
"""Fields of a delta that may hold reasoning, the best first. Some gateways send the same text in two of them."""

_THINKING: Final = ("thinking", "text", "content", "summary")
_THOUGHTS: Final = frozenset({"thinking", "reasoning", "reasoning_text", "thought"})
"""Types of content parts that are reasoning."""


class OpenAIChat(DialectBase):
    """One reply of a chat completions API."""

    lines: ClassVar[bool] = False
    answer_name = "a chat completion"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._best = len(_REASONING_FIELDS)
        """The index in `_REASONING_FIELDS` of the field that this server uses."""
        self._details: ReasoningDetails | None = None
        self._calls: dict[str, int] = {}
        self._last_call = -1
        self._choice_error: object = None
        """The error in a choice (OpenRouter)."""
        self._old_completions = False
        """The text came as in the completions API before the chat, whose last event is `[DONE]`: small servers give no
        reason in it."""
        self._in_messages = False
        """Text came in an object other than `delta`; otherwise such text beside an empty `delta` repeats the deltas."""

    # ---- request

    @staticmethod
    def path(_request: RequestMessages) -> str:
        """The path of all requests."""
        return "/chat/completions"

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, if there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The request's JSON; all options keep their names."""
        messages: list[dict[str, Any]] = (
            [{"role": "system", "content": request.system}] if request.system.strip() else []
        )
        for sent in request.going_on():
            message = _message(sent)
            if request.rules.reasoning_back and sent.role == "assistant":
                message["reasoning_content"] = sent.reasoning
            messages.append(message)
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body |= {"messages": messages, "stream": request.stream}
        if request.stream:
            body["stream_options"] = {"include_usage": True}
        return body | dict(request.options)

    def request_fixes(self, refusal: str, body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Remove `stream_options` for old servers, rename the token limit for OpenAI's reasoning models, and spell the
        effort in OpenAI's way."""
        if "max_completion_tokens" in refusal and "max_tokens" in body:
            return (RequestFix("max_tokens", rename="max_completion_tokens"),)
        if fixes := template_fixes(refusal, body):
            return fixes
        return (RequestFix("stream_options"),) if "stream_options" in refusal else ()

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        choices = chunk.get("choices")
        usage = chunk.get("usage")
        if not self._model:
            self._name(chunk.get("model"), events)
        if choices:
            if not isinstance(choices, list):
                choices = items(choices)
            for choice in choices:
                if isinstance(choice, dict):
                    if not (index := choice.get("index")) or not is_other_choice(index):
                        self._choice(choice, events)
                        usage = usage or choice.get("usage")
                    else:
                        found = choice.get("delta") or choice.get("message") or choice.get("text")
                        self._set_aside(index, found, choice.get("finish_reason"))
                elif choice and isinstance(choice, str):
                    self._text(choice, events)
        error = chunk.get("error") or self._choice_error
        if (groq := chunk.get("x_groq")) and isinstance(groq, dict):
            usage = usage or groq.get("usage")
            error = error or groq.get("error")
        if usage and usage != self._usage:
            self._report(usage, events)
        if (sources := chunk.get("citations") or chunk.get("search_results")) and isinstance(sources, list):
            self._cite(sources, events)
        if error and is_reported(error):
            events += self._failed(chunk if chunk.get("error") else {"error": error})
        elif choices is None:
            if _is_error(chunk):
                events += self._failed(chunk)
            else:
                self._loose(chunk, events)
        return events

    def _choice(self, choice: dict[str, Any], events: list[ChatEvent]) -> None:
        delta = choice.get("delta")
        if delta and isinstance(delta, dict):
            self._old_completions = False
            self._delta(delta, events)
        elif delta and isinstance(delta, (str, list)):
            self._content(delta, events)
        reason = choice.get("finish_reason") or choice.get("finishReason") or choice.get("stop_reason")
        # The answer in place of deltas, whole or in pieces, as simple servers send it; legacy completions call it
        # `text`. Beside deltas, Perplexity sends all the text so far.
        if "delta" not in choice or not (delta or (not self._reply_text.empty and not self._in_messages)):
            self._in_place_of_delta(choice, events, last=bool(reason))
        self._choice_error = self._choice_error or choice.get("error")
        if reason:
            self._finish(reason)

    def _in_place_of_delta(self, choice: dict[str, Any], events: list[ChatEvent], *, last: bool) -> None:
        message = choice.get("message")
        rest = message if isinstance(message, dict) else {}
        content = (rest.get("content") or rest.get("text")) if rest else message
        if content := nested_text(content or choice.get("text") or choice.get("content")):
            self._delta({key: value for key, value in rest.items() if key not in {"content", "text"}}, events)
            self._repeated(content, events, last=last)
            self._in_messages = self.begun = True
            self._old_completions = "text" in choice and "delta" not in choice and not rest
        elif rest:
            self._delta(rest, events)

    def _delta(self, delta: dict[str, Any], events: list[ChatEvent]) -> None:
        content: Any = None
        for key, value in delta.items():
            if not value or key == "role":
                if key == "content" and value is not None:
                    content = number_text(value)  # 0
                continue
            if key == "content" or (key == "text" and content is None):
                content = value
            elif key in _REASONING_FIELDS:
                self._reasoning(_REASONING_FIELDS.index(key), value, events)
            elif key == "refusal":
                self._refused(value, events)
            elif key == "tool_calls" and isinstance(value, list):
                for call in value:
                    self._call(call, events)
            elif key == "function_call" and isinstance(value, dict):
                self._call({"index": 0, "function": value}, events)
            elif key == "annotations" and isinstance(value, list):
                self._cite(value, events)
            elif key == "images" and isinstance(value, list):
                self._parts(value, events)
            elif key == "audio" and isinstance(value, dict) and content is None:
                content = value.get("transcript")
        if content is not None:  # after the reasoning, wherever the two stand in the object
            if isinstance(content, str):
                self._text(content, events)
            else:
                self._content(content, events)
        self._understood = True
        if events and not self.begun:
            self.begun = any(not isinstance(event, ModelNamed) for event in events)

    def _refused(self, value: object, events: list[ChatEvent]) -> None:
        if refusal := nested_text(value):
            events.append(RefusalDelta(refusal))

    def _reasoning(self, place: int, value: object, events: list[ChatEvent]) -> None:
        if isinstance(value, list) and place == len(_REASONING_FIELDS) - 1:
            self._details = self._details or ReasoningDetails()
            value = self._details.add(value)
        if place > self._best:
            return  # this server uses a better field, and this one repeats its text
        if not isinstance(value, str):
            value = text_in(value, _THINKING)
        if not value:
            return
        if place < self._best:
            # A worse field of the same delta may have been read already.
            events[:] = [event for event in events if not isinstance(event, ReasoningDelta)]
            self._best = place
        self._reasoned(value, events)

    def _content(self, content: object, events: list[ChatEvent]) -> None:
        """Handle content that should be a string but is a part, a list of parts, or a list of strings."""
        if isinstance(content, str):
            self._text(content, events)
        elif isinstance(content, (list, dict)):
            self._parts(items(content), events)
        elif text := number_text(content):
            self._text(text, events)

    def _parts(self, parts: Sequence[Any], events: list[ChatEvent]) -> None:
        """Handle content as a list (Mistral; OpenAI in whole answers): text, thinking, refusals, pictures. A part of
        an unknown type with text is treated as text."""
        for part in parts:
            if isinstance(part, str):
                self._text(part, events)
            elif isinstance(part, dict):
                picture = part.get("image_url")
                kind = part.get("type")
                if thinking := part.get("thinking"):
                    if thought := text_in({"thinking": thinking}, _THINKING):
                        self._reasoned(thought, events)
                elif picture:
                    url = picture.get("url") if isinstance(picture, dict) else picture
                    if isinstance(url, str):
                        events.append(Image(url))
                elif found := nested_text(part):
                    if isinstance(kind, str) and kind in _THOUGHTS:
                        self._reasoned(found, events)
                    else:
                        self._text(found, events)
                else:
                    self._refused(part.get("refusal"), events)

    def _call(self, call: object, events: list[ChatEvent]) -> None:
        if not isinstance(call, dict):
            return
        function = next((each for key in ("function", "custom") if isinstance(each := call.get(key), dict)), call)
        identity = word(call.get("id"))
        name = word(function.get("name"))
        index = call.get("index")
        if type(index) is not int or not 0 <= index <= _MOST_CALLS:
            # Without an index a new id, or a name where there are no ids, begins a new call.
            new = identity not in self._calls if identity else bool(name)
            index = self._last_call + 1 if new or self._last_call < 0 else self._calls.get(identity, self._last_call)
        self._last_call = index
        if identity:
            self._calls.setdefault(identity, index)
        arguments = function.get("arguments") or function.get("input")
        events.append(ToolCallDelta(index, identity, name, arguments_of(arguments)))

    def _cite(self, sources: list[Any], events: list[ChatEvent]) -> None:
        for source in sources:
            found = source.get("url_citation") or source if isinstance(source, dict) else {"url": source}
            if isinstance(found, dict):
                self._source(found.get("url"), found.get("title"), events)

    def _counts(self, usage: dict[str, Any]) -> Usage:
        made, asked = usage.get("completion_tokens_details"), usage.get("prompt_tokens_details")
        cached = first_count(asked, "cached_tokens")
        if cached is None:  # DeepSeek, then Moonshot and Together
            cached = first_count(usage, "prompt_cache_hit_tokens", "cached_tokens")
        reasoning = count(made, "reasoning_tokens")
        return Usage(
            first_count(usage, "prompt_tokens", "input_tokens"),
            first_count(usage, "completion_tokens", "output_tokens"),
            count(usage, "total_tokens"),
            count(usage, "reasoning_tokens") if reasoning is None else reasoning,  # Perplexity
            cached,
            amount(usage.get("cost")),
            count(asked, "audio_tokens"),
            count(made, "audio_tokens"),
        )

    # ---- endings

    def _end(self, sign: EndSignal) -> Sequence[ChatEvent]:
        if self._reason == "error":  # OpenRouter's word where the error object did not get through
            return self._failed(None)
        return super()._end("terminal-event" if self._old_completions and sign == "done-sentinel" else sign)

    def _held_back(self) -> list[ChatEvent]:
        held = super()._held_back()
        if self._details is not None and self._reason is not None and (opaque := self._details.opaque()):
            held.append(Opaque(opaque))
        return held

    def _fits(self, document: dict[str, Any]) -> bool:
        return isinstance(document.get("choices"), list)


def _message(sent: RequestMessage) -> dict[str, Any]:
    message: dict[str, Any] = {"role": sent.role, "content": sent.text}
    if sent.files:
        parts: list[dict[str, Any]] = [{"type": "text", "text": sent.text}] if sent.text else []
        for file in sent.files:
            if kind_of(file) == "image":
                parts.append({"type": "image_url", "image_url": {"url": data_url_of(file)}})
            else:
                parts.append({"type": "file", "file": {"filename": file.name, "file_data": data_url_of(file)}})
        message["content"] = parts
    for document in sent.opaque:
        if isinstance(document.get("reasoning_details"), list):
            message["reasoning_details"] = document["reasoning_details"]
    return message


def _is_error(chunk: dict[str, Any]) -> bool:
    """Whether an object without `choices` is an error, in formats without an `error` field (vLLM, DashScope)."""
    if base_response_fails(chunk):
        return True
    if "usage" in chunk:
        return False
    kind = chunk.get("object") or chunk.get("type")
    return kind == "error" or (not kind and parse_error(chunk).message is not None)
