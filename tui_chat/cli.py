"""The front door: what was typed in, the parts built, one door opened.

Only the standard library is imported up here, so that the screen's first frame waits for nothing else.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_chat import __version__
from tui_chat.chat.ports import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USAGE_OR_CONFIG = 2
INTERRUPTED = 130
"""As shells count a process that Ctrl+C ended."""
NOT_YET = frozenset({"plain", "listen", "replay", "keys", "doctor", "chats", "search", "export", "import"})
"""Words kept for commands, so that what they mean does not change under anybody's fingers."""
TAKES = {"-m": 1, "--model": 1, "-s": 1, "--system": 1, "--base-url": 1, "--api": 1, "--env-file": 1, "-e": 1,
         "--endpoint": 1, "-a": 1, "--attach": 1, "-o": 2, "--option": 2}  # fmt: skip
"""The flags before a command that take words along, and how many."""
ABOUT = """\
commands:
  ask [PROMPT]      one answer on standard output, streamed as it comes
  serve             an endpoint with scripted replies, to try clients with
  models            what the endpoint has: names, context windows, prices
  config            every setting with where it comes from, and all paths

`tui-chat COMMAND --help` tells more. When standard output is no terminal, `tui-chat` acts as `ask`. With no endpoint
configured, a demo in the house answers. To send a prompt that begins like a command: `tui-chat -- PROMPT`."""


