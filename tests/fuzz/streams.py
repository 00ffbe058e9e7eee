"""Bodies of streams, taken apart into events, and ways to damage them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.wire.corpus import FOLDER, cases
from tui_chat.wire.dialects import DIALECTS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Pair = tuple[bytes | None, bytes | None]
"""An event as it was, and what became of it; `None`: it was not there, or is no more."""

MOST = 40
"""Events of a body that are kept: the first, and the last."""


@dataclass(frozen=True)
class Body:
    name: str
    dialect: str
    lines: bool
    """JSON lines and no event stream."""
    events: tuple[bytes, ...]


@dataclass(frozen=True)
class Damaged:
    """A body after damage, and what is known of it."""

    body: Body
    ear: str
    """A dialect, or who guesses it."""
    pairs: tuple[Pair, ...]
    harmless: bool
    """Nothing that has to do with text was touched: all text must be there, and no more."""
    garbage: bool = False
    """Garbage was put in, which must be told of."""
    cuts: int = 0
    """The seed of the cuts into reads."""

    def after(self) -> bytes:
        return b"".join(event for _, event in self.pairs if event is not None)

    def before(self) -> bytes:
        return b"".join(event for event, _ in self.pairs if event is not None)

    def untouched(self) -> bytes:
        """What stands before the first damage."""
        whole = []
        for was, is_ in self.pairs:
            if was != is_ or was is None:
                break
            whole.append(was)
        return b"".join(whole)


def sse(*documents: Any) -> tuple[bytes, ...]:
    return tuple(
        b"data: %s\n\n" % (document if isinstance(document, str) else json.dumps(document)).encode()
        for document in documents
    )


def small_bodies() -> list[Body]:
    """One short body for each dialect, for a checkout without recordings."""

    def chat(reason: str | None = None, **delta: Any) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return {"id": "c", "created": 1, "model": "m", "choices": [choice], "usage": None}

    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8, "prompt_tokens_details": None}
    part = {"item_id": "m", "output_index": 0, "content_index": 0, "sequence_number": 4}
    item = {"id": "m", "type": "message", "content": [{"type": "output_text", "text": "one two"}]}
    block = {"type": "content_block_delta", "index": 0}
    ollama = [
        {"model": "m", "created_at": "t", "message": {"role": "assistant", "content": word}, "done": False}
        for word in ("one ", "two")
    ]
    return [
        Body("chat", "openai-chat", lines=False, events=sse(
            chat(role="assistant"), chat(reasoning_content="hm"), chat(content="one "), chat(content="two"),
            chat("stop"), {"choices": [], "usage": usage}, "[DONE]")),
        Body("messages", "openai-chat", lines=False, events=sse(
            {"choices": [{"message": {"content": "one "}}]}, {"choices": [{"message": {"content": "two"}}]}, "[DONE]")),
        Body("completions", "openai-chat", lines=False, events=sse(
            {"choices": [{"text": "one ", "index": 0}]}, {"choices": [{"text": "two", "index": 0}]}, "[DONE]")),
        Body("responses", "openai-responses", lines=False, events=sse(
            {"type": "response.created", "response": {"model": "m"}},
            {"type": "response.output_text.delta", "delta": "one ", **part},
            {"type": "response.output_text.delta", "delta": "two", **part},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {
                "status": "completed", "output": [item], "usage": {"input_tokens": 3, "output_tokens": 5}}})),
        Body("anthropic", "anthropic-messages", lines=False, events=sse(
            {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 3, "output_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "ping"},
            {**block, "delta": {"type": "text_delta", "text": "one "}},
            {**block, "delta": {"type": "text_delta", "text": "two"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
            {"type": "message_stop"})),
        Body("gemini", "gemini", lines=False, events=sse(
            {"candidates": [{"content": {"parts": [{"text": "one "}]}, "index": 0}], "modelVersion": "m"},
            {"candidates": [{"content": {"parts": [{"text": "two"}]}, "finishReason": "STOP"}],
             "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}})),
        Body("ollama", "ollama-chat", lines=True, events=tuple(
            json.dumps(line).encode() + b"\n" for line in [
                *ollama, {"model": "m", "done": True, "done_reason": "stop", "eval_count": 5}])),
        Body("objects", "simple-get", lines=False, events=sse(
            {"content": "one "}, {"content": "two"}, {"usage": {"total_tokens": 8}}, {"done": True})),
        Body("texts", "simple-get", lines=False, events=(b"data: one \n\n", b"data: two\n\n", b"data: \n\n")),
    ]  # fmt: skip


_EVENT = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)


@cache
def bodies() -> list[Body]:
    """The small ones, and all that were recorded where they are at hand."""
    found = small_bodies()
    if FOLDER.is_dir():
        for folder in (".", "realservers"):
            for case in cases(folder, ".sse", ".ndjson"):
                lines = case.body.lstrip()[:1] in {b"{", b"["}
                events = case.body.splitlines(keepends=True) if lines else _EVENT.findall(case.body)
                events = [event for event in events if event]
                if len(events) > MOST:
                    events = [*events[: MOST // 2], *events[-MOST // 2 :]]
                if events:
                    found.append(Body(case.name, case.dialect, lines, tuple(events)))
    return found


# ---- damage

HOSTILE = (
    *r'1e999 -1e999 NaN -Infinity -1 0 1 7.5 -0.0 1e400 true false null [] {} [[]] [null] {"":0} "" "0"'.split(),  # noqa: SIM905 (readable)
    *r'"x" "null" "\ud83d" "\u0000"'.split(),  # noqa: SIM905 (readable)
    "1" + "0" * 400,
    "9" * 4999,
    "[" * 90 + "]" * 90,
    '{"a":' * 70 + "1" + "}" * 70,
)
"""JSON texts of values that stand where others should."""

HARMLESS_KEYS = frozenset(
    """usage model created system_fingerprint service_tier logprobs obfuscation p created_at total_duration
    load_duration prompt_eval_count prompt_eval_duration eval_count eval_duration usageMetadata modelVersion responseId
    createTime safetyRatings sequence_number native_finish_reason provider prompt_filter_results timings avgLogprobs
    content_filter_results stop_sequence prompt_tokens completion_tokens total_tokens input_tokens output_tokens
    prompt_tokens_details completion_tokens_details cost promptTokenCount candidatesTokenCount""".split()  # noqa: SIM905 (readable)
)
"""Fields that have nothing to do with text, in any dialect."""

GARBAGE = (
    b"\x00\xff\xfe garbage \x80\x81", b"<html><body>502 Bad Gateway</body></html>", b"HTTP/1.1 200 OK",
    b"data: <html>gateway</html>", b"data: not JSON, and long enough to be no keep-alive at all",
    b"id: x\nnonsense", b"\xe2\x82", b"data: ping ping ping ping ping ping ping ping ping ping ping",
)  # fmt: skip
CHATTER = (
    b": keep-alive", b":", b"data: ping", b"data: null", b"event: ping\ndata: {}", b"retry: 10", b"id: 7", b"ping: 1",
    b": " + b"x" * 3000, b"data: 17", b"event: x",
)  # fmt: skip
OTHER_SHAPES = ("content", "text", "delta", "message", "choices", "error", "type", "done", "index", "output", "parts")


def document_of(event: bytes) -> tuple[bytes, Any, bytes] | None:
    """What stands before the JSON of an event, the JSON, and what stands after it; `None`: there is no object in it."""
    start, end = event.find(b"{"), event.rfind(b"}")
    if start < 0 or end < start:
        return None
    try:
        document = json.loads(event[start : end + 1])
    except ValueError:
        return None
    return (event[:start], document, event[end + 1 :]) if isinstance(document, dict) else None


def places(document: Any, keys: frozenset[str] | None = None) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys, or those with one of `keys`."""
    found: list[tuple[Any, Any]] = []
    stack = [document]
    while stack:
        container = stack.pop()
        for key, value in container.items() if isinstance(container, dict) else enumerate(container):
            if keys is None or key in keys:
                found.append((container, key))
            if isinstance(value, (dict, list)):
                stack.append(value)
    return found


