"""Sizes as a person reads them."""

from __future__ import annotations

import pytest

from tui_chat.chat.wording.sizes import readable_size


@pytest.mark.parametrize(
    ("size", "readable"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_600, "1.0 MB"), (123_456_789, "123 MB"), (5e15, "5000 TB")],
)
def test_sizes_are_readable(size: float, readable: str) -> None:
    assert readable_size(size) == readable
