"""The command line's tables agree with its parsers."""

from __future__ import annotations

from tui_chat.cli.arguments import FLAG_VALUES, PARSERS


def test_the_flags_that_may_stand_before_a_command_take_as_many_values_as_their_parsers_say() -> None:
    declared = {
        flag: 1 if action.nargs is None else action.nargs
        for command in ("chat", "ask")
        for flag, action in PARSERS[command]()._option_string_actions.items()
    }
    assert {flag: count for flag, count in declared.items() if count} == FLAG_VALUES
