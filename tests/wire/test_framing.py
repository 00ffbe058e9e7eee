from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.corpus import CUTS, Case, cases, cut, needs_corpus, params
from tui_chat.wire.body_kind import body_kind
from tui_chat.wire.framing import EventStream, Frame, FramingError, JsonLines, PlainText


def frames(pieces: list[bytes]) -> list[Frame]:
    """All frames of a body in pieces, its end included."""
    stream = EventStream()
    return [frame for piece in pieces for frame in stream.feed(piece)] + stream.close()


def data(body: bytes) -> list[str]:
    """The data of the whole events of a body."""
    return [frame.data for frame in frames([body]) if frame.kind == "data" and frame.complete]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"data\n\n", [""]),
        (b"data: \n\n", [""]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b" data: a\n\ndata: b\n\n", ["b"]),
        (b"event: x\n\ndata: b\n\n", ["b"]),
        (b"\n\n\n\ndata: a\n\n\n\n\ndata: b\n\n", ["a", "b"]),
        ("data: a\u2028b\u0085c\x0b\x0cd\n\n".encode(), ["a\u2028b\u0085c\x0b\x0cd"]),
        (b"data: a\xffb\n\n", ["a\ufffdb"]),
        (b"Data: a\ndata : b\n\n", []),
    ],
)
def test_lines_end_at_lf_cr_and_crlf_and_fields_are_read_as_the_standard_says(body: bytes, expected: list[str]) -> None:
    assert data(body) == expected


def test_a_comment_is_a_frame_at_once_and_leaves_the_open_event_alone() -> None:
    stream = EventStream()
    assert stream.feed(b"data: a\n: still here\n") == [Frame("comment", "still here")]
    assert stream.feed(b"data: b\n\n") == [Frame("data", "a\nb")]


def test_an_error_field_is_a_frame() -> None:
    assert frames([b'error: {"error":{"message":"out of memory"}}\n\n']) == [
        Frame("error", '{"error":{"message":"out of memory"}}')
    ]


def test_an_event_name_holds_for_its_own_event_and_an_id_for_all_that_follow() -> None:
    assert frames([b"event: e\nid: 7\ndata: a\n\ndata: b\n\n"]) == [
        Frame("data", "a", "e", "7"),
        Frame("data", "b", "", "7"),
    ]


@pytest.mark.parametrize("body", [b"data: a", b"data: a\n", b"data: a\r"])
def test_an_event_that_the_end_left_open_is_handed_over_marked_incomplete(body: bytes) -> None:
    assert frames([body]) == [Frame("data", "a", complete=False)]


def test_an_unterminated_line_is_bounded() -> None:
    stream = EventStream(max_block=1 << 20)
    for _ in range(10):
        stream.feed(b"x" * 100_000)
    with pytest.raises(FramingError, match="larger than 1 MiB"):
        stream.feed(b"x" * 100_000)


@pytest.mark.parametrize("lines", [b"data: ", b"data: x\ndata: "])
def test_nothing_is_left_of_an_event_beyond_the_bound(lines: bytes) -> None:
    stream = EventStream(max_block=1 << 20)
    stream.feed(lines)
    with pytest.raises(FramingError):
        stream.feed(b"x" * (1 << 20))
    assert stream.close() == []


def test_an_event_of_endless_lines_is_bounded() -> None:
    stream = EventStream(max_block=1 << 20)
    for _ in range(10):
        stream.feed(b"data: " + b"x" * 100_000 + b"\n")
    with pytest.raises(FramingError):
        stream.feed(b"data: " + b"x" * 100_000 + b"\n")


@pytest.mark.parametrize("line", [b"data\n", b"data:\n", b"data: \n", b"data:\r"])
@pytest.mark.parametrize("loose", [False, True])
def test_an_event_of_endless_empty_lines_is_bounded(line: bytes, loose: bool) -> None:
    stream = EventStream(max_block=1 << 10, loose=loose)
    with pytest.raises(FramingError):
        stream.feed(line * 1000)
    assert stream.close() == []


