"""The argument parsers of all commands, and what they yield."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat import __version__
from tui_chat.cli.command_parser import CommandParser, choosing, common, question, sampling, setup_error
from tui_chat.cli.shell.completion import KINDS, SHELLS
from tui_chat.cli.streams.parsers import PARSERS as STREAM_PARSERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from tui_chat.backend.history_options import HistoryOptions
    from tui_chat.chat.conversation import Origin

FLAGS = {"help": "--help", "version": "--version"}
"""Words that people try as commands, and the flags they mean."""
OF_OTHERS = {
    **dict.fromkeys(("list", "ls", "history", "sessions", "logs"), "tui-chat chats"),
    **dict.fromkeys(("settings", "setup", "init", "status"), "tui-chat config"),
    **dict.fromkeys(("chat", "run", "start", "open", "new", "tui"), "tui-chat"),
    **dict.fromkeys(("login", "auth", "connect", "add"), "/connect on the screen"),
    **dict.fromkeys(("resume", "continue"), "tui-chat -c"),
    **dict.fromkeys(("exit", "quit"), "/quit on the screen"),
}
"""Commands of other programs, and what does the same here. Only a word that stands alone is taken for one."""
SETTING_FLAGS = ("endpoint", "base_url", "model", "api", "system", "effort", "persona", "record")
"""Flags that are settings of the same name."""
PATHS = {"files", "output"}
"""Arguments that are paths and yet text, since `-` stands for a stream."""
FLAG_VALUES = {"-m": 1, "--model": 1, "-s": 1, "--system": 1, "--base-url": 1, "--api": 1, "--env-file": 1, "-e": 1,
         "--endpoint": 1, "--cid": 1, "-a": 1, "--attach": 1, "-o": 2, "--option": 2, "--record": 1, "--effort": 1,
         "-p": 1, "--persona": 1, "-t": 1, "--template": 1, "--set": 1}  # fmt: skip
"""The number of values of each flag that may stand before a command; a test compares this with the parsers."""
ABOUT = """\
commands:
  ask [PROMPT]      prints one reply on standard output, as it arrives
  compare [PROMPT]  asks 2 to 4 models the same question at once and compares their figures
  plain             a chat line by line, for dumb terminals, screen readers and pipes
  listen URL        shows any event stream, like a browser's EventSource; saves files too
  doctor            examines the endpoint, and says how to mend what it finds
  tap URL           shows the traffic between another program and a server, as a local proxy
  replay TAPE       plays a recorded reply on the screen, at its original pace
  tape TAPE         shows figures and findings of a recording, or exports it: report, HAR, CSV, curl
  serve             runs a server with scripted replies, for testing clients
  chats             lists the saved chats
  search WORDS      finds messages with all words in all chats, newest first
  export, import    writes chats as Markdown, JSON, HTML or text; reads JSON and other programs' exports
  usage             sums up requests, tokens and cost by day, model or endpoint
  models            lists the endpoint's models: names, context windows, prices
  config            shows every setting with its origin, and all paths
  keys              shows which keys reach the program here
  completion SHELL  completes commands and flags in bash, zsh or fish

A first word that is nearly the name of a command is never sent to a model: `tui-chat aks hello` is refused. In quotes
with the words after it, or after --, it is a prompt: `tui-chat 'plan my day'`, `tui-chat -- plan my day`.

