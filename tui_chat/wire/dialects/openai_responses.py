"""OpenAI's Responses API, and servers that speak it too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from tui_chat.chat.events import Opaque, RefusalDelta, ToolCallDelta, Usage
from tui_chat.wire.amendments import Amendment
from tui_chat.wire.dialects.reading import Reading, arguments_of, count
from tui_chat.wire.prompt import data_url_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.prompt import Prompt, Said

_LAST = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}


class OpenAIResponses(Reading):
    """One reply of a Responses API."""

    lines: ClassVar[bool] = False
    answer_name = "response"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: read `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._blocks: dict[tuple[str, object, object], int] = {}
        """Blocks of text and of reasoning, each with its place among all of them."""
        self._calls: dict[object, int] = {}
        """Places of the tool calls, by their item."""
        self._told: set[object] = set()
        """Tool calls whose arguments have come in pieces."""

    # ---- request

    @staticmethod
    def path(_prompt: Prompt) -> str:
        """Below the base URL."""
        return "/responses"

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, where there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """Nothing is stored with the provider. Where an effort is asked for, so are a summary of the reasoning and the
        encrypted reasoning, which goes back with the reply."""
        options = dict(prompt.options)
        effort = options.pop("reasoning_effort", None)
        limit = options.pop("max_tokens", None)
        body: dict[str, Any] = {"model": prompt.model} if prompt.model else {}
        body |= {"stream": prompt.stream, "store": False}
        if prompt.system.strip():
            body["instructions"] = prompt.system
        body["input"] = [item for turn in prompt.going_on() for item in _items(turn)]
        if limit is not None:
            body["max_output_tokens"] = limit
        if effort is not None:
            body["reasoning"] = {"effort": effort, "summary": "auto"}
            body["include"] = ["reasoning.encrypted_content"]
        return body | options

    def amendments(self, refusal: str, body: Mapping[str, Any]) -> Sequence[Amendment]:
        """Summaries are for verified accounts, encrypted reasoning for some models; `store` is not known to all."""
        found = []
        if "summar" in refusal and "reasoning" in body:
            found.append(Amendment("reasoning.summary"))
        if ("ncrypted" in refusal or "include" in refusal) and "include" in body:
            found.append(Amendment("include"))
        if "store" in refusal and "store" in body:
            found.append(Amendment("store"))
        return found

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        kind = chunk.get("type")
        kind = kind if isinstance(kind, str) else ""
        if kind == "response.output_text.delta":
            return self._said(chunk)
        events: list[ChatEvent] = []
        match kind:
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                delta = chunk.get("delta")
                if isinstance(delta, str) and delta:
                    self._heard = True
                    self._reasoned(delta, events, self._place(chunk, "reasoning"))
            case "response.refusal.delta":
                delta = chunk.get("delta")
                if isinstance(delta, str) and delta:
                    self._heard = self.begun = True
                    events.append(RefusalDelta(delta))
            case "response.function_call_arguments.delta":
                delta, item = chunk.get("delta"), _item_of(chunk)
                if isinstance(delta, str) and delta:
                    self._told.add(item)
                    self.begun = True
                    events.append(ToolCallDelta(self._call_place(item), arguments=delta))
            case "response.output_item.added":
                self._added(chunk.get("item"), _item_of(chunk), events)
            case "response.output_item.done":
                self._done(chunk.get("item"), _item_of(chunk), events)
            case "response.output_text.annotation.added":
                self._cite([chunk.get("annotation")], events)
            case "response.created" | "response.in_progress":
                if isinstance(response := chunk.get("response"), dict) and not self._model:
                    self._name(response.get("model"), events)
            case "error":
                return self._failed(chunk)
            case _ if kind in _LAST:
                return self._last(chunk.get("response"), kind)
            case _ if chunk.get("object") == "response":
                return self._whole_response(chunk)
            case _ if chunk.get("error"):
                return self._failed(chunk)
            case _:
                pass  # parts that begin and end, web searches, and what is to come
        return events

    def _said(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        delta = chunk.get("delta")
        if isinstance(delta, str) and delta:
            self._heard = True
            self._text(delta, events, self._place(chunk, "text"))
        return events

    def _place(self, chunk: dict[str, Any], kind: str) -> int:
        """Which block of its kind a delta belongs to. Servers leave out one or the other of the numbers that say so."""
        part = chunk.get("summary_index") or chunk.get("content_index") or 0
        block = (kind, _item_of(chunk), part if isinstance(part, int) else 0)
        if (place := self._blocks.get(block)) is None:
            place = self._blocks[block] = sum(other[0] == kind for other in self._blocks)
        return place

    def _call_place(self, item: object) -> int:
        return self._calls.setdefault(item, len(self._calls))

    def _added(self, item: object, key: object, events: list[ChatEvent]) -> None:
        self._heard = True
        if isinstance(item, dict) and item.get("type") == "function_call":
            identity, name = str(item.get("call_id") or item.get("id") or ""), str(item.get("name") or "")
            events.append(ToolCallDelta(self._call_place(key), identity, name))
            self.begun = True

    def _done(self, item: object, key: object, events: list[ChatEvent]) -> None:
        """An item repeats in whole what its deltas said; only what they did not say counts."""
        if not isinstance(item, dict):
            return
        self._heard = True
        if item.get("type") == "function_call" and key not in self._told:
            if key not in self._calls:
                self._added(item, key, events)
            if arguments := arguments_of(item.get("arguments")):
                self._told.add(key)
                events.append(ToolCallDelta(self._call_place(key), arguments=arguments))
        elif item.get("type") == "reasoning" and item.get("encrypted_content"):
            events.append(Opaque(json.dumps(item, ensure_ascii=False)))

    def _cite(self, annotations: object, events: list[ChatEvent]) -> None:
        for found in annotations if isinstance(annotations, list) else []:
            if isinstance(found, dict):
                self._source(found.get("url") or found.get("filename"), found.get("title"), events)

    def _last(self, response: object, kind: str) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if not isinstance(response, dict):
            response = {}
        if not self._model:
            self._name(response.get("model"), events)
        self._report(response.get("usage"), events)
        status = response.get("status")
        status = status if isinstance(status, str) and status else kind.removeprefix("response.")
        if status in {"failed", "cancelled"} or response.get("error"):
            return (*events, *self._failed(response if response.get("error") else {"message": f"response {status}"}))
        details = response.get("incomplete_details")
        why = details.get("reason") if isinstance(details, dict) else None
        self._heard = True
        self._finish(f"{status}:{why}" if isinstance(why, str) and why else status)
        return (*events, *self._end("terminal-event"))

    def _whole_response(self, response: dict[str, Any]) -> Sequence[ChatEvent]:
        """A whole answer in place of a stream."""
        events: list[ChatEvent] = []
        self._name(response.get("model"), events)
        output = response.get("output")
        for place, item in enumerate(output if isinstance(output, list) else []):
            if isinstance(item, dict):
                self._whole_item(item, place, events)
        last = self._last(response, "response.completed")
        return (*events, *last)

    def _whole_item(self, item: dict[str, Any], place: int, events: list[ChatEvent]) -> None:
        parts = [*_list(item.get("summary")), *_list(item.get("content"))]
        for part, held in enumerate(parts):
            if not isinstance(held, dict):
                continue
            text, where = held.get("text"), {"item_id": item.get("id"), "output_index": place, "content_index": part}
            if item.get("type") == "reasoning" and isinstance(text, str):
                self._reasoned(text, events, self._place(where, "reasoning"))
            elif isinstance(text, str) and text:
                self._text(text, events, self._place(where, "text"))
            elif isinstance(refusal := held.get("refusal"), str) and refusal:
                events.append(RefusalDelta(refusal))
            self._cite(held.get("annotations"), events)
        self._done(item, ("item", place), events)

    def _counts(self, usage: dict[str, Any]) -> Usage:
        cost = usage.get("cost")
        return Usage(
            count(usage, "input_tokens"),
            count(usage, "output_tokens"),
            count(usage, "total_tokens"),
            count(usage.get("output_tokens_details"), "reasoning_tokens"),
            count(usage.get("input_tokens_details"), "cached_tokens"),
            float(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) else None,
        )

    def _fits(self, document: dict[str, Any]) -> bool:
        return document.get("object") == "response" or isinstance(document.get("output"), list)


def _item_of(chunk: dict[str, Any]) -> object:
    """What tells an output item from another: its number, or where there is none (llama.cpp) its id."""
    index = chunk.get("output_index")
    if isinstance(index, int):
        return index
    item = chunk.get("item")
    identity = chunk.get("item_id") or (item.get("id") if isinstance(item, dict) else None)
    return identity if isinstance(identity, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _items(turn: Said) -> list[dict[str, Any]]:
    kind = "output_text" if turn.role == "assistant" else "input_text"
    content: list[dict[str, Any]] = [{"type": kind, "text": turn.text}] if turn.text or not turn.files else []
    for file in turn.files:
        if kind_of(file) == "image":
            content.append({"type": "input_image", "image_url": data_url_of(file)})
        else:
            content.append({"type": "input_file", "filename": file.name, "file_data": data_url_of(file)})
    reasoning = [item for item in turn.opaque if item.get("type") == "reasoning"]
    return [*reasoning, {"role": turn.role, "content": content}]
