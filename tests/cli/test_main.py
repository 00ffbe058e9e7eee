from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.patience import PATIENCE
from tui_chat import __version__
from tui_chat.cli.main import main
from tui_chat.cli.subcommands import COMMANDS, OUTPUT_OPTIONAL

PROGRAM = (sys.executable, "-m", "tui_chat")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that says what is wrong."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tui-chat: ")
    assert err.count("\n") == 1
    return err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"tui-chat {__version__}\n"


@pytest.mark.parametrize("command", ["", "ask", "plain", "listen", "serve", "models", "config"])
def test_help_tells_of_every_flag(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "--env-file" in out
    assert ("commands:" in out) == (command == "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "--sprechen"], "--sprechen"),
        (["ask", "--mod", "x"], "--mod"),
        (["ask", "-m"], "-m/--model"),
        (["ask", "-x", "--json", "?"], "not allowed with"),
        (["config", "surplus"], "surplus"),
        (["serve", "--port", "high"], "--port"),
        (["serve", "--rate", "-1"], "--rate"),
        (["asl"], "did you mean 'ask'?"),
        (["-m", "x", "confg"], "did you mean 'config'?"),
        (["compare", "these", "two"], "with -m (to send it as a prompt: tui-chat -- compare these two)"),
        (["comprae"], "did you mean 'compare'?"),
        (["doctr"], "did you mean 'doctor'?"),
        (["doctr", "--json"], "there is no command 'doctr'"),
        (["completon", "zsh"], "there is no command 'completon'"),
        (["serach"], "did you mean 'search'?"),
        (["modles"], "did you mean 'models'?"),
        (["exprot"], "did you mean 'export'?"),
        (["plian"], "did you mean 'plain'?"),
        (["help"], "did you mean '--help'?"),
        (["ask", "--api", "simple-get", "--base-url", "localhost", "?"], "has no {message} in its path or query"),
        (["ask", "--api", "gemini", "--base-url", "localhost/?q={message}", "?"], "is for the API simple-get"),
        (["ask", "--env-file", "/nowhere/.env", "?"], "there is no file /nowhere/.env"),
        (["ask", "--base-url", "ftp://x", "?"], "--base-url: "),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(os.devnull) as nothing:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", nothing)
        assert says in refused(capsys, *arguments)


def test_ask_without_a_prompt_is_bad_usage(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "there is no prompt" in refused(capsys, "ask")


def test_several_bad_settings_are_a_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_CHAT_MODLE", "x")
    monkeypatch.setenv("TUI_CHAT_MAX_RETRIES", "x")
    assert main(["config"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in lines] == [" TUI_CHAT_MODLE", " TUI_CHAT_MAX_RETRIES"]


@pytest.mark.parametrize(
    "arguments", [["ask", "-m", "echo", "--", "-5"], ["-m", "echo", "ask", "-5 is"], ["-m", "echo", "--", "models"]]
)
def test_flags_may_stand_before_the_command_and_anything_after_two_dashes_is_a_prompt(arguments: list[str]) -> None:
    done = subprocess.run(
        [*PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert arguments[-1] in done.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - OUTPUT_OPTIONAL - {"chat"}))
def test_without_standard_output_no_command_begins_that_prints(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {"listen": ["http://127.0.0.1:9"], "tap": ["http://127.0.0.1:9"], "replay": ["x.tape"], "search": ["x"]}
    needed |= {"completion": ["bash"], "ask": ["x"], "compare": ["x", "-m", "a", "-m", "b"]}
    monkeypatch.setattr(sys, "stdout", None)
    assert main([command, *needed.get(command, [])]) == 2
    assert capsys.readouterr().err == "tui-chat: standard output is closed\n"
