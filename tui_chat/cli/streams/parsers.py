"""The argument parsers of the commands that show what goes over the wire."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.cli.command_parser import choosing, common, positive, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.cli.command_parser import CommandParser

LISTENING = """\
Shows any event stream, like a browser's EventSource: each event with its time, name and id. When the connection ends
it reconnects with the id of the last event, until the server answers 204. JSON lines and plain text are shown as they
arrive. Ctrl+C quits."""
SAVING = """\
--save saves the response as a file, under the name that the server gives it. Nothing is overwritten without --force.
An interrupted download is kept as NAME.part, and the same command resumes it."""


def _listen_parser() -> CommandParser:
    parser = common("tui-chat listen", LISTENING, epilog=SAVING)
    parser.add_argument("url", nargs="?", metavar="URL", help="the URL of the stream")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    form.add_argument("--raw", action="store_true", help="print the body unchanged")
    parser.add_argument("--count", type=positive, metavar="N", help="quit after N events")
    parser.add_argument("--for", type=seconds, metavar="SECONDS", dest="seconds", help="quit after SECONDS")
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="HEADER",
        help="a 'Name: value' header to send, or @FILE with one a line; only sent to this URL's own host",
    )
    parser.add_argument("--no-reconnect", action="store_true", help="quit when the connection ends")
    parser.add_argument(
        "--save",
        nargs="?",
        const="",
        metavar="FILE",
        help="save the response as FILE, or in that folder; without FILE, here",
    )
    parser.add_argument("--force", action="store_true", help="with --save: overwrite an existing file")
    parser.add_argument("--record", metavar="DIR", help="record each request and response as a tape in this folder")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors on standard error")
    return parser


def _doctor_parser() -> CommandParser:
    parser = choosing(
        common(
            "tui-chat doctor",
            "Examines the endpoint: the way to it, its certificate, its models, and how it answers: streaming, pace,\n"
            "token counts, endings, limits, errors, tools, pictures, roles, several replies at once. Each finding\n"
            "says who can fix it and how; a number in brackets is that of the tape that shows it. It sends up to 20\n"
            "short requests. The exit status is 1 if anything failed.",
        )
    )
    parser.add_argument("--cheap", action="store_true", help="skip all checks that cost a reply")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON at the end")
    parser.add_argument("--record", metavar="DIR", help="record each request and response as a tape in this folder")
    return parser


def _tap_parser() -> CommandParser:
    from tui_chat.cli.streams.tap_arguments import ABOUT_TAP, DEFAULT_PORT, EXAMPLES

    parser = common("tui-chat tap", ABOUT_TAP, EXAMPLES)
    parser.add_argument("url", metavar="URL", help="the server's base URL")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"the port; 0 chooses a free one (default: {DEFAULT_PORT})"
    )
    parser.add_argument("--json", action="store_true", help="print each line of the tapes as it happens")
    parser.add_argument("--record", metavar="DIR", type=Path, help="write each request and response into this folder")
    return parser


def _replay_parser() -> CommandParser:
    parser = common(
        "tui-chat replay",
        "Plays a reply that --record or `tui-chat tap --record` wrote, on the screen and at its original pace; on\n"
        "standard output, if that is not a terminal. F10 shows the next piece, F9 pauses and goes on. Nothing is\n"
        "saved.",
    )
    parser.add_argument("tape", metavar="TAPE", type=Path, help="the file")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="2: twice as fast; 0.5: half as fast; 0: at once"
    )
    parser.add_argument("--step", action="store_true", help="begin paused, on the screen: F10 shows the next piece")
    return parser


def _tape_parser() -> CommandParser:
    from tui_chat.chat.metrics.replies import DEFINITIONS

    parser = common(
        "tui-chat tape",
        "Shows a tape that --record or `tui-chat tap --record` wrote: figures, the pace as a chart, the first\n"
        "anomaly, and the doctor's findings. --format writes it as a page for a bug report, or in the\n"
        "format of another tool. Nothing of it contains a key.",
        f"The figures, as aiperf and genai-perf define them:\n{DEFINITIONS}",
    )
    parser.add_argument("tapes", metavar="TAPE", type=Path, nargs="+", help="the files; most formats take one")
    parser.add_argument(
        "--format",
        choices=("summary", "report", "har", "csv", "curl", "json"),
        default="summary",
        help="report: an HTML page; har: an HTTP archive; csv: its frames; curl: the command; json: the figures "
        "(default: a summary)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help="write it into FILE")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    parser.add_argument("--no-text", action="store_true", help="leave out what was asked and answered")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1000")
    return speed


PARSERS: Mapping[str, Callable[[], CommandParser]] = {
    "listen": _listen_parser,
    "doctor": _doctor_parser,
    "tap": _tap_parser,
    "replay": _replay_parser,
    "tape": _tape_parser,
}