See `tui-chat COMMAND --help` for more. If standard output is not a terminal, `tui-chat` acts as `ask`. If no endpoint
is configured, the built-in demo answers."""

PLAIN = """\
A chat line by line, in plain sentences: for dumb terminals, screen readers and pipes. A line that ends in \\
continues in the next one, and \"\"\" before and after encloses several lines. Ctrl+C stops a reply; exit or Ctrl+D
quits. If input is piped in, each line is a question."""


def parse(words: list[str], *, on_terminal: bool) -> tuple[str, argparse.Namespace]:
    """Return the command and its arguments; without a command it is `chat` on a terminal and `ask` elsewhere. Raises
    `SetupError`; `--help` and `--version` end the program."""
    command, words = _command_first(words)
    if command is None:
        about = {"-h", "--help", "--version"} & set(words[: words.index("--")] if "--" in words else words)
        command = "chat" if about or on_terminal else "ask"
    given = PARSERS[command]().parse_intermixed_args(words)
    vars(given).update({name: _as_text(value) for name, value in vars(given).items() if name not in PATHS})
    return command, given


def _as_text(value: object) -> object:
    """Return an argument as valid text, also inside of lists: bytes that are not text arrive as lone surrogates, which
    no request can carry. Paths keep them."""
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(value, str) else value


def _command_first(words: list[str]) -> tuple[str | None, list[str]]:
    """Return the command, wherever it stands among the flags, and the other words. Raises `SetupError` for a first
    word that is nearly a command's name: it is never sent to a model."""
    skip = 0
    for index, word in enumerate(words):
        if skip or word.startswith("-"):
            if word == "--" and not skip:
                break
            skip = skip - 1 if skip else FLAG_VALUES.get(word, 0)
            continue
        if word in PARSERS and word != "chat":
            return word, words[:index] + words[index + 1 :]
        more = words[index + 1 :]
        as_prompt = f"(to send it as a prompt: tui-chat -- {shlex.join([word, *more])})"
        from tui_chat.chat.wording.spelling import meant

        lowered = word.lower()
        known = PARSERS.keys() - {"chat"} | FLAGS.keys()
        near = lowered if lowered in known else meant(lowered, known)
        if not more and lowered in OF_OTHERS:
            raise setup_error(f"there is no command {word!r}; did you mean {OF_OTHERS[lowered]}? {as_prompt}")
        if near:
            raise setup_error(f"there is no command {word!r}; did you mean {FLAGS.get(near, near)!r}? {as_prompt}")
        break
    return None, words


def _asking(parser: CommandParser) -> CommandParser:
    return _chatting(question(parser))


