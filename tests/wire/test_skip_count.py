"""The count of what could not be read of a body."""

from __future__ import annotations

import pytest

from tui_chat.wire.skip_count import SkipCount


@pytest.mark.parametrize(("body", "size"), [(b"abc", 3), ("日本".encode(), 6), (b"a\xffb", 3), (b"", 0)])
def test_bytes_are_counted_as_they_came_on_the_wire(body: bytes, size: int) -> None:
    count = SkipCount()
    count.add(body.decode("utf-8", "replace"))
    assert (count.events, count.bytes) == (1, size)


def test_two_counts_are_added_and_the_last_item_is_cut() -> None:
    one, other = SkipCount(), SkipCount()
    one.add("a")
    other.add("b" * 100_000)
    one.include(other)
    assert (one.events, one.bytes, one.last) == (2, 100_001, "a")
    assert 0 < len(other.last) < 100_000
