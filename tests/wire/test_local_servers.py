from __future__ import annotations

import socket

from tests.byte_server import HANG, ByteServer, whole
from tui_chat.chat.model_ports import LocalServer
from tui_chat.wire.local_servers import find_local_servers


def unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


async def test_servers_that_list_models_or_want_a_key_are_found_and_others_are_not() -> None:
    async with (
        ByteServer(script=lambda _: whole(b'{"data":[{"id":"llama"}]}')) as good,
        ByteServer(script=lambda _: whole(b"<html>", 200, "text/html")) as page,
        ByteServer(script=lambda _: [HANG]) as silent,
        ByteServer(script=lambda _: whole(b'{"error":{"message":"Invalid API Key"}}', 401)) as closed,
        ByteServer(script=lambda _: whole(b"", 403)) as other,
        ByteServer(script=lambda _: whole(b"<html>Sign in", 401, "text/html")) as login,
    ):
        ports = {good.port: "Good", page.port: "Page", silent.port: "Silent", unused_port(): "Nobody"}
        ports |= {closed.port: "Closed", other.port: "Other", login.port: "Login"}
        found = await find_local_servers(ports, within=0.5)
    assert found == [
        LocalServer("Good", good.url, ("llama",)),
        LocalServer("Closed", closed.url, (), wants_key=True),
    ]
    assert "authorization" not in good.requests[0].headers
