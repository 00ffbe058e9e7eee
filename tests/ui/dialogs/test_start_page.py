"""What an empty chat shows, and what a newcomer can do there with a few keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.geometry import Region

from tests.ui.kept import KeptHistory
from tests.ui.kept import backend as kept_backend
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import LocalServer
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker
from tui_chat.ui.dialogs.row_list import ListRow, RowList, Sentence
from tui_chat.ui.dialogs.start_page import Ask, ConnectServer, ContinueChat, StartHeader, StartList, StartPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.ui.app import ChatApp

SERVER = LocalServer("Ollama", "http://127.0.0.1:11434/v1", ("qwen3:8b", "tiny"))


def page(app: ChatApp) -> StartPage:
    return app.chat.query_one(StartPage)


def values(app: ChatApp) -> list[object]:
    return [item.value for item in page(app).list.items if isinstance(item, ListRow)]


def painted(rows: RowList) -> str:
    """The list as the screen shows it."""
    return "\n".join(strip.text for strip in rows.render_lines(Region(0, 0, *rows.size)))


def picked(app: ChatApp) -> object:
    row = page(app).list.picked
    return row.value if row is not None else None


async def test_arrows_and_enter_choose_while_the_prompt_is_empty() -> None:
    async with running(ScriptedBackend(demo=True), size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        assert page(app).list.shows_pick
        await pilot.press(*["down"] * 3, "up", "enter")
        await until(pilot, lambda: app.chat.conversation.messages)
        assert [message.text for message in app.chat.conversation.path()][:1] == ["What can you do?"]


async def test_servers_that_were_found_stand_with_what_they_offer_in_eighty_columns() -> None:
    backend = ScriptedBackend(demo=True)
    backend.servers = (
        SERVER,
        LocalServer("llama.cpp", "http://127.0.0.1:8080/v1", ("tiny",)),
        LocalServer("vLLM", "http://127.0.0.1:8000/v1", ("a/" + "long-name-" * 9,)),
        LocalServer("LM Studio", "http://127.0.0.1:1234/v1", ()),
        LocalServer("LiteLLM", "http://127.0.0.1:4000/v1", (), wants_key=True),
    )
    async with running(backend, size=(80, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "LiteLLM" in painted(page(app).list))
        shown = [" ".join(row.split()) for row in painted(page(app).list).split("\n")]
    assert [row for row in shown if "127.0.0.1" in row] == [
        "▸ Ollama 127.0.0.1:11434 · 2 models",
        "llama.cpp 127.0.0.1:8080 · tiny",
        "vLLM 127.0.0.1:8000 · 1 model",
        "LM Studio 127.0.0.1:1234 · no models listed",
        "LiteLLM 127.0.0.1:4000 · wants a key",
    ]
    assert "Add an endpoint OpenAI, Anthropic, Gemini, Ollama, any URL" in shown


async def test_below_a_dialog_no_row_looks_picked() -> None:
    async with running(ScriptedBackend(demo=True), size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        assert "▸" in painted(page(app).list)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ModelPicker))
        assert isinstance(app.screen, ModelPicker)
        models = app.screen
        await until(pilot, lambda: "▸" in painted(models.list))
        await until(pilot, lambda: "▸" not in painted(page(app).list))
        await pilot.press("ctrl+a")
        await until(pilot, lambda: app.screen is not models and "▸" not in painted(models.list))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is models and "▸" in painted(models.list))
        await pilot.press("escape")
        await until(pilot, lambda: "▸" in painted(page(app).list))


async def test_arrows_that_are_followed_quickly_by_enter_are_not_overtaken() -> None:
    async with running(ScriptedBackend(demo=True), size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        for key in ("down", "down", "enter"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: app.chat.conversation.messages or len(app.screen_stack) > 1)
        assert [message.text for message in app.chat.conversation.path()][:1] == ["What can you do?"]


async def test_what_is_typed_goes_to_the_prompt_and_enter_sends_it() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend, size=(100, 30)) as (app, pilot):
        await pilot.press("down", "h", "i")
        await until(pilot, lambda: not page(app).list.shows_pick)
        await pilot.press("enter", "enter", "enter")
        await until(pilot, lambda: backend.model.questions)
        assert [message.text for message in backend.model.questions[0].messages] == ["hi"]
        assert app.screen is app.chat


async def test_where_there_are_earlier_prompts_arrows_belong_to_them_and_shift_tab_goes_to_the_list() -> None:
    async with running(ScriptedBackend(demo=True), size=(100, 30)) as (app, pilot):
        history = PromptHistory()
        history.add("before")
        app.chat.composer.history = history
        await pilot.press("up")
        assert app.chat.composer.text == "before"
        app.chat.composer.prompt.put("")
        await pilot.press("enter")
        assert not app.chat.conversation.messages
        await pilot.press("shift+tab", "down", "down")
        await until(pilot, lambda: picked(app) == Ask("What can you do?"))
        assert page(app).list.shows_pick
        await pilot.press("x")
        await until(pilot, lambda: app.chat.composer.text == "x")
        assert app.chat.composer.prompt.has_focus


@pytest.mark.parametrize("servers", [[SERVER], []])
async def test_local_servers_are_looked_for_and_added_to_the_list(servers: Sequence[LocalServer]) -> None:
    backend = ScriptedBackend(demo=True)
    gate = asyncio.Event()

    async def look() -> Sequence[LocalServer]:
        await gate.wait()
        return servers

    backend.manager.find_local_servers = look  # type: ignore[method-assign]
    async with running(backend, size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        await pilot.press("down", "enter")
        await until(pilot, lambda: Sentence("Checking the usual ports on this computer…") in page(app).list.items)
        gate.set()
        await until(pilot, lambda: Sentence("Checking the usual ports on this computer…") not in page(app).list.items)
        if servers:
            assert picked(app) == ConnectServer(SERVER)
            await pilot.press("enter")
            await until(pilot, lambda: "qwen3:8b" in app.chat.query_one(StartHeader).render().plain)
        else:
            assert any("No server answered" in item.text for item in page(app).list.items if isinstance(item, Sentence))


async def test_servers_that_are_found_when_the_page_is_gone_are_dropped() -> None:
    backend = ScriptedBackend(demo=True)
    gate = asyncio.Event()

    async def look() -> Sequence[LocalServer]:
        await gate.wait()
        return [SERVER]

    backend.manager.find_local_servers = look  # type: ignore[method-assign]
    async with running(backend, size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        await pilot.press("down", "enter", "h", "i", "enter")
        await until(pilot, lambda: backend.model.questions and not app.chat.query(StartPage))
        gate.set()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "look"))
        assert app._exception is None


async def test_with_an_endpoint_recent_chats_are_offered() -> None:
    history = KeptHistory()
    history.keep("A chat of before [bold]", "answer", hours_ago=1)
    async with running(kept_backend(history), size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartPage) and values(app))
        assert [type(value) for value in values(app)] == [ContinueChat]
        assert "[bold]" in page(app).list.render().plain
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.conversation.title == "A chat of before [bold]")


async def test_a_history_that_cannot_be_read_leaves_the_page_as_it_is() -> None:
    history = KeptHistory()

    def fail(*_: object, **__: object) -> Sequence[object]:
        raise HistoryError("no disk")

    history.chats = fail  # type: ignore[method-assign, assignment]
    async with running(kept_backend(history), size=(100, 30)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartPage))
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "recent"))
        assert values(app) == []
        assert app._exception is None


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36), (200, 60)])
async def test_the_picked_row_can_be_seen_in_windows_of_all_sizes(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(demo=True), size=size) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList))
        for key in [*["down"] * 7, *["up"] * 7]:
            await pilot.press(key)
            await until(pilot, lambda: pick_is_visible(app), f"{size} {key}")


def pick_is_visible(app: ChatApp) -> bool:
    listed = page(app).list
    return listed.region.y + listed.pick_line in range(app.chat.pane.region.y, app.chat.pane.region.bottom)


@pytest.mark.parametrize("width", [80, 100, 101, 102, 103, 119, 120, 121, 200])
async def test_it_stands_in_the_column_at_every_width(width: int) -> None:
    async with running(ScriptedBackend(demo=True), size=(width, 24)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList) and page(app).list.size.width)
        await until(pilot, lambda: in_column(app), "the list in the column")


def in_column(app: ChatApp) -> bool:
    frame, listed = app.chat.composer.frame.region, page(app).list.region
    return (listed.x, listed.right) == (frame.x + 4, frame.right - 3)


async def test_it_has_no_blank_rows_more_where_the_theme_has_no_mark() -> None:
    async with running(ScriptedBackend(demo=True), size=(80, 24)) as (app, pilot):
        await until(pilot, lambda: app.chat.query(StartList) and page(app).header.size.height == 5)
        app.theme = "ansi-dark"
        await until(pilot, lambda: page(app).header.size.height == 4, "the header without the mark")
