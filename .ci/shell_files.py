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
from tui_chat.cli.shell.completion import KINDS, SHELLS, script_of
from tui_chat.cli.shell.examples import EXAMPLES
from tui_chat.server.scripted.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

MANUAL: Final = script_of("bash").with_name("tui-chat.1")

_NAMES: Final = {
    "endpoint": "endpoints",
    "persona": "personas",
    "template": "templates",
    "model": "models",
    "models": "models",
    "cid": "chats",
    "chats": "chats",
}
"""By the arguments of the parsers, the kind of names that `tui-chat completion --names` prints for them."""

_BASH: Final = r"""
# Offers the names of a kind that begin with a word, which may stand in quotes or have backslashes.
_tui_chat_names() {
  local name word=$2 form=%q
  case $word in
    [\"\']*) word=${word:1} form=%s ;;
    *) word=${word//\\/} ;;
  esac
  while IFS=$'\t' read -r name _; do
    [[ $name == "$word"* ]] && printf "$form\n" "$name"
  done < <("${COMP_WORDS[0]/#\~/$HOME}" completion --names "$1" 2>/dev/null)
}
"""
_ZSH: Final = r"""
_tui_chat_names() {
  local line
  local -a names
  for line in ${(f)"$(${~program} completion --names $1 2>/dev/null)"}; do
    names+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe -V $1 names
}
"""
_FISH: Final = r"""
function _tui_chat_names
    set -l program (string replace -r '^~' $HOME -- (commandline -opc)[1])
    $program completion --names $argv[1] 2>/dev/null
end
"""
PREAMBLE: Final = {
    "bash": _BASH + "".join(f'_tui_chat_{kind}() {{ _tui_chat_names {kind} "$1"; }}\n' for kind in KINDS),
    "zsh": _ZSH + "".join(f"_tui_chat_{kind}() {{ _tui_chat_names {kind} }}\n" for kind in KINDS),
    "fish": _FISH,
}
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "effort": ("off", "low", "medium", "high", "default"),
    "api": ("auto", "openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat", "simple-get"),
    "fault": tuple(FAULTS),
}
"""What flags may have that take a word of a few."""

_BASH_CALL: Final = "complete -o bashdefault -F _shtab_tui_chat tui-chat"
_BASH_WORDS: Final = r"""
# Bash also ends words at "=" and ":". --flag=VALUE is read as two words, and a name with colons as one.
_tui_chat() {
  local index word last=0 glue=false before=""
  local -a words=("${COMP_WORDS[0]}")
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    if [[ $word == "=" && ${words[last]} == --* ]]; then
      words[$((++last))]=""
      glue=true
    elif [[ $word == *[:=]* && $word != *[!:=]* ]]; then
      words[last]+=$word
      glue=true
    elif $glue; then
      words[last]+=$word
      glue=false
    else
      words[$((++last))]=$word
    fi
  done
  local -a COMP_WORDS=("${words[@]}")
  local COMP_CWORD=$last
  _shtab_tui_chat "$@"
  if [[ ${words[last]} == *:* && $COMP_WORDBREAKS == *:* ]]; then
    before=${words[last]%"${words[last]##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
  fi
}

complete -o bashdefault -F _tui_chat tui-chat"""
_REGISTERS: Final = "if [[ $zsh_eval_context[-1] == eval ]]; then"
"""How shtab's script tells that it is evaluated; it takes `source` for the call by which zsh loads a function."""


_ZSH_START: Final = "_shtab_tui_chat() {\n"
_ZSH_FIRST: Final = """\
  local program=${words[1]}
  if (( ${words[(I)--]} && ${words[(I)--]} < CURRENT )); then  # flags have ended
    _default
    return
  fi
"""
_WITH_VALUE: Final = re.compile(r"""(--[a-z-]+)(\}?"?\[(?:[^]\\"]|\\.)*\]:)""")
"""A flag with a value, as shtab describes it to zsh."""

