"""A recorded response is read as the client read it, frame by frame."""

from __future__ import annotations

import pytest

from tests.wire.tapes import recorded
from tui_chat.chat.events import ChatEvent, CutOff, Finished, KeepAlive, ResponseStarted, TextDelta
from tui_chat.wire.tape.api import api_of
from tui_chat.wire.tape.frames import FrameReader, TapedFrame, read_reply
from tui_chat.wire.tape.snapshot import masked_tape

APIS = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat"]
OPTIONS = [
    "",
    "usage=every&end=empty",
    "newline=crlf&keep-alive=0.01&rate=100",
    "fault=cut&after=9",
    "fault=drop&after=9",
    "fault=error&after=3",
    "fault=garbage&after=5",
    "fault=no-end",
    "fault=document",
    "fault=html",
    "fault=429&retry=0",
]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("options", OPTIONS)
async def test_a_tape_means_what_the_client_understood(api: str, options: str) -> None:
    exchange, understood = await recorded(options, api)
    tape = masked_tape(exchange)
    reply = read_reply(tape)
    ours = [event for event in understood if not isinstance(event, KeepAlive | ResponseStarted)]
    read = [event for event in reply.events if not isinstance(event, KeepAlive)]
    skips = {"Skipped"}
    assert [each for each in read if type(each).__name__ not in skips | {"Failed"}] == [
        each for each in ours if type(each).__name__ not in skips | {"Failed"}
    ]
    assert [type(each) for each in read if type(each).__name__ == "Failed"] == [
        type(each) for each in ours if type(each).__name__ == "Failed"
    ]
    assert reply.deltas == [event for event in ours if type(event).__name__.endswith("Delta")]
    body = b"".join(data for _, data in tape.pieces)
    assert b"".join(frame.raw for frame in reply.frames) == body[: sum(len(frame.raw) for frame in reply.frames)]
    assert all(frame.gap >= 0 for frame in reply.frames)


def frames(*pieces: bytes) -> list[TapedFrame]:
    reader = FrameReader("http://host/v1/chat/completions", 200, {"content-type": "text/event-stream"})
    found = [frame for number, piece in enumerate(pieces) for frame in reader.feed(1.0 + number, piece)]
    return found + reader.close(99.0)[0]


def test_each_frame_has_its_bytes_and_the_time_of_its_last_one() -> None:
    found = frames(b": ping\n\ndata: {", b"}\n\ndata: [DONE]\n\n")
    assert [(frame.kind, frame.data, frame.at, frame.gap) for frame in found] == [
        ("comment", "ping", 1.0, 1.0),
        ("data", "{}", 2.0, 1.0),
        ("data", "[DONE]", 2.0, 0.0),
    ]
    assert b"".join(frame.raw for frame in found) == b": ping\n\ndata: {}\n\ndata: [DONE]\n\n"
    assert [frame.number for frame in found] == [1, 2, 3]


def test_the_cuts_of_the_network_do_not_change_the_frames() -> None:
    body = ': é\n\nevent: x\r\ndata: {"a": "é"}\r\n\r\ndata: 1\n\n'.encode()
    whole = [(frame.kind, frame.event, frame.data) for frame in frames(body)]
    for cut in range(1, len(body)):
        cut_up = frames(body[:cut], body[cut:])
        assert [(each.kind, each.event, each.data) for each in cut_up] == whole
        assert b"".join(each.raw for each in cut_up) == body


def test_bytes_that_make_no_frame_are_not_lost() -> None:
    found = frames(b"data: {}\n\n", b"data: unfinis")
    assert (found[-1].kind, found[-1].raw) in {("data", b"data: unfinis"), ("rest", b"data: unfinis")}


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://host/v1/chat/completions", "openai-chat"),
        ("https://host/v1beta/models/m:streamGenerateContent?alt=sse", "gemini"),
        ("http://host/api/chat", "ollama-chat"),
        ("https://host/v1/models", ""),
    ],
)
def test_the_api_is_known_by_the_path(url: str, api: str) -> None:
    assert api_of(url) == api


@pytest.mark.parametrize(
    ("lost", "ending"), [("", Finished(None, "eof")), ("the connection was lost", CutOff("the connection was lost"))]
)
def test_plain_text_ends_with_its_body_and_is_cut_off_where_that_broke(lost: str, ending: ChatEvent) -> None:
    reader = FrameReader("http://h/say?text=x", 200, {"content-type": "text/plain"})
    frames = [*reader.feed(1.0, b"All of "), *reader.feed(2.0, b"it.")]
    left, events = reader.close(3.0, lost)
    texts = [event.text for frame in (*frames, *left) for event in frame.events if isinstance(event, TextDelta)]
    assert "".join(texts) == "All of it."
    assert list(events) == [ending]


def test_a_document_that_is_broken_or_no_answer_is_no_reply() -> None:
    for body in (b'{"choices": [', b"[]", b'"text"'):
        reader = FrameReader("http://h/v1/chat/completions", 200, {"content-type": "application/json"})
        reader.feed(1.0, body)
        _, events = reader.close(2.0)
        assert not any(isinstance(event, TextDelta | Finished) for event in events), body
