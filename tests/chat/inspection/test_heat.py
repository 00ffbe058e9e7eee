"""Pieces of a reply are hot if silence came before them, or if they were unlikely."""

from __future__ import annotations

from tui_chat.chat.inspection.heat import HeatSpan, gap_heat, probability_heat
from tui_chat.chat.inspection.wire_ports import TokenScore, WireFrame


def frames(*gaps: float) -> list[WireFrame]:
    """Deltas of five characters that came after these gaps."""
    return [WireFrame(0.0, gap, "text", "", 0, 0, "", 5 * index, 5) for index, gap in enumerate(gaps)]


def test_even_gaps_have_no_heat() -> None:
    assert gap_heat(frames(9, *[0.02] * 20)).text == []


def test_the_longer_the_silence_the_hotter() -> None:
    heat = gap_heat(frames(9, *[0.02] * 20, 0.05, 0.1, 0.3, 3.0)).text
    assert heat == [HeatSpan(105, 110, 1), HeatSpan(110, 115, 2), HeatSpan(115, 120, 3), HeatSpan(120, 125, 4)]


def test_pieces_of_one_read_say_nothing_about_the_pace() -> None:
    heat = gap_heat(frames(9, *[0.03, 0.0, 0.0] * 10)).text
    assert heat == []


def test_reasoning_has_its_own_places() -> None:
    thought = WireFrame(0, 5.0, "reasoning", "", 0, 0, "", 3, 4)
    heat = gap_heat([*frames(9, *[0.02] * 9), thought])
    assert (heat.text, heat.reasoning) == ([], [HeatSpan(3, 7, 4)])


def test_unlikely_tokens_are_hot() -> None:
    scores = {0: [TokenScore("ab", 0.99), TokenScore("cde", 0.05)], 5: [TokenScore("fghij", 0.5)]}
    heat = probability_heat(frames(9, 0.02), lambda frame: scores[frame.offset])
    assert heat is not None
    assert heat.text == [HeatSpan(2, 5, 4), HeatSpan(5, 10, 2)]


def test_without_probabilities_there_is_nothing_to_show() -> None:
    assert probability_heat(frames(9, 0.02), lambda _: ()) is None


def test_a_gap_of_just_twice_the_usual_one_is_not_slow_yet() -> None:
    assert gap_heat(frames(9, *[0.02] * 20, 0.04)).text == []
