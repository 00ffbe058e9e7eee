"""The common parts of the argument parsers of all commands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_chat.cli.shell.examples import in_help

if TYPE_CHECKING:
    from tui_chat.chat.model_ports import SetupError


def setup_error(sentence: str) -> SetupError:
    """Return the error; `--help` does not wait for its import."""
    from tui_chat.chat.model_ports import SetupError

    return SetupError(sentence)


class CommandParser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Raise `SetupError`: exit status 2."""
        raise setup_error(f"{message} (see {self.prog} --help)")


def common(prog: str, description: str, epilog: str = "") -> CommandParser:
    parser = CommandParser(
        prog,
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    parser.add_argument("-t", "--template", metavar="NAME", help="put the prompt into a template of templates/NAME.md")
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
        help="a sampling option (temperature 0.2); may be given several times",
    )
    parser.add_argument("-p", "--persona", metavar="NAME", help="answer as a persona of config.toml")
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
    parser.add_argument("--api", metavar="NAME", help="the API it speaks: auto (by URL and answer), openai-chat, …")
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
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds
