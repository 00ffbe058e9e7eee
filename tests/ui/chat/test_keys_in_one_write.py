"""Keys that arrive together have their effects in their order, though they are for different widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Stopped
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp

ENTER, ESC, CTRL_C = ("enter", "\r"), ("escape", "\x1b"), ("ctrl+c", "\x03")
CTRL_N, CTRL_O = ("ctrl+n", "\x0e"), ("ctrl+o", "\x0f")


def type_at_once(app: ChatApp, *keys: str | tuple[str, str]) -> None:
    """Press keys as the driver does after one read: nothing is handled in between."""
    for key in keys:
        for name, character in [key] if isinstance(key, tuple) else [(each, each) for each in key]:
            app.post_message(Key(name, character))


@pytest.mark.parametrize("stop", [ESC, CTRL_C])
async def test_a_question_is_stopped_by_the_key_right_behind_enter(stop: tuple[str, str]) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        type_at_once(app, "hi", ENTER, stop)
        await until(pilot, lambda: len(app.chat.conversation.path()) == 2, "the question and its reply")
        await until(pilot, lambda: isinstance(app.chat.conversation.path()[-1].ending, Stopped), "the stop")
        assert app.chat.composer.text == ""
        assert app.is_running


async def test_letters_before_a_dialog_are_in_the_prompt_and_those_behind_it_in_the_dialog() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        type_at_once(app, "ab", CTRL_O, "ti")
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.words == "ti", "the filter")
        assert app.chat.composer.text == "ab"


async def test_all_of_them_in_a_row() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        type_at_once(app, "hi", ENTER, ESC, CTRL_O)
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.is_mounted, "the list")
        type_at_once(app, ESC)
        await until(pilot, lambda: app.screen is app.chat, "the chat")
        assert [type(message.ending) for message in app.chat.conversation.path()][1:] == [Stopped]


async def test_a_new_chat_right_behind_enter_leaves_the_question_in_its_own() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        before = app.chat.conversation
        type_at_once(app, "hi", ENTER, CTRL_N, "x")
        await until(
            pilot, lambda: app.chat.conversation is not before and app.chat.composer.text == "x", "the new chat"
        )
        assert [message.text for message in before.path()][:1] == ["hi"]
        assert not app.chat.conversation.messages
