"""The effort and the persona of a chat, set in the real screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tests.ui.scripted import ScriptedBackend, ScriptedModel, answered, running, until
from tui_chat.chat.choices.chat_choices import ChatChoices, Persona
from tui_chat.chat.events import Failed, Finished, TextDelta
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.wording.hints import EFFORT_REFUSED
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

REVIEWER = Persona("reviewer", "Review it.", "big-model", "", "high", {"temperature": 0})


async def enter(app: ChatApp, pilot: Pilot[None], text: str) -> None:
    app.chat.composer.prompt.put(text)
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.composer.text == "", f"{text!r} to be taken")


def edge(app: ChatApp) -> str:
    """What the prompt's frame says in its top edge."""
    title = app.chat.composer.frame.border_title
    return Content.from_markup(title).plain if title else ""


async def test_an_effort_goes_with_the_questions_and_stands_in_the_frame() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/effort high")
        await until(pilot, lambda: "effort high" in edge(app), "the effort in the frame")
        await enter(app, pilot, "why?")
        await until(pilot, lambda: backend.model.questions, "the question")
        assert backend.model.questions[0].options == {"reasoning_effort": "high"}
        await enter(app, pilot, "/effort hihg")
        assert app.chat.conversation.choices.effort == "high"


async def test_the_key_opens_the_list_with_the_effort_in_use() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await pilot.press("alt+e")
        await until(pilot, lambda: app.screen is not app.chat and app.screen.is_mounted, "the list")
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.chat.conversation.choices.effort == "high", "the effort above the default")


async def test_a_refused_effort_is_dropped_and_asked_again() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/effort off")
        await enter(app, pilot, "why?")
        backend.model.say(Failed("The server refused the request.", EFFORT_REFUSED, status=400))
        await until(pilot, lambda: answered(app), "the failure")
        await enter(app, pilot, "/effort default")
        await until(pilot, lambda: len(backend.model.questions) == 2, "the question again")
        assert backend.model.questions[1].options == {"reasoning_effort": None}


async def test_a_persona_answers_and_leaves() -> None:
    backend = ScriptedBackend(personas={"reviewer": REVIEWER})
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/persona reviewer")
        await until(pilot, lambda: "reviewer · effort high" in edge(app), "the persona in the frame")
        await enter(app, pilot, "why?")
        await until(pilot, lambda: backend.model.questions, "the question")
        question = backend.model.questions[0]
        assert (question.system, question.model) == ("Review it.", "big-model")
        assert question.options == {"temperature": 0, "reasoning_effort": "high"}
        backend.model.say(TextDelta("so", at=0.1), Finished("stop", "done-sentinel", at=0.2))
        await enter(app, pilot, "/persona none")
        await until(pilot, lambda: "reviewer" not in edge(app), "the persona to be gone")
        assert app.chat.conversation.system == ""


async def test_the_next_persona_does_not_answer_as_the_one_before() -> None:
    backend = ScriptedBackend(personas={"reviewer": REVIEWER, "small": Persona("small", model="small-model")})
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/persona reviewer")
        await enter(app, pilot, "/persona small")
        await until(pilot, lambda: edge(app).endswith("small"), "nothing of the reviewer in the frame")
        await enter(app, pilot, "why?")
        await until(pilot, lambda: backend.model.questions, "the question")
        question = backend.model.questions[0]
        assert (question.system, question.model, question.options) == ("", "small-model", {})


async def test_a_persona_may_bring_its_endpoint() -> None:
    backend = ScriptedBackend(personas={"far": Persona("far", endpoint="other.example")})
    backend.names = ["other.example"]
    backend.at["other.example"] = Connection(ScriptedModel(), "theirs", host="other.example", name="other.example")
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/persona far")
        await until(pilot, lambda: backend.opened == ["other.example"], "the endpoint")
        await until(pilot, lambda: edge(app).startswith("theirs · other.example · far"), "the frame")


async def test_a_persona_whose_endpoint_is_gone_does_not_answer() -> None:
    async with running(ScriptedBackend(personas={"lost": Persona("lost", "Hm.", endpoint="gone")})) as (app, pilot):
        await enter(app, pilot, "/persona lost")
        await until(pilot, lambda: any("no such endpoint" in each.message for each in app._notifications))
        assert app.chat.conversation.choices == ChatChoices()
        assert app.chat.conversation.system == ""


async def test_an_unknown_persona_changes_nothing() -> None:
    async with running(ScriptedBackend(personas={"reviewer": REVIEWER})) as (app, pilot):
        await enter(app, pilot, "/persona reviwer")
        await pilot.pause()
        assert app.chat.conversation.choices == ChatChoices()
        assert any("did you mean reviewer?" in each.message for each in app._notifications)


async def test_a_new_chat_is_answered_as_the_one_before() -> None:
    async with running(ScriptedBackend(personas={"reviewer": REVIEWER})) as (app, pilot):
        await enter(app, pilot, "/persona reviewer")
        await enter(app, pilot, "/new")
        assert app.chat.conversation.choices == REVIEWER.choices


async def test_effort_and_persona_are_kept_with_the_chat(tmp_path: Path) -> None:
    store = Store(tmp_path)
    backend = ScriptedBackend(personas={"reviewer": REVIEWER}, history=store)
    async with running(backend) as (app, pilot):
        await enter(app, pilot, "/persona reviewer")
        await enter(app, pilot, "/effort low")
        backend.model.say(TextDelta("so", at=0.1), Finished("stop", "done-sentinel", at=0.2))
        await enter(app, pilot, "why?")
        chat = app.chat.conversation.id
        await until(pilot, lambda: answered(app), "the answer")
    store.close()  # which writes what is left, as the program does at its end
    again = ScriptedBackend(history=Store(tmp_path), chat=chat)
    async with running(again) as (app, pilot):
        await until(pilot, lambda: app.chat.conversation.id == chat, "the chat")
        assert app.chat.conversation.choices == ChatChoices("reviewer", "low", {"temperature": 0})
