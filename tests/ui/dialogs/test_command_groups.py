from __future__ import annotations

import pytest

from tui_chat.commands import COMMANDS
from tui_chat.ui.dialogs.command_groups import GROUPS, ON_MESSAGE, OTHERS, WRITING, group_of, grouped

BY_ID = {command.id: command for command in COMMANDS}


@pytest.mark.parametrize(
    ("command", "group"),
    [("send", WRITING), ("stop", "Reply"), ("new", "Chats"), ("model", "Model"), ("find", "Reading"), ("quit", OTHERS)],
)
def test_a_command_is_listed_with_what_it_is_about(command: str, group: str) -> None:
    assert group_of(BY_ID[command]) == group


def test_the_commands_of_a_message_are_listed_together_whoever_handles_them() -> None:
    assert {group_of(command) == ON_MESSAGE for command in COMMANDS if command.place == "message"} == {True}
    assert {group_of(command) == ON_MESSAGE for command in COMMANDS if command.place != "message"} == {False}


def test_no_group_is_without_a_command() -> None:
    assert {group_of(command) for command in COMMANDS} == {*GROUPS.values(), ON_MESSAGE, OTHERS}


def test_each_group_stands_once_and_those_for_writing_and_the_program_come_last() -> None:
    titles = [title for title, _ in grouped(COMMANDS)]
    assert len(titles) == len(set(titles))
    assert titles[-2:] == [WRITING, OTHERS]


def test_no_command_is_lost_and_those_of_a_group_keep_their_order() -> None:
    listed = [command for _, commands in grouped(COMMANDS) for command in commands]
    assert sorted(command.id for command in listed) == sorted(BY_ID)
    for title, commands in grouped(COMMANDS):
        assert commands == [command for command in COMMANDS if group_of(command) == title]