def test_an_id_too_long_to_be_sent_back_is_not_kept() -> None:
    stream = EventStream(last_id="7")
    stream.feed(b"id: " + b"x" * 5000 + b"\ndata: a\n\n")
    assert stream.last_id == "7"


def test_many_events_in_one_piece_are_not_bounded() -> None:
    assert len(EventStream(max_block=1000).feed(b"data: x\n\n" * 1000)) == 1000


FRAGMENTS = st.sampled_from(
    [
        b"data",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"event: e",
        b"id: 1",
        b": c",
        b"error: e",
        b"data: x",
        "é漢🙂".encode(),
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xe2\x82",
        b"\n\n",
        b"\x00",
    ]
)


@given(st.lists(FRAGMENTS, max_size=30).map(b"".join), st.data())
def test_any_cut_gives_the_same_frames(body: bytes, chance: st.DataObject) -> None:
    places = sorted(chance.draw(st.sets(st.integers(0, len(body)))))
    pieces = [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]
    assert frames(pieces) == frames([body])


@given(st.lists(FRAGMENTS, max_size=30).map(b"".join))
def test_the_fast_way_gives_what_a_line_by_line_reader_gives(body: bytes) -> None:
    assert [(f.data, f.event, f.id) for f in frames([body]) if f.kind == "data" and f.complete] == plain_reader(body)


