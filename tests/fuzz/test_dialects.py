"""Damaged streams through framing, hearing and every dialect, the guessing one too."""

from __future__ import annotations

import asyncio
import json
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.running import SECONDS, Target, shorter
from tests.fuzz.streams import HOSTILE, Body, Damaged, damaged, document_of, places, small_bodies, smaller
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import ChatEvent, Ending, Failed, ReasoningDelta, RefusalDelta, Skipped, TextDelta
from tui_chat.wire.dialects import DIALECTS, ResponseDecoder
from tui_chat.wire.dialects.detect import DetectedDialect
from tui_chat.wire.response_reader import read_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.wire.http.transport import HttpResponse

CASES = 900
"""Of the usual run; they take some seconds."""


class Given:
    """An answer whose body is at hand, in pieces."""

    status = 200

    def __init__(self, body: bytes, content_type: str, cuts: int) -> None:
        self.headers = {"content-type": content_type}
        chance = random.Random(cuts)
        self._pieces = []
        at = 0
        while at < len(body):
            size = chance.choice((1, 7, 64, 1000, 20_000)) if cuts else len(body)
            self._pieces.append(body[at : at + size])
            at += size
        self._pieces.reverse()

    async def chunk(self, within: float | None = None) -> bytes | None:
        return self._pieces.pop() if self._pieces else None

    async def drain(self) -> None:
        """There is nothing to keep."""


def decoder_of(name: str) -> ResponseDecoder:
    if name == "guessed":
        return DetectedDialect(DIALECTS["openai-chat"](), "openai-chat", lambda other: DIALECTS[other]())
    if name == "any":
        return DetectedDialect(DIALECTS["simple-get"](), "simple-get", lambda other: DIALECTS[other]())
    return DIALECTS[name]()


def heard(case: Damaged, body: bytes, cuts: int) -> list[ChatEvent]:
    return [event for batch in batches(case, body, cuts) for event in batch]


def batches(case: Damaged, body: bytes, cuts: int) -> list[Sequence[ChatEvent]]:
    kind = "text/event-stream"
    if case.body.lines:
        kind = "application/x-ndjson" if case.body.dialect == "ollama-chat" else "application/json"
    answer: HttpResponse = Given(body, kind, cuts)  # type: ignore[assignment]

    async def all_of_it() -> list[Sequence[ChatEvent]]:
        return [batch async for batch in read_events(answer, decoder_of(case.ear), "http://h", 5.0)]

    return LOOP.run_until_complete(all_of_it())


LOOP = asyncio.new_event_loop()


def words(events: list[ChatEvent]) -> tuple[str, str, str]:
    """Text, reasoning and refusal."""
    kinds = (TextDelta, ReasoningDelta, RefusalDelta)
    return tuple("".join(event.text for event in events if isinstance(event, kind)) for kind in kinds)  # type: ignore[return-value]


def check(case: Damaged) -> None:
    body = case.after()
    events = heard(case, body, case.cuts)
    endings = [event for event in events if isinstance(event, Ending)]
    assert endings == events[-1:], f"endings: {endings}"
    said = words(events)
    assert sum(map(len, said)) <= len(body), "more text than came"
    conversation = Conversation()
    message = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=0.0)
    conversation.apply(message, *events)
    assert message.settled
    if case.harmless:
        original = heard(case, case.before(), 0)
        assert said == words(original), "text was lost or came twice"
        assert type(events[-1]) is type(original[-1]), f"{original[-1]} has become {events[-1]}"
        if case.garbage and any(event in body for event in NOTICED) and not lone(case):
            told = isinstance(endings[0], Failed) or any(isinstance(event, Skipped) for event in events)
            assert told, "garbage was passed over without a word"
        return
    # What came before the first damage is there. What only the end told may have waited for more: half of a tag, of a
    # character, another choice.
    before = [event for batch in batches(case, case.untouched(), 0)[:-1] for event in batch]
    for got, kept in zip(said, words(before), strict=True):
        assert got.startswith(kept), f"{kept!r} was lost: {got!r}"


def lone(case: Damaged) -> bool:
    """Whether the garbage may stand where nothing is read any more, or before the body has said what it is."""
    if b"[DONE]" in case.before()[: case.before().rfind(b"data:")]:
        return True
    was = [index for index, (before, _) in enumerate(case.pairs) if before is not None]
    put = [index for index, (before, _) in enumerate(case.pairs) if before is None]
    return not was or min(put, default=0) < was[0] or max(put, default=0) > was[-1] - 2


NOTICED = (b"502 Bad Gateway", b"not JSON, and long", b"nonsense")


def show(case: Damaged) -> str:
    kind = "harmless damage" if case.harmless else "damage"
    return f"{case.body.name}, heard as {case.ear}, {kind}, cuts {case.cuts}:\n{case.after()!r}"


TARGET = Target(damaged, check, lambda case: smaller(case, shorter), show)


def test_damaged_streams_lose_no_text_and_end_once() -> None:
    assert TARGET.run(cases=CASES) > 0


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_damaged_streams_lose_no_text_and_end_once_for_long(capsys: pytest.CaptureFixture[str]) -> None:
    tried = TARGET.run(seconds=SECONDS)
    with capsys.disabled():
        print(f"\nstreams: {tried:,} cases in {SECONDS:.0f} CPU seconds")


@pytest.mark.parametrize("body", small_bodies(), ids=lambda body: body.name)
def test_no_value_in_another_field_costs_the_text_beside_it(body: Body) -> None:
    """Every field that is not text, with every hostile value that is not text either."""
    whole = Damaged(body, body.dialect, tuple((event, event) for event in body.events), harmless=False)
    said = words(heard(whole, whole.after(), 0))
    for at, event in enumerate(body.events):
        count = 0 if (taken := document_of(event)) is None else len(places(taken[1]))
        for number in range(count):
            for value in HOSTILE:
                changed = with_value_at(event, number, value)
                if changed is None:
                    continue
                pairs = tuple((was, changed if place == at else was) for place, was in enumerate(body.events))
                case = replace(whole, pairs=pairs)
                assert words(heard(case, case.after(), 0)) == said, f"{value:.40} in {changed[:300]!r}"


def with_value_at(event: bytes, number: int, value: str) -> bytes | None:
    """The event with a value in one of its fields; `None`: that would be text, replace some, or be another choice."""
    taken = document_of(event)
    assert taken is not None
    container, key = places(taken[1])[number]
    if value.startswith('"') or SAID.search(json.dumps(container[key])) or (key == "index" and value == "1"):
        return None
    container[key] = "@@here@@"
    return taken[0] + json.dumps(taken[1]).replace('"@@here@@"', value).encode() + taken[2]


SAID = re.compile(r"\b(one|two|hm)\b")
