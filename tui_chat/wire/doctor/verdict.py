"""The doctor's findings in one recorded exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.wire.doctor.findings import Finding
from tui_chat.wire.doctor.reply import judge
from tui_chat.wire.tape.api import api_of
from tui_chat.wire.tape.snapshot import exchange_of

if TYPE_CHECKING:
    from tui_chat.tape_file import TapeFile
    from tui_chat.wire.tape.frames import TapedReply


def findings_of(tape: TapeFile, reply: TapedReply) -> list[Finding]:
    """Judge a tape, with its response as `read_reply` returned it."""
    if tape.status is None:
        if tape.how == "stopped":
            return [Finding("reply", "warn", "The client hung up before there was a response.", "you")]
        why = f" ({tape.why.rstrip('.')})" if tape.why else ""
        return [Finding("reply", "fail", f"There was no response{why}.", "network", "Check that the server runs.")]
    if not api_of(tape.url):
        return [Finding("reply", "skipped", f"{tape.method} {tape.url} is not a request for a reply.")]
    if not reply.events:
        text = "Nothing of the reply came."
        return [Finding("reply", "warn" if tape.how == "stopped" else "fail", text, "server")]
    return judge(reply.events, exchange_of(tape))
