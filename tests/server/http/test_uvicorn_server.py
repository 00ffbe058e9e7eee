"""What the server accepts on a connection, and how long it waits."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENCE
from tui_chat.server.http import uvicorn_server as running
from tui_chat.server.http.uvicorn_server import escaped_target
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

END = b"0\r\n\r\n"


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with ChatEndpoint(key=None) as started:
        yield started


def connected(endpoint: ChatEndpoint) -> socket.socket:
    at = urlsplit(endpoint.base_url)
    return socket.create_connection((at.hostname, at.port), timeout=PATIENCE)


def answer(connection: socket.socket, pieces: Sequence[bytes]) -> bytes:
    """The response, up to the end of its body or of the connection."""
    for piece in pieces:
        connection.sendall(piece)
    heard = b""
    while not heard.endswith(END) and (more := connection.recv(65536)):
        heard += more
    return heard


def head(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@pytest.mark.parametrize(
    "target",
    [
        "/chat?message=你好&model=echo&format=text",
        "/chat?message=wie gehts&model=echo&format=text",
        "/v1/models/wörld",
        "/nirgends/日本",
    ],
)
def test_raw_utf8_and_spaces_in_a_url_are_taken(endpoint: ChatEndpoint, target: str) -> None:
    request = head(target)
    with closing(connected(endpoint)) as connection:
        heard = answer(connection, [request, head("/chat?message=x&model=echo")])  # the next one is read, too
    assert b"Invalid HTTP" not in heard
    if "/chat" in target:
        assert heard.startswith(b"HTTP/1.1 200")
        for word in target.partition("=")[2].partition("&")[0].split():
            assert word.encode() in heard
    else:
        assert heard.startswith((b"HTTP/1.1 404", b"HTTP/1.1 405"))


def test_a_url_cut_anywhere_is_taken_again_and_again_on_one_connection(endpoint: ChatEndpoint) -> None:
    request = head("/chat?message=你好&model=echo?rate=0&format=text")
    with closing(connected(endpoint)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for cut in range(1, len(request)):
            heard = answer(connection, [request[:cut], request[cut:]])
            assert "data: 你好".encode() in heard, cut


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_what_stands_behind_the_request_line_stays_as_it_is(target: bytes, rest: bytes) -> None:
    line = b"GET /" + target.replace(b"\n", b"") + b" HTTP/1.1\r\n"
    escaped = escaped_target(line + rest)
    assert escaped.endswith(rest)
    assert escaped_target(escaped) == escaped
    assert all(0x21 <= byte <= 0x7E for byte in escaped[: -len(rest) or None].split(b" HTTP/")[0][4:].rstrip(b"\r"))


@pytest.mark.parametrize("begun", [b"GET /v1/mod", b"GET /v1/models HTTP/1.1\r\nHost: loc", b"GET / HTTP/1.1\r\n"])
def test_a_head_that_does_not_come_in_time_is_dropped(
    endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(running, "HEAD_WAIT", 0.05)
    with closing(connected(endpoint)) as connection:
        assert answer(connection, [begun]).startswith(b"HTTP/1.1 408 ")
    with closing(connected(endpoint)) as connection:  # an earlier request on the same connection changes nothing
        answer(connection, [head("/chat?message=x&model=echo")])
        assert answer(connection, [begun]).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_never_asks_is_closed(endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "KEEP_ALIVE", 0.05)
    with closing(connected(endpoint)) as connection:
        assert connection.recv(100) == b""


def test_a_reply_that_takes_longer_than_a_head_may_is_not_dropped(
    endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEAD_WAIT", 0.05)
    with closing(connected(endpoint)) as connection:
        assert answer(connection, [head("/chat?message=x&model=echo?first=0.3")]).endswith(END)


LINE = "A line of text, and another.\\n"
"""As written in JSON."""


@pytest.mark.parametrize(("stream", "lines"), [("true", 350_000), ("false", 50_000)])
def test_a_huge_question_does_not_keep_others_waiting(endpoint: ChatEndpoint, stream: str, lines: int) -> None:
    body = f'{{"model":"echo","stream":{stream},"messages":[{{"role":"user","content":"{LINE * lines}"}}]}}'
    _others_are_answered_during(endpoint, body)


@pytest.mark.parametrize("model", ["fault:garbage?size=1000000000", "fault:long-line?size=1000000000"])
def test_a_huge_reply_does_not_keep_others_waiting(endpoint: ChatEndpoint, model: str) -> None:
    body = f'{{"model":"{model}","stream":true,"messages":[{{"role":"user","content":"hi"}}]}}'
    _others_are_answered_during(endpoint, body)


def _others_are_answered_during(endpoint: ChatEndpoint, body: str) -> None:
    """Send a big request, and check that small ones are answered meanwhile."""
    begun, stopped = threading.Event(), threading.Event()

    def ask() -> None:
        with (
            httpx.Client(trust_env=False, timeout=120) as client,
            client.stream("POST", f"{endpoint.base_url}/chat/completions", content=body.encode()) as response,
        ):
            for piece in response.iter_raw():
                if piece:
                    begun.set()
                if stopped.is_set():
                    break

    asking = threading.Thread(target=ask)
    asking.start()
    answered = 0
    try:
        with httpx.Client(trust_env=False, timeout=120) as client:
            endpoint.wait_until(lambda: bool(endpoint.requests), PATIENCE)
            while not (begun.is_set() and answered >= 20):
                assert client.get(f"{endpoint.root_url}/health").status_code == 200
                answered += 1
                if not asking.is_alive():
                    break
    finally:
        stopped.set()
        asking.join()
    assert answered >= 5
