"""What the screen sees of a tape: the requests of each chat, and no secret."""

from __future__ import annotations

from tests.canaries import leaks
from tests.wire.tape.test_tape import FakeResponse
from tui_chat.backend.kept_wire import KeptWire
from tui_chat.backend.recording import RunRecording
from tui_chat.chat.secrets import Secrets

KEY = "sk-canary-0123456789abcd"
SECRETS = Secrets([KEY, f"Bearer {KEY}"])


def exchanged(recording: RunRecording, question: str = "q1", attempt: int = 1) -> None:
    assert recording.tape is not None
    response = FakeResponse()
    headers = {"Authorization": f"Bearer {KEY}", "X-Other": f"a {KEY} b"}
    url = f"http://host/v1/chat?key={KEY}"
    body = b'{"k": "%s"}' % KEY.encode()
    with recording.tape.begin("POST", url, headers, body, SECRETS, question=question, attempt=attempt) as taped:
        taped.responded(response, SECRETS)
        response.receive(b"data: x\n\n")
        response.ending = ""


def test_an_exchange_names_its_model_and_the_kind_of_its_body() -> None:
    recording = RunRecording("", 1 << 20)
    assert recording.tape is not None
    bodies = [b'{"model": "qwen3", "messages": []}', b'{"messages": ["say \\"model\\": \\"x\\""]}', b""]
    for body in (*bodies, b'{"messages": "' + b"x" * 5000 + b'","model":"end"}'):
        with recording.tape.begin("POST", "http://h/v1", {}, body, SECRETS) as taped:
            taped.responded(FakeResponse(), SECRETS)
    shown = KeptWire(recording).exchanges()
    assert [each.model for each in shown] == ["qwen3", "", "", "end"]
    assert {each.content_type for each in shown} == {FakeResponse().headers["content-type"]}


def test_requests_belong_to_questions() -> None:
    recording = RunRecording("", 1000)
    wire = KeptWire(recording)
    assert wire.exchanges() == []
    exchanged(recording, "q1")
    exchanged(recording, "q2", attempt=2)
    first, second = wire.exchanges()
    assert (first.question, first.attempt, second.question, second.attempt) == ("q1", 1, "q2", 2)
    assert (first.status, first.how, first.size, first.running) == (200, "end", 9, False)


def test_a_key_is_seen_nowhere_but_for_its_last_four_characters() -> None:
    recording = RunRecording("", 1000)
    exchanged(recording)
    wire = KeptWire(recording)
    headers, body = wire.request(1)
    assert dict(headers)["Authorization"] == f"Bearer ••••{KEY[-4:]}"
    seen = f"{wire.exchanges()} {headers} {body} {wire.response_headers(1)}"
    assert leaks(KEY, seen) == []


def test_nothing_is_kept_without_memory() -> None:
    wire = KeptWire(RunRecording(""))
    wire.watch(watching=True)
    assert (wire.kept, list(wire.exchanges())) == (False, [])


def test_times_are_exact_while_somebody_looks() -> None:
    recording = RunRecording("", 1000)
    wire = KeptWire(recording)
    exchanged(recording)
    wire.watch(watching=True)
    exchanged(recording)
    wire.watch(watching=False)
    exchanged(recording)
    assert [exchange.exact for exchange in wire.exchanges()] == [False, True, False]


def test_the_memory_is_bounded_and_what_was_forgotten_is_counted() -> None:
    recording = RunRecording("", 200)
    wire = KeptWire(recording)
    for _ in range(20):
        exchanged(recording)
    assert wire.exchanges()[0].dropped == 9
