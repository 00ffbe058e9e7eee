"""Frames with the bytes they had, wherever the network cut the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tui_chat.wire.framing import EventStream, Frame
from tui_chat.wire.inspection import frame_cutter
from tui_chat.wire.inspection.frame_cutter import CutFrame, FrameCutter

if TYPE_CHECKING:
    import pytest

EVENTS = (
    b'data: {"a": 1}\n\n: ping\n\nevent: message\r\ndata: two\r\ndata: lines\r\n\r\n'
    b"id: 7\ndata: caf\xc3\xa9\n\nretry: 10\n\ndata: last\n\n"
)


def cut(body: bytes, sizes: list[int], content_type: str = "text/event-stream") -> list[CutFrame]:
    cutter = FrameCutter(content_type)
    found: list[CutFrame] = []
    at = 0
    for size in sizes:
        found += cutter.feed(body[at : at + size])
        at += size
    return [*found, *cutter.feed(body[at:]), *cutter.close()]


@given(st.lists(st.integers(1, 40), max_size=60))
def test_frames_and_their_bytes_do_not_depend_on_the_cuts(sizes: list[int]) -> None:
    whole = EventStream()
    expected = [*whole.feed(EVENTS), *whole.close()]
    found = cut(EVENTS, sizes)
    assert [each.frame for each in found] == expected
    assert [EVENTS[each.start : each.end].strip() for each in found][:2] == [b'data: {"a": 1}', b": ping"]
    assert b"caf\xc3\xa9" in EVENTS[found[-2].start : found[-2].end]


UNSEPARATED = b'data: {"a": 1}\n\nevent: x\ndata: {"b": 2}\nevent: x\ndata: {"c": 3}\r\ndata: {"d": 4}\ndata: [DONE]\n'


@given(st.lists(st.integers(1, 40), max_size=60))
def test_events_without_blank_lines_are_cut_as_they_come_wherever_they_are_cut(sizes: list[int]) -> None:
    whole = EventStream(lenient=True)
    expected = [*whole.feed(UNSEPARATED), *whole.close()]
    found = cut(UNSEPARATED, sizes)
    assert [each.frame for each in found] == expected
    assert [UNSEPARATED[each.start : each.end].split() for each in found] == [
        [b"data:", b'{"a":', b"1}"],
        [b"event:", b"x", b"data:", b'{"b":', b"2}"],
        [b"event:", b"x", b"data:", b'{"c":', b"3}"],
        [b"data:", b'{"d":', b"4}"],
        [b"data:", b"[DONE]"],
    ]


def test_an_event_without_a_blank_line_is_there_when_its_line_has_come() -> None:
    cutter = FrameCutter("text/event-stream")
    assert [*cutter.feed(b'data: {"a": 1}\n')] == []  # another line may belong to it
    assert [each.frame.data for each in cutter.feed(b'data: {"b": 2}\n')] == ['{"a": 1}', '{"b": 2}']
    assert [each.frame.data for each in cutter.feed(b'data: {"c": 3}\n')] == ['{"c": 3}']
    assert cutter.unseparated


def test_lines_of_json_are_frames() -> None:
    body = b'{"a": 1}\n{"b": 2}\n'
    found = cut(body, [3, 9], "application/x-ndjson")
    assert [(each.frame.data, body[each.start : each.end]) for each in found] == [
        ('{"a": 1}', b'{"a": 1}\n'),
        ('{"b": 2}', b'{"b": 2}\n'),
    ]


def test_a_document_over_several_lines_is_one_frame_of_all_its_bytes() -> None:
    body = b'{\n  "a": 1\n}\n'
    (found,) = cut(body, [4], "application/json")
    assert (found.start, found.end) == (0, len(body))
    assert found.frame.complete


def test_an_event_that_never_ends_is_an_error_and_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_cutter, "MAX_BLOCK", 100)
    cutter = FrameCutter("text/event-stream")
    [*cutter.feed(b"data: x\n\n")]
    found = [*cutter.feed(b"data: " + b"y" * 200)]
    assert [each.frame.kind for each in found] == ["error"]
    assert [*cutter.feed(b"data: z\n\n")] == []


def test_a_body_that_breaks_off_leaves_an_incomplete_frame() -> None:
    found = cut(b"data: whole\n\ndata: torn", [5])
    assert [each.frame for each in found] == [Frame("data", "whole"), Frame("data", "torn", complete=False)]
    assert found[1].end == len(b"data: whole\n\ndata: torn")


def test_the_search_for_ends_goes_over_each_byte_about_once() -> None:
    """A long event in small pieces is not searched from its beginning for each of them."""
    searched = 0

    class Counting:
        def finditer(self, data: bytearray, start: int) -> object:
            nonlocal searched
            searched += len(data) - start
            return real.finditer(data, start)

    real = frame_cutter._BLOCK_END
    cutter = FrameCutter("text/event-stream")
    [*cutter.feed(b"data: ")]
    cutter._end = Counting()  # type: ignore[assignment]
    for _ in range(2000):
        assert [*cutter.feed(b"0123456789")] == []
    assert searched < 2000 * 10 * 2


def test_what_could_not_be_read_is_counted_by_the_framing() -> None:
    cutter = FrameCutter("text/event-stream")
    assert cutter.skipped.events == 0
    list(cutter.feed(b"data: one\n\nwords without a field\ndata: two\n\n"))
    assert (cutter.skipped.events, cutter.skipped.last) == (1, "words without a field")


def test_nothing_of_a_plain_text_is_skipped() -> None:
    cutter = FrameCutter("text/plain")
    list(cutter.feed(b"words\nand more words, which are not event stream\n"))
    assert cutter.skipped.events == 0
