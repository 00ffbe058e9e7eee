"""What is read second is dim wherever the terminal's own colours leave no other way to say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from tests.ui.compare.side_by_side import backend_with, type_in
from tests.ui.dialogs.test_leaving_dialogs import INSIDE, SlowBackend
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta
from tui_chat.commands import by_slash
from tui_chat.ui.themes import THEMES

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp

MARKED = replace(THEMES[0], variables={**THEMES[0].variables, "role-dim-style": "strike"})
"""A theme that strikes out what the terminal's own colours make dim, so that it can be compared with the colour."""
MUTED, FAINT, SELECTION = (
    Color.parse(MARKED.variables[f"role-{name}"]).rgb for name in ("muted", "faint", "selection")
)


def wrong(app: ChatApp) -> set[str]:
    """Muted words outside of the conversation that are not struck out. Keys are bold instead, and the picked row is
    reversed."""
    found = set()
    pane = app.chat.pane.region if app.screen is app.chat else None
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for text, style, _ in strip:
            inside, x = pane is not None and pane.contains(x, y), x + len(text)
            if style is None or style.color is None or style.bgcolor is None:
                continue
            muted = style.color.triplet in (MUTED, FAINT) and style.bgcolor.triplet != SELECTION
            if muted and not inside and text.strip(" ▐") and not (style.strike or style.bold):
                found.add(text.strip())
    return found


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program has that theme."""
    monkeypatch.setattr("tui_chat.ui.themes.THEMES", (MARKED, *THEMES[1:]))


@pytest.mark.parametrize("word", [word for word in INSIDE if word not in ("find", "export")])
async def test_muted_words_of_dialogs_are_dim(word: str) -> None:
    async with running(SlowBackend(), size=(100, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        command = by_slash(word)
        assert command is not None
        await app.chat.run_command(command)
        await until(pilot, lambda: app.screen is not app.chat and app.screen.is_mounted)
        await until(pilot, lambda: not wrong(app), "all muted words dim")


@pytest.mark.parametrize("typed", ["", "/", "/co", "/model x", "@"])
async def test_muted_words_around_the_prompt_are_dim(typed: str) -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*typed)
        await until(pilot, lambda: not wrong(app), "all muted words dim")


async def test_muted_words_while_a_reply_runs_and_others_wait_are_dim() -> None:
    backend = ScriptedBackend()
    async with running(backend, "why?", size=(100, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(ResponseStarted(200, "http://test.example/v1"), TextDelta("Because"))
        for text in ("one", "two", "three", "four", "five", "six"):
            await type_in(pilot, text)
        await until(pilot, lambda: app.chat.composer.queue_bar.display)
        await until(pilot, lambda: not wrong(app), "all muted words dim")
        for keys in (("alt+m",), ("escape", "ctrl+f"), ("escape", "shift+tab")):
            await pilot.press(*keys)
            await until(pilot, lambda: not wrong(app), f"all muted words dim after {keys}")


async def test_muted_words_of_a_comparison_are_dim() -> None:
    backend = backend_with(2)
    async with running(backend, size=(120, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        await type_in(pilot, "/compare @one @two")
        await until(pilot, lambda: not wrong(app), "all muted words dim")
