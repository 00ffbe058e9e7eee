"""What is posted for each letter that is typed goes no further up than to who takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.app import ChatApp

if TYPE_CHECKING:
    import pytest
    from textual.message import Message

POSTED = ("text_area_changed", "text_area_selection_changed", "composer_draft_changed")


async def test_nothing_of_a_letter_but_its_key_reaches_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[str] = []

    def take(_: ChatApp, message: Message) -> None:
        came.append(type(message).__name__)

    for name in POSTED:
        monkeypatch.setattr(ChatApp, f"on_{name}", take, raising=False)
    async with running(ScriptedBackend()) as (app, pilot):
        await pilot.press("b", "left", "c")
        await until(pilot, lambda: app.chat.composer.text == "cb")
        await pilot.pause()
    assert came == []
