"""The documents beside the API, asked of a real socket."""

from __future__ import annotations

import json

import pytest

from tests.byte_server import CLOSE, ByteServer, Step, whole
from tui_chat.chat.events import Failed
from tui_chat.wire import documents
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}, ("a", "b")),
        ({"models": [{"name": "a"}, {"model": "b"}]}, ("a", "b")),
        ([{"id": "a"}, {"id": "a"}, "b", 3], ("a", "b")),
        ({"data": []}, ()),
    ],
)
async def test_models_are_listed_in_the_servers_order(body: object, names: tuple[str, ...]) -> None:
    async with ByteServer(script=lambda _: whole(json.dumps(body).encode())) as server:
        client = Client(Endpoint(server.url, key="sk-1"))
        models = await client.models()
        assert not isinstance(models, Failed)
        assert tuple(model.name for model in models) == names
        await client.aclose()
    assert (server.requests[0].method, server.requests[0].target) == ("GET", "/v1/models")
    assert server.requests[0].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (whole(b"", 404), "no list"),
        (whole(b"<html>"), "no list"),
        (whole(b'{"data": 3}'), "no list"),
        (whole(b"", 401), "401"),
        ([CLOSE], "without an answer"),
    ],
)
async def test_a_server_without_a_list_of_models_says_so(answer: list[Step], says: str) -> None:
    async with ByteServer(script=lambda _: answer) as server:
        client = Client(Endpoint(server.url))
        models = await client.models()
        await client.aclose()
    assert isinstance(models, Failed)
    assert says in models.problem


async def test_a_list_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT", 1000)
    async with ByteServer(script=lambda _: whole(b'{"data": [' + b'"a", ' * 1000 + b'"a"]}')) as server:
        client = Client(Endpoint(server.url))
        models = await client.models()
        await client.aclose()
    assert isinstance(models, Failed)
    assert "no list" in models.problem
