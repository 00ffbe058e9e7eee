from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.chat.events import TextDelta
from tui_chat.chat.model_ports import SetupError
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.scripted.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Accesses
    from tui_chat.server.chat_input import ChatInput

ENDLESS = {"model": "long?rate=50&first=0", "stream": True, "messages": [{"role": "user", "content": "1000000"}]}


def test_importing_it_imports_no_framework() -> None:
    looked = (
        "import sys, tui_chat.server.embedded, tui_chat.server.serve, tui_chat.server.scripted.pacing;"
        "print([name for name in ('starlette', 'uvicorn', 'h11', 'anyio') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_it_says_nothing_on_the_terminal() -> None:
    """In a process of its own, with no logging set up: Python would print warnings there."""
    program = (
        "import httpx\n"
        "from tui_chat.server.embedded import EmbeddedServer\n"
        "with EmbeddedServer() as server:\n"
        "    with httpx.stream('POST', server.base_url + '/chat/completions', trust_env=False,\n"
        "                      headers={'Authorization': 'Bearer ' + server.key},\n"
        "                      json={'model': 'long', 'stream': True, 'messages': [{'role': 'user'}]}) as response:\n"
        "        next(response.iter_raw())\n"
        "        server.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


async def test_a_client_may_connect_at_once() -> None:
    with EmbeddedServer() as server:
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(f"{server.base_url}/models", headers={"Authorization": f"Bearer {server.key}"})
    assert response.status_code == 200


def test_each_start_has_a_key_of_its_own() -> None:
    assert EmbeddedServer().key != EmbeddedServer().key
    assert len(EmbeddedServer().key) >= 32


async def test_stopping_tells_the_replies_under_way_and_frees_the_port(
    server: EmbeddedServer, client: httpx.AsyncClient, accesses: Accesses
) -> None:
    async with client.stream("POST", "/chat/completions", json=ENDLESS) as response:
        lines = response.aiter_lines()
        assert '"content"' in await anext(lines)
        await asyncio.to_thread(server.stop)
        *_, last = [line async for line in lines if line]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "shutting_down"
    (access,) = accesses.wait_for(1)
    assert access.outcome == "shutdown"
    with pytest.raises(httpx.ConnectError):
        await client.get("/models")


async def test_a_reply_that_is_not_streamed_is_told_too(
    server: EmbeddedServer, client: httpx.AsyncClient, accesses: Accesses
) -> None:
    async with client.stream("POST", "/chat/completions", json=ENDLESS) as streaming:
        whole = asyncio.create_task(client.post("/chat/completions", json=ENDLESS | {"stream": False}))
        lines = streaming.aiter_lines()
        for _ in range(6):  # the second request was sent before these deltas came
            await anext(lines)
        await asyncio.to_thread(server.stop)
    response = await whole
    assert (response.status_code, response.json()["error"]["code"]) == (503, "shutting_down")
    assert {access.outcome for access in accesses.wait_for(2)} == {"shutdown"}


def test_stopping_ends_the_thread_and_may_be_repeated() -> None:
    server = EmbeddedServer()
    server.stop()
    server.start()
    server.stop()
    server.stop()
    assert "tui-chat-server" not in {thread.name for thread in threading.enumerate()}


async def test_a_client_that_does_not_read_cannot_hold_up_the_end(
    server: EmbeddedServer, client: httpx.AsyncClient, accesses: Accesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()

    def flood(_chat_input: ChatInput) -> Iterator[TextDelta]:
        yield TextDelta("x" * 30_000_000)  # more than the sockets' buffers hold
        stuck.set()
        yield TextDelta("never sent")

    monkeypatch.setitem(SCRIPTS, "flood", flood)
    async with client.stream("POST", "/chat/completions", json={**ENDLESS, "model": "flood"}):
        assert await asyncio.to_thread(stuck.wait, PATIENCE)
        await asyncio.to_thread(server.stop)
        assert accesses.wait_for(1)[0].outcome == "shutdown"
    assert "tui-chat-server" not in {thread.name for thread in threading.enumerate()}


def test_no_port_to_be_had_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(SetupError, match="could not listen on this machine: Permission denied"):
        EmbeddedServer().start()
