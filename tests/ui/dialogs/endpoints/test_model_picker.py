"""Choosing a model of any endpoint, from one list or by typing, and what can be done with the endpoints in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo, TestReport
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import Connection, KnownModels, ModelInfo
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.hints import OTHER_MODEL
from tui_chat.ui.chat import connection_controller
from tui_chat.ui.dialogs.endpoints.endpoint_form import EndpointForm
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker
from tui_chat.ui.dialogs.row_list import Heading, ListRow, Sentence
from tui_chat.ui.dialogs.start_page import StartHeader
from tui_chat.ui.transcript.ending_rows import failure_lines

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


async def opened(app: ChatApp, pilot: Pilot[None]) -> ModelPicker:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.list.items)
    assert isinstance(app.screen, ModelPicker)
    return app.screen


def rows(screen: ModelPicker) -> list[str]:
    """The names in the list."""
    return [item.name for item in screen.list.items if isinstance(item, ListRow)]


def headings(screen: ModelPicker) -> list[str]:
    """The groups, each with what is said about it."""
    found: list[str] = []
    for item in screen.list.items:
        if isinstance(item, Heading):
            found.append(" ".join(text for text in (item.title, item.note) if text))
        elif isinstance(item, Sentence) and found:
            found[-1] += f" {item.text}"
    return found


def picked(screen: ModelPicker) -> str:
    """The name in the picked row."""
    return screen.list.picked.name if screen.list.picked is not None else ""


async def back(app: ChatApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: app.screen is app.chat)


async def test_a_model_is_found_by_a_few_letters_and_asked_from_then_on() -> None:
    backend = ScriptedBackend()
    backend.listed = [ModelInfo("llama-3-8b", 8192), ModelInfo("qwen3-32b", 40_960, 0.1, 0.3)]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 3)
        notes = [tuple(item.notes) for item in screen.list.items if isinstance(item, ListRow)]
        assert notes[1:] == [("", "8k", ""), ("", "40k", "$0.10 / $0.30")]
        await pilot.press("q", "w", "3")
        await until(pilot, lambda: rows(screen)[:1] == ["qwen3-32b"])
        await pilot.press("enter")
        await back(app, pilot)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "qwen3-32b"


async def test_a_name_that_is_not_listed_can_be_typed_for_each_endpoint() -> None:
    backend = ScriptedBackend()
    backend.names = ["test.example", "other"]
    backend.listed = Failed("The server gives no list of models.", "Type the model's name.")
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: headings(screen)[0] == "test.example ! The server gives no list of models.")
        await pilot.press("n", "e", "w", "x")
        await until(pilot, lambda: rows(screen) == ["newx", "newx"])
        await pilot.press("down", "enter")
        await back(app, pilot)
        await until(pilot, lambda: backend.opened == ["other"])
        assert app.chat.session is not None
        assert app.chat.session.model_name == "newx"


def with_endpoints() -> ScriptedBackend:
    """A backend with three endpoints, of which the second is in use."""
    backend = ScriptedBackend()
    backend.manager.infos = [
        EndpointInfo("router", "router", "openrouter.ai", editable=True, default=True),
        EndpointInfo("test.example", "test.example", "test.example", current=True),
        EndpointInfo("home", "home", "localhost:11434", "qwen", editable=True),
    ]
    backend.manager.lists = {
        "router": [ModelInfo("big"), ModelInfo("small")],
        "test.example": [ModelInfo("tiny-model"), ModelInfo("large-model")],
        "home": Failed("Nothing listens at localhost:11434 (connection refused)."),
    }
    return backend


async def test_all_endpoints_are_asked_at_once_and_each_list_is_shown_as_it_comes() -> None:
    backend = with_endpoints()
    backend.manager.gates = {name: asyncio.Event() for name in backend.manager.lists}
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(backend.manager.asked) == 3)
        assert rows(screen) == ["server default", "tiny-model", "qwen"]
        assert picked(screen) == "tiny-model"
        assert headings(screen)[2] == "home localhost:11434 · refreshing…"
        backend.manager.gates["home"].set()
        await until(pilot, lambda: "connection refused" in headings(screen)[2])
        await pilot.press("up")
        backend.manager.gates["router"].set()
        await until(pilot, lambda: rows(screen) == ["big", "small", "tiny-model", "qwen"])
        assert headings(screen)[0] == "router openrouter.ai · 2 models · at start"
        backend.manager.gates["test.example"].set()
        await until(pilot, lambda: "large-model" in rows(screen))
        assert [item.sign for item in screen.list.items if isinstance(item, ListRow)] == ["", "", "●", "", ""]


async def test_what_the_settings_say_of_models_is_shown_whether_or_not_they_are_listed() -> None:
    backend = with_endpoints()
    backend.manager.infos = [
        replace(info, completed=lambda listed: replace(listed, context=131_072, input_price=0.5, output_price=1.5))
        for info in backend.manager.infos
    ]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["big", "small", "tiny-model", "large-model", "qwen"])
        notes = [item.notes for item in screen.list.items if isinstance(item, ListRow)]
        assert notes == [("", "128k", "$0.50 / $1.50")] * 5


async def test_a_reason_that_is_long_can_be_read_whole_below_its_endpoint() -> None:
    backend = with_endpoints()
    reason = "The certificate of home is not trusted, as it is signed by an authority that this computer does not know."
    backend.manager.lists["home"] = Failed(reason)
    async with running(backend, size=(40, 12)) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "certificate" in headings(screen)[2])
        await pilot.press("ctrl+end")
        await until(pilot, lambda: picked(screen) == "qwen")
        shown = " ".join(screen.list.render().plain.replace("█", "").split())
        assert f"! {reason}" in shown


async def test_an_endpoint_without_models_says_so() -> None:
    backend = with_endpoints()
    backend.manager.lists["home"] = []
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: headings(screen)[2] == "home localhost:11434 · lists no models")


async def test_recent_models_come_first_and_the_current_one_is_picked() -> None:
    backend = with_endpoints()
    backend.manager.used = [("router", "small"), ("test.example", "tiny-model"), ("gone", "x")]
    backend.manager.lists["test.example"] = [ModelInfo(f"m{number}") for number in range(9)]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen)[:2] == ["small", "tiny-model"] and len(rows(screen)) > 12)
        assert headings(screen)[0] == "Recent"
        assert picked(screen) == "tiny-model"
        await pilot.press("up", "enter")
        await until(pilot, lambda: backend.opened == ["router"])
        await back(app, pilot)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "small"


async def test_the_list_as_it_was_is_there_at_once_and_says_how_old_it_is() -> None:
    backend = ScriptedBackend()
    backend.known = KnownModels((ModelInfo("known-before"),), 7200.0)
    backend.listed = [ModelInfo("known-before"), ModelInfo("new")]
    backend.manager.gates["test.example"] = gate = asyncio.Event()
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        assert rows(screen) == ["tiny-model", "known-before"]
        assert headings(screen) == ["test.example 1 model · list from 2 h ago, refreshing…"]
        gate.set()
        await until(pilot, lambda: rows(screen) == ["tiny-model", "known-before", "new"])
        assert headings(screen) == ["test.example 2 models"]


async def test_an_endpoint_whose_key_is_printed_by_a_command_is_not_asked_unasked() -> None:
    backend = with_endpoints()
    backend.manager.infos[0] = EndpointInfo("router", "router", "openrouter.ai", asks_first=True)
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(backend.manager.asked) == 2)
        assert headings(screen)[0] == "router openrouter.ai · not asked yet"
        await until(pilot, lambda: picked(screen) == "tiny-model")
        await pilot.press("up", "ctrl+r")
        await until(pilot, lambda: "router" in backend.manager.asked)
        assert backend.manager.reloads == 1


async def test_escape_leaves_everything_as_it_was_and_so_does_enter_alone() -> None:
    backend = ScriptedBackend()
    backend.listed = [ModelInfo("another")]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        screen.filter.put("something")
        await pilot.press("escape")
        await back(app, pilot)
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["tiny-model", "another"])
        await pilot.press("enter")
        await back(app, pilot)
        assert app.chat.session is not None
        assert (app.chat.session.model_name, backend.opened) == ("tiny-model", [])


async def test_where_several_could_be_asked_the_person_is_asked_first() -> None:
    backend = ScriptedBackend(undecided=True)
    backend.names = ["openai", "groq"]
    async with running(backend) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.list.items)
        assert isinstance(app.screen, ModelPicker)
        await until(pilot, lambda: [each.split()[0] for each in headings(app.screen)][:2] == ["openai", "groq"])  # type: ignore[arg-type]
        await pilot.press("enter")
        await until(pilot, lambda: backend.opened == ["openai"])


async def test_an_endpoint_is_removed_when_its_key_is_pressed_twice() -> None:
    backend = with_endpoints()
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "big" in rows(screen))
        await pilot.press("ctrl+d")
        assert screen.sub_title == "test.example is not in config.toml"
        await pilot.press("up", "ctrl+d")
        assert screen.sub_title == "Ctrl+D again removes router and its key from config.toml"
        await pilot.press("up")
        assert screen.sub_title == ""
        await pilot.press("ctrl+d", "ctrl+d")
        await until(pilot, lambda: "big" not in rows(screen))
        assert backend.manager.removed == ["router"]


async def test_what_cannot_be_written_is_said_in_the_list() -> None:
    backend = with_endpoints()
    backend.manager.error = "config.toml: cannot be written: No space left on device"
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "big" in rows(screen))
        await pilot.press("up", "ctrl+d", "ctrl+d")
        await until(pilot, lambda: screen.sub_title == backend.manager.error)


async def test_the_picked_model_becomes_the_one_to_start_with() -> None:
    backend = with_endpoints()
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "big" in rows(screen))
        await pilot.press("up", "ctrl+t")
        await until(pilot, lambda: screen.sub_title == "tui-chat starts with small from now on")
        assert backend.manager.defaults == [("router", "small")]


async def test_an_endpoint_is_added_from_the_list_and_answers_at_once() -> None:
    backend = with_endpoints()
    backend.manager.reports = [TestReport(models=(ModelInfo("m"),), model="m", first_token=0.4, done=True)]
    async with running(backend) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("ctrl+a")
        await until(pilot, lambda: isinstance(app.screen, EndpointForm))
        await pilot.press("tab", "enter")
        await back(app, pilot)
        await until(pilot, lambda: backend.opened == ["openai"])
        assert app.chat.session is not None
        assert app.chat.session.model_name == "m"


async def test_an_endpoint_is_changed_from_the_list_which_then_shows_it() -> None:
    backend = with_endpoints()
    backend.manager.drafts["router"] = EndpointDraft(
        "https://openrouter.ai/api/v1", "kept", name="router", before="router"
    )
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "big" in rows(screen))
        await pilot.press("up", "ctrl+e")
        await until(pilot, lambda: isinstance(app.screen, EndpointForm))
        form = app.screen
        assert isinstance(form, EndpointForm)
        assert form.title == "Edit router"
        form.fields.name.put("hub")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is screen)
        await until(pilot, lambda: "hub" in " ".join(headings(screen)))
        assert backend.manager.saved[0].before == "router"


async def test_a_server_that_was_found_is_kept_as_an_endpoint_by_the_key_that_edits() -> None:
    url = "http://127.0.0.1:8080/v1"
    backend = ScriptedBackend()
    backend.manager.infos = [EndpointInfo(url, "127.0.0.1:8080", "127.0.0.1:8080", current=True)]
    backend.manager.lists = {url: [ModelInfo("tiny-model")]}
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: picked(screen) == "tiny-model")
        await pilot.press("ctrl+e")
        await until(pilot, lambda: isinstance(app.screen, EndpointForm) and app.screen.focused)
        form = app.screen
        assert isinstance(form, EndpointForm)
        assert (form.title, form.fields.url.text) == ("Add an endpoint", url)
        await pilot.press("ctrl+s")
        await back(app, pilot)
        assert [(each.base_url, each.model, each.before) for each in backend.manager.saved] == [(url, "tiny-model", "")]


async def test_the_list_of_five_large_endpoints_is_filtered_in_a_moment() -> None:
    backend = ScriptedBackend()
    names = [f"endpoint-{number}" for number in range(5)]
    backend.manager.infos = [EndpointInfo(name, name, current=not number) for number, name in enumerate(names)]
    models = [ModelInfo(f"vendor-{number % 20}/model-{number}-instruct", 131_072, 0.1, 0.4) for number in range(400)]
    backend.manager.lists = dict.fromkeys(names, models)
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 2001)
        await pilot.press(*"endpoint-3 model-399")
        await until(pilot, lambda: rows(screen)[:1] == ["vendor-19/model-399-instruct"])
        assert screen.list.picked is not None
        assert screen.list.picked.notes[0] == "endpoint-3"


def without_model(*models: str) -> ScriptedBackend:
    """A backend whose endpoint has these models, and none is set."""
    backend = ScriptedBackend()
    backend._setup = Setup(Connection(backend.model, ""))
    backend.listed = [ModelInfo(name) for name in models]
    backend.names = ["other.example", "test.example"]
    return backend


async def test_without_a_model_the_list_opens_and_no_question_fails() -> None:
    backend = without_model("one", "two")
    async with running(backend) as (app, pilot):
        assert "test.example · no model is chosen yet" in app.chat.query_one(StartHeader).render().plain
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.list.items)
        screen = app.screen
        assert isinstance(screen, ModelPicker)
        assert screen.list.items[0] == Sentence(
            "No model is chosen, and test.example has several: choose one.", warning=True
        )
        await until(pilot, lambda: rows(screen)[-2:] == ["one", "two"])
        await until(pilot, lambda: picked(screen) == "one")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.composer.prompt.text == "a question"
        assert not app.chat.conversation.messages
        await pilot.press("enter")
        await until(pilot, lambda: [question.model for question in backend.model.questions] == ["two"])


@pytest.mark.parametrize("models", [["only"], []])
async def test_without_a_model_the_only_one_answers(models: list[str]) -> None:
    backend = without_model(*models)
    async with running(backend) as (app, pilot):
        for text in ("a question", "another"):
            app.chat.composer.prompt.put(text)
            await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 1)
        assert app.chat.session is not None
        await until(pilot, lambda: [each.text for each in app.chat.session.queue] == ["another"])  # type: ignore[union-attr]
        assert app.chat.screen is app.screen


async def test_a_server_that_does_not_give_its_list_holds_a_question_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_controller, "LIST_WITHIN", 0.05)
    backend = without_model()
    asked = 0

    async def must_choose() -> bool:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return True

    backend.must_choose = must_choose  # type: ignore[method-assign]
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 1)
    assert asked == 1


async def test_an_endpoint_without_a_model_opens_its_list() -> None:
    backend = ScriptedBackend()
    backend.names = ["local"]
    backend.listed = [ModelInfo("one"), ModelInfo("two")]
    async with running(backend) as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"local", "enter")
        await until(pilot, lambda: backend.opened == ["local"])
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.list.items)
        assert isinstance(app.screen, ModelPicker)
        screen = app.screen
        assert isinstance(screen.list.items[0], Sentence)
        await until(pilot, lambda: rows(screen)[:2] == ["one", "two"])
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.session is not None and app.chat.session.model_name == "one")


async def test_advice_names_keys_of_the_screen() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(Failed("The server does not know the model x.", OTHER_MODEL, "request"))
        await until(pilot, lambda: app.chat.conversation.last_reply and app.chat.conversation.last_reply.settled)
        reply = app.chat.conversation.last_reply
        assert reply is not None
        assert isinstance(reply.ending, Failed)
        lines = failure_lines(reply.ending, reply)
    assert lines == [
        "The server does not know the model x.",
        "Choose another model: Ctrl+O lists what the server has.",
    ]
