"""Measures the promises about speed on the real program, and prints them with their floors.

    python -m tests.benchmarks                          # everything, once: about twelve minutes
    python -m tests.benchmarks --runs 3 --json figures.json --plot cost.svg
    python -m tests.benchmarks --rows start,keys        # some of it
    python -m tests.benchmarks --rows hostile --patterns 0   # every hostile text there is: some hours
    python -m tests.benchmarks --soak 10                # ten minutes of everything at once

Run it in a checkout in which `pip install -e '.[test]'` has been done, on Linux, on a machine that has nothing else to
do: the line above the table says how busy it was. Ctrl+C or SIGTERM ends it early: what is measured by then is
printed and written. `tui-chat` runs as people run it: its own process, a real pty of 120
by 40 that is only drained, a server process of its own (`paced_server.py`) that sends deltas of four characters at
exact times and notes when it sent each last one and when it saw a hang-up. An empty home and an environment without
settings, keys and proxies keep the figures apart from whose machine it is.

What is counted: CPU seconds are user and system time of all processes of the program, from the kernel's clocks;
memory is what is resident; bytes are what comes out of the pty; seconds are of one monotonic clock in all processes.
A ratio is of two programs measured one after the other in the same run. The floors are in `floors/`: a bare Textual
program, a bare httpx loop, a minimal chat with Textual's `MarkdownStream`. Rows without a target are there to read the
others by: few frames a second make a cheap reply, and no good one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from time import strftime
from typing import TYPE_CHECKING, Any

from tests.benchmarks import others, plot, soak
from tests.benchmarks.endpoint import NeverToldError
from tests.benchmarks.pty_program import NeverSeenError
from tests.benchmarks.rows import FAMILIES, hostile
from tests.benchmarks.sitting import Bench
from tests.benchmarks.table import page, rows, together

if TYPE_CHECKING:
    from tests.benchmarks.table import Figure, Row


def main() -> int:
    """Measure what the command line asks for. 1: a promise was not kept, or could not be measured."""
    given = _given()
    if given.soak:
        with Bench(given.renderer) as bench:
            return soak.run(bench, given.soak)
    about = _about() | {"renderer": given.renderer}
    print(" · ".join(f"{name} {value}" for name, value in about.items()), file=sys.stderr)
    runs: list[dict[str, Figure]] = []
    failed: list[str] = []
    compared: list[str] = []
    signal(SIGTERM, default_int_handler)
    measures = {"hostile": partial(hostile.measure, number=given.patterns, seed=given.seed)}
    with Bench(given.renderer) as bench:
        try:
            for number in range(given.runs):
                runs.append({})
                for name in given.rows:
                    load = os.getloadavg()[0]
                    print(f"run {number + 1}: {name} (load {load:.1f})", file=sys.stderr)
                    try:
                        runs[-1] |= measures.get(name, FAMILIES[name].measure)(bench)
                    except (NeverSeenError, NeverToldError, OSError) as error:
                        failed.append(f"run {number + 1}: {name} could not be measured: {error}")
            compared = others.measure(bench, given.others)
        except KeyboardInterrupt:
            failed.append(f"broken off in run {len(runs)}: the rows after that are missing")
    figures = together(runs)
    measured = rows([promise for name in given.rows for promise in FAMILIES[name].promises], figures)
    print(" · ".join(f"{name} {value}" for name, value in about.items()), f"· load after {os.getloadavg()[0]:.1f}\n")
    print(page(measured))
    for line in (*failed, *compared):
        print(line)
    if given.json:
        given.json.write_text(json.dumps(_document(about, measured, runs), indent=1) + "\n")
    if given.plot:
        given.plot.write_text(plot.picture(figures))
    return 1 if failed or any(row.met is False for row in measured) else 0


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("--rows", type=_names, default=list(FAMILIES), help=f"of {','.join(FAMILIES)} (default: all)")
    parser.add_argument("--runs", type=int, default=1, help="how often; medians and spreads are printed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure of every run")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="cost against length; needs length and chat")
    parser.add_argument("--others", type=lambda text: text.split(","), default=[], help=f"of {','.join(others.OTHERS)}")
    parser.add_argument("--patterns", type=int, default=12, metavar="N", help="of hostile Markdown; 0: all, for hours")
    parser.add_argument("--seed", type=int, help="which patterns of hostile Markdown, and how they are cut")
    parser.add_argument("--renderer", choices=("auto", "textual"), default="auto", help="the program's setting")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="instead: streaming, typing, scrolling, resizing")
    return parser.parse_args()


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """The text above as it stands."""


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in FAMILIES]:
        raise argparse.ArgumentTypeError(f"there are no rows {', '.join(unknown)}")
    return names


def _about() -> dict[str, str]:
    """What the figures depend on besides the program."""
    return {
        "date": strftime("%Y-%m-%d %H:%M"),
        "python": platform.python_version(),
        "textual": version("textual"),
        "httpx": version("httpx"),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _document(about: dict[str, str], measured: list[Row], runs: list[dict[str, Figure]]) -> dict[str, Any]:
    return {
        "about": about,
        "rows": [
            asdict(row.promise)
            | {"median": row.value, "spread": row.spread, "floor_median": row.floor, "ratio": row.ratio, "met": row.met}
            for row in measured
        ],
        "runs": [{key: asdict(figure) for key, figure in run.items()} for run in runs],
    }


if __name__ == "__main__":
    sys.exit(main())
