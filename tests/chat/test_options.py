"""Sampling options as a person types them."""

from __future__ import annotations

import pytest

from tui_chat.chat.options import option_value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.2", 0.2),
        ("7", 7),
        ("true", True),
        ('["a", "b"]', ["a", "b"]),
        ('{"type": "json_object"}', {"type": "json_object"}),
        ("high", "high"),
        ("NaN", "NaN"),
        ("null", "null"),
        ('"7"', '"7"'),
    ],
)
def test_numbers_and_tables_are_read_and_the_rest_is_text(typed: str, value: object) -> None:
    assert option_value(typed) == value
