"""The arguments of `tui-chat compare`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from tui_chat.cli.command_parser import choosing, common, positive, question, sampling

if TYPE_CHECKING:
    from tui_chat.cli.command_parser import CommandParser

ABOUT: Final = """\
Asks 2 to 4 models the same question at once, and prints each reply with its figures, then a table of them. The
replies are saved as versions of one reply in one chat. Piped input is put before the prompt."""
MORE: Final = """\
A model without @ENDPOINT is asked at the chosen endpoint; @ENDPOINT alone is the endpoint's own model.

figures (~ marks token counts that are estimated):
  TTFT       time to first token: from the request to the first piece of the reply
  ITL        inter-token latency: (latency - TTFT) / (output tokens - 1)
  tok/s      output token throughput: output tokens / latency
  latency    from the request to the last piece

With -n each figure is the median, with the smallest and the largest value. The exit status is 0 if all replies are
complete, else that of the first reply that is not, as in `tui-chat ask`."""
MOST_TIMES: Final = 100


def compare_parser() -> CommandParser:
    """Return the parser of the command."""
    parser = question(common("tui-chat compare", ABOUT, MORE))
    parser.add_argument(
        "-m",
        "--model",
        action="append",
        default=[],
        dest="models",
        metavar="MODEL[@ENDPOINT]",
        help="a model to ask; given 2 to 4 times",
    )
    parser.add_argument(
        "-n", "--repeat", type=_times, default=1, metavar="N", help="ask each model N times, one after the other"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document at the end")
    sampling(parser)
    parser.add_argument("--no-log", action="store_true", help="do not save the chat")
    parser.add_argument("--record", metavar="DIR", help="record each request and response as a tape in this folder")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors on standard error")
    parser.set_defaults(latest=False, cid="")
    return choosing(parser, model=False)


def _times(text: str) -> int:
    times = positive(text)
    if times > MOST_TIMES:
        raise argparse.ArgumentTypeError(f"{text} is more than {MOST_TIMES}")
    return times
