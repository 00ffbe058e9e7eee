"""Each encoder's output is read back by its dialect, wherever the bytes are cut."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_chat.chat.events import (
    ChatEvent,
    Citation,
    CutOff,
    Failed,
    Finished,
    Image,
    KeepAlive,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.quick_dataclass import replace
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.openai_chat import OpenAIChatEncoder
from tui_chat.server.formats.style import PLAIN, Style
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.framing import EventStream, JsonLines

# A `<think>` at the very start of the text is read as reasoning, on purpose.
texts = st.text(min_size=1).filter(lambda text: "<" not in text)
counts = st.none() | st.integers(0, 10**9)
TEXT, REASONING, REFUSAL = st.builds(TextDelta, texts), st.builds(ReasoningDelta, texts), st.builds(RefusalDelta, texts)
PIECES = st.builds(ToolCallDelta, st.just(0), st.just("call_1"), st.just("look"), st.text())
WHOLE_CALL = st.just(ToolCallDelta(0, "call_1", "look", '{"at": [1, "\u2028"]}'))
CITATION = st.just(Citation("https://example.org/", "A page"))
LINKED = st.just(Image("https://example.org/picture.png"))
INLINE = st.just(Image("data:image/png;base64,aGk="))


def opaque(document: object) -> st.SearchStrategy[ChatEvent]:
    return st.just(Opaque(json.dumps(document)))


@dataclass(frozen=True)
class Speech:
    """The events that a dialect can express."""

    deltas: tuple[st.SearchStrategy[ChatEvent], ...]
    usage: tuple[str, ...]
    """The token counts it has."""
    reasons: tuple[str | None, ...]
    """Its finish reasons."""
    sign: str
    error: Failed = field(default_factory=lambda: Failed("", message="It broke.", type="overloaded", code="529"))


SPEECHES = {
    "openai-chat": Speech(
        (TEXT, REASONING, REFUSAL, PIECES, CITATION, LINKED, INLINE),
        ("input", "output", "total", "reasoning", "cached"),
        ("stop", "length", "tool_calls", None),
        "done-sentinel",
    ),
    "openai-responses": Speech(
        (
            TEXT,
            REASONING,
            REFUSAL,
            PIECES,
            CITATION,
            opaque({"type": "reasoning", "id": "r", "encrypted_content": "x"}),
        ),
        ("input", "output", "total", "reasoning", "cached"),
        ("completed", "incomplete:max_output_tokens"),
        "terminal-event",
    ),
    "anthropic-messages": Speech(
        (TEXT, REASONING, PIECES, CITATION, opaque({"type": "redacted_thinking", "data": "x"})),
        ("input", "output", "cached"),
        ("end_turn", "max_tokens", "refusal", None),
        "terminal-event",
        Failed("", message="Overloaded", type="overloaded_error"),
    ),
    "gemini": Speech(
        (TEXT, REASONING, WHOLE_CALL, CITATION, INLINE, opaque({"text": "", "thoughtSignature": "x"})),
        ("input", "output", "total", "reasoning", "cached"),
        ("STOP", "MAX_TOKENS", "SAFETY"),
        "eof",
        Failed("", message="It broke.", code="503"),
    ),
    "ollama-chat": Speech(
        (TEXT, REASONING, WHOLE_CALL, INLINE),
        ("input", "output"),
        ("stop", "length", None),
        "terminal-event",
        Failed("", message="It broke."),
    ),
}


def written(name: str, events: list[ChatEvent]) -> bytes:
    encoder = OpenAIChatEncoder("m", Style(usage="last")) if name == "openai-chat" else ENCODERS[name]("m", PLAIN)
    return b"".join(map(encoder.encode, events))


def read(name: str, body: bytes, cuts: list[int]) -> list[ChatEvent]:
    dialect = DIALECTS[name]()
    framing = JsonLines() if dialect.lines else EventStream()
    events: list[ChatEvent] = []
    for start, end in pairwise([0, *sorted(cuts), len(body)]):
        for frame in framing.feed(body[start:end]):
            events += dialect.decode(frame)
    for frame in framing.close():
        events += dialect.decode(frame)
    return [*events, *dialect.close()]


def gist(events: list[ChatEvent]) -> dict[str, object]:
    """The events as a conversation would keep them: joined texts, calls, sources, the last usage, the ending."""
    kept: dict[str, Any] = {"sources": [], "pictures": [], "opaque": [], "usage": None, "calls": {}}
    for event in events:
        match event:
            case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
                kept[type(event).__name__] = kept.get(type(event).__name__, "") + text
            case ToolCallDelta(_, identity, name, arguments):
                # Which number a call has is a dialect's own affair; here is one at most.
                before = kept["calls"].get(0, ("", "", ""))
                kept["calls"][0] = (before[0] or identity, before[1] or name, before[2] + arguments)
            case Citation(url, title) if (url, title) not in kept["sources"]:
                kept["sources"].append((url, title))
            case Image(url):
                kept["pictures"].append(url)
            case Opaque(text):
                kept["opaque"].append(json.loads(text))
            case UsageReport(usage):
                kept["usage"] = replace(usage, cached_apart=None, reasoning_apart=None)  # each API's own way to count
            case ModelNamed(name):
                kept["model"] = name
            case Failed():
                kept["ending"] = (event.message, event.type, event.code)
            case CutOff():
                kept["ending"] = "cut off"
            case Finished(reason, sign):
                kept["ending"] = (reason, sign)
            case _:
                pass
    return kept


def expected(said: list[ChatEvent]) -> dict[str, object]:
    whole = gist([ModelNamed("m"), *said])
    if not isinstance(said[-1], Finished):
        whole["usage"] = None  # it comes with the end
    return whole


@pytest.mark.parametrize("name", sorted(DIALECTS.keys() - {"simple-get"}))  # that one is tried in test_chat_by_url.py
def test_every_dialect_has_its_encoder_and_is_tried_here(name: str) -> None:
    assert name in ENCODERS
    assert name in SPEECHES


@pytest.mark.parametrize("name", SPEECHES)
@settings(max_examples=60)
@given(data=st.data())
def test_what_the_encoder_writes_the_dialect_reads_however_it_is_cut(name: str, data: st.DataObject) -> None:
    speech = SPEECHES[name]
    head, *rest = data.draw(st.tuples(TEXT, st.lists(st.one_of(*speech.deltas, st.builds(KeepAlive)), max_size=8)))
    calls = [event for event in rest[0] if isinstance(event, ToolCallDelta)]
    once = calls[:1] if WHOLE_CALL in speech.deltas else calls  # a whole call comes once
    deltas = [event for event in rest[0] if not isinstance(event, ToolCallDelta)]
    usages = st.builds(Usage, **dict.fromkeys(speech.usage, counts))
    usage = data.draw(usages.filter(lambda usage: bool(usage.input or usage.output or usage.total)), label="usage")
    ending = data.draw(
        st.one_of(
            st.sampled_from(speech.reasons).map(lambda reason: Finished(reason, speech.sign)),  # type: ignore[arg-type]
            st.just(CutOff("")),
            st.just(speech.error),
        )
    )
    said: list[ChatEvent] = [head, *deltas, *once, UsageReport(usage), ending]
    body = written(name, said)
    # Ollama's lines hold the time, so the body's length is not the same each time.
    cuts = [cut % (len(body) + 1) for cut in data.draw(st.lists(st.integers(0, 10_000), max_size=12))]
    wanted = expected(said)
    if WHOLE_CALL in speech.deltas and not isinstance(ending, Finished):
        wanted["calls"] = {}  # it is told with the end
        if name == "gemini":
            wanted["sources"] = []
    found = gist(read(name, body, cuts))
    assert found == wanted


@pytest.mark.parametrize("name", SPEECHES)
@pytest.mark.parametrize("size", [1, 7])
def test_a_body_in_tiny_pieces_reads_the_same(name: str, size: int) -> None:
    speech = SPEECHES[name]
    usage = UsageReport(Usage(input=3, output=2))
    ending = Finished(speech.reasons[0], speech.sign)  # type: ignore[arg-type]
    text = "Grüße 👩‍🚀\u2028\r\n\ndata: [DONE]\n\n"
    said: list[ChatEvent] = [ReasoningDelta("思考"), TextDelta(text), usage, ending]
    body = written(name, said)
    assert gist(read(name, body, list(range(size, len(body), size)))) == gist([ModelNamed("m"), *said])


@pytest.mark.parametrize("name", SPEECHES)
def test_a_whole_answer_is_read_as_the_stream_is(name: str) -> None:
    speech = SPEECHES[name]
    said: list[ChatEvent] = [
        ReasoningDelta("Hm"),
        ReasoningDelta("m."),
        TextDelta("Hel"),
        TextDelta("lo"),
        ToolCallDelta(0, "call_1", "look", '{"at": 1}'),
        UsageReport(Usage(input=3, output=2)),
        Finished(speech.reasons[0], speech.sign),  # type: ignore[arg-type]
    ]
    status, document = ENCODERS[name]("m", PLAIN).whole(said)
    assert status == 200
    found, wanted = gist([*DIALECTS[name]().decode_document(document)]), gist([ModelNamed("m"), *said])
    assert found.pop("ending") == (speech.reasons[0], "eof" if name == "openai-chat" else found_sign(name))
    wanted.pop("ending")
    assert found == wanted


def found_sign(name: str) -> str:
    """A message of Anthropic's as a document has no last event; what is JSON lines, or a response, says its end."""
    return {"anthropic-messages": "eof"}.get(name, SPEECHES[name].sign)


@pytest.mark.parametrize("name", SPEECHES)
def test_a_whole_answer_that_failed_is_an_error_with_its_status(name: str) -> None:
    status, document = ENCODERS[name]("m", PLAIN).whole([TextDelta("Hel"), Failed("Too much.", status=429)])
    assert status == 429
    (failed,) = DIALECTS[name]().decode_document(document)
    assert isinstance(failed, Failed)
    assert failed.message == "Too much."
    assert ENCODERS[name]("m", PLAIN).whole([TextDelta("Hel"), CutOff("gone")])[0] == 502
