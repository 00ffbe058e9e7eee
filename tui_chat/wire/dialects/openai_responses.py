"""The dialect of OpenAI's Responses API and compatible servers."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

from tui_chat.chat.events import Image, Opaque, RefusalDelta, ToolCallDelta, Usage
from tui_chat.wire.dialects.base import DialectBase, arguments_of
from tui_chat.wire.dialects.surrogates import joined
from tui_chat.wire.foreign import amount, count, items, nested_text, text_in, to_json, word
from tui_chat.wire.request_fixes import RequestFix
from tui_chat.wire.request_messages import data_url_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.request_messages import RequestMessage, RequestMessages

_LAST: Final = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})

_CALLS: Final = ("function_call", "custom_tool_call", "mcp_approval_request", "computer_call", "local_shell_call",
                 "shell_call", "apply_patch_call")  # fmt: skip
"""Types of items for which the model waits for its client: a tool's result, or a permission."""

_Kind: TypeAlias = Literal["text", "reasoning", "refusal"]
_TEXTS: Final = ("text", "transcript")


class _Block:
    """A block of text, reasoning or refusal: its number among blocks of its kind, and the text received."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.received = StringIO(newline="")


class OpenAIResponses(DialectBase):
    """One reply of the Responses API."""

    lines: ClassVar[bool] = False
    answer_name = "a response"

    def __init__(self, *, inline_reasoning: bool = True) -> None:
        """`inline_reasoning`: treat `<think>…</think>` at the very start of the text as reasoning."""
        super().__init__(inline_reasoning=inline_reasoning)
        self._blocks: dict[_Kind, dict[tuple[object, int], _Block]] = {"text": {}, "reasoning": {}, "refusal": {}}
        """Blocks by their key."""
        self._calls: dict[object, int] = {}
        """Numbers of tool calls by their item."""
        self._streamed: set[object] = set()
        """Tool calls whose arguments arrived in pieces."""

    # ---- request

    @staticmethod
    def path(_request: RequestMessages) -> str:
        """The path of all requests."""
        return "/responses"

    def headers(self, key: str) -> Mapping[str, str]:
        """A bearer key, if there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The request's JSON; nothing is stored at the provider. With a reasoning effort it also asks for a summary
        of the reasoning and for the encrypted reasoning, which is sent back with the reply."""
        options = dict(request.options)
        effort = options.pop("reasoning_effort", None)
        limit = options.pop("max_tokens", None)
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body |= {"stream": request.stream, "store": False}
        if request.system.strip():
            body["instructions"] = request.system
        body["input"] = [item for message in request.going_on() for item in _items(message)]
        if limit is not None:
            body["max_output_tokens"] = limit
        if effort is not None:
            body["reasoning"] = {"effort": effort, "summary": "auto"}
            body["include"] = ["reasoning.encrypted_content"]
        return body | options

    def request_fixes(self, refusal: str, body: Mapping[str, Any]) -> Sequence[RequestFix]:
        """Remove summaries (only for verified accounts), encrypted reasoning (only some models), or `store` (unknown
        to some servers)."""
        found = []
        if "summar" in refusal and "reasoning" in body:
            found.append(RequestFix("reasoning.summary"))
        if ("ncrypted" in refusal or "include" in refusal) and "include" in body:
            found.append(RequestFix("include"))
        if "store" in refusal and "store" in body:
            found.append(RequestFix("store"))
        return found

    # ---- stream

    def _chunk(self, chunk: dict[str, Any]) -> Sequence[ChatEvent]:
        kind = chunk.get("type")
        kind = kind if isinstance(kind, str) else ""
        events: list[ChatEvent] = []
        if kind == "response.output_text.delta":
            self._add_text("text", chunk, chunk.get("delta"), events)
            return events
        match kind:
            case "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta":
                delta, item = chunk.get("delta"), _item_of(chunk)
                if isinstance(delta, str) and delta:
                    self._streamed.add(item)
                    self.begun = True
                    events.append(ToolCallDelta(self._call_place(item), arguments=delta))
            case "response.output_item.added":
                self._added(chunk.get("item"), _item_of(chunk), events)
            case "response.output_item.done":
                self._done(chunk.get("item"), _item_of(chunk), events)
            case "response.content_part.added" | "response.content_part.done":
                self._understood = True
                self._whole_part(chunk.get("part"), chunk, events)
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
                return self._last(chunk, "response.completed")
            case _ if chunk.get("error"):
                return self._failed(chunk)
            case _:  # starts of parts, web searches, and future types
                self._other(kind, chunk, events)
        return events

    def _other(self, kind: str, chunk: dict[str, Any], events: list[ChatEvent]) -> None:
        """Handle deltas with other names, ends of parts, and objects without a type: any text in them counts."""
        about: _Kind = "reasoning" if "reasoning" in kind else "refusal" if "refusal" in kind else "text"
        texts = about != "text" or any(word_ in kind for word_ in _TEXTS) or "content_part" in kind
        if kind.endswith(".delta") and texts:
            self._add_text(about, chunk, chunk.get("delta"), events)
        elif kind.endswith(".done") and texts:
            whole = chunk.get("refusal") if about == "refusal" else chunk.get("text") or chunk.get("transcript")
            self._complete(about, chunk, whole or chunk.get("part"), events)
        elif kind.startswith("response."):
            pass  # pictures, sounds, the arguments of tools that the server runs
        elif not self._add_text("text", chunk, chunk.get("delta"), events) and not kind:
            self._loose(chunk, events)

    def _add_text(self, kind: _Kind, chunk: dict[str, Any], text: object, events: list[ChatEvent]) -> bool:
        """Add a piece to a block; returns whether it had text."""
        if not isinstance(text, str):
            text = nested_text(text)
        if not text:
            return False
        block = self._block(kind, chunk)
        block.received.write(text)
        if kind == "text":
            self._text(text, events, block.place)
        elif kind == "reasoning":
            self._reasoned(text, events, block.place)
        else:
            self._understood = self.begun = True
            events.append(RefusalDelta(text))
        return True

    def _complete(self, kind: _Kind, chunk: dict[str, Any], text: object, events: list[ChatEvent]) -> None:
        """Add the part of a completed block that its deltas did not contain."""
        text = text if isinstance(text, str) else text_in(text, ("text", "refusal", "content", "value"))
        if not text:
            return
        key = self._key(chunk)
        if (block := self._blocks[kind].get(key)) is not None:
            received, text = joined(block.received.getvalue()), joined(text)
            if text.startswith(received) and text not in joined(self._everything(kind)):
                self._add_text(kind, chunk, text[len(received) :], events)
        elif not any(text == other.received.getvalue() for other in self._blocks[kind].values()):
            # The keys of blocks may differ between deltas and whole items; then only the text identifies them.
            self._add_text(kind, chunk, text.removeprefix(self._everything(kind)), events)

    def _everything(self, kind: _Kind) -> str:
        """All text of blocks of one kind; deltas of one block may use several names."""
        return "".join(block.received.getvalue() for block in self._blocks[kind].values())

    @staticmethod
    def _key(chunk: dict[str, Any]) -> tuple[object, int]:
        """The key of a block, from the numbers that the server sends; some servers omit one of them."""
        part = chunk.get("summary_index") or chunk.get("content_index") or 0
        return _item_of(chunk), part if isinstance(part, int) else 0

    def _block(self, kind: _Kind, chunk: dict[str, Any]) -> _Block:
        blocks = self._blocks[kind]
        key = self._key(chunk)
        if (block := blocks.get(key)) is None:
            block = blocks[key] = _Block(len(blocks))
        return block

    def _call_place(self, item: object) -> int:
        return self._calls.setdefault(item, len(self._calls))

    def _added(self, item: object, key: object, events: list[ChatEvent]) -> None:
        self._understood = True
        if isinstance(item, dict) and item.get("type") in _CALLS:
            identity, name = word(item.get("call_id") or item.get("id")), word(item.get("name") or item.get("type"))
            events.append(ToolCallDelta(self._call_place(key), identity, name))
            self.begun = True

    def _done(self, item: object, key: object, events: list[ChatEvent]) -> None:
        """Add the part of a completed item that its deltas did not contain."""
        if not isinstance(item, dict):
            return
        self._understood = True
        is_call = item.get("type") in _CALLS
        if is_call and key not in self._streamed:
            if key not in self._calls:
                self._added(item, key, events)
            if arguments := arguments_of(item.get("arguments") or item.get("input") or item.get("action")):
                self._streamed.add(key)
                events.append(ToolCallDelta(self._call_place(key), arguments=arguments))
        elif not is_call:
            self._whole_item(item, key, events)
            if item.get("type") == "reasoning" and item.get("encrypted_content") and key not in self._streamed:
                self._streamed.add(key)
                events.append(Opaque(to_json(item)))

    def _whole_item(self, item: dict[str, Any], key: object, events: list[ChatEvent]) -> None:
        """Return the events of a whole item."""
        kind = item.get("type")
        if kind == "image_generation_call" and isinstance(item.get("result"), str) and key not in self._streamed:
            self._streamed.add(key)
            events.append(Image(f"data:image/png;base64,{item['result']}"))
            self.begun = True
        if isinstance(kind, str) and kind not in {"message", "reasoning"}:
            return
        parts = [*items(item.get("summary")), *items(item.get("content"))]
        if isinstance(content := item.get("content"), str):
            parts.append(content)
        for number, part in enumerate(parts):
            where = {"content_index": number} | ({"output_index": key} if isinstance(key, int) else {"item_id": key})
            self._whole_part(part, where, events, reasoning=kind == "reasoning")

    def _whole_part(
        self, part: object, where: dict[str, Any], events: list[ChatEvent], *, reasoning: bool = False
    ) -> None:
        kind = part.get("type") if isinstance(part, dict) else ""
        reasoning = reasoning or (isinstance(kind, str) and ("reasoning" in kind or "summary" in kind))
        if isinstance(part, str):
            self._complete("reasoning" if reasoning else "text", where, part, events)
        elif isinstance(part, dict):
            self._complete("reasoning" if reasoning else "text", where, part.get("text"), events)
            self._complete("refusal", where, part.get("refusal"), events)
            self._cite(part.get("annotations"), events)

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
        for place, item in enumerate(items(response.get("output"))):
            if isinstance(item, dict):
                self._done(item, place, events)
        if self._reply_text.empty and (text := response.get("output_text")) and isinstance(text, str):
            self._text(text, events)
        self._report(response.get("usage"), events)
        status = response.get("status")
        status = status if isinstance(status, str) and status else kind.removeprefix("response.")
        if status in {"failed", "cancelled"} or response.get("error"):
            return (*events, *self._failed(response if response.get("error") else {"message": f"response {status}"}))
        details = response.get("incomplete_details")
        why = details.get("reason") if isinstance(details, dict) else None
        self._understood = True
        self._finish(f"{status}:{why}" if isinstance(why, str) and why else status)
        return (*events, *self._end("terminal-event"))

    def _counts(self, usage: dict[str, Any]) -> Usage:
        made, asked = usage.get("output_tokens_details"), usage.get("input_tokens_details")
        return Usage(
            count(usage, "input_tokens"),
            count(usage, "output_tokens"),
            count(usage, "total_tokens"),
            count(made, "reasoning_tokens"),
            count(asked, "cached_tokens"),
            amount(usage.get("cost")),
            count(asked, "audio_tokens"),
            count(made, "audio_tokens"),
        )

    def _fits(self, document: dict[str, Any]) -> bool:
        return document.get("object") == "response" or isinstance(document.get("output"), list)


def _item_of(chunk: dict[str, Any]) -> object:
    """The key of an output item: its number, or its id if there is none (llama.cpp)."""
    index = chunk.get("output_index")
    if type(index) is int:
        return index
    item = chunk.get("item")
    identity = chunk.get("item_id") or (item.get("id") if isinstance(item, dict) else None)
    return identity if isinstance(identity, str) else None


def _items(message: RequestMessage) -> list[dict[str, Any]]:
    kind = "output_text" if message.role == "assistant" else "input_text"
    content: list[dict[str, Any]] = [{"type": kind, "text": message.text}] if message.text or not message.files else []
    for file in message.files:
        if kind_of(file) == "image":
            content.append({"type": "input_image", "image_url": data_url_of(file)})
        else:
            content.append({"type": "input_file", "filename": file.name, "file_data": data_url_of(file)})
    reasoning = [item for item in message.opaque if item.get("type") == "reasoning"]
    return [*reasoning, {"role": message.role, "content": content}]
