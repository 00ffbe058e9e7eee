"""The list of providers: in groups, filtered, and with the servers that were found on this computer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.ui.host import until
from tui_chat.chat.endpoint_ports import Preset
from tui_chat.chat.model_ports import LocalServer
from tui_chat.ui.dialogs.endpoints.preset_picker import LOOK, PresetPicker
from tui_chat.ui.dialogs.row_list import Heading, ListRow, Sentence
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Sequence

PRESETS = (
    Preset("OpenAI", "https://api.openai.com/v1", endpoint="openai"),
    Preset("Ollama", "http://localhost:11434", local=True, endpoint="ollama"),
    Preset("OpenAI-compatible"),
)
SERVER = LocalServer("llama.cpp", "http://localhost:8080", ("tiny",))


class Host(ThemedApp):
    ENABLE_COMMAND_PALETTE = False


async def nothing() -> Sequence[LocalServer]:
    return ()


def shown(picker: PresetPicker, words: str = "") -> list[str]:
    return [
        f"# {item.title}" if isinstance(item, Heading) else item.name if isinstance(item, ListRow) else item.text
        for item in picker.items(words)
        if isinstance(item, Heading | ListRow | Sentence)
    ]


def test_providers_stand_in_groups_and_the_chosen_one_is_marked() -> None:
    picker = PresetPicker(PRESETS, 1, nothing)
    assert shown(picker) == [
        "# Providers",
        "OpenAI",
        "# On this computer",
        "Ollama",
        "Find local servers",
        "# Any other",
        "OpenAI-compatible",
    ]
    assert [row.name for row in picker.items("") if isinstance(row, ListRow) and row.sign] == ["Ollama"]
    assert picker.first_pick() == 1


def test_a_filter_looks_in_all_groups() -> None:
    picker = PresetPicker(PRESETS, 0, nothing)
    assert set(shown(picker, "openai")) == {"OpenAI", "OpenAI-compatible"}
    assert shown(picker, "zzz") == ["No provider matches."]


def test_a_filter_finds_whatever_is_shown() -> None:
    picker = PresetPicker(PRESETS, 0, nothing)
    assert shown(picker, "any other") == ["OpenAI-compatible"]
    assert shown(picker, "this computer") == ["Ollama", "Find local servers"]
    assert shown(picker, "11434") == ["Ollama"]


async def test_local_servers_are_looked_for_when_that_is_chosen_and_stand_at_the_top() -> None:
    found: asyncio.Future[Sequence[LocalServer]] = asyncio.get_running_loop().create_future()

    async def look() -> Sequence[LocalServer]:
        return await found

    picker = PresetPicker(PRESETS, 0, look)
    app = Host()
    chosen: list[object] = []
    async with app.run_test() as pilot:
        app.push_screen(picker, chosen.append)
        await until(lambda: app.screen is picker and picker.list.picked is not None)
        picker.choose(ListRow("Find local servers", value=LOOK))
        await until(lambda: shown(picker)[:2] == ["# Found", "Checking the usual ports on this computer…"])
        found.set_result([SERVER])
        await until(lambda: shown(picker)[:2] == ["# Found", "llama.cpp"])
        await until(lambda: picker.list.picked is not None and picker.list.picked.value == SERVER)
        await pilot.press("enter")
        await until(lambda: chosen == [SERVER])


async def test_where_no_server_answers_that_is_said() -> None:
    picker = PresetPicker(PRESETS, 0, nothing)
    app = Host()
    async with app.run_test():
        app.push_screen(picker)
        await until(lambda: app.screen is picker and picker.list.picked is not None)
        picker.choose(ListRow("Find local servers", value=LOOK))
        await until(lambda: shown(picker)[:2] == ["# Found", "No server answered on the usual ports."])
