"""`tui-chat doctor`: examines the configured endpoint, and says what to do about what it finds."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.cli.output import complain
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import OTHER_FAILURE, WHOLE, json_line
from tui_chat.cli.streams.finding_lines import printed
from tui_chat.wire.doctor.examination import CHEAP_COST, COST
from tui_chat.wire.doctor.findings import worst

if TYPE_CHECKING:
    from tui_chat.backend.backend import AppBackend
    from tui_chat.wire.doctor.findings import Finding


def examine(backend: AppBackend, *, as_json: bool, cheap: bool, record: str = "") -> int:
    """Examine the endpoint, print each finding when it is known, and return the exit status: 1 if anything failed.
    `record`: the folder of the tapes; empty: there are none. Raises `SetupError`."""
    setup = backend.load()
    for notice in setup.connection.notices:
        tell(notice)
    cost = CHEAP_COST if cheap else COST
    complain(f"tui-chat: examining {clean_line(setup.connection.model.endpoint)}: {cost}. Ctrl+C ends it.\n")
    try:
        findings = asyncio.run(_examine(backend, as_json=as_json, cheap=cheap))
    except KeyboardInterrupt:
        return 130
    if as_json:
        return put([json_line([asdict(finding) for finding in findings])]) or _status(findings)
    if findings:
        _tell_tapes(findings, record)
    return _status(findings)


def _tell_tapes(findings: list[Finding], folder: str) -> None:
    """Say where the tapes are that the numbers in brackets name."""
    if all(finding.tape is None for finding in findings):
        return
    where = f"the number in the names of the files in {folder}" if folder else "add --record DIR to keep them"
    tell(f"a number in brackets is that of the tape that shows it: {where}")


def _status(findings: list[Finding]) -> int:
    return OTHER_FAILURE if worst(findings) == "fail" else WHOLE


async def _examine(backend: AppBackend, *, as_json: bool, cheap: bool) -> list[Finding]:
    found: list[Finding] = []
    try:
        async with aclosing(backend.examination().findings(cheap=cheap)) as findings:
            async for finding in findings:
                found.append(finding)
                if not as_json:
                    sys.stdout.write(printed(finding))
                    sys.stdout.flush()
    finally:
        await backend.close()
    return found
