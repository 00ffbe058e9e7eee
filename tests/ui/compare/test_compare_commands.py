"""`/compare`: which models the next question goes to, and when it may not go."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.compare.side_by_side import backend_with, models_of, shown, type_in
from tests.ui.kept import KeptHistory, toasts
from tests.ui.scripted import ScriptedBackend, ScriptedModel, answered, running, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.message import Attachment
from tui_chat.ui.compare import compare_commands
from tui_chat.ui.compare.compare_screen import CompareScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

DONE = Finished("stop", "done-sentinel")
LINE = "Next question side by side:"


@asynccontextmanager
async def chat_with(backend: ScriptedBackend) -> AsyncIterator[tuple[ChatApp, Pilot[None], list[ScriptedModel]]]:
    async with running(backend, size=(120, 30)) as (app, pilot):
        yield app, pilot, models_of(backend)


async def test_the_line_above_the_prompt_names_the_models_until_it_is_turned_off() -> None:
    async with chat_with(backend_with(3)) as (app, pilot, models):
        await type_in(pilot, "/compare large@two @three")
        await until(pilot, lambda: f"{LINE} large (two), model-3 (three)" in shown(app))
        await type_in(pilot, "/compare off")
        await until(pilot, lambda: LINE not in shown(app))
        await type_in(pilot, "hello")
        await until(pilot, lambda: len(models[0].questions) == 1)
        assert app.screen is app.chat
        assert [len(model.questions) for model in models] == [1, 0, 0]


async def test_only_the_next_question_goes_to_several() -> None:
    async with chat_with(backend_with(2)) as (app, pilot, models):
        await type_in(pilot, "/compare first @two")
        await until(pilot, lambda: f"{LINE} first" in shown(app))
        await type_in(pilot, "one")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and all(model.questions for model in models))
        assert [model.questions[0].model for model in models] == ["first", "model-2"]
        for model in models:
            model.say(TextDelta("x"), DONE)
        await until(pilot, lambda: "Esc close" in shown(app))
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.chat)
        await type_in(pilot, "two")
        await until(pilot, lambda: len(models[0].questions) == 2)
        assert app.screen is app.chat
        assert LINE not in shown(app)
        assert models[0].questions[1].model == "first"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/compare one", "Name 2 to 4 models to compare; one is given."),
        ("/compare a b c d e", "Name 2 to 4 models to compare; 5 are given."),
        ("/compare a b@twoo", "did you mean two?"),
    ],
)
async def test_a_bad_name_is_told_in_a_sentence(typed: str, said: str) -> None:
    async with chat_with(backend_with(2)) as (app, pilot, _):
        await type_in(pilot, typed)
        await until(pilot, lambda: said in toasts(app))
        assert LINE not in shown(app)


async def test_without_names_it_is_the_chats_model_and_the_one_used_before() -> None:
    backend = backend_with(2)
    backend.manager.used = [("one", "tiny-model"), ("two", "model-2"), ("one", "other")]
    async with chat_with(backend) as (app, pilot, _):
        await type_in(pilot, "/compare")
        await until(pilot, lambda: f"{LINE} tiny-model (one), model-2 (two)" in shown(app))


async def test_without_names_and_without_another_model_it_says_how_to_name_them() -> None:
    async with chat_with(backend_with(2)) as (app, pilot, _):
        await type_in(pilot, "/compare")
        await until(pilot, lambda: compare_commands.HOW in toasts(app))


async def test_a_chat_goes_to_another_host_only_when_that_was_said_and_confirmed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chat_with(backend_with(3, KeptHistory())) as (app, pilot, models):
        await type_in(pilot, "earlier")
        await until(pilot, lambda: len(models[0].questions) == 1)
        models[0].say(TextDelta("yes"), DONE)
        await until(pilot, lambda: answered(app))
        await type_in(pilot, "/compare @one @two @three")
        said = "This chat was with one.example; all of it goes to two (two.example) and three (three.example) now."
        await until(pilot, lambda: said in " ".join(shown(app).split()))
        await type_in(pilot, "Which?")
        await until(pilot, lambda: "Enter once more sends it." in shown(app))
        await pilot.press("enter")  # a held key
        await pilot.pause()
        assert [len(model.questions) for model in models] == [1, 0, 0]
        assert app.chat.composer.text == "Which?"
        monkeypatch.setattr(compare_commands, "HELD_KEY", 0.0)
        await pilot.press("enter")
        await until(pilot, lambda: [len(model.questions) for model in models] == [2, 1, 1])
        assert isinstance(app.screen, CompareScreen)
        assert app.chat.composer.text == ""


async def test_during_a_reply_the_question_goes_back_into_the_prompt() -> None:
    async with chat_with(backend_with(2)) as (app, pilot, models):
        await type_in(pilot, "first")
        await until(pilot, lambda: len(models[0].questions) == 1)
        await type_in(pilot, "/compare @one @two")
        await until(pilot, lambda: LINE in shown(app))
        await type_in(pilot, "second")
        await until(pilot, lambda: "A reply is still coming" in toasts(app))
        assert app.chat.composer.text == "second"
        assert len(models[1].questions) == 0


async def test_what_is_attached_goes_to_all() -> None:
    async with chat_with(backend_with(2)) as (app, pilot, models):
        await type_in(pilot, "/compare @one @two")
        await until(pilot, lambda: LINE in shown(app))
        app.chat.composer.give_back("Look", [Attachment("a.txt", "text/plain", b"x")])
        await pilot.press("enter")
        await until(pilot, lambda: all(model.questions for model in models))
        assert [model.questions[0].messages[-1].attachments[0].name for model in models] == ["a.txt", "a.txt"]
