"""Keys that come in one write, from a fast typist or over a slow line, mean the same as one after the other."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.idle import wait_until_handled
from tests.ui.scripted import LETTERS, ScriptedBackend, press_at_once, running, until

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp

EDITS = [
    "backspace",
    "delete",
    "left",
    "right",
    "home",
    "end",
    "ctrl+a",
    "ctrl+e",
    "ctrl+left",
    "ctrl+right",
    "ctrl+w",
    "ctrl+u",
    "ctrl+k",
    "ctrl+j",
    "shift+left",
    "shift+home",
    "ctrl+shift+left",
    "alt+delete",
]
SERIES = 12
LENGTH = 24


async def typed(app: ChatApp, keys: list[str]) -> str:
    """The text after keys of which each is handled before the next comes."""
    app.chat.composer.prompt.take("")
    for key in keys:
        press_at_once(app, [key])
        await wait_until_handled()
    return app.chat.composer.prompt.text


@pytest.mark.parametrize("seed", range(2))
async def test_a_series_of_keys_in_one_write_gives_the_same_text(seed: int) -> None:
    random = Random(seed)
    async with running(ScriptedBackend()) as (app, pilot):
        prompt = app.chat.composer.prompt
        for _ in range(SERIES):
            keys = [random.choice([*LETTERS, *LETTERS, *EDITS]) for _ in range(LENGTH)]
            keys.append("f")  # shows that all have come
            wanted = await typed(app, keys)
            prompt.take("")
            press_at_once(app, keys)
            await until(pilot, lambda: "f" in prompt.text)
            await pilot.pause()  # an edit that came too late would be seen
            assert prompt.text == wanted, keys


async def test_a_prompt_is_corrected_before_the_enter_behind_the_correction() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("old words")
        press_at_once(app, ["ctrl+u", "a", "b", "backspace", "a", "enter"])
        await until(pilot, lambda: bool(backend.model.questions))
        assert app.chat.conversation.path()[0].text == "aa"
        assert app.chat.composer.prompt.text == ""
