"""Writes what a shell knows of tui-chat, from its parsers: the scripts of completion, the page of its manual, and the
help of each command.

Run it after a change of flags or commands: `python .ci/shell_files.py`. A test compares the files with it.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import shtab

from tui_chat.cli.arguments import ABOUT, PARSERS
from tui_chat.cli.quick_help import COLUMNS, PLACE
from tui_chat.cli.shell.completion import SHELLS, script_of
from tui_chat.cli.shell.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

MANUAL: Final = script_of("bash").with_name("tui-chat.1")

_FOLDER: Final = '"${XDG_CONFIG_HOME:-$HOME/.config}/tui-chat"'


def _tables_of(kind: str) -> str:
    """The command of the shell that prints the names of config.toml's tables of a kind, bare or in quotes."""
    bare, quoted = rf"^ *\[{kind}\.\([A-Za-z0-9_-][A-Za-z0-9_-]*\).*", rf'^ *\[{kind}\."\([A-Za-z0-9._-]*\)".*'
    return rf"sed -n -e 's/{bare}/\1/p' -e 's/{quoted}/\1/p' {_FOLDER}/config.toml 2>/dev/null"


_NAMES: Final = {
    "endpoint": f"{_tables_of('endpoints')}; echo demo",
    "persona": _tables_of("personas"),
    "template": f"ls {_FOLDER}/templates 2>/dev/null | sed -n 's/\\.md$//p'",
}
"""Commands of the shell that print the names a flag may have, by the flag's name in the parsers."""
_FISH_FOLDER: Final = "(set -q XDG_CONFIG_HOME; and echo $XDG_CONFIG_HOME; or echo $HOME/.config)/tui-chat"

PREAMBLE: Final = {
    "bash": "\n".join(
        f'_tui_chat_{name}() {{ compgen -W "$({command} | sort -u)" -- "$1"; }}' for name, command in _NAMES.items()
    ),
    "zsh": "\n".join(
        f'_tui_chat_{name}() {{ compadd -- ${{(f)"$({command} | sort -u)"}} }}' for name, command in _NAMES.items()
    ),
    "fish": "\n".join(
        f"function _tui_chat_{name}\n    {command.replace(_FOLDER, _FISH_FOLDER)}\nend"
        for name, command in _NAMES.items()
    ),
}
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "effort": ("off", "low", "medium", "high", "default"),
    "api": ("auto", "openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat", "simple-get"),
}
"""What flags may have that take a word of a few."""