def with_value(chance: random.Random, event: bytes, keys: frozenset[str] | None) -> bytes | None:
    """The event with a hostile value in one of its fields."""
    taken = document_of(event)
    if taken is None or not (there := places(taken[1], keys)):
        return None
    container, key = chance.choice(there)
    container[key] = "@@here@@"
    written = json.dumps(taken[1], ensure_ascii=chance.random() < 0.5 or b"\\ud" in event).encode()
    return taken[0] + written.replace(b'"@@here@@"', chance.choice(HOSTILE).encode()) + taken[2]


def with_structure(chance: random.Random, event: bytes) -> bytes | None:
    """The event with a field that is missing, renamed, wrapped, unwrapped, doubled or that of another dialect."""
    taken = document_of(event)
    if taken is None or not (there := places(taken[1])):
        return None
    container, key = chance.choice(there)
    value = container[key]
    match chance.randrange(7):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            container[chance.choice(OTHER_SHAPES)] = container.pop(key)
        case 2:
            container[key] = [value, value]
        case 3:
            container[key] = {chance.choice(OTHER_SHAPES): value}
        case 4:
            container[key] = value[0] if isinstance(value, list) and value else str(value)
        case 5 if isinstance(container, dict):
            container[chance.choice(OTHER_SHAPES)] = json.loads(json.dumps(chance.choice(there)[0]))
        case _:
            container[key] = json.loads(json.dumps(taken[1]))
    return taken[0] + json.dumps(taken[1]).encode("utf-8", "replace") + taken[2]


