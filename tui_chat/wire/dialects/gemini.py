"""The dialect of Google's Gemini API, also used by Vertex AI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote

from tui_chat.chat.events import Image, Opaque, ToolCallDelta, Usage
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.wire.dialects.base import DialectBase, arguments_of
from tui_chat.wire.dialects.options import budget_of, take_stop
from tui_chat.wire.foreign import count, first_count, is_other_choice, items, nested_text, word
from tui_chat.wire.request_fixes import RequestFix
from tui_chat.wire.request_messages import base64_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.request_messages import RequestMessage, RequestMessages

_CONFIG: Final = {"temperature": "temperature", "top_p": "topP", "top_k": "topK", "max_tokens": "maxOutputTokens"} | {
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
"""Options that belong in `generationConfig`, with their names there."""

_BESIDE: Final = frozenset({"safetySettings", "tools", "toolConfig", "cachedContent", "labels", "generationConfig"})
"""Options that are top-level fields of the request; all others belong in `generationConfig`."""

_SUMMARIES: Final = {"includeThoughts": True}
"""The thinking that is asked for where no effort is set."""


@dataclass(frozen=True, slots=True)
class _NoSummaries(RequestFix):
    """No summaries are asked for where no effort is set; one that is set is sent, and may be refused too."""

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        config = body.get(self.field)
        if not isinstance(config, dict) or config.get("thinkingConfig") != _SUMMARIES:
            return body
        return {**body, self.field: {name: value for name, value in config.items() if name != "thinkingConfig"}}


class Gemini(DialectBase):
    """One reply of Gemini. Each event is a complete response object; only the end of the body ends the reply."""

    lines: ClassVar[bool] = False
    answer_name = "an answer of Gemini"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._calls = 0

    # ---- request

    @staticmethod
    def path(request: RequestMessages) -> str:
        """The path with the model's name. Without `alt=sse` a stream would be one JSON array."""
        model = quote(request.model.removeprefix("models/"), safe="")
        operation = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
        return f"/models/{model}:{operation}"

    def headers(self, key: str) -> Mapping[str, str]:
        """The key in a header, because a URL would be logged."""
        return {"x-goog-api-key": key} if key else {}

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The request's JSON. It asks for summaries of the thinking. The reasoning effort is a level for Gemini 3
        (the least one for no thinking) and a token budget for earlier models."""
        options = dict(request.options)
        effort = options.pop("reasoning_effort", None)
        stop = take_stop(options)
        config: dict[str, Any] = {"stopSequences": stop} if stop else {}
        config["thinkingConfig"] = _thinking(effort, request.model)
        beside = {name: options.pop(name) for name in _BESIDE & options.keys()}
        config |= {_CONFIG.get(name, name): value for name, value in options.items()}
        body: dict[str, Any] = {"contents": [_content(message) for message in request.going_on()]}
        if request.system.strip():
            body["systemInstruction"] = {"parts": [{"text": request.system}]}
        return {**body, "generationConfig": config, **beside}

    def request_fixes(self, refusal: str, body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Do not ask for summaries of the thinking from models that refuse it."""
        config = body.get("generationConfig")
        thinking = config.get("thinkingConfig") if isinstance(config, dict) else None
        return (_NoSummaries("generationConfig"),) if thinking == _SUMMARIES and "hink" in refusal else ()

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if not self._model:
            self._name(chunk.get("modelVersion"), events)
        candidates = chunk.get("candidates")
        for candidate in candidates if isinstance(candidates, list) else items(candidates):
            if isinstance(candidate, dict):
                if not (index := candidate.get("index")) or not is_other_choice(index):
                    self._candidate(candidate, events)
                else:
                    self._set_aside(index, candidate.get("content"), candidate.get("finishReason"))
        if candidates is None and not chunk.get("error"):
            self._loose(chunk, events)
            if self.over:  # by the document in it
                return events
        feedback = chunk.get("promptFeedback")
        if isinstance(feedback, dict) and isinstance(reason := feedback.get("blockReason"), str):
            message = feedback.get("blockReasonMessage")
            self._detail = f"{reason}: {message}" if isinstance(message, str) and message else reason
            self._understood = self.finishing = True
        self._report(chunk.get("usageMetadata"), events)
        if chunk.get("error"):
            events += self._failed(chunk)
        return events

    def _candidate(self, candidate: dict[str, Any], events: list[ChatEvent]) -> None:
        self._understood = True
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else content
        if parts is None:
            parts = content if isinstance(content, dict) else candidate.get("text") or candidate.get("output")
        for part in (parts,) if isinstance(parts, str) else items(parts):
            if isinstance(part, dict):
                self._part(part, events)
            elif part and isinstance(part, str):
                self._text(part, events)
        grounding = candidate.get("groundingMetadata")
        chunks = grounding.get("groundingChunks") if isinstance(grounding, dict) else None
        for source in chunks if isinstance(chunks, list) else []:
            place = (source.get("web") or source.get("retrievedContext")) if isinstance(source, dict) else None
            if isinstance(place, dict):
                self._source(place.get("uri"), place.get("title"), events)
        if reason := candidate.get("finishReason"):
            self._finish(reason)
            if isinstance(message := candidate.get("finishMessage"), str):
                self._detail = message

    def _part(self, part: dict[str, Any], events: list[ChatEvent]) -> None:
        text = part.get("text")
        if text and (text := nested_text(text)):
            if part.get("thought"):
                self._reasoned(text, events)
            else:
                self._text(text, events)
        elif isinstance(call := part.get("functionCall"), dict):
            identity, name = word(call.get("id")), word(call.get("name"))
            arguments = arguments_of(call.get("args") or {})
            events.append(ToolCallDelta(self._calls, identity, name, arguments))
            self._calls += 1
            self.begun = True
        elif isinstance(data := part.get("inlineData"), dict) and isinstance(data.get("data"), str):
            events.append(Image(f"data:{word(data.get('mimeType')) or 'image/png'};base64,{data['data']}"))
            self.begun = True
        if isinstance(signature := part.get("thoughtSignature"), str):
            # The signed parts are not sent back piece by piece, so the signature goes back in a part of its own.
            events.append(Opaque(json.dumps({"text": "", "thoughtSignature": signature})))

    def _counts(self, usage: dict[str, Any]) -> Usage:
        thoughts = count(usage, "thoughtsTokenCount")
        return Usage(
            count(usage, "promptTokenCount"),
            first_count(usage, "candidatesTokenCount", "responseTokenCount"),
            count(usage, "totalTokenCount"),
            thoughts,
            count(usage, "cachedContentTokenCount"),
            None,
            _audio(usage.get("promptTokensDetails")),
            _audio(usage.get("candidatesTokensDetails") or usage.get("responseTokensDetails")),
            reasoning_apart=True if thoughts else None,
        )

    def _fits(self, document: dict[str, Any]) -> bool:
        return "candidates" in document or "promptFeedback" in document