_REGISTERS: Final = "if [[ $zsh_eval_context[-1] == eval ]]; then"
"""How shtab's script tells that it is evaluated; it takes `source` for the call by which zsh loads a function."""


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Every command's parser, the one without a command first, with what shells are told about its flags."""
    made: dict[str, argparse.ArgumentParser] = {name: make() for name, make in PARSERS.items()}
    for parser in made.values():
        for action in parser._actions:
            if action.dest in _NAMES and action.option_strings:
                function = f"_tui_chat_{action.dest}"
                action.complete = {"bash": function, "zsh": function, "fish": f"({function})"}  # type: ignore[attr-defined]
            elif action.dest in _CHOICES and action.option_strings:
                action.choices = _CHOICES[action.dest]
            elif action.type is Path or action.metavar in ("FILE", "PATH", "FOLDER"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return made


def completion(shell: str) -> str:
    """The script of completion for a shell."""
    made = parsers()
    root = made.pop("chat")
    root._actions[:] = [action for action in root._actions if action.option_strings]  # a word is a command
    summaries = dict(_summaries())
    commands = root.add_subparsers(metavar="COMMAND")
    for name, parser in made.items():
        commands.add_parser(name, help=summaries[name])
        parser.description = summaries[name]  # shtab would cut a longer one within a sentence
        commands._name_parser_map[name] = parser
    written = shtab.complete(root, shell, root_prefix="tui_chat", preamble=PREAMBLE)  # type: ignore[arg-type]
    if shell == "zsh":
        if _REGISTERS not in written:
            raise ValueError("shtab registers its function in another way than before")
        written = written.replace(_REGISTERS, "if [[ $zsh_eval_context[-1] != loadautofunc ]]; then")
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


def _summaries() -> Iterator[tuple[str, str]]:
    """Each command with its line of the overview."""
    for line in ABOUT.splitlines():
        if (row := re.fullmatch(r"  ([a-z, ]+?)(?: \[?[A-Z]+\]?)? {2,}(.+)", line)) is not None:
            for name in row[1].split(", "):
                yield name, row[2]


def manual() -> str:
    """The page of the manual, in roff."""
    made = parsers()
    root = made.pop("chat")
    lines = ['.TH TUI-CHAT 1 "" "tui-chat" "User Commands"', ".SH NAME"]
    lines += [r"tui-chat \- a chat with the language model endpoint you configure", ".SH SYNOPSIS"]
    lines += [".B tui-chat", "[OPTION]... [PROMPT]", ".br", ".B tui-chat", "COMMAND [OPTION]... [ARGUMENT]..."]
    lines += [".SH DESCRIPTION", *_paragraphs(ABOUT.partition("\n\n")[2]), ".SH OPTIONS", *_options(root)]
    lines += [".SH COMMANDS"]
    for name, parser in made.items():
        lines += [f".SS tui-chat {name}", *_paragraphs(parser.description or ""), *_options(parser)]
    lines += [".SH FILES"]
    for path, what in (
        ("~/.config/tui-chat/config.toml", "the settings"),
        ("~/.config/tui-chat/templates/NAME.md", "templates of prompts"),
        ("~/.local/share/tui-chat/history.db", "the chats"),
        ("~/.local/state/tui-chat/", "the log and earlier prompts"),
    ):
        lines += [".TP", f".I {_roff(path)}", _roff(what)]
    lines += [".PP", "The variables XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME move these folders;"]
    lines += [".B tui-chat config", "prints all paths and every setting with its origin."]
    lines += [".SH ENVIRONMENT", "Each setting has a variable: TUI_CHAT_ and its name in capitals.", ".SH EXIT STATUS"]
    for status, what in (
        ("0", "whole"), ("1", "another failure"), ("2", "usage or settings"), ("3", "the key was refused"),
        ("4", "rate limit"), ("5", "network or server"), ("6", "cut off"), ("130", "Ctrl+C"), ("143", "SIGTERM"),
    ):  # fmt: skip
        lines += [".TP", f".B {status}", what]
    lines += [".SH EXAMPLES", ".nf"]
    for examples in EXAMPLES.values():
        lines += [_roff(example) for example in examples]
    return "\n".join([*lines, ".fi", ""])


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, text.split("\n\n")):
        yield ".PP"
        yield _roff(" ".join(paragraph.split()))


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest == "help" or action.help == argparse.SUPPRESS:
            continue
        metavar: Any = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        words = metavar if isinstance(metavar, tuple) else (metavar,)
        value = " ".join(rf"\fI{_roff(word)}\fR" for word in words if word and action.nargs != 0)
        names = ", ".join(rf"\fB{_roff(name)}\fR" for name in action.option_strings)
        yield ".TP"
        yield f"{names} {value}".strip()
        yield _roff((action.help or "").replace("%%", "%"))


def _roff(text: str) -> str:
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    escaped = "".join(each if each.isascii() else rf"\[u{ord(each):04X}]" for each in escaped)
    return rf"\&{escaped}" if escaped.startswith((".", r"\(aq")) else escaped


def help_texts() -> str:
    """The help of every command, as `quick_help` reads it: its name, and its text in the following lines."""
    with mock.patch.dict(os.environ, COLUMNS=str(COLUMNS)):
        return "\f".join(f"{name}\n{make().format_help()}" for name, make in PARSERS.items())


def files() -> dict[Path, str]:
    """All files with what they contain."""
    written = {**{script_of(shell): completion(shell) for shell in SHELLS}, MANUAL: manual()}
    if sys.version_info < (3, 13):  # argparse has another form of the flags since
        written[Path(PLACE)] = help_texts()
    return written


if __name__ == "__main__":
    for path, content in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
