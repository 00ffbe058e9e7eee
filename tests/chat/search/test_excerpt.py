from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.chat.search.test_words import TEXT
from tui_chat.chat.search.excerpt import CUT, SLACK, WIDTH, excerpt
from tui_chat.chat.search.query import Query


def test_hits_are_marked_in_the_text_around_the_first_one() -> None:
    text = "word " * 100 + "a needle in the hay, and Needles " + "word " * 100
    pieces = excerpt([text], Query("needle"))
    assert [piece for piece, hit in pieces if hit] == ["needle", "Needles"]
    shown = "".join(piece for piece, _ in pieces)
    assert shown.startswith(f"{CUT}word word")
    assert shown.endswith(f"word{CUT}")
    assert len(shown) <= WIDTH + SLACK


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt(["find the hit"], Query("hit")) == (("find the ", False), ("hit", True))


def test_the_first_part_with_a_hit_is_shown() -> None:
    assert excerpt(["nothing", "a hit"], Query("hit")) == (("a ", False), ("hit", True))


def test_without_a_hit_it_is_the_beginning() -> None:
    assert excerpt(["", "some text"], Query("elsewhere")) == (("some text", False),)
    assert excerpt([], Query("elsewhere")) == ()


def test_characters_of_several_code_points_are_not_cut() -> None:
    family = "👨\u200d👩\u200d👧"
    shown = "".join(piece for piece, _ in excerpt([family * 40 + "寿司" + family * 40], Query("寿司")))
    assert shown.strip(CUT).replace(family, "") == "寿司"


@given(st.lists(TEXT, max_size=3), TEXT, st.integers(0, 400))
def test_the_pieces_are_the_exact_text(texts: list[str], typed: str, padding: int) -> None:
    texts = [f"{'東' * padding}{text}{'x ' * padding}" for text in texts]
    pieces = excerpt(texts, Query(typed))
    shown = "".join(piece for piece, _ in pieces)
    assert any(shown.removeprefix(CUT).removesuffix(CUT) in text for text in texts) or not shown
    assert all(piece for piece, _ in pieces)
