"""What the argument parsers of all commands have in common."""

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


def choosing(parser: CommandParser) -> CommandParser:
    parser.add_argument(
        "-e", "--endpoint", metavar="NAME", help="the endpoint to use: a name from config.toml, or demo"
    )
    parser.add_argument("--base-url", metavar="URL", help="the endpoint, with or without /v1 or the full path")
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