def plain_reader(body: bytes) -> list[tuple[str, str, str]]:
    """The standard's algorithm, word for word and slowly."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[str, str, str]] = []
    lines: list[str] = []
    event = last = ""
    for line in text.split("\n")[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if lines:
                found.append(("\n".join(lines), event, last))
            lines, event = [], ""
        elif field == "data":
            lines.append(value)
        elif field == "event":
            event = value
        elif field == "id" and "\0" not in value:
            last = value
    return found


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", None),
        (b"\xef\xbb", None),
        (b" \r\n", None),
        (b"\n" * 100_000, "events"),
        (b": ping", "events"),
        (b" data: x", "events"),
        (b"\xef\xbb\xbfdata: x", "events"),
        (b"Too many requests", "text"),
        (b"d", None),
        (b"data", None),
        (b"data\n", "events"),
        (b"database", "text"),
        (b"data: x", "events"),
        (b"<think>", "page"),
        (b'\n {"choices"', "json"),
        (b'[{"error"', "json"),
        (b"<!doctype html>", "page"),
    ],
)
def test_the_first_bytes_tell_what_a_body_is(head: bytes, kind: str | None) -> None:
    assert body_kind(head) == kind


@pytest.mark.parametrize(
    ("head", "content_type", "kind"),
    [
        (b"Too many requests", "text/event-stream", "events"),
        (b"Too many requests", "application/json; charset=utf-8", "events"),
        (b"Too many requests", "Text/Plain; charset=utf-8", "text"),
        (b"<think>Let me see", "text/plain", "text"),
        (b"<th", "text/plain", None),
        (b"<!DOCTYPE html>", "text/plain", "page"),
        (b"data: x", "text/plain", "events"),
    ],
)
def test_the_type_decides_only_where_the_bytes_do_not(head: bytes, content_type: str, kind: str | None) -> None:
    assert body_kind(head, content_type) == kind


@pytest.mark.parametrize(("head", "kind"), [(b"d", "text"), (b"  ", "events"), (b"\xef\xbb\xbf", "events")])
def test_a_body_that_has_ended_is_something(head: bytes, kind: str) -> None:
    assert body_kind(head, ended=True) == kind


# ---- JSON lines and plain text


def json_frames(pieces: list[bytes]) -> list[Frame]:
    framing = JsonLines()
    return [frame for piece in pieces for frame in framing.feed(piece)] + framing.close()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1}\n{"b":2}\n', [('{"a":1}', True), ('{"b":2}', True)]),
        (b'{"a":1}\r\n\r\n{"b":2}', [('{"a":1}', True), ('{"b":2}', True)]),
        (b'\xef\xbb\xbf{"a":1}\n{"b"', [('{"a":1}', True), ('{"b"', False)]),
        (b'{\n "a": 1\n}\n', [('{\n "a": 1\n}', True)]),
        (b'[{"a":1}\n,\n{"b":2}]', [('[{"a":1}\n,\n{"b":2}]', True)]),
        (b'{\n "a":', [('{\n "a":', False)]),
        ('{"a":"\u2028"}\n{}'.encode(), [('{"a":"\u2028"}', True), ("{}", True)]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_json_is_lines_or_one_document(body: bytes, expected: list[tuple[str, bool]]) -> None:
    for step in (len(body) or 1, 1, 7):
        pieces = [body[at : at + step] for at in range(0, len(body), step)]
        assert [(frame.data, frame.complete) for frame in json_frames(pieces)] == expected


def test_a_json_line_without_end_is_bounded() -> None:
    framing = JsonLines(max_block=1 << 20)
    with pytest.raises(FramingError, match="larger than 1 MiB"):
        framing.feed(b"{" + b"x" * (1 << 20))


def test_a_plain_text_is_cut_between_characters_only() -> None:
    framing = PlainText()
    found = [frame.data for byte in "aé漢🙂".encode() for frame in framing.feed(bytes([byte]))]
    assert found == ["a", "é", "漢", "🙂"]
    assert framing.feed(b"\xe6") == []
    assert framing.close() == [Frame("text", "\ufffd", complete=False)]


# ---- the recorded cases


def compared(found: list[Frame], expected: list[dict[str, Any]]) -> None:
    events = [frame for frame in found if frame.kind == "data" and frame.complete]
    assert len(events) == len(expected)
    for frame, event in zip(events, expected, strict=True):
        assert (frame.event or "message", frame.id) == (event["event"], event["id"])
        if "data" in event:
            assert frame.data == event["data"]
        else:
            assert len(frame.data) == event["data_length"]
            assert hashlib.sha256(frame.data.encode()).hexdigest() == event["data_sha256"]


@needs_corpus
@pytest.mark.parametrize("how", [*CUTS, "bytes"])
@pytest.mark.parametrize("case", params(cases("eventsource", ".bin")))
def test_a_recorded_body_is_framed_as_expected(case: Case, how: str) -> None:
    stream = EventStream()
    found = [frame for piece in cut(case.body, how) for frame in stream.feed(piece)]
    compared(found + stream.close(), case.expected)
    assert stream.retry == case.about["retry"]


@needs_corpus
@pytest.mark.parametrize("case", params([case for case in cases("eventsource", ".bin") if case.about["splits"]]))
def test_a_recorded_body_is_framed_as_expected_in_its_own_cuts(case: Case) -> None:
    for places in case.about["splits"]:
        pieces = [case.body[a:b] for a, b in zip([0, *places], [*places, len(case.body)], strict=True)]
        compared(frames(pieces), case.expected)


@pytest.mark.parametrize(
    ("body", "frame"),
    [
        (b' data: {"a": 1}\n\n', ('{"a": 1}', "")),
        (b'Data: {"a": 1}\n\n', ('{"a": 1}', "")),
        (b"\tevent: error\ndata: x\n\n", ("x", "error")),
    ],
)
def test_field_names_that_are_almost_right_are_read_where_a_chat_comes(body: bytes, frame: tuple[str, str]) -> None:
    chat, strict = EventStream(lenient=True), EventStream()
    assert [(each.data, each.event) for each in [*chat.feed(body), *chat.close()]] == [frame]
    assert chat.skipped.events == 0
    assert [(each.data, each.event) for each in [*strict.feed(body), *strict.close()]] != [frame]
    assert strict.skipped.events == 1
