from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Accesses
    from tui_chat.server.embedded import EmbeddedServer

PATTERNS = (
    "/stream?count=1",
    "/stream-data?count=1",
    "/stream-with-context",
    "/stream-json?count=1",
    "/chat?message=x",
    "/chat/stream?model=echo",
    "/download-large-file?size=1",
)


def at_root(server: EmbeddedServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.base_url.removesuffix("/v1"), trust_env=False)


@pytest.mark.parametrize("path", PATTERNS)
async def test_a_pattern_needs_the_key_which_may_stand_in_the_url(
    server: EmbeddedServer, accesses: Accesses, path: str
) -> None:
    keyed = httpx.URL(path).copy_merge_params
    async with at_root(server) as fetcher:
        for refused in (path, keyed({"key": ""}), keyed({"key": f"{server.key}x"})):
            response = await fetcher.get(refused)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")
        async with fetcher.stream("GET", keyed({"key": server.key})) as response:
            assert response.status_code == 200
        async with fetcher.stream("GET", path, headers={"Authorization": f"Bearer {server.key}"}) as response:
            assert response.status_code == 200
    for access in await asyncio.to_thread(accesses.wait_for, 5):
        assert server.key not in str(access)


async def test_a_header_that_is_wrong_is_not_made_good_by_the_url(server: EmbeddedServer) -> None:
    async with at_root(server) as fetcher:
        wrong = {"Authorization": "Bearer wrong"}
        response = await fetcher.get("/stream", params={"key": server.key}, headers=wrong)
    assert response.status_code == 401


async def test_the_chat_apis_do_not_take_the_key_from_the_url(server: EmbeddedServer) -> None:
    async with at_root(server) as fetcher:
        for path in ("/v1/models", "/v1beta/models", "/api/tags"):
            assert (await fetcher.get(path, params={"key": server.key})).status_code == 401
