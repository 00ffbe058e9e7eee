"""The dialect of Ollama's own chat API: one JSON object on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui_chat.chat.events import Image, ToolCallDelta, Usage
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.dialects.base import DialectBase, arguments_of
from tui_chat.wire.dialects.options import take_stop
from tui_chat.wire.foreign import count, nested_text, word
from tui_chat.wire.request_messages import base64_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.request_fixes import RequestFix
    from tui_chat.wire.request_messages import RequestMessage, RequestMessages

_BESIDE: Final = frozenset(
    {"format", "keep_alive", "think", "tools", "options", "logprobs", "top_logprobs", "template"}
)
"""Options that are top-level fields of the request; all others (`num_ctx`, for instance) belong in `options`."""

_NO_THINKING: Final = frozenset({"none", "off", "false"})


class OllamaChat(DialectBase):
    """One reply of Ollama."""

    lines: ClassVar[bool] = True
    answer_name = "an answer of Ollama"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._calls = 0
        self._done = False

    # ---- request

    @staticmethod
    def path(_request: RequestMessages) -> str:
        """The path of all requests."""
        return "/chat"

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, used by Ollama's cloud."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The request's JSON. Raises `SetupError` for attachments other than pictures and text."""
        options = dict(request.options)
        effort = options.pop("reasoning_effort", None)
        stop = take_stop(options)
        beside = {name: options.pop(name) for name in _BESIDE & options.keys()}
        if (limit := options.pop("max_tokens", None)) is not None:
            options["num_predict"] = limit
        if stop:
            options["stop"] = stop
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        messages = [{"role": "system", "content": request.system}] if request.system.strip() else []
        body |= {"messages": [*messages, *map(_message, request.begun())], "stream": request.stream}
        if effort is not None:
            body["think"] = _think_option(effort, request.model)
        if options:
            body["options"] = options
        return body | beside

    def request_fixes(self, _refusal: str, _body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Return nothing: requests have only fields that the person has set."""
        return ()

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if not self._model:
            self._name(chunk.get("model"), events)
        message = chunk.get("message")
        has_text = False
        if isinstance(message, dict):
            self._understood = True
            thinking = message.get("thinking") or message.get("reasoning_content") or message.get("reasoning")
            if thinking and (thinking := nested_text(thinking)):
                self._reasoned(thinking, events)
            if (content := message.get("content")) and (content := nested_text(content)):
                has_text = True
                self._text(content, events)
            if message.get("tool_calls") or message.get("images"):
                self._rest(message, events)
        else:
            has_text = self._other_shape(chunk, message, events)
            if self.over:  # by the document in it
                return events
        if chunk.get("error"):
            return (*events, *self._failed(chunk))
        if chunk.get("done") is True:
            self._understood = True
            self._finish(chunk.get("done_reason"))
            self._report({key: chunk[key] for key in ("prompt_eval_count", "eval_count") if key in chunk}, events)
            if not has_text:
                return (*events, *self._end("terminal-event"))
            # Ollama's last line has no text; if a gateway sets `done` on a line with text, more lines follow.
            self.finishing = self._done = True
        return events

    def _other_shape(self, chunk: dict[str, Any], message: object, events: list[ChatEvent]) -> bool:
        """Return the events of a document of /api/generate, which some proxies send, or of any other shape with
        text."""
        if (thinking := chunk.get("thinking")) and (thinking := nested_text(thinking)):
            self._reasoned(thinking, events)
        text = nested_text(chunk.get("response")) or (nested_text(message) if chunk.get("done") is not None else "")
        if text:
            self._text(text, events)
            return True
        return not chunk.get("error") and chunk.get("response") is None and self._loose(chunk, events)

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """Return the ending, which `done` completes."""
        return self._end("terminal-event") if self._done and not self.over else super().close(lost)

    def _rest(self, message: dict[str, Any], events: list[ChatEvent]) -> None:
        calls, images = message.get("tool_calls"), message.get("images")
        for call in calls if isinstance(calls, list) else []:
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict):
                arguments = arguments_of(function.get("arguments") or {})
                identity, name = word(call.get("id")), word(function.get("name"))
                events.append(ToolCallDelta(self._calls, identity, name, arguments))
                self._calls += 1
                self.begun = True
        for image in images if isinstance(images, list) else []:
            if isinstance(image, str):
                events.append(Image(f"data:image/png;base64,{image}"))
                self.begun = True

    def _counts(self, usage: dict[str, Any]) -> Usage:
        return Usage(input=count(usage, "prompt_eval_count"), output=count(usage, "eval_count"))

    def _fits(self, document: dict[str, Any]) -> bool:
        return "message" in document or "done" in document


def _message(message: RequestMessage) -> dict[str, Any]:
    for file in message.files:
        if kind_of(file) != "image":
            raise SetupError(f"{file.name} cannot be sent: Ollama's API takes text and pictures.")
    images = {"images": [base64_of(file) for file in message.files]} if message.files else {}
    return {"role": message.role, "content": message.text} | images


def _think_option(effort: object, model: str) -> object:
    """The value of `think`: a switch, or a level for gpt-oss only."""
    if isinstance(effort, str) and effort.lower() not in _NO_THINKING:
        return effort if "gpt-oss" in model else True
    return bool(effort) and not isinstance(effort, str)
