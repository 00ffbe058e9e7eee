"""The size of the context window, as servers tell it apart from their lists of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import ByteServer, whole
from tui_chat.wire.client import Client
from tui_chat.wire.context_window import context_window
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOW: dict[str, Any] = {"model_info": {"llama.context_length": 131072}, "parameters": "stop x\nnum_ctx    8192\n"}


class Documents:
    """The documents of a server by path, and the paths that were asked for."""

    def __init__(self, **documents: object) -> None:
        self._documents = {name.replace("_", "/"): document for name, document in documents.items()}
        self.asked: list[str] = []

    async def fetch(self, url: str, body: Mapping[str, Any] | None) -> object:
        """The document at a path, or nothing."""
        path = url.partition("//")[2].partition("/")[2]
        self.asked.append(path)
        return self._documents.get(path)


async def window(documents: Documents, url: str = "http://127.0.0.1:8080/v1", **options: object) -> int | None:
    """Ask for the model `m`."""
    return await context_window(Endpoint(url, dialect="auto"), "m", options, documents.fetch)


@pytest.mark.parametrize(
    ("documents", "size"),
    [
        (Documents(props={"default_generation_settings": {"n_ctx": 4096}, "n_ctx": 16384}), 4096),
        (Documents(props={"n_ctx": 16384}), 16384),
        (Documents(api_v0_models={"data": [{"id": "o"}, {"id": "m", "max_context_length": 2048}]}), 2048),
        (Documents(api_v0_models={"data": [{"id": "m", "max_context_length": 9, "loaded_context_length": 5}]}), 5),
        (Documents(api_ps={"models": [{"name": "m:latest", "context_length": 32768}]}, api_show=SHOW), 32768),
        (Documents(api_ps={"models": []}, api_show=SHOW), 8192),
        (Documents(api_ps={"models": []}, api_show={"model_info": {"llama.context_length": 131072}}), None),
        (Documents(), None),
    ],
)  # fmt: skip
async def test_local_servers_tell_it_in_their_own_ways(documents: Documents, size: int | None) -> None:
    assert await window(documents) == size


async def test_ollama_is_asked_for_what_is_its_own_alone() -> None:
    documents = Documents(api_ps={"models": []}, api_show=SHOW)
    assert await window(documents, "http://127.0.0.1:11434/api") == 8192
    assert documents.asked == ["api/ps", "api/show"]


async def test_a_server_that_answers_every_path_alike_gets_no_post() -> None:
    same = {"object": "list", "data": [{"id": "m"}]}
    documents = Documents(props=same, api_v0_models=same, api_ps=same, api_show=same)
    assert await window(documents) is None
    assert documents.asked == ["props", "api/v0/models", "api/ps"]


async def test_what_the_options_set_for_ollama_counts() -> None:
    documents = Documents()
    assert await window(documents, num_ctx=2048) == 2048
    assert documents.asked == []


async def test_a_server_on_the_internet_is_left_alone() -> None:
    documents = Documents(props={"n_ctx": 1})
    assert await window(documents, "https://api.example.com/v1") is None
    assert documents.asked == []


@pytest.mark.parametrize(
    "odd", [[], "x", {"n_ctx": -1}, {"n_ctx": 1e300}, {"n_ctx": "many"}, {"n_ctx": True}, {"n_ctx": 0}, {"n_ctx": None}]
)
async def test_odd_answers_are_no_size(odd: object) -> None:
    documents = Documents(props=odd, api_v0_models=odd, api_ps=odd, api_show=odd)
    assert await window(documents) is None
    assert await window(Documents(api_ps={"models": odd}, api_show={"parameters": odd})) is None


async def test_a_size_with_too_many_digits_is_none() -> None:
    shown = {"parameters": "num_ctx " + "9" * 5000}
    assert await window(Documents(api_ps={"models": []}, api_show=shown)) is None


async def test_the_client_fetches_it_over_a_real_connection() -> None:
    async with ByteServer(script=lambda _: whole(b'{"default_generation_settings": {"n_ctx": 4096}}')) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        assert await client.context_window("m", {}) == 4096
        await client.aclose()


async def test_a_server_that_answers_nonsense_tells_nothing() -> None:
    async with ByteServer(script=lambda _: whole(b"<html>", 200, "text/html")) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        assert await client.context_window("m", {}) is None
        await client.aclose()
