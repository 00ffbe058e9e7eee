from __future__ import annotations

import pytest

from tui_chat.chat.endings import shortened_by


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("stop", None),
        ("tool_calls", None),
        (None, None),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("incomplete:max_output_tokens", "length"),
        ("content_filter", "filter"),
        ("incomplete:content_filter", "filter"),
        ("SAFETY", "filter"),
    ],
)
def test_a_reason_tells_whether_the_reply_is_whole(reason: str | None, why: str | None) -> None:
    assert shortened_by(reason) == why