def with_bytes(chance: random.Random, event: bytes) -> bytes:
    """The event with bytes that are lost, doubled or others."""
    at = chance.randrange(len(event) + 1)
    size = chance.choice((1, 1, 2, 5, 30))
    match chance.randrange(4):
        case 0:
            return event[:at] + event[at + size :]
        case 1:
            return event[: at + size] + event[at:]
        case 2:
            return event[:at] + chance.randbytes(size) + event[at + size :]
        case _:
            return event[:at]


def damaged(chance: random.Random) -> Damaged:
    """A body, and what has become of it."""
    body = chance.choice(bodies()) if chance.random() < 0.8 else chance.choice(small_bodies())
    ear = chance.choice((body.dialect, body.dialect, "guessed", "guessed", "any", *DIALECTS))
    pairs: list[Pair] = [(event, event) for event in body.events]
    own = ear in {body.dialect, "guessed"}
    harmless = own and chance.random() < 0.5
    garbage = False
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(pairs))
        if harmless and len(pairs) > 1:  # nothing is put behind the last event, which may be an open one
            at = min(at, len(pairs) - 2)
        was, event = pairs[at]
        if harmless:
            kind = chance.randrange(3)
            if kind == 0 and not body.lines and len(pairs) > 1:
                # Where data is plain text, nearly all of that would be text.
                chatter = (b": keep-alive", b":", b"retry: 10") if body.dialect == "simple-get" else CHATTER
                pairs.insert(at + 1, (None, chance.choice(chatter) + b"\n\n"))
            elif kind == 1 and not body.lines and len(pairs) > 1 and body.dialect != "simple-get":
                # What a body begins with says what it is, so garbage there is another matter.
                pairs.insert(at + 1, (None, chance.choice(GARBAGE) + b"\n\n"))
                garbage = True
            elif event is not None and (changed := with_value(chance, event, HARMLESS_KEYS)) is not None:
                pairs[at] = (was, changed)
            continue
        if event is None:
            continue
        match chance.randrange(9):
            case 0 | 1:
                pairs[at] = (was, with_value(chance, event, None) or event)
            case 2 | 3:
                pairs[at] = (was, with_structure(chance, event) or event)
            case 4:
                pairs[at] = (was, with_bytes(chance, event))
            case 5:
                pairs[at] = (was, None)
            case 6:
                pairs.insert(chance.randrange(len(pairs)), (None, event))
            case 7:
                other = chance.choice(bodies())
                pairs.insert(at, (None, chance.choice(other.events)))
            case _:
                pairs[at:] = [(was, with_bytes(chance, event))]
    return Damaged(body, ear, tuple(pairs), harmless, garbage, chance.randrange(2**32))


def smaller(case: Damaged, shorter: Callable[[Any], Any]) -> Any:
    """The same damage in less of a body; its beginning stays, which says what it is."""
    for pairs in shorter(case.pairs[1:]):
        yield replace(case, pairs=(case.pairs[0], *pairs))
