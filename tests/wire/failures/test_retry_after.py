"""How long to wait before a request is sent again, as servers say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tui_chat.wire.failures.retry_after import retry_after, wait_hint, wait_in_words
from tui_chat.wire.failures.statuses import of_status


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_pause_that_is_asked_for_in_the_body_counts_where_no_header_asks_for_one() -> None:
    body = b'{"error": {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.5s"}]}}'
    assert retry_after({}, body) == 36.5
    assert retry_after({"retry-after": "7"}, body) == 7
    assert "36 s" in of_status(429, {}, body, url="").hint


def test_retry_after_as_a_date_to_come_is_the_time_until_then() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    wait = retry_after({"retry-after": date})
    assert wait is not None
    assert 95 < wait <= 101


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Too many requests. Try again in 20 seconds.", 20),
        ("Rate limit reached for gpt-4o on tokens per min. Please try again in 1.256s.", 1.256),
        ("Please try again in 7m59.04s. Need more tokens?", 479.04),
        ("Please try again in 6ms.", 0.006),
        ("You exceeded your quota.\nPlease retry in 36.5s.", 36.5),
        ("Rate limited; retry after 2 minutes and 5 seconds", 125),
        ("Please wait 1h, 2 min before trying again", 3720),
        ("Please retry your request after some time", None),
        ("Failed after 3 retries; try 2 more", None),
        ("retry in 5 months", None),
        ("", None),
    ],
)
def test_a_pause_is_read_from_the_words_of_an_error(message: str, seconds: float | None) -> None:
    assert wait_in_words(message) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("status", [429, 503, 529])
def test_the_hint_says_the_time_that_the_server_says(status: int) -> None:
    body = b'{"error": {"message": "Too many requests. Try again in 20 seconds."}}'
    assert of_status(status, {}, body, url="").hint == "Try again in 20 s."
    assert of_status(status, {"retry-after": "90"}, body, url="").hint == "Try again in 2 min."
    assert of_status(status, {}, b"", url="").hint == "Wait a moment and try again."


def test_less_than_a_second_is_a_moment() -> None:
    assert wait_hint(0.3, ", or ask another model") == "Wait a moment and try again, or ask another model."


def test_a_message_full_of_digits_takes_no_time() -> None:
    assert wait_in_words("try again in " + "1" * 100_000) is None
    assert wait_in_words("try again in " * 10_000) is None
