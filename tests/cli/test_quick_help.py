"""The help that is read from a file is the parsers' own."""

from __future__ import annotations

import sys

import pytest

from tui_chat.cli import quick_help
from tui_chat.cli.arguments import PARSERS
from tui_chat.cli.command_parser import common
from tui_chat.cli.main import main
from tui_chat.cli.quick_help import help_for

OLD_FORM = pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse writes flags in another form since 3.13")


@OLD_FORM
@pytest.mark.parametrize("command", PARSERS)
def test_every_command_has_the_help_of_its_parser(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ["--help"] if command == "chat" else [command, "-h"]
    assert help_for(words) == PARSERS[command]().format_help()


@pytest.mark.parametrize(
    "words", [[], ["ask"], ["chat", "--help"], ["no such", "-h"], ["ask", "-q", "-h"], ["-h", "ask"]]
)
def test_whatever_else_is_asked_is_left_to_the_parsers(words: list[str]) -> None:
    assert help_for(words) is None


def test_a_narrow_terminal_gets_lines_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(SystemExit):
        main(["usage", "--help"])
    options = capsys.readouterr().out.partition("options:")[2].partition("\n\n")[0]
    assert options
    assert max(map(len, options.splitlines())) <= 40


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("command", PARSERS)
def test_no_line_of_a_help_is_broken_by_the_terminal(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = PARSERS[command]().format_help().partition("\n\n")[2]  # what is behind the usage
    long = [line for line in text.splitlines() if len(line) > columns]
    assert [line for line in long if not line.startswith("  tui-chat ") and "| tui-chat " not in line] == []
    assert columns < 80 or not long  # a command for the shell stays in one piece where the terminal is narrow


def test_columns_of_a_help_stay_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "62")
    parser = common(
        "tui-chat none", "One two\nthree.", "figures:\n  first   a note that goes on and on and on and on, to the end"
    )
    text = parser.format_help()
    assert "One two three." in text
    assert "figures:\n  first   a note that goes on and on and on and on, to the\n          end\n" in text


def test_without_the_file_the_parser_writes_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quick_help, "PLACE", "/nowhere/help.txt")
    with pytest.raises(SystemExit) as ended:
        main(["ask", "--help"])
    assert ended.value.code == 0
    assert "usage: tui-chat ask" in capsys.readouterr().out


def test_a_wide_terminal_gets_the_text_of_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        main(["ask", "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == help_for(["ask", "--help"])
