"""The entry point: reads the command line, runs one command and turns its errors into an exit status.

Only little of the standard library is imported at the top, so that the screen's first frame is not delayed.
"""

from __future__ import annotations

import sys

from tui_chat.standard_streams import OTHER_FAILURE, fill_closed, written

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE_OR_CONFIG = 2
INTERRUPTED = 130
"""The exit status for Ctrl+C, as shells define it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with `arguments` (by default those of the command line) and return its exit status."""
    fill_closed()
    status = OTHER_FAILURE
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
    except Exception as error:  # its name is imported where it is needed, because --version needs nothing
        from tui_chat.chat.model_ports import SetupError

        if not isinstance(error, SetupError):
            raise
        from tui_chat.cli.paging import tell

        for line in str(error).splitlines():
            tell(line)
        status = USAGE_OR_CONFIG
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as ended:  # --help and --version have been printed
        if ended.code or not written(0):
            raise
    return written(status)


def _run(words: list[str]) -> int:
    """Run the command that `words` name, and return its exit status."""
    if words == ["--version"]:  # without the parsers, which take longer than the rest
        from tui_chat import __version__

        if sys.stdout is not None:
            sys.stdout.write(f"tui-chat {__version__}\n")
        raise SystemExit(0)
    if sys.stdout is not None and words and words[-1] in ("-h", "--help"):
        from tui_chat.cli.quick_help import help_for

        if (text := help_for(words)) is not None:
            sys.stdout.write(text)
            raise SystemExit(0)
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    if not words and on_terminal:  # without the parsers, too
        from tui_chat.cli import full_screen

        if full_screen.possible():
            return full_screen.run(None, [])
    from tui_chat.cli.arguments import parse

    command, given = parse(words, on_terminal=on_terminal)
    from tui_chat.cli.subcommands import COMMANDS, OUTPUT_OPTIONAL

    if sys.stdout is None and command not in OUTPUT_OPTIONAL:
        from tui_chat.chat.model_ports import SetupError

        raise SetupError("standard output is closed")
    return COMMANDS[command](given)
