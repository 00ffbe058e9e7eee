from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from tui_chat.commands import COMMANDS
from tui_chat.ui.chat.screen_commands import ScreenCommands

NAMES = [field.name for field in fields(ScreenCommands)]


@pytest.fixture
def commands() -> ScreenCommands:
    return ScreenCommands(**{name: Mock() for name in NAMES})


def called(commands: ScreenCommands) -> list[str]:
    """What was called, with its arguments."""
    found = {name: getattr(commands, name).method_calls for name in NAMES}
    return [f"{name}.{each[0]}{each[1]}" for name, calls in found.items() for each in calls]


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("retry", "branches.retry_message('the reply',)"),
        ("continue", "branches.continue_message('the reply',)"),
        ("copy code", "copying.copy_code_of('the parts', 2)"),
    ],
)
def test_what_is_clicked_in_a_reply_is_done_with_that_reply(commands: ScreenCommands, action: str, call: str) -> None:
    view = SimpleNamespace(message="the reply", messages="the parts")
    commands.act_on(SimpleNamespace(view=view, action=action, number=2))  # type: ignore[arg-type]
    assert called(commands) == [call]


def test_every_owner_that_the_table_names_is_there() -> None:
    owners = {command.handler.split(".")[1] for command in COMMANDS if command.handler.startswith("commands.")}
    assert owners <= set(NAMES)
    assert len(owners) > 10
