"""Secrets in a stream of bytes are masked wherever it is cut."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tui_chat.chat.secrets import MASK, Secrets
from tui_chat.wire.tape.masking import StreamMask

KEY = "sk-abcabcabd"
SECRETS = Secrets([KEY, "cabcabdxyz", "abdxyzab"])

TEXTS = st.lists(
    st.sampled_from([KEY, "cabcabdxyz", "abdxyzab", "sk-", "abc", "abd", "xyz", "ab", " ", "é"]), max_size=12
)


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=8))
@example(["sk-abcabcabd", "xyz", "ab"], [1])
@example(["cabc", "abdxyzab"], [5, 3])
def test_no_secret_is_left_in_a_stream_however_it_is_cut(words: list[str], cuts: list[int]) -> None:
    data = "".join(words).encode()
    mask = StreamMask(SECRETS)
    shown = b""
    at = 0
    while at < len(data):
        size = cuts[at % len(cuts)]
        shown += mask.feed(data[at : at + size])
        at += size
    shown += mask.close()
    for spelling in SECRETS.spellings:
        assert spelling.encode() not in shown
    if MASK.encode() not in shown:
        assert shown == data


def test_text_without_a_secret_is_not_held_back() -> None:
    assert StreamMask(SECRETS).feed(b"hello, world.") == b"hello, world."


def test_text_that_repeats_the_beginning_of_a_secret_is_not_held_for_ever() -> None:
    mask = StreamMask(Secrets(["aaaaaaaab"]))
    assert sum(len(mask.feed(b"a")) for _ in range(1000)) > 900


def test_a_stream_without_secrets_is_passed_on_unchanged() -> None:
    mask = StreamMask(Secrets())
    assert (mask.feed(b"abc"), mask.close()) == (b"abc", b"")
