"""What looks like one character is one, for every way to move and to delete."""

from __future__ import annotations

import random

import pytest
from textual.events import Key
from textual.widgets.text_area import Selection

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.composer.clusters import clusters, end_of, start_of

ONE = [
    "e\u0301",
    "a\u0328\u0301",
    "👩‍💻",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈",
    "❤️",
    "👍🏽",
    "👩🏽‍🚀",
    "🇩🇪",
    "🇫🇷",
    "1️⃣",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "\u1112\u1161\u11ab",
    "각",
    "각\u11a8",
    "क्षि",
    "न्त्र",
    "बि",
    "กำ",
    "நி",
    "한",
    "中",
    "é",
    "x",
    " ",
    "🙂",
]


@pytest.mark.parametrize("cluster", ONE)
def test_each_is_one(cluster: str) -> None:
    assert clusters(cluster) == [cluster]
    assert clusters(f"a{cluster}b") == ["a", cluster, "b"]


def test_neighbours_stay_apart() -> None:
    assert clusters("".join(ONE)) == ONE
    assert clusters("🇩🇪🇫🇷🇩") == ["🇩🇪", "🇫🇷", "🇩"]
    assert clusters("🙂🙂中中") == ["🙂", "🙂", "中", "中"]


def test_beginnings_and_ends_are_found_from_any_column() -> None:
    line = "".join(ONE) * 3
    at = 0
    for cluster in ONE * 3:
        for column in range(at, at + len(cluster)):
            assert (start_of(line, column), end_of(line, column)) == (at, at + len(cluster))
        at += len(cluster)
    assert (start_of(line, at), end_of(line, at)) == (at, at)


def test_a_line_of_nothing_but_marks_takes_no_time() -> None:
    line = "\u0301" * 100_000
    assert end_of(line, 99_999) == 100_000
    assert start_of(line, 50_000) <= 50_000


async def test_arrows_backspace_and_delete_go_by_what_looks_like_one_character() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        prompt = app.chat.composer.prompt
        prompt.put("".join(ONE))
        ends = [len("".join(ONE[:count])) for count in range(len(ONE) + 1)]
        for end in reversed(ends[:-1]):
            prompt.action_cursor_left()
            assert prompt.cursor_location == (0, end)
        for end in ends[1:]:
            prompt.action_cursor_right()
            assert prompt.cursor_location == (0, end)
        for count in range(len(ONE) - 1, -1, -1):
            prompt.action_delete_left()
            assert prompt.text == "".join(ONE[:count])
        prompt.put("".join(ONE))
        prompt.move_cursor((0, 0))
        for count in range(1, len(ONE) + 1):
            prompt.action_delete_right()
            assert prompt.text == "".join(ONE[count:])
        await pilot.pause()


async def test_no_way_to_move_or_select_ends_within_a_character() -> None:
    dice = random.Random(7)
    text = "\n".join("".join(dice.choices(ONE, k=40)) for _ in range(6))
    ways = ["left", "right", "up", "down", "ctrl+left", "ctrl+right", "home", "end", "shift+left", "shift+right"]
    ways += ["shift+up", "ctrl+shift+left", "ctrl+shift+right"]
    async with running(ScriptedBackend(), size=(50, 30)) as (app, pilot):
        prompt = app.chat.composer.prompt
        prompt.put(text)
        prompt.move_cursor((3, 0))
        lines = text.split("\n")
        for step in range(150):
            app.post_message(Key(dice.choice(ways), None))
            if step % 10 == 9:
                await pilot.pause()
                for row, column in (prompt.selection.start, prompt.selection.end):
                    assert start_of(lines[row], column) == column
        width, height = prompt.size
        for _ in range(20):
            await pilot.click(prompt, offset=(dice.randrange(width), dice.randrange(height)))
            row, column = prompt.cursor_location
            assert start_of(lines[row], column) == column
        prompt.selection = Selection((0, 1), (1, 1))
        prompt.action_delete_left()
        await until(pilot, lambda: prompt.document.line_count == 5)


@pytest.mark.parametrize("key", ["ctrl+w", "ctrl+f"])
async def test_deleting_a_word_leaves_no_half_character(key: str) -> None:
    async with running(ScriptedBackend()) as (_, pilot):
        prompt = pilot.app.query_one("#prompt")
        prompt.put("cafe\u0301s 👩‍💻x 🇩🇪")  # type: ignore[attr-defined]
        if key == "ctrl+w":
            for _ in range(8):
                prompt.action_delete_word_left()  # type: ignore[attr-defined]
                text = prompt.text  # type: ignore[attr-defined]
                assert text == "" or "".join(clusters(text)) == text
                assert not text.endswith(("\u200d", "🇩", "cafe"))
        else:
            prompt.move_cursor((0, 0))  # type: ignore[attr-defined]
            for _ in range(8):
                prompt.action_delete_word_right()  # type: ignore[attr-defined]
                assert not prompt.text.startswith(("\u0301", "\u200d", "🇪"))  # type: ignore[attr-defined]
