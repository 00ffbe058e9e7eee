"""`tui-chat doctor`: what is printed, and the exit status."""

from __future__ import annotations

import json

from tests.cli.streams.test_replay import run
from tui_chat.server.testing import ChatEndpoint


async def test_findings_are_printed_with_whose_they_are_and_what_to_do() -> None:
    with ChatEndpoint("rate=200&usage=never") as server:
        flags = ["doctor", "--base-url", server.base_url, "-m", "count"]
        status, out, error = await run(*flags, TUI_CHAT_API_KEY=server.key)
    assert status == 0
    assert "requests" in error
    assert "✓ connection" in out
    assert "! usage        The server reports no token counts. [1]\n               On the side of the server." in out
    assert "a number in brackets is that of the tape that shows it: add --record DIR" in error
    assert server.key not in out


async def test_a_failure_is_status_1_and_json_says_all() -> None:
    with ChatEndpoint("fault=cut&after=9") as server:
        flags = ["doctor", "--json", "--base-url", server.base_url, "-m", "count"]
        status, out, _ = await run(*flags, TUI_CHAT_API_KEY=server.key)
    findings = json.loads(out)
    assert status == 1
    assert {"check": "ending", "verdict": "fail", "side": "server"}.items() <= next(
        finding for finding in findings if finding["check"] == "ending"
    ).items()


async def test_a_cheap_examination_of_the_demo_needs_nothing() -> None:
    status, out, error = await run("doctor", "--cheap")
    assert status == 0
    assert "✓ models" in out
    assert "up to 5 requests without a reply" in error
