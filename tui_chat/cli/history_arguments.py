"""The arguments of `tui-chat chats`, `search`, `export` and `import`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.cli.export import Wanted

_SEARCH: Final = """\
Messages with all WORDS in any chat, newest first. A word is found where another begins with it; one argument with
spaces in it is a phrase ("two words"). Upper and lower case, and accents, do not matter."""
_EXPORT: Final = """\
Chats as files. Markdown, HTML and text are for reading: the branch that is shown. JSON is everything, a line for each
chat and message, and what `tui-chat import` reads."""
_EXPORT_MORE: Final = """\
Without -o the chats go to standard output. One file gets all of them, a folder gets a file for each. Nothing is
overwritten without --force. CHAT is the beginning of an id, as `tui-chat chats` shows it."""
_IMPORT: Final = """\
Chats from what `tui-chat export --format json` wrote. A chat that is here already is not doubled; another one with its
id comes in beside it. A file with a mistake is told by the line, and no chat is imported in part."""


@dataclass(frozen=True, slots=True)
class Words:
    """The help text and the arguments of one command."""

    about: str
    add: Callable[[argparse.ArgumentParser], None]
    more: str = ""
    """Text below the list of flags."""


def wanted(given: argparse.Namespace) -> Wanted:
    """Return what to export. Raises `SetupError`."""
    from tui_chat.cli.export import Wanted

    if given.all and given.chats:
        raise SetupError("give CHAT or --all, not both (see tui-chat export --help)")
    if not given.all and not given.chats:
        raise SetupError("which chat? give the beginning of its id (tui-chat chats lists them), or --all")
    return Wanted(tuple(given.chats), given.format, given.output, given.force)


def _chats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-q", "--query", default="", metavar="WORDS", help="only those with all WORDS in their titles")
    parser.add_argument("--limit", type=_number, default=500, metavar="N", help="at most so many (default: 500)")
    parser.add_argument("--json", action="store_true", help="as a JSON list")


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what to look for")
    parser.add_argument("--limit", type=_number, default=50, metavar="N", help="at most so many (default: 50)")
    parser.add_argument("--offset", type=_offset, default=0, metavar="N", help="leave out the newest N")
    parser.add_argument("--json", action="store_true", help="as a JSON list, each with its chat and where hits stand")


def _export(parser: argparse.ArgumentParser) -> None:
    from tui_chat.history.transfer.export import FORMS

    parser.add_argument("chats", nargs="*", metavar="CHAT", help="which chats")
    parser.add_argument("--all", action="store_true", help="all of them")
    parser.add_argument("--format", choices=FORMS, help="md, json, html or txt (default: as FILE ends, else md)")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="a file, or a folder (FOLDER/ is made)")
    parser.add_argument("--force", action="store_true", help="write in place of what is there")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="what to read; - is standard input")


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


COMMANDS: Final[Mapping[str, Words]] = {
    "chats": Words("The kept chats: id, when they changed, messages, model, title.", _chats),
    "search": Words(_SEARCH, _search),
    "export": Words(_EXPORT, _export, _EXPORT_MORE),
    "import": Words(_IMPORT, _import),
}
