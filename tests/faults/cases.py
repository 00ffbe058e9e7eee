"""What a server can do wrong, and when: each fault's bytes, put at each phase of an answer."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, RESET, chunked, head

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from tests.byte_server import Step

SAID: Final = "one two"
"""The text that has come in the phases from `mid text` on."""
SETTINGS: Final = {
    "TUI_CHAT_MODEL": "m",
    "TUI_CHAT_MAX_RETRIES": "0",
    "TUI_CHAT_CONNECT_TIMEOUT": "2",
    "TUI_CHAT_IDLE_TIMEOUT": "2",
    "TUI_CHAT_HEAD_TIMEOUT": "2",
    "TUI_CHAT_MAX_REPLY": "1",
}
"""Short waits, so that what runs out does so soon."""
LIMIT: Final = 30.0
"""Seconds in which every case has ended: the longest wait after a finish reason is 20."""
_OFTEN: Final = 0.05
_TEXT_PHASES: Final = ("mid text", "mid event", "after reason", "after usage", "at close")
PHASES: Final = ("before head", "in head", "before first event", *_TEXT_PHASES)


def event(delta: dict[str, object], reason: str | None = None, **more: object) -> bytes:
    """One event of a chat completions stream."""
    chunk = {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


ONE, TWO = event({"content": "one "}), event({"content": "two"})
REASON = event({}, "stop")
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}\n\n'
DONE = b"data: [DONE]\n\n"
_HEAD = head()
_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the hotel</body></html>"
_GARBAGE = random.Random(12).randbytes(2048)


def before(phase: str) -> list[bytes]:
    """What has been sent when a phase is reached."""
    if phase == "before head":
        return []
    if phase == "in head":
        return [_HEAD[: len(_HEAD) // 2]]
    sent = {
        "before first event": [],
        "mid text": [ONE, TWO],
        "mid event": [ONE, TWO, REASON[:20]],
        "after reason": [ONE, TWO, REASON],
        "after usage": [ONE, TWO, REASON, USAGE],
        "at close": [ONE, TWO, REASON, USAGE, DONE],
    }[phase]
    return [_HEAD, *chunked(sent)]


def said(phase: str) -> bool:
    """Whether the text has come."""
    return phase in _TEXT_PHASES


def whole(phase: str) -> bool:
    """Whether the finish reason has come, so that what follows cannot take the reply back."""
    return phase in {"after reason", "after usage", "at close"}


def _in_body(phase: str) -> bool:
    return phase not in {"before head", "in head"}


def _put(phase: str, data: bytes) -> bytes:
    return chunked([data])[0] if _in_body(phase) else data


def _answer(phase: str, first: bytes, body: bytes) -> bytes:
    """A whole other answer where none has begun, else its body in the midst of this one."""
    return first + body if phase == "before head" else _put(phase, body)


def _forever(piece: Callable[[], bytes]) -> AsyncIterator[Step]:
    async def steps() -> AsyncIterator[Step]:
        while True:
            yield piece()
            yield _OFTEN

    return steps()


def _repeated(phase: str, data: bytes) -> AsyncIterator[Step]:
    return _forever(lambda: _put(phase, data))


def _drip(phase: str, data: bytes) -> AsyncIterator[Step]:
    each: Iterator[int] = itertools.cycle(data)
    return _forever(lambda: _put(phase, bytes([next(each)])))


def _head_of(status: int, content_type: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", *lines, "", ""]).encode()


@cache
def _zeros() -> bytes:
    return gzip.compress(bytes(200_000_000), 1)


def _bomb(phase: str) -> Iterable[Step]:
    zeros = _zeros()
    first = _head_of(200, "text/event-stream", "Content-Encoding: gzip", f"Content-Length: {len(zeros)}")
    return [_answer(phase, first, zeros), CLOSE]


_NAN = b'data: {"choices": [], "usage": {"prompt_tokens": NaN, "completion_tokens": 1e999, "total_tokens": -1}}\n\n'
_ERROR = b'data: {"error": {"message": "overloaded", "type": "server_error", "code": 503}}\n\n'
_STATUS = b'{"error": {"message": "slow down"}}'

FAULTS: Final[dict[str, Callable[[str], Iterable[Step] | AsyncIterator[Step]]]] = {
    "close": lambda _: [CLOSE],
    "reset": lambda _: [RESET],
    "stall": lambda _: [HANG],
    "drip": lambda phase: _drip(phase, b"X-Slow: x"),
    "endless comments": lambda phase: _repeated(phase, b": ping\n\n"),
    "endless blanks": lambda phase: _repeated(phase, b"\r\n"),
    "endless 1xx": lambda phase: _repeated(phase, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "garbage": lambda phase: [_put(phase, _GARBAGE), CLOSE],
    "truncated chunk": lambda phase: [_answer(phase, _HEAD, b"") + b"ffff\r\ndata: {", CLOSE],
    "gzip bomb": _bomb,
    "wrong length": lambda phase: [_answer(phase, head(200, chunked=False, Content_Length="99999"), ONE), CLOSE],
    "TLS on the plain port": lambda phase: [_put(phase, b"\x15\x03\x01\x00\x02\x02\x46"), CLOSE],
    "an HTML page": lambda phase: [_answer(phase, head(200, "text/html", chunked=False), _HTML), CLOSE],
    "an error's body in drips": lambda phase: _dripping_error(phase),
    "an error event": lambda phase: [_answer(phase, head(200, chunked=False), _ERROR), CLOSE],
    "usage that is not a number": lambda phase: [_answer(phase, head(200, chunked=False), _NAN), CLOSE],
    "two endings": lambda phase: [_answer(phase, head(200, chunked=False), (REASON + DONE) * 2), CLOSE],
    "empty data left open": lambda phase: [_answer(phase, head(200, chunked=False), b"data:\n\n"), HANG],
    "a huge line": lambda phase: [_answer(phase, head(200, chunked=False), b"data: " + b"x" * 2**24), HANG],
    "closed in order": lambda phase: [_answer(phase, _HEAD, b"") if phase == "before head" else b"", LAST_CHUNK, CLOSE],
}
"""Each by its name: what is sent when a phase is reached."""


ALIVE: Final = frozenset({"drip", "endless comments", "endless blanks", "an error's body in drips", "endless 1xx"})
"""A server that sends something now and then is alive: before a finish reason nobody gives it up but the person."""


async def _dripping_error(phase: str) -> AsyncIterator[Step]:
    if phase == "before head":
        yield _head_of(503, "application/json")
    async for step in _drip(phase, _STATUS):
        yield step


async def script(fault: str, phase: str) -> AsyncIterator[Step]:
    """The steps of the whole answer."""
    for piece in before(phase):
        yield piece
    steps = FAULTS[fault](phase)
    if hasattr(steps, "__aiter__"):
        async for step in steps:
            yield step
    else:
        for step in steps:
            yield step
