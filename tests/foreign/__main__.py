"""Prints the table: server, what was tried, what happened. `python -m tests.foreign nginx` runs some of it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.foreign.doctor_cases import CASES
from tests.foreign.servers import why_missing


def main() -> int:
    """Give 1 where something was wrong."""
    wrong = 0
    for case in CASES:
        if sys.argv[1:] and case.server not in sys.argv[1:]:
            continue
        if why := why_missing(case.server):
            print(f"| {case.server} | {case.tried} | not tried: {why} |")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                said = case.run(Path(folder))
            except AssertionError as error:
                wrong += 1
                said = f"**WRONG** {error}"
        print(f"| {case.server} | {case.tried} | {said} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
