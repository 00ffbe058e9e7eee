from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.wire.dialects.think_tags import ThinkTags


def parted(pieces: list[str]) -> tuple[str, str]:
    """The reasoning and the answer of a text in pieces."""
    tags = ThinkTags()
    found = [pair for piece in pieces for pair in tags.split(piece)] + tags.close()
    assert all(text for _, text in found)
    return "".join(text for inside, text in found if inside), "".join(text for inside, text in found if not inside)


CASES = [
    ("<think>why</think>so", "why", "so"),
    ("\n<think>\nwhy\n</think>\n\nso\n", "why", "so\n"),
    ("<think></think>so", "", "so"),
    ("<think>\n\n</think>\n\nso", "", "so"),
    ("<think>a </b> c</think>so", "a </b> c", "so"),
    ("<think>a\n\nb</think>so <think>x</think>", "a\n\nb", "so <think>x</think>"),
    ("so <think>why</think>", "", "so <think>why</think>"),
    ("<thinking>hard", "", "<thinking>hard"),
    ("<thi", "", "<thi"),
    ("  \n", "", "  \n"),
    ("  so", "", "  so"),
    ("why</think>so", "", "why</think>so"),
    ("<think>never closed </thin", "never closed </thin", ""),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_only_a_tag_that_the_reply_begins_with_is_reasoning(text: str, reasoning: str, answer: str) -> None:
    assert parted([text]) == (reasoning, answer)
    assert parted(list(text)) == (reasoning, answer)


@given(st.sampled_from([case[0] for case in CASES]), st.data())
def test_any_cut_gives_the_same(text: str, chance: st.DataObject) -> None:
    places = sorted(chance.draw(st.sets(st.integers(0, len(text)))))
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    assert parted(pieces) == parted([text])


def test_text_is_held_only_while_it_may_be_a_tag() -> None:
    tags = ThinkTags()
    assert tags.split("<th") == []
    assert tags.split("e end") == [(False, "<the end")]
    assert tags.settled
