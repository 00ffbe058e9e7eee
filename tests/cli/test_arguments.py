"""The command line's tables agree with its parsers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.arguments import FLAG_VALUES, PARSERS, parse


def test_the_flags_that_may_stand_before_a_command_take_as_many_values_as_their_parsers_say() -> None:
    declared = {
        flag: 1 if action.nargs is None else action.nargs
        for command in ("chat", "ask")
        for flag, action in PARSERS[command]()._option_string_actions.items()
    }
    assert {flag: count for flag, count in declared.items() if count} == FLAG_VALUES


@pytest.mark.parametrize(
    "words",
    [
        ["aks", "hello"],
        ["aks"],
        ["-m", "x", "exprot", "a", "b"],
        ["sevre", "--port", "1"],
        ["Models"],
        ["CONFIG"],
        ["Keyes", "now"],
        ["HELP"],
        ["exit"],
        ["Quit"],
        ["-m", "x", "list"],
    ],
)
@pytest.mark.parametrize("on_terminal", [True, False])
def test_a_mistyped_command_is_never_sent_whatever_follows(words: list[str], on_terminal: bool) -> None:
    with pytest.raises(SetupError, match=r"there is no command .*did you mean .*tui-chat -- "):
        parse(words, on_terminal=on_terminal)


@pytest.mark.parametrize(
    "words",
    [
        ["aks me something"],
        ["--", "aks", "hello"],
        ["hello", "ask"],
        ["why", "is", "it"],
        ["list", "three", "rivers"],
        ["add 1 and 2"],
        ["помощь"],
        ["ask", "aks"],
    ],
)
def test_a_quoted_prompt_and_what_follows_two_dashes_are_prompts(words: list[str]) -> None:
    command, given = parse(words, on_terminal=False)
    assert command == "ask"
    assert given.prompt


def test_the_remedy_quotes_the_words_as_a_shell_takes_them() -> None:
    with pytest.raises(SetupError, match=r"tui-chat -- aks 'two words'"):
        parse(["aks", "two words"], on_terminal=True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["ask", "--modle", "x", "hi"],
            r"there is no flag --modle; did you mean --model\? \(see tui-chat ask --help\)",
        ),
        (["ask", "--jsno=1", "hi"], r"there is no flag --jsno; did you mean --json\?"),
        (["--continu"], r"there is no flag --continu; did you mean --continue\?"),
        (["ask", "--zebra", "hi"], r"there is no flag --zebra \(see"),
        (["ask", "-z", "hi"], r"there is no flag -z \(see"),
        (["chats", "bread"], r"'bread' is more than this command takes \(see"),
    ],
)
def test_an_unknown_flag_or_word_is_named_with_the_flag_that_was_meant(words: list[str], sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        parse(words, on_terminal=True)


@pytest.mark.parametrize("command", PARSERS)
def test_a_value_that_cannot_be_read_is_refused_without_names_of_the_program(command: str) -> None:
    parser = PARSERS[command]()
    for flag, action in parser._option_string_actions.items():
        if action.type is None or action.choices:
            continue
        try:
            parser.parse_known_args([f"{flag}=no-value" if flag.startswith("--") else f"{flag}no-value", "bash"])
        except SetupError as error:
            refusal = str(error)
            assert "invalid" not in refusal, refusal
            assert "'no-value' is no" in refusal, refusal


def test_bytes_that_are_no_text_stay_in_paths_and_are_replaced_in_texts() -> None:
    _, given = parse(["ask", "-a", "caf\udce9.txt", "-o", "stop", "\udcff", "caf\udce9"], on_terminal=True)
    assert given.attach == [Path("caf\udce9.txt")]
    assert given.prompt == ["caf\ufffd"]
    assert given.option == [["stop", "\ufffd"]]