def _chatting(parser: CommandParser) -> CommandParser:
    sampling(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-c", "--continue", action="store_true", dest="latest", help="continue the most recent chat")
    which.add_argument("--cid", metavar="ID", default="", help="continue the chat whose id starts with ID")
    parser.add_argument("-n", "--no-log", action="store_true", help="do not save the chat")
    parser.add_argument("--record", metavar="DIR", help="record each request and response as a tape in this folder")
    return choosing(parser)


def _chat_parser() -> CommandParser:
    parser = _asking(common("tui-chat", "A chat with a language model, at the endpoint you configure.", epilog=ABOUT))
    parser.add_argument("--version", action="version", version=f"tui-chat {__version__}")
    return parser


def _ask_parser() -> CommandParser:
    parser = _asking(
        common(
            "tui-chat ask", "Prints one reply on standard output, as it arrives. Piped input is put before the prompt."
        )
    )
    parser.add_argument("-u", "--usage", action="store_true", help="print token counts and times on standard error")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors on standard error")
    parser.add_argument("--no-stream", action="store_true", help="print the whole reply at its end")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("-x", "--extract", action="store_true", help="print only the first code block")
    form.add_argument("--json", action="store_true", help="print one JSON object at the end")
    form.add_argument(
        "--ndjson", action="store_true", help="print each event as a line of JSON, then the object of --json"
    )
    form.add_argument("--dry-run", action="store_true", help="print the request with the key masked, and send nothing")
    return parser


def _compare_parser() -> CommandParser:
    from tui_chat.cli.compare.arguments import compare_parser

    return compare_parser()


def _serve_parser() -> CommandParser:
    from tui_chat.server.scripted.behaviour import OPTIONS
    from tui_chat.server.serve import DEFAULT_PORT

    parser = common(
        "tui-chat serve", "A server with scripted replies. TUI_CHAT_SERVE_KEY sets the key that clients have to send."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"the port; 0 chooses a free one (default: {DEFAULT_PORT})"
    )
    parser.add_argument("--file", type=Path, metavar="FILE", help="the file that /download-large-file sends")
    parser.add_argument(
        "--cors",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="allow web pages of this origin (https://example.com) or of any ('*'); may be given several times",
    )
    parser.add_argument(
        "--ready-fd", type=int, metavar="FD", help="a file descriptor to write the URL to when the server is ready"
    )
    parser.add_argument("--list", action="store_true", help="print all models, options and faults")
    parser.add_argument(
        "--replay",
        type=Path,
        metavar="PATH",
        help="serve a tape (at its own times) or a recorded body (at --rate events a second; 0: at once), or those "
        "of a folder by model name",
    )
    manner = parser.add_argument_group("how to answer, unless a request says otherwise (see --list)")
    for name, option in OPTIONS.items():
        manner.add_argument(f"--{name}", metavar=option.value, help=option.about)
    manner.add_argument("--fault", metavar="NAME", help="a fault in each reply, as in --fault 'cut?after=9'")
    return parser


def _models_parser() -> CommandParser:
    parser = choosing(common("tui-chat models", "Lists the endpoint's models, recently used ones first."))
    parser.add_argument(
        "--json", action="store_true", help="print a JSON list; null means that the server does not say"
    )
    return parser


def _plain_parser() -> CommandParser:
    parser = _chatting(common("tui-chat plain", PLAIN))
    parser.add_argument("-q", "--quiet", action="store_true", help="print only replies and errors")
    return parser


def _history_parser(command: str) -> CommandParser:
    from tui_chat.cli.history.arguments import COMMANDS

    words = COMMANDS[command]
    parser = common(f"tui-chat {command}", words.about, words.more)
    words.add(parser)
    return parser


def _config_parser() -> CommandParser:
    return choosing(
        common(
            "tui-chat config",
            "Shows every setting with its origin (secrets masked), and all paths. Add flags to see what they change.",
        )
    )


def _keys_parser() -> CommandParser:
    parser = common(
        "tui-chat keys",
        "Shows which keys reach the program in this terminal: the bytes that arrive, the name of the key for\n"
        "[keys] in config.toml, and the command it runs. q quits, and so does Ctrl+C twice.",
    )
    parser.add_argument(
        "--list", action="store_true", help="print all commands with their names in [keys] and their keys"
    )
    return parser


def _completion_parser() -> CommandParser:
    import argparse

    parser = common("tui-chat completion", "Prints the script with which a shell completes commands and flags.")
    parser.add_argument("shell", nargs="?", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    parser.add_argument("--names", choices=KINDS, help=argparse.SUPPRESS)  # the scripts call this
    return parser


def flags(given: argparse.Namespace) -> dict[str, str]:
    """Return the settings that the command line gives."""
    values = {name: getattr(given, name, None) for name in SETTING_FLAGS}
    return {name: value for name, value in values.items() if value is not None}


def reply_options(given: argparse.Namespace) -> dict[str, str]:
    """Return the options of `tui-chat serve` that say how it answers."""
    from tui_chat.server.scripted.behaviour import OPTIONS

    values = {name: getattr(given, name.replace("-", "_")) for name in (*OPTIONS, "fault")}
    return {name: value for name, value in values.items() if value is not None}


def history_options(given: argparse.Namespace, origin: Origin = "") -> HistoryOptions:
    """Return what to store and which chat to continue; `origin` is who asks."""
    from tui_chat.backend.history_options import HistoryOptions

    return HistoryOptions(given.no_log, given.latest, given.cid, origin, given.system)


def options(given: argparse.Namespace) -> dict[str, object]:
    """Return the sampling options of the command line. Raises `SetupError` for an invalid one."""
    from tui_chat.chat.options import option_problem, option_value

    values = {name: option_value(text) for name, text in given.option}
    for name, value in values.items():
        if problem := option_problem(name, value):
            raise setup_error(f"-o: {problem}")
    return values


PARSERS: Mapping[str, Callable[[], CommandParser]] = {
    "chat": _chat_parser,
    "ask": _ask_parser,
    "compare": _compare_parser,
    "plain": _plain_parser,
    **STREAM_PARSERS,
    "serve": _serve_parser,
    "chats": partial(_history_parser, "chats"),
    "search": partial(_history_parser, "search"),
    "export": partial(_history_parser, "export"),
    "import": partial(_history_parser, "import"),
    "usage": partial(_history_parser, "usage"),
    "models": _models_parser,
    "config": _config_parser,
    "keys": _keys_parser,
    "completion": _completion_parser,
}
