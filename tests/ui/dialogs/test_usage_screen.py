"""/usage and /compact in the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.test_usage import answer, kept
from tests.ui.scripted import ScriptedBackend, answered, running, until
from tui_chat.chat.events import Finished, TextDelta, Usage, UsageReport
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat_manager.compaction import REQUEST
from tui_chat.commands import by_slash
from tui_chat.ui.dialogs.usage_screen import UsageScreen

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

DONE = Finished("stop", "done-sentinel")


async def run(app: ChatApp, word: str, argument: str = "") -> None:
    """Run a slash command."""
    command = by_slash(word)
    assert command is not None
    await app.chat.run_command(command, argument)


async def ask(pilot: Pilot[None], backend: ScriptedBackend, usage: Usage) -> None:
    """One exchange."""
    app: ChatApp = pilot.app  # type: ignore[assignment]
    asked = len(backend.model.questions)
    app.chat.composer.prompt.put("why?")
    await pilot.press("enter")
    await until(pilot, lambda: len(backend.model.questions) > asked)
    backend.model.say(TextDelta("because"), UsageReport(usage), DONE)
    await until(pilot, lambda: answered(app))


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36)])
async def test_usage_is_shown_by_day_model_and_endpoint(tmp_path: Path, size: tuple[int, int]) -> None:
    with store(tmp_path) as history:
        answer(kept(history), Usage(1000, 10, cost=0.5), None, model="dear")
        async with running(ScriptedBackend(history=history), size=size) as (app, pilot):
            await run(app, "usage")
            screen = app.screen
            assert isinstance(screen, UsageScreen)
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by day", "the last 30 days"))
            await pilot.press("tab")
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by model", "the last 30 days"))
            assert "$0.50" in str(screen._table.content)
            await pilot.press("a")
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by model", "all time"))
            hint = screen.hint_row.region
            assert hint.bottom <= size[1]
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.chat)


async def test_compact_goes_on_from_the_summary_and_is_offered_once() -> None:
    backend = ScriptedBackend()
    backend.facts = {"tiny-model": ModelInfo("tiny-model", 1000)}
    async with running(backend) as (app, pilot):
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        await ask(pilot, backend, Usage(100, 10))
        assert said == []
        await ask(pilot, backend, Usage(900, 20))
        await until(pilot, lambda: len(said) == 1)
        await ask(pilot, backend, Usage(910, 20))
        assert [text.partition(".")[0] for text in said] == ["The context is 92% full"]
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 4)
        backend.model.say(TextDelta("In short."), UsageReport(Usage(950, 30)), DONE)
        await until(pilot, lambda: [m.text for m in app.chat.conversation.path()] == [REQUEST, "In short."])
        await until(pilot, lambda: len(said) == 2)


async def test_esc_stops_compacting_and_the_chat_stays() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        before = app.chat.conversation.path()
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        await until(pilot, lambda: "● Compacting the chat" in str(app.chat.status.render()))
        assert "Esc stop" in str(app.chat.status.render())
        await pilot.press("escape")
        await until(pilot, lambda: backend.model.cancelled == 1)
        assert app.chat.conversation.path() == before
