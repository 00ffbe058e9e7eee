"""What each frame of a recorded response means, when it came, and where its text stands in the reply."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.canaries import leaks
from tests.wire.tape.test_tape import FakeResponse
from tui_chat.chat.inspection.wire_ports import StreamFacts
from tui_chat.chat.secrets import Secrets
from tui_chat.wire.inspection import frame_log
from tui_chat.wire.inspection.frame_log import RecordedFrames
from tui_chat.wire.tape.tape import Tape

if TYPE_CHECKING:
    from tui_chat.wire.tape.tape import RecordedExchange

KEY = "sk-canary-0123456789"
URL = "http://host/v1/chat/completions"


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def delta(text: str, **more: object) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, **more}])


REPLY = [
    event(choices=[{"index": 0, "delta": {"role": "assistant"}}]),
    event(choices=[{"index": 0, "delta": {"reasoning_content": "hm"}}]),
    delta("Every "),
    b": keep-alive\n\n",
    delta("match"),
    event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
    event(choices=[], usage={"prompt_tokens": 620, "completion_tokens": 2}),
    b"data: [DONE]\n\n",
]


def recorded(
    pieces: list[bytes], *, tape: Tape | None = None, url: str = URL, content_type: str = "text/event-stream"
) -> RecordedExchange:
    response = FakeResponse()
    response.headers = {"content-type": content_type}
    with (tape or Tape()).begin("POST", url, {}, b"{}", Secrets([KEY])) as taped:
        taped.responded(response, Secrets([KEY]))
        for piece in pieces:
            response.receive(piece)
        response.ending = ""
    return taped.exchange


def log_of(exchange: RecordedExchange) -> RecordedFrames:
    log = RecordedFrames(exchange)
    while log.update(10):
        pass
    return log


def test_each_frame_has_its_kind_and_says_what_it_holds() -> None:
    frames = log_of(recorded(REPLY)).frames
    assert [frame.kind for frame in frames] == [
        *("other", "reasoning", "text", "keep-alive", "text", "done", "usage", "done"),
    ]
    assert [frame.shown for frame in frames[1:5]] == ['"hm"', '"Every "', ": keep-alive", '"match"']
    assert frames[6].shown == "620 in, 2 out"
    assert frames[7].shown == "[DONE]"


def test_times_rise_and_gaps_are_between_neighbours() -> None:
    frames = log_of(recorded(REPLY)).frames
    assert all(earlier.at + later.gap == pytest.approx(later.at) for earlier, later in pairwise(frames))
    assert all(frame.gap >= 0 for frame in frames)


def test_deltas_know_their_place_in_the_reply() -> None:
    frames = log_of(recorded(REPLY)).frames
    assert [(frame.kind, frame.offset, frame.length) for frame in frames if frame.length] == [
        ("reasoning", 0, 2),
        ("text", 0, 6),
        ("text", 6, 5),
    ]


def test_the_raw_bytes_of_a_frame_are_those_that_came() -> None:
    exchange = recorded(REPLY)
    log = log_of(exchange)
    assert [log.raw(frame).strip() for frame in log.frames] == [piece.strip() for piece in REPLY]


def test_frames_come_while_the_response_runs() -> None:
    response = FakeResponse()
    with Tape().begin("POST", URL, {}, b"{}") as taped:
        log = RecordedFrames(taped.exchange)
        assert not log.update(1)
        taped.responded(response, Secrets())
        response.receive(REPLY[2] + REPLY[4][:10])
        assert not log.update(1)
        assert [frame.shown for frame in log.frames] == ['"Every "']
        response.receive(REPLY[4][10:])
        log.update(1)
        assert [frame.shown for frame in log.frames] == ['"Every "', '"match"']


@pytest.mark.parametrize(
    ("url", "piece", "kind"),
    [
        ("http://h/v1/messages", {"type": "content_block_delta", "index": 0,
                                  "delta": {"type": "text_delta", "text": "a"}}, "text"),
        ("http://h/v1/responses", {"type": "response.output_text.delta", "delta": "a"}, "text"),
        ("http://h/models/x:streamGenerateContent", {"candidates": [{"content": {"parts": [{"text": "a"}]}}]}, "text"),
        ("http://h/api/chat", {"message": {"content": "a"}, "done": False}, "text"),
        ("http://h/v1/chat/completions", {"error": {"message": "overloaded"}}, "error"),
    ],
)  # fmt: skip
def test_all_apis_are_understood(url: str, piece: dict[str, object], kind: str) -> None:
    (frame,) = log_of(recorded([event(**piece)], url=url)).frames
    assert frame.kind == kind


def test_a_whole_answer_is_a_frame_with_its_text() -> None:
    answer = json.dumps({"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}).encode()
    (frame,) = log_of(recorded([answer], content_type="application/json")).frames
    assert (frame.kind, frame.shown, frame.length) == ("text", '"all"', 3)


def test_words_are_found_in_the_bytes_and_in_what_is_shown() -> None:
    log = log_of(recorded(REPLY))
    assert log.find("FINISH_reason") == {5}
    assert log.find("every") == {2}
    assert log.find("620 in") == {6}
    assert log.find("nowhere") == set()


def test_a_key_that_the_server_repeats_is_seen_nowhere() -> None:
    log = log_of(recorded([delta(f"your key {KEY}"), event(error={"message": f"bad key {KEY}"})]))
    seen = "".join(frame.shown + frame.event for frame in log.frames) + "".join(map(str, map(log.raw, log.frames)))
    assert leaks(KEY, seen) == []


def test_probabilities_of_tokens_are_read() -> None:
    logprobs = {"content": [{"token": "Every", "logprob": -0.1, "top_logprobs": [
        {"token": "Every", "logprob": -0.1}, {"token": "Each", "logprob": -2.5}, {"token": 3}]}]}  # fmt: skip
    log = log_of(recorded([delta("Every", logprobs=logprobs), delta("x"), delta("y", logprobs={"content": 1})]))
    (score,) = log.scores(log.frames[0])
    assert (score.text, round(score.probability, 2)) == ("Every", 0.9)
    assert [(text, round(each, 2)) for text, each in score.alternatives] == [("Each", 0.08)]
    assert [*log.scores(log.frames[1]), *log.scores(log.frames[2])] == []


def test_frames_of_bytes_that_were_forgotten_stay_without_their_bytes() -> None:
    tape = Tape(4000)
    exchange = recorded([delta(f"{number:04}") for number in range(200)], tape=tape)
    assert exchange.dropped_pieces
    log = log_of(exchange)
    assert 0 < len(log.frames) < 200
    assert log.frames[-1].shown == '"0199"'
    assert b"0199" in log.raw(log.frames[-1])


def test_frames_go_when_their_bytes_go() -> None:
    tape = Tape(40_000)
    response = FakeResponse()
    with tape.begin("POST", URL, {}, b"{}") as taped:
        taped.responded(response, Secrets())
        log = RecordedFrames(taped.exchange)
        for number in range(2000):
            response.receive(delta(f"{number:04}"))
            log.update(1)
        assert log.dropped + len(log.frames) == 2000
        assert len(log.frames) <= taped.exchange.count
        assert log.raw(log.frames[0]).strip()
        assert (log.frames[-1].shown, log.frames[-1].offset) == ('"1999"', 4 * 1999)


def test_the_number_of_frames_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_log, "MOST_FRAMES", 40)
    log = log_of(recorded([delta(str(number)) for number in range(100)]))
    assert len(log.frames) <= 40
    assert log.dropped + len(log.frames) == 100
    assert log.frames[-1].shown == '"99"'


def test_a_slice_ends_in_time_and_the_next_goes_on() -> None:
    log = RecordedFrames(recorded([delta(str(number)) for number in range(1000)]))
    assert log.update(0)
    assert 0 < len(log.frames) < 1000
    while log.update(0):
        pass
    assert len(log.frames) == 1000


def test_the_outcome_is_known_as_the_frames_are() -> None:
    log = log_of(recorded(REPLY))
    assert log.facts == StreamFacts("stop", "620 in, 2 out", keep_alives=1)


def test_a_whole_answer_tells_its_outcome_too() -> None:
    answer = {
        "choices": [{"index": 0, "message": {"content": "Whole"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 6},
    }
    log = log_of(recorded([json.dumps(answer).encode()], content_type="application/json"))
    assert log.facts == StreamFacts("length", "9 in, 6 out")


@pytest.mark.parametrize("junk", [b"nonsense\nfoo: bar\n\n", b'data: {"half\n\n', b"data: what is this\n\n"])
def test_bytes_that_cannot_be_read_are_told_where_they_are(junk: bytes) -> None:
    log = log_of(recorded([delta("a"), junk, delta("b"), b"data: [DONE]\n\n"]))
    troubled = [frame for frame in log.frames if frame.problem or frame.kind == "error"]
    assert len(troubled) == 1
    assert junk in log.raw(troubled[0])
    assert log.facts.problems == 1


def test_an_event_that_the_end_of_the_body_cuts_is_named() -> None:
    log = log_of(recorded([delta("a"), b'data: {"id"']))
    assert [frame.problem for frame in log.frames] == ["", "the body ends inside this event"]


def test_an_error_is_shown_in_the_words_of_the_server() -> None:
    log = log_of(recorded([delta("a"), event(error={"message": "overloaded"})]))
    assert log.frames[-1].kind == "error"
    assert log.frames[-1].shown == "overloaded"


def test_of_a_chunk_without_text_what_differs_is_shown() -> None:
    log = log_of(
        recorded([event(id="c1", object="chat.completion.chunk", created=1, choices=[{"delta": {"role": "x"}}])])
    )
    assert log.frames[0].shown == '{"delta": {"role": "x"}}'


def test_the_body_is_text_without_keys_also_where_it_is_cut() -> None:
    body = f"<p>{KEY}</p>".encode()
    log = log_of(recorded([body * 50], content_type="text/html"))
    for most in range(1, 200):
        assert leaks(KEY, log.body(most)) == []
    assert log.body(1 << 18).count("<p>") == 50
