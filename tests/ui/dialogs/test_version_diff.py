"""D on a message compares it with its previous version."""

from __future__ import annotations

from functools import partial

import pytest

from tests.ui.scripted import ScriptedBackend, answered, running, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.wording.word_diff import DiffPiece
from tui_chat.commands import by_id
from tui_chat.ui.dialogs.version_diff import LONGEST_SAME, MOST_SHOWN, VersionDiff, shown

DONE = Finished("stop", "done-sentinel")


async def test_the_shown_version_is_compared_with_the_one_before() -> None:
    backend = ScriptedBackend()

    def asked(number: int) -> bool:
        return len(backend.model.questions) == number

    async with running(backend, "why?") as (app, pilot):
        for number, text in enumerate(("the red\x1b[31m fox", "the quick fox"), 1):
            await until(pilot, partial(asked, number))
            backend.model.say(TextDelta(text), DONE)
            await until(pilot, lambda: answered(app))
            if number == 1:
                await app.chat.run_command(by_id("diff"))
                assert app.screen is app.chat  # there is nothing to compare with
                await app.chat.run_command(by_id("retry"))
        await pilot.press("shift+tab")
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, VersionDiff))
        screen = app.screen
        assert isinstance(screen, VersionDiff)
        await until(pilot, lambda: "quick" in str(screen._text.content))
        assert screen.title == "Changes: version 1 to 2"
        assert "\x1b" not in str(screen._text.content)
        await pilot.press("D")
        await until(pilot, lambda: app.screen is app.chat)


def test_long_runs_without_changes_are_shortened() -> None:
    parts = shown([DiffPiece("same", "s" * (LONGEST_SAME + 1)), DiffPiece("added", "new")])
    assert "".join(text for text, _ in parts).count("s") < LONGEST_SAME
    assert parts[-1] == ("new", "$role-success underline")


@pytest.mark.parametrize("count", [1, 1000])
def test_what_is_shown_has_a_bound(count: int) -> None:
    parts = shown([DiffPiece("added", "x" * 1000), DiffPiece("removed", "y" * 1000)] * count)
    assert sum(len(text) for text, _ in parts) < MOST_SHOWN + 2000