def _audio(details: object) -> int | None:
    """The audio tokens in a list of counts by modality."""
    return next((count(item, "tokenCount") for item in items(details) if _modality(item) == "AUDIO"), None)


def _modality(item: object) -> object:
    return item.get("modality") if isinstance(item, dict) else None


def _thinking(effort: object, model: str) -> dict[str, Any]:
    """The configuration of an effort. Where no tokens are to be thought, the API refuses to be asked for summaries of
    the thoughts; Gemini 3 cannot be told to think nothing."""
    budget = budget_of(effort)
    if budget == 0 and "gemini-3" not in model:
        return {"thinkingBudget": 0}
    if effort is None:
        return _SUMMARIES
    if budget is None or ("gemini-3" in model and isinstance(effort, str) and not effort.isdigit()):
        return {**_SUMMARIES, "thinkingLevel": "minimal" if budget == 0 else effort}
    return {**_SUMMARIES, "thinkingBudget": budget}


def _content(message: RequestMessage) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"inlineData": {"mimeType": file.mime, "data": base64_of(file)}} for file in message.files
    ]
    if message.text or not parts:
        parts.append({"text": message.text})
    parts += [part for part in message.opaque if "thoughtSignature" in part]
    return {"role": "model" if message.role == "assistant" else "user", "parts": parts}
