"""The arguments of `tui-chat chats`, `search`, `export` and `import`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.cli.export import ExportOptions

_SEARCH: Final = """\
Finds messages with all WORDS in any chat, newest first. A word also matches the beginning of longer words; an
argument with spaces in it is a phrase ("two words"). Case and accents do not matter."""
_EXPORT: Final = """\
Writes chats as files. Markdown, HTML and text are for reading and contain the shown branch. JSON contains everything,
one line for each chat and message, and can be imported with `tui-chat import`."""
_EXPORT_MORE: Final = """\
Without -o the chats are written to standard output. A file receives all of them, a folder one file for each. Nothing is
overwritten without --force. CHAT is the beginning of an id, as shown by `tui-chat chats`."""
_USAGE: Final = """\
Sums up the requests, tokens and cost of the saved chats. Requests for titles and /compact are counted, and named."""
_USAGE_MORE: Final = """\
The cost is what the server reported; otherwise it is calculated from the prices in config.toml or in the server's list
of models at the time of the question, and marked ~. Deleted chats are counted until they are erased, imported ones
never."""
_IMPORT: Final = """\
Imports chats that `tui-chat export --format json` wrote, the data exports of ChatGPT and Claude (conversations.json,
its folder, or the ZIP archive that it came in), and llm's logs.db. A chat that exists already is not duplicated; a
different one with the same id is imported as a copy. An invalid line is reported by number, and no chat is imported in
part."""


@dataclass(frozen=True, slots=True)
class CommandArguments:
    """The help text and the arguments of one command."""

    about: str
    add: Callable[[argparse.ArgumentParser], None]
    more: str = ""
    """Text below the list of flags."""


def export_options(given: argparse.Namespace) -> ExportOptions:
    """Return what to export. Raises `SetupError`."""
    from tui_chat.cli.export import ExportOptions

    if given.all and given.chats:
        raise SetupError("give CHAT or --all, not both (see tui-chat export --help)")
    if not given.all and not given.chats:
        raise SetupError("which chat? give the beginning of its id (tui-chat chats lists them), or --all")
    return ExportOptions(tuple(given.chats), given.format, given.output, given.force)


def _chats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-q", "--query", default="", metavar="WORDS", help="only chats with all WORDS in their titles")
    parser.add_argument("--limit", type=_number, default=500, metavar="N", help="at most N chats (default: 500)")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.set_defaults(origin=None)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--ask", action="store_const", const="ask", dest="origin", help="only chats of `tui-chat ask` and `compare`"
    )
    which.add_argument(
        "--screen",
        action="store_const",
        const="",
        dest="origin",
        help="only chats of the screen and of `tui-chat plain`",
    )


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what to look for")
    parser.add_argument("--limit", type=_number, default=50, metavar="N", help="at most N messages (default: 50)")
    parser.add_argument("--offset", type=_offset, default=0, metavar="N", help="skip the newest N")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print a JSON list, with each message's chat and the positions of the matches",
    )


def _export(parser: argparse.ArgumentParser) -> None:
    from tui_chat.history.transfer.export import FORMS

    parser.add_argument("chats", nargs="*", metavar="CHAT", help="the chats to export")
    parser.add_argument("--all", action="store_true", help="export all chats")
    parser.add_argument("--format", choices=FORMS, help="md, json, html or txt (default: by FILE's suffix, or else md)")
    parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="the file or folder to write to; FOLDER/ is created"
    )
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def _usage(parser: argparse.ArgumentParser) -> None:
    from tui_chat.cli.history.usage import DEFAULT_SINCE

    parser.add_argument("--by", choices=("day", "model", "endpoint"), default="day", help="how to group (default: day)")
    parser.add_argument(
        "--since",
        type=_since,
        default=DEFAULT_SINCE,
        metavar="DAY",
        help=f"the first day: 2026-11-01, 30d, today or all (default: {DEFAULT_SINCE})",
    )
    parser.add_argument("--speed", action="store_true", help="how fast replies came, in place of tokens and costs")
    parser.set_defaults(form="")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_const", const="json", dest="form", help="print a JSON object")
    forms.add_argument("--csv", action="store_const", const="csv", dest="form", help="print comma-separated values")


def _since(text: str) -> float:
    from tui_chat.cli.history.usage import since_when

    try:
        return since_when(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="the files to read; - is standard input")


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _offset(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


COMMANDS: Final[Mapping[str, CommandArguments]] = {
    "chats": CommandArguments("Lists the saved chats: id, time of change, messages, model, title.", _chats),
    "search": CommandArguments(_SEARCH, _search),
    "export": CommandArguments(_EXPORT, _export, _EXPORT_MORE),
    "import": CommandArguments(_IMPORT, _import),
    "usage": CommandArguments(_USAGE, _usage, _USAGE_MORE),
}
