"""Adding and changing an endpoint: what is typed survives, the key stays hidden, and the test says what to change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo, TestReport
from tui_chat.chat.model_ports import LocalServer, ModelInfo
from tui_chat.ui.dialogs.endpoints.endpoint_form import EndpointForm
from tui_chat.ui.dialogs.endpoints.form_fields import Choice
from tui_chat.ui.dialogs.endpoints.model_rows import ModelChooser, price, window
from tui_chat.ui.dialogs.endpoints.preset_picker import PresetPicker
from tui_chat.ui.dialogs.row_list import ListRow

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

KEY = "sk-Wq7nXe4RbT9zKp2M"
WORKS = [
    TestReport(doing="Asking openrouter.ai for its models"),
    TestReport(models=(ModelInfo("m"), ModelInfo("n")), model="m", first_token=0.4, pace=61.0, done=True),
]
REFUSED = TestReport(problem="The server refused the key (401).", advice="Check the key.", field="key", done=True)


async def opened(app: ChatApp, pilot: Pilot[None]) -> EndpointForm:
    app.chat.connections.connect()
    await until(pilot, lambda: isinstance(app.screen, EndpointForm) and app.screen.focused)
    assert isinstance(app.screen, EndpointForm)
    return app.screen


async def back(app: ChatApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: app.screen is app.chat)


def screen_text(app: ChatApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def note(form: EndpointForm, field: str) -> str:
    return str(form.fields.rows[field]._note.content)


def result(form: EndpointForm) -> str:
    return form.result.text


async def typed_key(form: EndpointForm, pilot: Pilot[None], key: str = KEY) -> None:
    form.fields.key_boxes["typed"].focus()
    await pilot.press(*key)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_an_endpoint_is_added_tested_saved_and_answers_at_once(size: tuple[int, int]) -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = WORKS
    async with running(backend, size=size) as (app, pilot):
        form = await opened(app, pilot)
        await pilot.press("right")  # the next provider
        await typed_key(form, pilot)
        await pilot.press("enter")
        await back(app, pilot)
        await until(pilot, lambda: backend.opened == ["openrouter"])
        draft = EndpointDraft("https://openrouter.ai/api/v1", "typed", KEY, "m", "openrouter", True)
        assert backend.manager.saved == [draft]
        assert app.chat.session is not None
        assert app.chat.session.model_name == "m"
        assert app.chat.composer.prompt.has_focus


async def test_the_provider_is_chosen_from_a_list() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PresetPicker) and app.screen.list.items)
        await pilot.press(*"ollama", "enter")
        await until(pilot, lambda: app.screen is form)
        assert form.fields.url.text == "http://localhost:11434"
        assert note(form, "typed") == "most servers on this computer need none"
        assert form.fields.model.has_focus


async def test_the_keys_in_the_last_row_are_those_of_the_field_with_the_focus() -> None:
    async with running(ScriptedBackend(demo=True), size=(100, 30)) as (app, pilot):
        form = await opened(app, pilot)

        def hints() -> str:
            return form.hint_row._keys().plain

        seen = []
        for _ in range(6):
            seen.append(hints())
            await pilot.press("tab")
            await pilot.pause()
        provider, url, key, typed, model, name = seen
        assert provider.split()[:4] == ["Enter", "choose", "Tab", "next"]
        assert key.split()[:4] == ["Enter", "change", "Tab", "next"]
        assert url == typed == name
        assert url.split()[:4] == ["Enter", "test", "and", "save"]
        assert model.split()[4:6] == ["Ctrl+O", "models"]


async def test_the_models_of_another_url_are_forgotten() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = [TestReport(models=(ModelInfo("m"), ModelInfo("n")), choose=True, done=True)]
    async with running(backend, size=(100, 30)) as (app, pilot):
        form = await opened(app, pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, ModelChooser))
        await pilot.press("escape")
        form.fields.url.focus()
        await pilot.press("end", "x", "ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ModelChooser))
        assert isinstance(app.screen, ModelChooser)
        assert not [item for item in app.screen.list.items if isinstance(item, ListRow)]


async def test_a_failed_test_keeps_what_was_typed_and_goes_to_the_field_to_change() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = [REFUSED]
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await typed_key(form, pilot)
        form.fields.model.put("some-model")
        form.fields.name.put("mine")
        form.fields.url.focus()
        await pilot.press("enter")
        await until(pilot, lambda: result(form) == "✗ The server refused the key (401).\nCheck the key.")
        assert form.fields.key_boxes["typed"].has_focus
        assert "-bad" in form.fields.rows["typed"].classes
        for size in ((40, 12), (120, 36)):
            await pilot.resize_terminal(*size)
        draft = form.fields.draft()
        assert (draft.key, draft.model, draft.name) == (KEY, "some-model", "mine")
        backend.manager.reports = WORKS
        await pilot.press("enter")
        await back(app, pilot)
        assert backend.manager.saved[0].key == KEY


async def test_it_can_be_saved_without_a_test() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("ctrl+s")
        await back(app, pilot)
        assert (backend.manager.tested, [each.name for each in backend.manager.saved]) == ([], ["openai"])


async def test_escape_stops_a_test_and_then_closes_the_form() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = WORKS
    backend.manager.test_gate = asyncio.Event()
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "Asking openrouter.ai for its models" in result(form))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: result(form) == "")
        assert app.screen is form
        backend.manager.test_gate.set()
        await pilot.press("escape")
        await back(app, pilot)
        assert (len(backend.manager.tested), backend.manager.saved) == (1, [])


async def test_of_several_models_one_is_chosen_and_then_tested() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = [TestReport(models=(ModelInfo("a"), ModelInfo("b", 8192)), choose=True, done=True)]
    async with running(backend) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, ModelChooser) and app.screen.list.items)
        backend.manager.reports = WORKS
        await pilot.press("down", "enter")
        await back(app, pilot)
        assert [each.model for each in backend.manager.tested] == ["", "b"]
        assert backend.manager.saved[0].model == "b"


async def test_the_url_says_what_was_made_of_it() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        assert note(form, "url") == ""
        form.fields.url.put("models.example")
        await until(pilot, lambda: note(form, "url") == "asks https://models.example/v1")
        assert form.fields.name.placeholder == "models-example"
        form.fields.url.put("two words")
        await until(pilot, lambda: note(form, "url") == "The base URL has white space inside.")


async def test_a_name_that_is_taken_gets_a_number() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.infos = [EndpointInfo("openai", "openai", editable=True)]
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        assert form.fields.draft().name == "openai-2"


async def test_a_key_that_was_typed_for_one_host_goes_to_another_only_when_told_twice() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = WORKS
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await typed_key(form, pilot)
        form.fields.provider.set(1)
        await pilot.pause()
        for key in ("enter", "ctrl+s"):
            form._agreed_host = ""
            await pilot.press(key)
            await until(pilot, lambda: "This key was entered for api.openai.com." in result(form))
        assert (backend.manager.tested, backend.manager.saved) == ([], [])
        await pilot.press("enter")
        await back(app, pilot)
        assert backend.manager.saved[0].base_url == "https://openrouter.ai/api/v1"


async def test_a_saved_key_is_not_shown_and_stays() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.drafts["mine"] = EndpointDraft("https://h.example/v1", "kept", "", "m", "mine", True, before="mine")
    backend.manager.reports = WORKS
    async with running(backend) as (app, pilot):
        app.push_screen(EndpointForm(backend.manager, backend.manager.draft_of("mine")))
        await until(pilot, lambda: isinstance(app.screen, EndpointForm) and app.screen.focused)
        form = app.screen
        assert isinstance(form, EndpointForm)
        assert note(form, "source") == "sent to h.example only"
        form.fields.model.put("other")
        await pilot.press("ctrl+s")
        await back(app, pilot)
        assert backend.manager.saved == [
            EndpointDraft("https://h.example/v1", "kept", "", "other", "mine", None, "mine")
        ]


@pytest.mark.parametrize(
    ("steps", "text", "source", "words"),
    [
        (1, "SET_KEY", "variable", "its value is sent to api.openai.com only"),
        (1, "NOT_SET", "variable", "NOT_SET is not set here; set it before tui-chat starts"),
        (2, "pass show x", "command", "its first line of output is sent to api.openai.com only; no shell is used"),
    ],
)
async def test_the_key_may_come_from_a_variable_or_a_command(steps: int, text: str, source: str, words: str) -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        form.fields.source.focus()
        await pilot.press(*["right"] * steps)
        form.fields.key_boxes[source].put(text)
        await until(pilot, lambda: note(form, source) == words)
        assert (form.fields.draft().key_source, form.fields.draft().key) == (source, text)
        await until(pilot, lambda: text in screen_text(app), "what was typed, as these are not secrets")


async def test_what_cannot_be_written_is_said_and_nothing_is_lost() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.error = "config.toml: cannot be written: No space left on device"
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await typed_key(form, pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "No space left" in result(form))
        assert form.fields.draft().key == KEY


async def test_a_typed_key_is_never_on_the_screen_nor_in_the_clipboard() -> None:
    backend = ScriptedBackend(demo=True)
    backend.manager.reports = [REFUSED]
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        await typed_key(form, pilot)
        assert "•" * len(KEY) in screen_text(app)
        await pilot.press("ctrl+a", "shift+home", "ctrl+c", "ctrl+x", "ctrl+underscore", "ctrl+y")
        await pilot.press("end")
        assert app.clipboard == ""
        await pilot.press("tab")
        assert KEY in backend.manager.hidden, "the log and crashes mask it"
        await pilot.press("enter")
        await until(pilot, lambda: "refused" in result(form))
        for box in (form.fields.source, form.fields.url):
            box.focus()
            await pilot.press("right", "left")
        assert KEY[:6] not in screen_text(app)
        assert KEY[:6] not in app.export_screenshot()
        await pilot.press("escape")
        await back(app, pilot)
        assert KEY[:6] not in screen_text(app)
        assert app.chat.composer.text == ""


async def test_what_is_typed_without_a_pause_goes_to_its_fields() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        for key in (
            "left",
            "tab",
            *"abc",
            "tab",
            "tab",
            *"key",
            "tab",
            *"model",
            "shift+tab",
            "x",
            "down",
            "down",
            *"n",
        ):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: form.fields.name.text == "n")
        draft = form.fields.draft()
        assert (draft.base_url, draft.key, draft.model, draft.name) == ("abc", "keyx", "model", "n")


def test_windows_and_prices_are_short() -> None:
    sizes = [None, 0, 512, 8192, 128_000, 131_072, 200_000, 1_048_576, 1_000_000, 2_000_000]
    assert [window(size) for size in sizes] == ["", "", "512", "8k", "128k", "128k", "200k", "1M", "1M", "2M"]
    assert price(ModelInfo("m", None, 0.15, 0.6)) == "$0.15 / $0.60"
    assert price(ModelInfo("m", None, 0.0, 0.0)) == "free"
    assert price(ModelInfo("m", None, 0.1)) == "$0.10 in"


async def test_what_is_typed_after_tab_replaces_the_providers_url() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        form = await opened(app, pilot)
        form.fields.url.put("https://provider.example/v1")
        await pilot.press("tab", *"host:1")
        await until(pilot, lambda: form.fields.url.text == "host:1")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_local_server_is_looked_for_and_taken_into_the_form(size: tuple[int, int]) -> None:
    backend = ScriptedBackend(demo=True)
    backend.servers = (LocalServer("llama.cpp", "http://127.0.0.1:8080/v1", ("tiny",)),)
    async with running(backend, size=size) as (app, pilot):
        form = await opened(app, pilot)
        form.fields.provider.post_message(Choice.Opened(form.fields.provider))
        await until(pilot, lambda: isinstance(app.screen, PresetPicker) and app.screen.is_mounted, "the providers")
        await pilot.press(*"find local")
        assert backend.looked == 0
        await pilot.press("enter")
        await until(pilot, lambda: "llama.cpp" in screen_text(app) and "Found" in screen_text(app), "the server")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is form, "the form")
        assert (form.fields.url.text, form.fields.model.text) == ("http://127.0.0.1:8080/v1", "tiny")
        assert form.fields.draft().name == "local"


async def test_a_local_server_that_wants_a_key_is_asked_with_one() -> None:
    backend = ScriptedBackend(demo=True)
    backend.servers = (LocalServer("llama.cpp", "http://127.0.0.1:8080/v1", (), wants_key=True),)
    backend.manager.reports = WORKS
    async with running(backend, size=(100, 30)) as (app, pilot):
        await pilot.press("down", "enter")
        await until(pilot, lambda: "wants a key" in screen_text(app), "the server on the start page")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, EndpointForm) and app.screen.focused, "the form")
        form = app.screen
        assert isinstance(form, EndpointForm)
        assert form.title == "Add an endpoint"
        assert form.focused is form.fields.key_boxes["typed"]
        await pilot.press(*KEY, "enter")
        await back(app, pilot)
    (saved,) = backend.manager.saved
    assert (saved.base_url, saved.key, saved.before) == ("http://127.0.0.1:8080/v1", KEY, "")


async def test_no_local_server_is_said() -> None:
    async with running(ScriptedBackend(demo=True), size=(80, 24)) as (app, pilot):
        form = await opened(app, pilot)
        form.fields.provider.post_message(Choice.Opened(form.fields.provider))
        await until(pilot, lambda: isinstance(app.screen, PresetPicker) and app.screen.is_mounted, "the providers")
        await pilot.press(*"find local", "enter")
        await until(pilot, lambda: "No server answered" in screen_text(app), "the answer")
