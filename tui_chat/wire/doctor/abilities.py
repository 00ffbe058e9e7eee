"""Examine what an endpoint can take besides a plain question: tools, images, roles, characters of all kinds."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import Failed, ToolCallDelta
from tui_chat.chat.message import Attachment
from tui_chat.wire.doctor.asking import DELTAS, QUESTION
from tui_chat.wire.doctor.findings import Finding, in_between
from tui_chat.wire.doctor.reply import judge_streaming
from tui_chat.wire.tape.api import api_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tui_chat.wire.doctor.asking import Asked, Asker

CHARACTERS: Final = "é日本🎉"
"""Characters of two, three and four bytes."""
_TOOL: Final = "report_weather"
_TOOL_QUESTION: Final = f"Call the tool {_TOOL} for the city Oslo."
_PARAMETERS: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_DESCRIBED: Final = {"name": _TOOL, "description": "Reports the weather of a city."}
_TOOLS: Final[dict[str, list[Any]]] = {
    "openai-chat": [{"type": "function", "function": {**_DESCRIBED, "parameters": _PARAMETERS}}],
    "ollama-chat": [{"type": "function", "function": {**_DESCRIBED, "parameters": _PARAMETERS}}],
    "openai-responses": [{"type": "function", **_DESCRIBED, "parameters": _PARAMETERS}],
    "anthropic-messages": [{**_DESCRIBED, "input_schema": _PARAMETERS}],
    "gemini": [{"functionDeclarations": [{**_DESCRIBED, "parameters": _PARAMETERS}]}],
}
"""One tool as each API wants it."""
_ENOUGH: Final = 100
"""Tokens for a call of a tool."""
_FEW: Final = 40
_TOO_LARGE: Final = 413


async def examine_abilities(asker: Asker, url: str) -> AsyncGenerator[Finding, None]:
    """Yield what a few requests show; `url` is that of a request that was answered."""
    api = api_of(url)
    yield await _characters(asker)
    yield await _compression(asker)
    if api in _TOOLS:
        yield await _tools(asker, _TOOLS[api])
        yield await _images(asker)
    if api == "openai-chat":
        yield await _roles(asker)


async def _characters(asker: Asker) -> Finding:
    text = f"Repeat exactly these characters and say nothing else: {CHARACTERS}"
    asked = await asker.ask(text, max_tokens=_FEW)
    if isinstance(asked.last, Failed):
        return _failed("characters", "A question with characters beyond ASCII fails", asked)
    if "\ufffd" in asked.text or any("\ud800" <= each <= "\udfff" for each in asked.text):
        problem = "Characters of several bytes arrive broken."
        advice = "Text must be cut between characters, or the bytes of one must be held until the last has come."
        return Finding("characters", "fail", problem, "server", advice, asked.number)
    if CHARACTERS in asked.text:
        return Finding(
            "characters", "ok", "Characters of two, three and four bytes come back unchanged.", tape=asked.number
        )
    return Finding("characters", "skipped", "The model did not repeat what it was told to.", tape=asked.number)


async def _compression(asker: Asker) -> Finding:
    """Ask for a compressed reply, as most other clients do: compression in a proxy often holds a stream back."""
    asked = await asker.ask_with_headers({"Accept-Encoding": "gzip"}, QUESTION)
    if isinstance(asked.last, Failed) or asked.exchange is None:
        return _failed("compression", "A reply that may be compressed fails", asked)
    coding = {name.lower(): value for name, value in asked.exchange.response_headers}.get("content-encoding", "")
    if not coding:
        text = "A client that accepts compression gets none, which is best for a stream."
        return Finding("compression", "ok", text, tape=asked.number)
    judged = judge_streaming(sum(isinstance(event, DELTAS) for event in asked.events), asked.exchange)
    if judged.verdict in {"ok", "skipped"}:
        return Finding(
            "compression", "ok", f"A compressed reply ({coding}) still comes as a stream.", tape=asked.number
        )
    text = f"Clients that accept {coding}, as most do, get the reply in lumps: {judged.text}"
    advice = "Leave text/event-stream uncompressed (nginx: not among gzip_types), or flush after each event."
    return Finding("compression", judged.verdict, text, judged.side, advice, asked.number)


async def _tools(asker: Asker, tools: list[Any]) -> Finding:
    asked = await asker.ask_with({"tools": tools}, _TOOL_QUESTION, max_tokens=_ENOUGH)
    if isinstance(asked.last, Failed):
        return _failed("tools", "A request that offers a tool is refused", asked)
    calls = [event for event in asked.events if isinstance(event, ToolCallDelta)]
    if not calls:
        text = "Tools may be offered; the model did not call the one it was told to."
        return Finding("tools", "skipped", text, tape=asked.number)
    first = calls[0].index
    name = "".join(call.name for call in calls if call.index == first)
    arguments = "".join(call.arguments for call in calls if call.index == first)
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        text = f"The arguments of a tool call are not JSON: {arguments[:60]}"
        advice = "Use a parser for tool calls that fits the model, or a larger model."
        return Finding("tools", "fail", text, "server", advice, asked.number)
    if name != _TOOL or not isinstance(parsed, dict):
        text = f"A tool was called that was not offered: {name[:60] or 'without a name'}."
        return Finding("tools", "warn", text, "model", "Use a larger model.", asked.number)
    pieces = f"{len(calls)} piece{'' if len(calls) == 1 else 's'}"
    return Finding("tools", "ok", f"The offered tool was called, with JSON, in {pieces}.", tape=asked.number)


async def _images(asker: Asker) -> Finding:
    image = Attachment("dot.png", "image/png", _png())
    asked = await asker.ask("Which colour is this picture?", files=(image,), max_tokens=_FEW, stop=True)
    if not isinstance(asked.last, Failed):
        return Finding("images", "ok", "A picture in a question is accepted.", tape=asked.number)
    status = asked.last.status
    if status is not None and 400 <= status < 500 and status != _TOO_LARGE:
        text = f"Pictures are refused ({status}): the model probably takes none."
        return Finding("images", "skipped", text, tape=asked.number)
    return _failed("images", "A question with a picture fails", asked)


async def _roles(asker: Asker) -> Finding:
    said = [
        ("user", "Say yes."),
        ("user", "Say it twice."),
        ("assistant", "yes yes"),
        ("system", "Be brief."),
        ("user", "Again."),
    ]
    messages = [{"role": role, "content": content} for role, content in said]
    asked = await asker.ask_with({"messages": messages}, "Again.", max_tokens=_FEW, stop=True)
    if not isinstance(asked.last, Failed):
        return Finding("roles", "ok", "Roles may come in any order.", tape=asked.number)
    status = asked.last.status
    if status is not None and 400 <= status < 500 and status != _TOO_LARGE:
        text = f"Two questions in a row, or a system message after the first one, are refused ({status})."
        advice = "Clients have to join messages; the model's chat template could do it."
        return Finding("roles", "warn", text, "server", advice, asked.number)
    return _failed("roles", "A request whose roles do not take turns fails", asked)


def _failed(check: str, what: str, asked: Asked) -> Finding:
    failed = asked.last
    if isinstance(failed, Failed) and failed.status == _TOO_LARGE and asked.exchange is not None:
        side, who = in_between(asked.exchange)
        text = f"A request of {len(asked.exchange.body):,} bytes is too large ({_TOO_LARGE})."
        advice = f"{who} takes only small requests: raise its limit (nginx: client_max_body_size)."
        return Finding(check, "warn", text, side, advice, asked.number)
    problem = failed.problem.rstrip(".") if isinstance(failed, Failed) else "nothing was sent"
    status = f" ({failed.status})" if isinstance(failed, Failed) and failed.status else ""
    return Finding(check, "warn", f"{what}{status}: {problem}.", "server", "", asked.number)


def _png() -> bytes:
    """A picture of 8 by 8 red dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * 8) * 8
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
