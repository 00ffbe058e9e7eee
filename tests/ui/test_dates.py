"""Moments in words."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from tui_chat.ui.dates import in_words, time_of_day


@pytest.fixture(autouse=True)
def in_india(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local time is not that of the test's machine, and half an hour off."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()


def test_a_moment_that_is_not_known_is_not_called_1970() -> None:
    assert in_words(0, at(NOW)) == time_of_day(0, at(NOW)) == "no date"


def at(words: str) -> float:
    return datetime.fromisoformat(f"{words}+05:30").timestamp()


NOW = "2024-03-20T14:00"  # a Wednesday


@pytest.mark.parametrize(
    ("moment", "words", "with_time"),
    [
        ("2024-03-20T09:31", "today 09:31", "09:31"),
        ("2024-03-20T00:00", "today 00:00", "00:00"),
        ("2024-03-19T23:59", "yesterday", "yesterday 23:59"),
        ("2024-03-18T09:31", "Mon", "Mon 09:31"),
        ("2024-03-14T00:00", "Thu", "Thu 00:00"),
        ("2024-03-13T23:59", "13 Mar", "13 Mar 23:59"),
        ("2024-01-01T00:00", "1 Jan", "1 Jan 00:00"),
        ("2023-12-31T23:59", "31 Dec 2023", "31 Dec 2023 23:59"),
        ("2024-03-20T14:05", "today 14:05", "14:05"),
        ("2024-03-21T09:00", "21 Mar", "21 Mar 09:00"),  # of another machine, whose clock is ahead
    ],
)
def test_a_moment_is_said_as_a_person_would(moment: str, words: str, with_time: str) -> None:
    assert in_words(at(moment), at(NOW)) == words
    assert time_of_day(at(moment), at(NOW)) == with_time
