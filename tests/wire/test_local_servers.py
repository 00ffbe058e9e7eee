from __future__ import annotations

import socket

from tests.byte_server import HANG, ByteServer, whole
from tui_chat.chat.model_ports import LocalServer
from tui_chat.wire.local_servers import find_local_servers


def unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


async def test_servers_that_list_models_are_found_and_others_are_not() -> None:
    async with (
        ByteServer(script=lambda _: whole(b'{"data":[{"id":"llama"}]}')) as good,
        ByteServer(script=lambda _: whole(b"<html>", 200, "text/html")) as page,
        ByteServer(script=lambda _: [HANG]) as silent,
    ):
        ports = {good.port: "Good", page.port: "Page", silent.port: "Silent", unused_port(): "Nobody"}
        found = await find_local_servers(ports, within=0.5)
    assert found == [LocalServer("Good", good.url, ("llama",))]
    assert "authorization" not in good.requests[0].headers
