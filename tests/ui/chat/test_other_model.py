"""A reply that failed offers another model, with which the question can be asked again."""

from __future__ import annotations

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.endpoint_ports import EndpointInfo
from tui_chat.chat.events import Failed, Finished, TextDelta
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker


async def test_after_a_failure_another_model_is_chosen_and_answers() -> None:
    backend = ScriptedBackend()
    backend.manager.infos = [EndpointInfo("test.example", "test.example", current=True)]
    backend.manager.lists = {"test.example": [ModelInfo("tiny-model"), ModelInfo("big-model")]}
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(Failed("The server does not know the model tiny-model (404).", kind="request", status=404))
        await until(pilot, lambda: app.chat.session is not None and not app.chat.session.busy)
        await app.chat.action_press("model")
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and len(app.screen.list.items) > 2)
        await pilot.press(*"big", "enter")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.press(*"/retry", "enter")
        await until(pilot, lambda: [each.model for each in backend.model.questions] == ["tiny-model", "big-model"])
        backend.model.say(TextDelta("an answer"), Finished("stop", "done-sentinel"))
        await until(pilot, lambda: app.chat.session is not None and not app.chat.session.busy)
