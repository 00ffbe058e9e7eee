"""The dialect of Anthropic's Messages API and compatible servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui_chat.chat.events import Opaque, ToolCallDelta, Usage
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.wire.dialects.base import NOTHING, DialectBase, arguments_of
from tui_chat.wire.dialects.options import budget_of, effort_of_budget, take_stop
from tui_chat.wire.foreign import count, items, nested_text, to_json, word
from tui_chat.wire.request_fixes import RequestFix
from tui_chat.wire.request_messages import base64_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.request_messages import RequestMessage, RequestMessages

MAX_TOKENS: Final = 8192
"""The reply's token limit if none is set, because the API requires one. A model with a lower limit refuses and names
it, and the request is sent again with that."""

_LOWEST_BUDGET: Final = 1024
"""The minimum number of thinking tokens that the API accepts."""

_OWN_SAMPLING: Final = frozenset({"temperature", "top_k", "top_p"})
"""Options that the API refuses while the model thinks."""
_LIMIT: Final = re.compile(r"max_tokens: (\d{1,9}) > (\d{1,9})")
_OPAQUE: Final = frozenset({"thinking", "redacted_thinking"})


def _budget_in(body: Mapping[str, Any]) -> int:
    """The budget of thinking tokens in a request; 0: none."""
    thinking = body.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    return budget if type(budget) is int else 0


@dataclass(frozen=True, slots=True)
class _AdaptiveThinking(RequestFix):
    """The model chooses its thinking tokens itself; it is told the effort in a word."""

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        budget = _budget_in(body)
        if not budget:
            return body
        return {"output_config": {"effort": effort_of_budget(budget)}} | body | {self.field: {"type": "adaptive"}}


@dataclass(frozen=True, slots=True)
class _Limit(RequestFix):
    """The highest token limit that a model accepts."""

    value: int = MAX_TOKENS

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        limit = body.get(self.field)
        return {**body, self.field: self.value} if isinstance(limit, int) and limit > self.value else body


class AnthropicMessages(DialectBase):
    """One reply of the Messages API."""

    lines: ClassVar[bool] = False
    answer_name = "a message"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._counted: dict[str, Any] = {}
        self._calls: set[int] = set()
        """Indexes of blocks that are tool calls for us to show; servers run other tools themselves."""
        self._thoughts: dict[int, dict[str, Any]] = {}
        """Open thinking blocks as they began, by index."""
        self._pieces: dict[int, dict[str, list[str]]] = {}
        """Thinking text and signatures received since then, by index."""
        self._part = 0
        """The number of the current paragraph. Adjacent text blocks (as in answers with citations) form one
        paragraph; other blocks separate paragraphs."""
        self._spoken = self._apart = False

    # ---- request

    @staticmethod
    def path(_request: RequestMessages) -> str:
        """The path of all requests."""
        return "/messages"

    def headers(self, key: str) -> Mapping[str, str]:
        """The API version, and the key in the API's own header."""
        return {"anthropic-version": "2023-06-01"} | ({"x-api-key": key} if key else {})

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The request's JSON. A reply to be continued is sent as the beginning of the answer. The reasoning effort
        becomes a budget of thinking tokens in addition to the limit; the API then takes no options of sampling."""
        options = dict(request.options)
        effort = options.pop("reasoning_effort", None)
        limit = options.pop("max_tokens", None) or MAX_TOKENS
        stop = take_stop(options)
        budget = budget_of(effort)
        messages = (
            request.going_on() if budget else request.begun()
        )  # with thinking, the API does not accept the beginning of an answer
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body |= {"max_tokens": limit, "stream": request.stream}
        if request.system.strip():
            body["system"] = request.system
        body["messages"] = [_message(message) for message in messages]
        if stop:
            body["stop_sequences"] = stop
        if budget is not None and budget > 0:
            budget = max(budget, _LOWEST_BUDGET)
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}
            if isinstance(limit, int):
                body["max_tokens"] = limit + budget
            options = {name: value for name, value in options.items() if name not in _OWN_SAMPLING}
        return body | options

    def request_fixes(self, refusal: str, body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Lower the default token limit for older models, and let newer ones choose how much they think."""
        budget = _budget_in(body)
        if "adaptive" in refusal and budget:
            return (_AdaptiveThinking("thinking"),)
        if (over := _LIMIT.search(refusal)) and body.get("max_tokens") == int(over[1]):
            limit = int(over[2])
            if int(over[1]) == MAX_TOKENS or ("thinking" in body and budget < limit):
                return (_Limit("max_tokens", value=limit),)
        return ()

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        match chunk.get("type"):
            case "content_block_delta":
                return self._delta(_index(chunk), chunk.get("delta"))
            case "content_block_start":
                return self._block(_index(chunk), chunk.get("content_block"))
            case "content_block_stop":
                return self._block_ended(_index(chunk))
            case "message_start":
                return self._started(chunk.get("message"))
            case "message_delta":
                return self._ending(chunk)
            case "message_stop":
                return self._end("terminal-event")
            case "message":
                return self._message(chunk)
            case "error":
                return self._failed(chunk)
            case _ if chunk.get("error"):
                return self._failed(chunk)
            case _ if "delta" in chunk:
                return self._delta(_index(chunk), chunk["delta"])
            case kind:  # pings, future types, and older completions; an object without a type may be anything
                events: list[ChatEvent] = []
                if kind == "completion" or "type" not in chunk:
                    self._loose(chunk, events)
                    self._finish(chunk.get("stop_reason"))
                return events

    def _started(self, message: object) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if isinstance(message, dict):
            self._name(message.get("model"), events)
            self._count(message.get("usage"), events)
            for index, block in enumerate(
                items(message.get("content"))
            ):  # usually empty, but some servers put the first blocks here
                events += self._block(index, block)
        return events

    def _block(self, index: int, block: object) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if not isinstance(block, dict):
            self._add_text(block, events)
            return events
        self._understood = True
        kind = block.get("type")
        if kind == "text" or (block.get("text") and not (isinstance(kind, str) and kind in _OPAQUE)):
            if self._apart:
                self._part, self._apart = self._part + 1, False
            self._add_text(block.get("text"), events)
            self._cite_all(block.get("citations"), events)
            return events
        self._apart = self._spoken
        if kind == "tool_use":
            self._calls.add(index)
            arguments = block.get("input")
            initial = arguments_of(arguments) if arguments else ""
            events.append(ToolCallDelta(index, word(block.get("id")), word(block.get("name")), initial))
            self.begun = True
        elif isinstance(kind, str) and kind in _OPAQUE:
            self._thoughts[index] = dict(block)
            self._add_thinking(block.get("thinking"), events, index)
        return events

    def _delta(self, index: int, delta: object) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if not isinstance(delta, dict):
            self._add_text(delta, events)
            return events
        self._understood = True
        match delta.get("type"):
            case "text_delta":
                self._add_text(delta.get("text"), events)
            case "thinking_delta":
                thinking = delta.get("thinking")
                self._add_thinking(thinking, events, index)
                self._add_to_block(index, "thinking", thinking)
            case "signature_delta":
                self._add_to_block(index, "signature", delta.get("signature"))
            case "input_json_delta" if index in self._calls:
                piece = delta.get("partial_json")
                if isinstance(piece, str) and piece:
                    events.append(ToolCallDelta(index, arguments=piece))
            case "citations_delta":
                self._cite(delta.get("citation"), events)
            case _:  # server tools, compaction, and future types
                self._add_text(delta.get("text"), events)
        return events

    def _block_ended(self, index: int) -> Sequence[ChatEvent]:
        block = self._thoughts.pop(index, None)
        if block is None:
            return NOTHING
        for key, pieces in self._pieces.pop(index, {}).items():
            begun = block.get(key)
            block[key] = "".join([begun if isinstance(begun, str) else "", *pieces])
        if not (block.get("signature") or block.get("data")):
            return NOTHING
        return (Opaque(to_json(block)),)

    def _ending(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        events: list[ChatEvent] = []
        if isinstance(delta := chunk.get("delta"), dict):
            self._explained(delta)
            self._finish(delta.get("stop_reason"))
        self._count(chunk.get("usage"), events)
        return events

    def _explained(self, ended: dict[str, Any]) -> None:
        details = ended.get("stop_details")
        if isinstance(details, dict) and isinstance(explanation := details.get("explanation"), str):
            self._detail = explanation

    def _message(self, message: dict[str, Any]) -> Sequence[ChatEvent]:
        """Return the events of a whole answer."""
        content = message.get("content")
        events = [*self._started({key: message.get(key) for key in ("model", "usage")})]
        for index, block in enumerate((content,) if isinstance(content, str) else items(content)):
            events += [*self._block(index, block), *self._block_ended(index)]
        self._understood = True
        self._explained(message)
        self._finish(message.get("stop_reason"))
        return events

    # ---- what blocks hold

    def _add_text(self, text: object, events: list[ChatEvent]) -> None:
        if text and (text := nested_text(text)):
            self._spoken = True
            self._text(text, events, self._part)

    def _add_thinking(self, text: object, events: list[ChatEvent], index: int) -> None:
        if text and (text := nested_text(text)):
            self._reasoned(text, events, index)

    def _add_to_block(self, index: int, key: str, piece: object) -> None:
        if isinstance(piece, str) and index in self._thoughts:
            self._pieces.setdefault(index, {}).setdefault(key, []).append(piece)

    def _cite_all(self, citations: object, events: list[ChatEvent]) -> None:
        for citation in citations if isinstance(citations, list) else []:
            self._cite(citation, events)

    def _cite(self, citation: object, events: list[ChatEvent]) -> None:
        if isinstance(citation, dict):
            # Citations of an attached document have its title and no URL.
            title = citation.get("title") or citation.get("document_title")
            self._source(citation.get("url") or citation.get("source") or title, title, events)

    def _count(self, usage: object, events: list[ChatEvent]) -> None:
        """Merge the usage of both reports; the second one overrides the first key by key."""
        if isinstance(usage, dict):
            self._counted |= {key: value for key, value in usage.items() if value is not None}
            self._report(dict(self._counted), events)

    def _counts(self, usage: dict[str, Any]) -> Usage:
        cached = count(usage, "cache_read_input_tokens")
        return Usage(
            input=count(usage, "input_tokens"),
            output=count(usage, "output_tokens"),
            cached=cached,
            reasoning=count(usage.get("output_tokens_details"), "thinking_tokens"),
            cached_apart=True if cached else None,
        )

    def _fits(self, document: dict[str, Any]) -> bool:
        return document.get("type") == "message" or isinstance(document.get("content"), list)


def _index(chunk: dict[str, Any]) -> int:
    index = chunk.get("index")
    return index if type(index) is int else 0


def _message(message: RequestMessage) -> dict[str, Any]:
    content: list[dict[str, Any]] = [block for block in message.opaque if block.get("type") in _OPAQUE]
    for file in message.files:
        source = {"type": "base64", "media_type": file.mime, "data": base64_of(file)}
        content.append({"type": kind_of(file), "source": source})
    if not content:
        # The API refuses a beginning of an answer that ends in white space.
        return {"role": message.role, "content": message.text.rstrip() if message.role == "assistant" else message.text}
    if message.text:
        content.append({"type": "text", "text": message.text})
    return {"role": message.role, "content": content}
