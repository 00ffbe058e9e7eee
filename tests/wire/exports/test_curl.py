"""The curl command of a tape sends the same request, with the key from a variable and never in it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from tests.byte_server import ByteServer, whole
from tests.wire.tapes import CANARY, asked, recorded
from tui_chat.tape_file import TapeFile
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.exports.curl import curl_command
from tui_chat.wire.tape.snapshot import masked_tape

NASTY = 'it\'s "quoted" $HOME `id` $(id) \\ !! \n\tend é \U0001f600 %s {a,b} END'


def tape_for(url: str, body: str, headers: tuple[tuple[str, str], ...] = ()) -> TapeFile:
    return TapeFile(datetime(2026, 11, 29, tzinfo=UTC), "POST", url, headers, body)


async def run(command: str, shell: str = "bash", **variables: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        shell,
        env={"PATH": "/usr/bin:/bin", **variables},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(command.encode()), 60)
    assert process.returncode == 0, errors
    return out


@pytest.mark.parametrize("shell", ["bash", "sh"])
async def test_the_command_sends_what_was_sent(shell: str) -> None:
    async with ByteServer(lambda _: whole(b'{"choices": []}')) as server:
        exchange, _ = await asked(Endpoint(server.url, CANARY, dialect="openai-chat"), NASTY)
        command = curl_command(masked_tape(exchange))
        assert CANARY not in command
        assert "# Set API_KEY" in command
        assert await run(command, shell, API_KEY=CANARY) == b'{"choices": []}'
        first, again = server.requests
    assert (again.method, again.target, again.body) == (first.method, first.target, first.body)
    assert again.headers["authorization"] == f"Bearer {CANARY}"
    assert again.headers["content-type"] == first.headers["content-type"]


BODIES = {
    "a file's name": "@/etc/passwd",
    "signs of the shell": NASTY,
    "longer than an argument": "x" * 300_000 + NASTY,
    "many signs": json.dumps({"a": NASTY * 5000}),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_any_body_arrives_as_it_is(body: str) -> None:
    async with ByteServer(lambda _: whole(b"ok")) as server:
        await run(curl_command(tape_for(f"{server.url}/x[1-3]{{a,b}}?q=a%20b", body)))
        (request,) = server.requests
    assert request.body.removesuffix(b"\n") == body.encode().removesuffix(b"\n")
    assert request.target == "/v1/x[1-3]{a,b}?q=a%20b"


async def test_no_header_of_a_tape_makes_curl_read_a_file_or_take_an_option() -> None:
    headers = (("@/etc/passwd", "x"), ("-o", "y"), ("X-Empty", ""), ("X-Odd", "a'b \x1b[2J;"))
    async with ByteServer(lambda _: whole(b"ok")) as server:
        command = curl_command(tape_for(server.url, "", headers))
        await run(command)
        (request,) = server.requests
    assert "\x1b" not in command
    assert (request.headers["x-empty"], request.headers["x-odd"]) == ("", "a'b [2J;")


@pytest.mark.parametrize("api", ["openai-chat", "anthropic-messages", "gemini", "ollama-chat"])
async def test_the_key_is_a_variable_in_every_api(api: str) -> None:
    exchange, _ = await recorded("", api)
    command = curl_command(masked_tape(exchange))
    assert CANARY not in command
    assert "${API_KEY}" in command


def test_a_key_that_nobody_masked_is_masked() -> None:
    headers = (("x-api-key", CANARY), ("Cookie", "session=0123456789abc"), ("X-Other", f"see {CANARY}"))
    command = curl_command(tape_for(f"https://host/v1?key={CANARY}&alt=sse", f'{{"a": "{CANARY}"}}', headers))
    assert CANARY not in command
    assert "0123456789abc" not in command
    assert "alt=sse" in command


@pytest.mark.parametrize(("codings", "unpacks"), [("gzip, br", True), ("identity", False), ("", False), (None, False)])
def test_curl_unpacks_an_answer_that_was_asked_for_packed(codings: str | None, unpacks: bool) -> None:
    headers = (("Accept-Encoding", codings),) if codings is not None else (("Accept", "gzip"),)
    assert ("--compressed" in curl_command(tape_for("https://host/v1", "", headers))) is unpacks
