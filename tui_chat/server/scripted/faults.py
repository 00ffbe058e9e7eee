"""The faults that a reply can have on request.

A fault is requested in a model's name (`fault:429?times=2`, `demo?fault=cut&after=10`), in a request header, or for all
requests. It replaces the reply, interrupts it after some deltas, or changes its text. To add one, write a function here
and add a line to `FAULTS`.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING

from tui_chat.chat.events import Failed, Finished, TextDelta
from tui_chat.chat.quick_dataclass import replace
from tui_chat.server.formats.openai_chat import OpenAIChatEncoder
from tui_chat.server.formats.writing import to_json
from tui_chat.server.reply_steps import (
    BodyPiece,
    BreakOffError,
    ReplyEnd,
    ReplyHead,
    ReplyStep,
    ReplySteps,
    gathered,
)
from tui_chat.server.scripted.fault_kinds import Fault, FaultKind, Reply, Sending
from tui_chat.server.scripted.scripts import counted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.chat_input import ChatInput
    from tui_chat.server.formats.openai_chat import ErrorShape
    from tui_chat.server.scripted.scripts import ScriptDelta

AFTER = 3
"""Default number of deltas before a fault in the middle of a stream."""

PAUSE = 5.0
"""Default length of a pause, in seconds."""

LONG_LINE = 50_000_000
GARBAGE = 2048
_BLOCK = b"x" * 65_536
_TEXT = "[a text that stands nowhere else]"


async def with_fault(fault: Fault, reply: Reply) -> ReplySteps:
    """The reply with the fault applied."""
    kind = kind_of(fault.name)
    wait = PAUSE if fault.name == "slow" and fault.wait is None else fault.wait
    if wait:
        await asyncio.sleep(wait)
    async with aclosing(kind.send(fault, reply)) as steps:
        async for step in steps:
            yield ReplyEnd("fault") if isinstance(step, ReplyEnd) else step


def kind_of(name: str) -> FaultKind:
    """The fault of that name, or any HTTP error status. Raises `KeyError`."""
    return STATUS if name.isascii() and name.isdigit() and 400 <= int(name) <= 599 else FAULTS[name]


# ---- in place of the reply


def _status(fault: Fault, reply: Reply) -> ReplySteps:
    try:
        phrase = HTTPStatus(int(fault.name)).phrase
    except ValueError:
        phrase = "Overloaded" if fault.name == "529" else f"Status {fault.name}"
    return reply.refused(int(fault.name), f"{phrase}: this is the failure that was asked for.", fault)


def _refuses_usage(fault: Fault, reply: Reply) -> ReplySteps:
    if not reply.asks_usage:
        return reply.steps()
    return reply.refused(400, "Unrecognized request argument supplied: stream_options", fault)


async def _redirect(_fault: Fault, _reply: Reply) -> ReplySteps:
    yield ReplyHead(307, headers={"Location": "http://127.0.0.1:9/somewhere-else", "Content-Length": "0"})


async def _html(_fault: Fault, _reply: Reply) -> ReplySteps:
    yield ReplyHead(media_type="text/html")
    yield BodyPiece(
        b"<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n<body><form>Who are you?</form></body></html>"
    )


async def _empty(_fault: Fault, reply: Reply) -> ReplySteps:
    yield ReplyHead(media_type=reply.encoder.media_type if reply.stream else "application/json")


async def _silent(_fault: Fault, _reply: Reply) -> ReplySteps:
    await asyncio.Event().wait()
    yield ReplyEnd("fault")


def _breaks_off(*, reset: bool = False, last: bytes = b"") -> Sending:
    async def send(_fault: Fault, _reply: Reply) -> ReplySteps:
        steps: tuple[ReplyStep, ...] = ()
        for step in steps:
            yield step
        raise BreakOffError(reset=reset, last=last)

    return send


def _undisturbed(_fault: Fault, reply: Reply) -> ReplySteps:
    return reply.steps()


def _document(_fault: Fault, reply: Reply) -> ReplySteps:
    return reply.steps() if reply.recorded is not None else gathered(reply.events, reply.encoder)


async def _wrong_type(fault: Fault, reply: Reply) -> ReplySteps:
    async with aclosing(reply.steps()) as steps:
        async for step in steps:
            yield replace(step, media_type=fault.type or "application/json") if isinstance(step, ReplyHead) else step


def _no_end(_fault: Fault, reply: Reply) -> ReplySteps:
    return replace(reply, events=_unsigned(reply.events)).steps()


async def _unsigned(events: AsyncGenerator[ChatEvent, None]) -> AsyncGenerator[ChatEvent, None]:
    async with aclosing(events):
        async for event in events:
            yield replace(event, sign="eof") if isinstance(event, Finished) else event


def _endless(_fault: Fault, reply: Reply) -> ReplySteps:
    # A document without an end never arrives.
    return reply.steps() if reply.stream else _silent(_fault, reply)


# ---- after some of the deltas


def _midway(then: Sending, *, goes_on: bool = False) -> Sending:
    """A fault that starts after `after` deltas or `bytes` bytes; `goes_on`: the reply continues afterwards."""

    async def send(fault: Fault, reply: Reply) -> ReplySteps:
        async with aclosing(_halved(reply.steps())) as steps:
            left = _left(fault, reply)
            async for step in steps:
                match step:
                    case ReplyHead() if not reply.stream:  # the length will differ from the Content-Length
                        yield replace(step, headers={})
                    case BodyPiece(data) if fault.bytes is not None and left < len(data):
                        yield BodyPiece(data[:left])
                        left = 0
                    case _:
                        yield step
                if isinstance(step, BodyPiece):
                    left -= len(step.data) if fault.bytes is not None else step.delta
                if left <= 0:
                    break
            async with aclosing(then(fault, reply)) as more:
                async for step in more:
                    yield step
            if goes_on:
                async for step in steps:
                    yield step

    return send


def _left(fault: Fault, reply: Reply) -> int:
    if fault.bytes is not None:
        return fault.bytes
    after = AFTER if fault.after is None else fault.after
    return after if reply.stream else min(after, 1)


async def _halved(steps: ReplySteps) -> ReplySteps:
    """Split a document into two pieces; leave a stream unchanged."""
    whole = False
    async with aclosing(steps):
        async for step in steps:
            if isinstance(step, ReplyHead):
                whole = "Content-Length" in step.headers
            if whole and isinstance(step, BodyPiece):
                half = len(step.data) // 2
                yield BodyPiece(step.data[:half], delta=True)
                yield BodyPiece(step.data[half:], delta=True)
            else:
                yield step


async def _nothing(_fault: Fault, _reply: Reply) -> ReplySteps:
    yield ReplyEnd("fault")


async def _pause(fault: Fault, _reply: Reply) -> ReplySteps:
    await asyncio.sleep(PAUSE if fault.pause is None else fault.pause)
    yield BodyPiece(b"")


async def _garbage(fault: Fault, _reply: Reply) -> ReplySteps:
    chance = random.Random(fault.name)
    left = GARBAGE if fault.size is None else fault.size
    while left > 0:
        yield BodyPiece(chance.randbytes(min(left, len(_BLOCK))))
        left -= len(_BLOCK)
    yield BodyPiece(b"\n\n")  # so that the next event stands by itself


async def _bad_json(_fault: Fault, reply: Reply) -> ReplySteps:
    head, tail = _around_text(reply)
    yield BodyPiece(head + b"broken" + tail.removeprefix(b'"'))


async def _long_line(fault: Fault, reply: Reply) -> ReplySteps:
    head, tail = _around_text(reply)
    yield BodyPiece(head)
    left = LONG_LINE if fault.size is None else fault.size
    while left > 0:
        yield BodyPiece(_BLOCK[:left])
        left -= len(_BLOCK)
    yield BodyPiece(tail, delta=True)


def _around_text(reply: Reply) -> tuple[bytes, bytes]:
    """The bytes before and after a text, in the event or document that contains it."""
    if reply.stream:
        written = reply.encoder.encode(TextDelta(_TEXT))
    else:
        written = to_json(reply.encoder.whole([TextDelta(_TEXT), Finished("stop", "done-sentinel")])[1])
    head, _, tail = written.partition(_TEXT.encode())
    return head, tail


def _error(shape: ErrorShape = "own") -> Sending:
    def send(fault: Fault, reply: Reply) -> ReplySteps:
        message = "This is the error that was asked for."
        return midway(fault, reply) if reply.stream else reply.refused(500, message, fault)

    async def error_events(fault: Fault, reply: Reply) -> ReplySteps:
        message = fault.message or "This is the error that was asked for."
        failed = Failed(message, message=message, type=fault.type, code=fault.code)
        encoder = reply.encoder
        yield BodyPiece(
            encoder.error(failed, shape) if isinstance(encoder, OpenAIChatEncoder) else encoder.encode(failed)
        )

    midway = _midway(error_events)
    return send


# ---- in what it says


def _endlessly(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    return counted(None)


def _halves(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    """Emoji split into the two halves of their surrogate pairs, and one unpaired half."""
    two = ("An emoji in two halves: ", "\ud83d", "\ude00")
    three = (", one with an empty event between: \ud83d", "", "\ude80")
    return map(TextDelta, (*two, *three, ", and half of one: ", "\ud83d", "."))


def _escapes(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    """Text with escape sequences that would affect a terminal; without them it reads `one two three … ten`."""
    return map(
        TextDelta,
        (
            "one \x1b]0;A title\x07",  # sets the window's title
            "two \x1b[2J\x1b[H",  # clears the screen
            "three \x1b]52;c;cm0gLXJm\x07",  # writes to the clipboard
            "four \x1b[?1049h\x1b[?1000h",  # another screen, the mouse
            "five \x9b31m",  # CSI in one character
            "six \u202e",  # right to left
            "seven \r",
            "eight \x1b",  # an escape cut
            "[31mnine \x08\x7f",
            "\U000e0041\x07ten",  # a tag character
        ),
    )


STATUS = FaultKind(
    "that HTTP status, with an error in the API's own shape", _status, ("retry", "message", "type", "code")
)
_MIDWAY = ("after",)
_PLACED = ("after", "bytes")
_SAYING = ("after", "message", "type", "code")

FAULTS: dict[str, FaultKind] = {
    "redirect": FaultKind("a redirect to a port where nothing listens", _redirect),
    "html": FaultKind("200 and a web page to log in", _html),
    "empty": FaultKind("200 and an empty body", _empty),
    "no-answer": FaultKind("the connection is closed before anything is answered", _breaks_off()),
    "not-http": FaultKind(
        "bytes that are not HTTP", _breaks_off(last=b"SSH-2.0-OpenSSH_9.6\r\nProtocol mismatch.\r\n\r\n")
    ),
    "slow": FaultKind(f"the head comes after `wait` seconds ({PAUSE:g}); then all is well", _undisturbed),
    "silent": FaultKind("the head never comes", _silent),
    "refuses-usage": FaultKind("400 for a request with stream_options, as old servers answer it", _refuses_usage),
    "document": FaultKind("one JSON document, although a stream was asked for", _document),
    "wrong-type": FaultKind("a Content-Type that is wrong: `type` (application/json)", _wrong_type, ("type",)),
    "error": FaultKind("an error in mid-stream, in the API's own shape", _error(), _SAYING),
    "error-event": FaultKind("the same as an event named error (Groq)", _error("event"), _SAYING),
    "error-chunk": FaultKind("the same in a chunk, and [DONE] (OpenRouter)", _error("chunk"), _SAYING),
    "error-string": FaultKind("the same as a bare text (proxies)", _error("string"), _SAYING),
    "error-line": FaultKind("the same in a field error: (llama.cpp's derivatives)", _error("line"), _SAYING),
    "cut": FaultKind("the body ends, in good order, before the reply does", _midway(_nothing), _PLACED),
    "drop": FaultKind("the connection is closed in mid-body", _midway(_breaks_off()), _PLACED),
    "reset": FaultKind("the connection is reset (TCP RST) in mid-body", _midway(_breaks_off(reset=True)), _PLACED),
    "no-end": FaultKind("the reply is complete, but [DONE] (or the API's other last event) is missing", _no_end),
    "hang": FaultKind("nothing more comes, and the connection stays open", _midway(_silent), _PLACED),
    "stall": FaultKind(
        f"silence for `pause` seconds ({PAUSE:g}) in mid-stream", _midway(_pause, goes_on=True), ("after", "pause")
    ),
    "garbage": FaultKind(
        f"`size` random bytes ({GARBAGE}) in mid-stream", _midway(_garbage, goes_on=True), ("after", "size")
    ),
    "bad-json": FaultKind("an event whose JSON is broken", _midway(_bad_json, goes_on=True), _MIDWAY),
    "long-line": FaultKind(
        f"a line of `size` bytes ({LONG_LINE:,})", _midway(_long_line, goes_on=True), ("after", "size")
    ),
    "endless": FaultKind("numbers without end", _endless, script=_endlessly),
    "surrogates": FaultKind("emoji cut between the halves of their surrogate pairs", _undisturbed, script=_halves),
    "escapes": FaultKind("a text full of terminal escape sequences", _undisturbed, script=_escapes),
}
"""By name; in addition, any HTTP status from 400 to 599 is a fault."""
