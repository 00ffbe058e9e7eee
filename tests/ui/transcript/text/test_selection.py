"""Selecting with the mouse: what is copied is the logical text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.host import SIZE, host_of, position, reply_view, shown, until
from tui_chat.chat.events import Finished, Stopped, TextDelta
from tui_chat.ui.transcript.text.selection import whole_graphemes, word_at

if TYPE_CHECKING:
    from textual.pilot import Pilot


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, move and release."""
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


async def test_a_drag_copies_without_the_wraps_of_the_screen() -> None:
    words = " ".join(f"word{number}" for number in range(30))
    host = host_of(TextDelta(words), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        start = await position(pilot, "word0 ")
        end = await position(pilot, "word29")
        assert end[1] > start[1]
        await drag(pilot, start, (end[0] + 5, end[1]))
        assert host.screen.get_selected_text() == words


async def test_a_drag_over_two_messages_copies_the_text_and_nothing_around_it() -> None:
    host = host_of(TextDelta("an answer\n\n- one\n- two"), Stopped(), question="the question")
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "Stopped")
        start = host.find("question")
        last = host.find("Stopped")
        await drag(pilot, start, last)
        assert host.screen.get_selected_text() == "question\n\nan answer\n\n- one\n- two".replace("- ", "• ")


async def test_the_empty_cells_right_of_a_row_belong_to_that_row() -> None:
    words = "short " * 9 + "averyveryverylongword " * 4
    host = host_of(TextDelta(words), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        start = await position(pilot, "short")
        await drag(pilot, start, (57, start[1]))
        assert (host.screen.get_selected_text() or "").rstrip() == ("short " * 9).rstrip()


@pytest.mark.parametrize("character", ["👨‍👩‍👧", "🇫🇷", "é", "中"])
async def test_no_character_of_the_screen_is_cut_in_two(character: str) -> None:
    host = host_of(TextDelta(f"ab{character}cd"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        x, y = await position(pilot, "ab")
        for start, end in ((0, 2), (2, 3)):
            await drag(pilot, (x + start, y), (x + end, y))
            selected = host.screen.get_selected_text()
            assert selected is not None
            assert character in selected


async def test_a_double_click_takes_a_word_and_a_triple_click_a_line() -> None:
    host = host_of(TextDelta("some words, and more " * 6), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        at = await position(pilot, "words")
        await pilot.click(offset=(at[0] + 2, at[1]), times=2)
        assert host.screen.get_selected_text() == "words"
        await pilot.click(offset=at, times=3)
        assert host.screen.get_selected_text() == ("some words, and more " * 6).strip()


async def test_a_selection_stays_while_text_goes_on_coming() -> None:
    host = host_of(TextDelta("these words stay selected"))
    async with host.run_test(size=SIZE) as pilot:
        x, y = await position(pilot, "these words")
        await drag(pilot, (x + 6, y), (x + 10, y))
        host.chat.tell(TextDelta(" and more\n\ncomes"))
        await shown(pilot, "comes")
        assert host.screen.get_selected_text() == "words"


async def test_a_plain_click_focuses_and_a_drag_does_not() -> None:
    host = host_of(TextDelta("some words"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        x, y = await position(pilot, "some words")
        await drag(pilot, (x, y), (x + 6, y))
        assert host.focused is None
        await pilot.click(offset=(x + 20, y))
        await until(lambda: host.focused is reply_view(host))


@pytest.mark.parametrize(
    ("at", "word"), [(0, "let"), (2, "let"), (3, " "), (5, "x_1"), (7, ":="), (100, ")"), (9, "f"), (10, "(")]
)
def test_a_word_is_a_run_of_one_kind(at: int, word: str) -> None:
    line = "let x_1:=f(y)"
    start, end = word_at(line, at)
    assert line[start:end] == word


def test_an_empty_line_has_no_word() -> None:
    assert word_at("", 3) == (0, 0)


def test_a_span_is_kept_within_its_line() -> None:
    assert whole_graphemes("abc", -2, -1) == (0, 3)
    assert whole_graphemes("abc", 1, 99) == (1, 3)
