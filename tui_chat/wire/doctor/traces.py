"""Findings that need no request of their own: they are read from what is on the tape."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import ReasoningDelta, TextDelta
from tui_chat.wire.doctor.findings import Finding
from tui_chat.wire.inspection.frame_cutter import FrameCutter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.doctor.asking import Asked
    from tui_chat.wire.tape.tape import RecordedExchange

SILENCE: Final = 10.0
"""Seconds without a byte from which keep-alives are missed."""
_LIMIT_WORDS: Final = ("ratelimit", "rate-limit")
_REASONING_FIELDS: Final = ("reasoning_content", "reasoning_details", "reasoning", "thinking", "thought")


def judge_traces(events: Sequence[ChatEvent], exchange: RecordedExchange) -> list[Finding]:
    """Judge what a reply's bytes show beside its pace and ending."""
    body = b"".join(data for _, data in exchange.pieces())
    found = [
        _separation(exchange),
        _keep_alives(body, exchange),
        _reasoning(events, body, exchange),
        _characters(events, exchange),
    ]
    return [finding for finding in found if finding is not None]


def refused_fields(asked: Asked) -> Finding | None:
    """Name the fields that the request had to be asked again without, or under another name."""
    if len(asked.exchanges) < 2:
        return None
    first, last = (_object(exchange.body) for exchange in (asked.exchanges[0], asked.exchanges[-1]))
    gone, new = [name for name in first if name not in last], [name for name in last if name not in first]
    changed = [name for name in first if name in last and first[name] != last[name]]
    if not gone and not changed:
        return None
    fields = [f"`{name}`" for name in [*gone, *changed]]
    text = f"The server refused {', '.join(fields)}"
    text += f" and takes {', '.join(f'`{name}`' for name in new)}." if new else "; it was asked again without."
    advice = "Clients that send it without asking again get an error."
    return Finding("request", "warn", text, "server", advice, asked.exchanges[0].number)


def limits(exchanges: Iterable[RecordedExchange]) -> Finding:
    """Say whether rate limits are reported, and whether a refusal says when to try again."""
    names: dict[str, None] = {}
    number = None
    for exchange in exchanges:
        headers = {name.lower(): value for name, value in exchange.response_headers}
        if exchange.status in {429, 503, 529}:
            when = headers.get("retry-after") or headers.get("retry-after-ms")
            if when:
                text = f"{exchange.status} says when to try again (Retry-After: {when})."
                return Finding("limits", "ok", text, tape=exchange.number)
            text = f"{exchange.status} came without Retry-After."
            return Finding(
                "limits", "warn", text, "server", "Clients have to guess when to try again.", exchange.number
            )
        found = [name for name in headers if any(word in name for word in _LIMIT_WORDS)]
        if found and number is None:
            number = exchange.number
        names |= dict.fromkeys(found)
    if names:
        shown = ", ".join(list(names)[:3]) + (", …" if len(names) > 3 else "")
        return Finding("limits", "ok", f"Rate limits are reported in headers: {shown}.", tape=number)
    return Finding("limits", "skipped", "No rate limit was met, and none is reported in headers.")


def _separation(exchange: RecordedExchange) -> Finding | None:
    """Name a stream without blank lines between its events, which the standard joins to one event."""
    cutter = FrameCutter(dict(exchange.response_headers).get("content-type", ""))
    for _, data in exchange.pieces():
        for _ in cutter.feed(data):
            pass
        if cutter.unseparated:
            advice = "Write a blank line after each event: to other clients all of these are one event, at the end."
            text = "The events have no blank lines between them."
            return Finding("format", "fail", text, "server", advice, exchange.number)
    return None


def _keep_alives(body: bytes, exchange: RecordedExchange) -> Finding | None:
    times = [exchange.began, *(at for at, _ in exchange.pieces())]
    silence = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    count = body.count(b"\n:") + body.startswith(b":") + body.count(b"event: ping")
    if count:
        text = f"{count} keep-alive{'' if count == 1 else 's'} came; the longest silence was {silence:.1f} s."
        return Finding("keep-alives", "ok", text, tape=exchange.number)
    if silence < SILENCE:
        return None
    text = f"Nothing came for {silence:.1f} s, and no keep-alives."
    advice = "Send a comment line every few seconds: proxies end silent connections, often after 60 s."
    return Finding("keep-alives", "warn", text, "server", advice, exchange.number)


def _reasoning(events: Sequence[ChatEvent], body: bytes, exchange: RecordedExchange) -> Finding | None:
    if not any(isinstance(event, ReasoningDelta) for event in events):
        return None
    name = next((name for name in _REASONING_FIELDS if f'"{name}"'.encode() in body), "")
    if not name and b"<think" in body:
        advice = "A reasoning parser of the server's would put it into `reasoning_content`."
        text = "The model's reasoning comes inside the text, in <think>."
        return Finding("reasoning", "warn", text, "server", advice, exchange.number)
    where = f", in `{name}`" if name else ""
    return Finding(
        "reasoning", "ok", f"The model's reasoning comes apart from its answer{where}.", tape=exchange.number
    )


def _characters(events: Sequence[ChatEvent], exchange: RecordedExchange) -> Finding | None:
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    if "\ufffd" not in text:
        return None
    advice = "The server cuts its text inside characters; it must hold their bytes until the last has come."
    return Finding("characters", "fail", "The reply has broken characters (U+FFFD).", "server", advice, exchange.number)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
