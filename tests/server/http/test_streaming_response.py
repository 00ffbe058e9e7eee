"""How each streaming route ends: when the client hangs up, and when the server stops."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from starlette.routing import Mount, Route, compile_path

from tests.patience import PATIENCE
from tui_chat.chat.events import TextDelta
from tui_chat.server.app import EndpointApp
from tui_chat.server.scripted.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.routing import BaseRoute

    from tests.server.conftest import Accesses
    from tui_chat.server.chat_input import ChatInput
    from tui_chat.server.embedded import EmbeddedServer

NOTICED = 0.1
"""Seconds within which a hang-up is noticed."""

WAITING = "waiting?rate=0.001"
"""A model whose second delta comes in a quarter of an hour."""

NO_STREAMS = {"/", "/events", "/pages/{name}", "/health", "/v1/models", "/v1beta/models", "/api/tags"}


@dataclass(frozen=True)
class Asking:
    """A request whose response takes its time."""

    path: str
    body: dict[str, Any] | None = None
    begins: bytes = b""
    """The first bytes of the response; if empty, the model signals when it is waiting."""
    last: bytes = b""
    """The last bytes of the response when the server stops."""

    @property
    def name(self) -> str:
        return self.path.partition("?")[0] + (" whole" if self.body and self.body.get("stream") is False else "")

    def request(self, key: str) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        method = "GET" if self.body is None else "POST"
        head = f"{method} {self.path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


MESSAGES = {"model": WAITING, "messages": [{"role": "user", "content": "x"}]}
GEMINI = {"contents": [{"parts": [{"text": "x"}]}]}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": MESSAGES,
    "/v1/responses": {"model": WAITING, "input": "x"},
    "/v1/messages": MESSAGES | {"max_tokens": 9},
    "/api/chat": MESSAGES,
}
CHATS = [Asking(path, body | {"stream": stream}) for stream in (True, False) for path, body in BODIES.items()] + [
    Asking(f"/{version}/models/waiting%3Frate=0.001:{operation}", GEMINI)
    for version in ("v1", "v1beta")
    for operation in ("generateContent", "streamGenerateContent")
]
EVENT = b'event: shutdown\ndata: {"error":{"message":"The server is shutting down."}}\n\n'
PATTERNS = [
    Asking("/stream?every=3600", begins=b"id: 1", last=EVENT),
    Asking("/stream-data?every=3600", begins=b"Chunk 1", last=b"The server is shutting down.\n"),
    Asking("/stream-with-context?every=3600", begins=b"update", last=EVENT),
    Asking("/stream-json?every=3600", begins=b'{"line":1', last=b'{"error":"The server is shutting down."}\n'),
    Asking(
        f"/chat?message=x&model={WAITING}",
        last=b'data: {"error":{"message":"The server is shutting down.","type":"server_error","param":null,'
        b'"code":"shutting_down"}}\n\n',
    ),
    Asking(
        f"/chat/stream?model={WAITING}&format=text",
        last=b"event: failed\ndata: The server is shutting down.\n\n",
    ),
]
DOWNLOAD = Asking("/download-large-file?size=1T", begins=b"000000000000001\n")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the model has sent its first delta and waits before the second."""
    waiting = threading.Event()

    def wait(_asked: ChatInput) -> Iterator[TextDelta]:
        yield TextDelta("1")
        waiting.set()
        yield TextDelta("2")

    monkeypatch.setitem(SCRIPTS, "waiting", wait)
    return waiting


def begun(server: EmbeddedServer, asking: Asking, waits: threading.Event) -> socket.socket:
    """A connection on which the response has begun."""
    at = urlsplit(server.base_url)
    connection = socket.create_connection((at.hostname, at.port), timeout=PATIENCE)
    waits.clear()
    connection.sendall(asking.request(server.key))
    if asking.begins:
        heard = b""
        while asking.begins not in heard:
            heard += connection.recv(65536)
    else:
        assert waits.wait(PATIENCE)
    return connection


def running(server: EmbeddedServer) -> int:
    """The number of tasks in the server's event loop."""
    assert server._loop is not None
    return len(asyncio.all_tasks(server._loop))


@pytest.mark.parametrize("asking", [*CHATS, *PATTERNS, DOWNLOAD], ids=lambda asking: asking.name)
def test_a_hang_up_is_noticed_at_once_and_leaves_nothing_behind(
    server: EmbeddedServer, accesses: Accesses, waits: threading.Event, asking: Asking
) -> None:
    late = []
    for number in range(1, 4):  # once it may be the machine that is late
        with closing(begun(server, asking, waits)):
            assert running(server) > 1
        hung_up = monotonic()
        access = accesses.wait_for(number)[-1]
        assert access.ended is not None
        late.append(access.ended - hung_up)
        assert access.outcome == "hang-up"
        assert access.path == unquote(asking.path.partition("?")[0])
        assert access.client == "127.0.0.1"
    assert min(late) < NOTICED
    deadline = monotonic() + PATIENCE
    while running(server) > 1:
        assert monotonic() < deadline, "a task is left"


def routes(root: str, under: Sequence[BaseRoute]) -> Iterator[str]:
    """The paths of all routes."""
    for route in under:
        match route:
            case Mount():
                yield from routes(root + route.path, route.routes)
            case Route():
                yield root + route.path


def test_all_routes_that_stream_are_hung_up_on_here() -> None:
    paths = {unquote(asking.path.partition("?")[0]) for asking in (*CHATS, *PATTERNS, DOWNLOAD)}
    for route in routes("", EndpointApp(asyncio.Event()).app.routes):
        pattern, _, _ = compile_path(route)
        assert route in NO_STREAMS or any(map(pattern.fullmatch, paths)), route


@pytest.mark.parametrize("asking", PATTERNS, ids=lambda asking: asking.name)
def test_the_end_of_the_server_ends_a_stream_in_order(
    server: EmbeddedServer, accesses: Accesses, waits: threading.Event, asking: Asking
) -> None:
    with closing(begun(server, asking, waits)) as connection:
        server.stop()
        heard = b"".join(iter(lambda: connection.recv(65536), b""))
    assert heard.endswith(b"%x\r\n%b\r\n0\r\n\r\n" % (len(asking.last), asking.last))
    (access,) = accesses.wait_for(1)
    assert access.outcome == "shutdown"


def test_the_end_of_the_server_breaks_a_download_off(
    server: EmbeddedServer, accesses: Accesses, waits: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(begun(server, DOWNLOAD, waits)):
        server.stop()
    (access,) = accesses.wait_for(1)
    assert access.outcome == "shutdown"
    assert not caplog.records
