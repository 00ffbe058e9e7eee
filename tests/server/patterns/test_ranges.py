from __future__ import annotations

import pytest

from tui_chat.server.patterns.ranges import UnsatisfiableError, asked_range

SIZE = 1000
ETAG = '"abc"'
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"


def asked(wanted: str, size: int = SIZE, *, if_range: str | None = None) -> range | None:
    headers = {"range": wanted} | ({} if if_range is None else {"if-range": if_range})
    return asked_range(headers, size, etag=ETAG, modified=MODIFIED)


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-", 500, 1000),
        ("bytes=999-", 999, 1000),
        ("bytes=990-5000", 990, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-5000", 0, 1000),
        ("Bytes = 1-2 ", 1, 3),
    ],
)
def test_the_bytes_that_are_asked_for_are_given(wanted: str, start: int, stop: int) -> None:
    assert asked(wanted) == range(start, stop)


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=1-2,5-6",
        "lines=1-2",
        "bytes=--1",
        "bytes=٣-",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_makes_no_sense_gets_all_of_it(wanted: str) -> None:
    assert asked(wanted) is None


@pytest.mark.parametrize("wanted", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_bytes_that_there_are_not_cannot_be_given(wanted: str) -> None:
    with pytest.raises(UnsatisfiableError):
        asked(wanted)


def test_nothing_can_be_given_of_an_empty_body() -> None:
    with pytest.raises(UnsatisfiableError):
        asked("bytes=0-", size=0)


@pytest.mark.parametrize("same", [ETAG, MODIFIED])
def test_the_rest_of_the_same_body_is_given(same: str) -> None:
    assert asked("bytes=500-", if_range=same) == range(500, 1000)


@pytest.mark.parametrize("other", ['"abd"', 'W/"abc"', "abc", "Sun, 06 Nov 1994 08:49:38 GMT", ""])
def test_all_of_another_body_is_given(other: str) -> None:
    assert asked("bytes=500-", if_range=other) is None
