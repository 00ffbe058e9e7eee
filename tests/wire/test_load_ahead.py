"""What the first request needs is made ready before it, and nothing is sent for that."""

from __future__ import annotations

import pytest

from tests.byte_server import ByteServer, stream
from tests.wire.test_client import GOOD, question, sent
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.client import Client
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.load_ahead import rehearse


@pytest.mark.parametrize("dialect", [*DIALECTS, "auto"])
def test_every_dialect_can_be_rehearsed(dialect: str) -> None:
    url = "http://127.0.0.1:9/chat?q={message}" if dialect == "simple-get" else "http://127.0.0.1:9/v1"
    rehearse(Client(Endpoint(url, dialect=dialect)))


async def test_a_rehearsal_sends_nothing_and_leaves_no_trace_in_the_first_question() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        rehearse(client)
        assert server.requests == []
        async for _ in client.reply(question("the first")):
            pass
        await client.aclose()
    assert [message["content"] for message in sent(server.requests[0])["messages"]] == ["the first"]


def test_an_api_that_is_not_known_is_said() -> None:
    with pytest.raises(SetupError, match="carrier-pigeon"):
        rehearse(Client(Endpoint("http://127.0.0.1:9", dialect="carrier-pigeon")))