_WITHOUT_COMMAND: Final = """\
Without a command, tui-chat opens a full-screen chat with a language model, at the endpoint you configure; a PROMPT is
sent at once. Endpoints are added on the screen (/connect), in config.toml or by variables."""


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Every command's parser, the one without a command first, with what shells are told about its flags."""
    made: dict[str, argparse.ArgumentParser] = {name: make() for name, make in PARSERS.items()}
    for parser in made.values():
        for action in parser._actions:
            if action.dest in _NAMES and action.nargs != 0:
                kind = _NAMES[action.dest]
                function = f"_tui_chat_{kind}"
                action.complete = {  # type: ignore[attr-defined]
                    "bash": function,
                    "zsh": function,
                    "fish": f"(_tui_chat_names {kind})",
                }
            elif action.dest in _CHOICES and action.option_strings:
                action.choices = _CHOICES[action.dest]
            elif isinstance(action.metavar, str) and "|" in action.metavar:
                action.choices = action.metavar.split("|")
            elif action.metavar == "DIR":
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.type is Path or action.metavar in ("FILE", "PATH"):
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
    if shell == "bash":
        written = _replaced(written, _BASH_CALL, _BASH_WORDS)
    if shell == "zsh":
        written = _replaced(written, _REGISTERS, "if [[ $zsh_eval_context[-1] != loadautofunc ]]; then")
        written = _replaced(written, _ZSH_START, _ZSH_START + _ZSH_FIRST)
        written = _WITH_VALUE.sub(r"\1=\2", written)
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


def _replaced(script: str, old: str, new: str) -> str:
    """The script with a part replaced that shtab must have written."""
    if old not in script:
        raise ValueError(f"shtab writes {old!r} in another way than before")
    return script.replace(old, new)


def _summaries() -> Iterator[tuple[str, str]]:
    """Each command with its line of the overview."""
    for line in ABOUT.splitlines():
        if (row := re.fullmatch(r"  ([a-z, ]+?)(?: \[?[A-Z]+\]?)? {2,}(.+)", line)) is not None:
            names, about = row[1].split(", "), row[2].split("; ")
            yield from zip(names, about if len(names) > 1 else [row[2]], strict=True)


def manual() -> str:
    """The page of the manual, in roff."""
    made = parsers()
    root = made.pop("chat")
    lines = ['.TH TUI-CHAT 1 "" "tui-chat" "User Commands"', ".SH NAME"]
    lines += [r"tui-chat \- a chat with the language model endpoint you configure", ".SH SYNOPSIS"]
    lines += [".B tui-chat", "[OPTION]... [PROMPT]", ".br", ".B tui-chat", "COMMAND [OPTION]... [ARGUMENT]..."]
    lines += [".SH DESCRIPTION", *_paragraphs(_WITHOUT_COMMAND + ABOUT[ABOUT.index("\n\n") :])]
    lines += [".SH OPTIONS", *_options(root), ".SH COMMANDS"]
    for name, parser in made.items():
        lines += [f".SS tui-chat {name}", *_paragraphs(parser.description or ""), *_options(parser)]
        more = (parser.epilog or "").partition("examples:\n")[0]
        lines += [".PP", *_paragraphs(more)] if more else []
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
    lines += [".SH ENVIRONMENT", "Each setting has a variable: TUI_CHAT_ and its name in capitals."]
    lines += ["A provider's own variable for its key is enough (OPENAI_API_KEY, ANTHROPIC_API_KEY and others)."]
    for name, what in (
        ("TUI_CHAT_BASE_URL", "the endpoint's URL"),
        ("TUI_CHAT_API_KEY", "its key"),
        ("TUI_CHAT_MODEL", "the model"),
        ("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "the proxy"),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "certificate authorities to trust"),
        ("NO_COLOR", "no colours, if it is set"),
        ("VISUAL, EDITOR", "the editor for Ctrl+G"),
    ):
        lines += [".TP", f".B {name}", _roff(what)]
    lines += [".SH EXIT STATUS"]
    for status, what in (
        ("0", "the reply, or the work of the command, is complete"),
        ("1", "another failure"),
        ("2", "wrong usage or settings"),
        ("3", "the server refused the key"),
        ("4", "rate limit"),
        ("5", "network or server"),
        ("6", "the reply was cut off"),
        ("130", "stopped with Ctrl+C"),
        ("143", "ended by SIGTERM"),
    ):
        lines += [".TP", f".B {status}", what]
    lines += [".SH EXAMPLES", ".nf"]
    for examples in EXAMPLES.values():
        lines += [_roff(example) for example in examples]
    return "\n".join([*lines, ".fi", ""])


def _paragraphs(text: str) -> Iterator[str]:
    for index, paragraph in enumerate(filter(None, text.split("\n\n"))):
        if index:
            yield ".PP"
        yield _roff(" ".join(paragraph.split()))


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest == "help" or action.help == argparse.SUPPRESS:
            continue
        named = "|".join(action.choices) if action.choices else action.dest.upper()
        metavar: Any = action.metavar or (named if action.nargs != 0 else "")
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