class Parser(argparse.ArgumentParser):
    """argparse that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise `SetupError`: exit status 2."""
        raise SetupError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with `arguments` (the command line's if not given) and give its exit status."""
    try:
        return _run([_text(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    except SetupError as error:
        for line in str(error).splitlines():
            _complain(line)
        return USAGE_OR_CONFIG
    except KeyboardInterrupt:
        return INTERRUPTED


def _text(word: str) -> str:
    """A word of the command line; bytes that are no text come as lone surrogates, which no request can carry."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _complain(line: str) -> None:
    from tui_chat.chat.clean import clean_line

    sys.stderr.write(f"tui-chat: {clean_line(line)}\n")


def _run(words: list[str]) -> int:
    command, words = _command_first(words)
    if command is None:
        about = {"-h", "--help", "--version"} & set(words[: words.index("--")] if "--" in words else words)
        command = "chat" if about or (sys.stdout is not None and sys.stdout.isatty()) else "ask"
    parser, door = DOORS[command]
    return door(parser().parse_intermixed_args(words))


def _command_first(words: list[str]) -> tuple[str | None, list[str]]:
    """The command among the words, wherever its flags stand, and the other words. Raises `SetupError` for a word that
    looks like a command and is none."""
    skip = 0
    for index, word in enumerate(words):
        if skip or word.startswith("-"):
            if word == "--" and not skip:
                break
            skip = skip - 1 if skip else TAKES.get(word, 0)
            continue
        if word in DOORS and word != "chat":
            return word, words[:index] + words[index + 1 :]
        if word in NOT_YET:
            raise SetupError(f"this version has no command {word!r} (to send it as a prompt: tui-chat -- {word})")
        close = difflib.get_close_matches(word, DOORS.keys() - {"chat"} | NOT_YET, n=1, cutoff=0.65)
        if close and len(words) == index + 1:
            raise SetupError(
                f"there is no command {word!r}; did you mean {close[0]!r}? (to send it as a prompt: tui-chat -- {word})"
            )
        break
    return None, words


def _common(prog: str, description: str, epilog: str = "") -> Parser:
    parser = Parser(
        prog,
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=epilog,
    )
    parser.add_argument("--env-file", metavar="FILE", type=Path, help="read variables from this .env file")
    return parser


def _choosing(parser: Parser) -> Parser:
    parser.add_argument("-e", "--endpoint", metavar="NAME", help="whom to ask: an endpoint of config.toml, or demo")
    parser.add_argument("--base-url", metavar="URL", help="the endpoint, with or without /v1 or the full path")
    parser.add_argument("-m", "--model", metavar="NAME", help="the model to ask")
    parser.add_argument("--api", metavar="NAME", help="the API it speaks: auto (by URL and answer), openai-chat, …")
    parser.add_argument("-s", "--system", metavar="TEXT", help="the system prompt")
    return parser


def _asking(parser: Parser) -> Parser:
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="what to ask")
    parser.add_argument(
        "-o",
        "--option",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a sampling option (temperature 0.2); may be given several times",
    )
    return _choosing(parser)


def _chat_parser() -> Parser:
    parser = _asking(_common("tui-chat", "A chat with the language model endpoint you configure.", epilog=ABOUT))
    parser.add_argument("--version", action="version", version=f"tui-chat {__version__}")
    return parser


def _ask_parser() -> Parser:
    parser = _asking(
        _common("tui-chat ask", "One answer on standard output. What is piped in is put before the prompt.")
    )
    parser.add_argument(
        "-a",
        "--attach",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="send a file along, text or a picture; may be given several times",
    )
    parser.add_argument("-u", "--usage", action="store_true", help="token counts and times, on standard error")
    parser.add_argument("-q", "--quiet", action="store_true", help="nothing on standard error but errors")
    parser.add_argument("-n", "--no-log", action="store_true", help="store nothing of it")
    parser.add_argument("--no-stream", action="store_true", help="the answer in one piece at its end")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("-x", "--extract", action="store_true", help="the first code block alone")
    form.add_argument("--json", action="store_true", help="one JSON object at the end")
    form.add_argument("--ndjson", action="store_true", help="a line of JSON for each event, and that object at the end")
    form.add_argument("--dry-run", action="store_true", help="print the request, its key masked; nothing is sent")
    return parser


def _serve_parser() -> Parser:
    from tui_chat.server.serve import DEFAULT_PORT

    parser = _common(
        "tui-chat serve", "An endpoint with scripted replies. TUI_CHAT_SERVE_KEY is the key it asks its clients for."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"0 is any free one (default: {DEFAULT_PORT})")
    parser.add_argument("--rate", type=_rate, metavar="N", help="deltas a second; 0: as fast as they are taken")
    parser.add_argument(
        "--ready-fd", type=int, metavar="FD", help="a file descriptor that is told the URL when it is up"
    )
    return parser


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of deltas a second")
    return rate


def _models_parser() -> Parser:
    parser = _choosing(_common("tui-chat models", "The endpoint's models, those asked lately first."))
    parser.add_argument("--json", action="store_true", help="as a JSON list; null is what the server does not tell")
    return parser


def _config_parser() -> Parser:
    return _choosing(
        _common(
            "tui-chat config",
            "Every setting with where it comes from (secrets masked), and all paths. Flags show what they change.",
        )
    )


def _flags(given: argparse.Namespace) -> dict[str, str]:
    """The settings that the command line gives."""
    values = {name: getattr(given, name) for name in ("endpoint", "base_url", "model", "api", "system")}
    return {name: value for name, value in values.items() if value is not None}


def _options(given: argparse.Namespace) -> dict[str, object]:
    return {name: _option(text) for name, text in given.option}


def _option(text: str) -> object:
    """Numbers, booleans, lists and tables are read as JSON; anything else is text."""

    def not_json(word: str) -> NoReturn:
        raise ValueError(word)  # Python reads NaN and Infinity, which no server does

    try:
        value = json.loads(text, parse_constant=not_json)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, str) else value


def _prompt(given: argparse.Namespace) -> str:
    """What is piped in, and then the words of the command line."""
    piped = ""
    if sys.stdin is not None and not sys.stdin.isatty():
        piped = sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip("\r\n")
    return "\n\n".join(part for part in (piped, " ".join(given.prompt)) if part.strip())


def _chat(given: argparse.Namespace) -> int:
    prompt = _prompt(given)
    if sys.stdin is None or not sys.stdin.isatty():
        _keys_from_terminal()
    # Textual reads it when it is imported, and takes 100 for a terminal that may be far away; a local one is not.
    os.environ.setdefault("ESCDELAY", "100" if "SSH_CONNECTION" in os.environ else "15")
    gc.disable()  # until the first frame: all that is imported for it stays
    from tui_chat.house import BuiltHouse
    from tui_chat.ui.app import ChatApp

    app = ChatApp(BuiltHouse(_flags(given), given.env_file, options=_options(given)), prompt)
    app.run()
    if app.setup_error is not None:
        raise app.setup_error
    return app.return_code or 0


def _keys_from_terminal() -> None:
    """Standard input was the prompt; the keys come from the terminal itself."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise SetupError("there is no terminal for the keys; `tui-chat ask` needs none") from error
    os.dup2(terminal, 0)
    os.close(terminal)


def _ask(given: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise SetupError("standard output is closed")
    prompt = _prompt(given)
    if not prompt:
        raise SetupError("there is no prompt: give one, or pipe text in (see tui-chat ask --help)")
    from tui_chat.ask import Manner
    from tui_chat.attachments import read_attachment
    from tui_chat.house import BuiltHouse, answer

    attachments = [read_attachment(path) for path in given.attach]
    stream = not given.no_stream
    house = BuiltHouse(_flags(given), given.env_file, stream=stream, options=_options(given), remember=not given.no_log)
    if given.dry_run:
        from tui_chat.dry_run import dry_run

        return dry_run(house, prompt, attachments)
    manner = Manner(given.usage, given.extract, stream, given.json, given.ndjson, given.quiet)
    return answer(house, prompt, attachments, manner)


def _models(given: argparse.Namespace) -> int:
    from tui_chat.house import BuiltHouse
    from tui_chat.models_page import list_models

    return list_models(BuiltHouse(_flags(given), given.env_file), as_json=given.json)


def _serve(given: argparse.Namespace) -> int:
    from tui_chat import config
    from tui_chat.server import serve
    from tui_chat.server.pacing import Pace

    key = config.load({}, given.env_file).settings.serve_key.get_secret_value()
    pace = None if given.rate is None else Pace(rate=given.rate or None)
    return serve.run(host=given.host, port=given.port, key=key or None, pace=pace, ready_fd=given.ready_fd)


def _config(given: argparse.Namespace) -> int:
    from tui_chat import config
    from tui_chat.house import host_of
    from tui_chat.settings_page import page

    lines, problem = page(config.load(_flags(given), given.env_file), host_of)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if problem is not None:
        raise problem
    return 0


DOORS: dict[str, tuple[Callable[[], Parser], Callable[[argparse.Namespace], int]]] = {
    "chat": (_chat_parser, _chat),
    "ask": (_ask_parser, _ask),
    "serve": (_serve_parser, _serve),
    "models": (_models_parser, _models),
    "config": (_config_parser, _config),
}
