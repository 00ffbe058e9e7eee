"""The system prompt and the sampling options, set without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.ui.chat.fake_pane import Notices
from tui_chat.chat.conversation import Conversation
from tui_chat.ui.chat.option_commands import OptionCommands
from tui_chat.ui.dialogs.text_input_screen import LineScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from tui_chat.ui.chat.option_commands import OptionsScreen


class FakeScreen:
    """A chat and its session in one."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.session: FakeScreen | None = self
        self.options: Mapping[str, Any] = {}
        self.said = Notices()
        self.connections = self
        self.headers = 0
        self.app = self
        self.answer: str | None = None
        """What a dialog returns."""
        self.asked: list[object] = []
        self.work: list[Callable[[], Coroutine[None, None, None]]] = []
        self.commands = OptionCommands(cast("OptionsScreen", self), self.said)

    async def push_screen_wait(self, dialog: object) -> str | None:
        """Note the dialog, and close it at once."""
        self.asked.append(dialog)
        return self.answer

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Leave the work to the test."""
        self.work.append(work)

    def show_header(self) -> None:
        """Note the call."""
        self.headers += 1


def test_the_system_prompt_is_set_and_removed() -> None:
    screen = FakeScreen()
    screen.commands.set_system_prompt("  Be brief. ")
    assert screen.conversation.system == "Be brief."
    screen.commands.set_system_prompt("none")
    assert screen.conversation.system == ""
    assert screen.said.sentences == ["The system prompt is set.", "There is no system prompt."]
    assert screen.headers == 2


def test_options_are_set_shown_and_removed() -> None:
    screen = FakeScreen()
    screen.commands.set_option()
    screen.commands.set_option("temperature 0.5")
    screen.commands.set_option(" stop   [1, 2] ")
    assert screen.options == {"temperature": 0.5, "stop": [1, 2]}
    screen.commands.set_option()
    assert screen.said.sentences[-1] == "Options: temperature = 0.5, stop = [1, 2]."
    screen.commands.set_option("temperature")
    screen.commands.set_option("stop")
    assert (screen.options, screen.said.refusals) == ({}, [])
    assert screen.said.sentences[0] == screen.said.sentences[-1] == "No options set; the server's defaults apply."


@pytest.mark.parametrize("words", ["temperature", "temprature 1", "temperature warm"])
def test_what_cannot_be_is_refused_and_changes_nothing(words: str) -> None:
    screen = FakeScreen()
    screen.commands.set_option(words)
    assert (screen.options, len(screen.said.refusals)) == ({}, 1)


def test_before_the_settings_have_come_nothing_is_set() -> None:
    screen = FakeScreen()
    screen.session = None
    screen.commands.set_option("temperature 0.5")
    assert (screen.options, screen.said.sentences, screen.said.refusals) == ({}, [], [])


@pytest.mark.parametrize(("answer", "system"), [("Be kind.", "Be kind."), ("", ""), (None, "Be brief.")])
async def test_without_a_text_the_system_prompt_is_asked_for_and_esc_changes_nothing(
    answer: str | None, system: str
) -> None:
    screen = FakeScreen()
    screen.conversation.set_system("Be brief.")
    screen.answer = answer
    screen.commands.set_system_prompt()
    (work,) = screen.work
    await work()
    (dialog,) = screen.asked
    assert isinstance(dialog, LineScreen)
    assert screen.conversation.system == system
    assert screen.headers == (answer is not None)
