"""The common parts of the argument parsers of all commands."""

from __future__ import annotations

import argparse
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from tui_chat.cli.shell.examples import in_help

if TYPE_CHECKING:
    from tui_chat.chat.model_ports import SetupError


def setup_error(sentence: str) -> SetupError:
    """Return the error; `--help` does not wait for its import."""
    from tui_chat.chat.model_ports import SetupError

    return SetupError(sentence)


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs at the width of the terminal. A paragraph with an indented line or with columns keeps its lines;
    of one that is too long, the last column is wrapped."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(_wrapped(paragraph, width) for paragraph in text.split("\n\n"))


_UNKNOWN: Final = "unrecognized arguments: "
"""The beginning of argparse's message about flags and words that it does not know."""
_NARROWEST: Final = 20
"""The width below which a last column is written below the others."""
_COLUMNS: Final = re.compile(r"(.*\S {2,}|\s+)(?=\S)")


def _wrapped(paragraph: str, width: int) -> str:
    lines = paragraph.splitlines()
    if not any(_COLUMNS.match(line) for line in lines):
        return "\n".join(_filled(" ".join(lines), width))
    return "\n".join(_wrapped_line(line, width) for line in lines)


def _wrapped_line(line: str, width: int) -> str:
    columns = _COLUMNS.match(line)
    before = columns[0] if columns is not None else ""
    if len(line) <= width or (columns is not None and before.isspace()):  # a command is not broken
        return line
    last = line[len(before) :]
    if len(before) + _NARROWEST > width:
        return "\n".join([before.rstrip(), *_filled(last, width, " " * 6)])
    first, *others = _filled(last, width, " " * len(before))
    return "\n".join([before + first.lstrip(), *others])


def _filled(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


class CommandParser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Raise `SetupError`: exit status 2."""
        unknown = message.removeprefix(_UNKNOWN).partition(" ")[0].partition("=")[0]
        if message.startswith(_UNKNOWN) and unknown.startswith("-"):
            from tui_chat.chat.wording.spelling import meant

            near = meant(unknown, self._option_string_actions)
            message = f"there is no flag {unknown}{near and f'; did you mean {near}?'}"
        elif message.startswith(_UNKNOWN):
            message = f"{unknown!r} is more than this command takes"
        # argparse names the function that reads a value; all of those that raise no sentence of their own read numbers
        message = re.sub(r"invalid \w+ value: (.+)", r"\1 is not a number", message)
        raise setup_error(f"{message} (see {self.prog} --help)")


def common(prog: str, description: str, epilog: str = "") -> CommandParser:
    parser = CommandParser(
        prog,
        description=description,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
        epilog="\n\n".join(filter(None, (epilog, in_help(prog)))),
    )
    parser.add_argument("--env-file", metavar="FILE", type=Path, help="read variables from this .env file")
    return parser


def question(parser: CommandParser) -> CommandParser:
    """Add what makes a question: the prompt, attachments, a template."""
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="what to ask")
    parser.add_argument(
        "-a",
        "--attach",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="attach a text file, a picture or a PDF; may be given several times",
    )
    parser.add_argument(
        "-t",
        "--template",
        metavar="NAME",
        help="put the prompt into the template templates/NAME.md, beside config.toml",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="BLANK=TEXT",
        help="with -t: the text for a blank of the template; may be given several times",
    )
    return parser


def sampling(parser: CommandParser) -> CommandParser:
    """Add what says how a model answers."""
    parser.add_argument(
        "-o",
        "--option",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a sampling option, such as temperature 0.2; may be given several times",
    )
    parser.add_argument("-p", "--persona", metavar="NAME", help="the persona to answer as: a name from config.toml")
    parser.add_argument(
        "--effort", metavar="EFFORT", help="how much the model thinks first: off, low, medium, high or default"
    )
    return parser


def choosing(parser: CommandParser, *, model: bool = True) -> CommandParser:
    """Add what chooses an endpoint; `model`: also its model."""
    parser.add_argument(
        "-e", "--endpoint", metavar="NAME", help="the endpoint to use: a name from config.toml, or demo"
    )
    parser.add_argument("--base-url", metavar="URL", help="the endpoint, with or without /v1 or the full path")
    if model:
        parser.add_argument("-m", "--model", metavar="NAME", help="the model to use")
    parser.add_argument(
        "--api",
        metavar="NAME",
        help="the API it speaks: openai-chat, openai-responses, anthropic-messages, gemini, ollama-chat or simple-get; "
        "auto (the default) finds out",
    )
    parser.add_argument("-s", "--system", metavar="TEXT", help="the system prompt")
    return parser


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return seconds
