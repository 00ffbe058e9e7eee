"""Pages of other origins that use the endpoint from a browser."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.server.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.conftest import Accesses

HOME = "https://app.example"
OTHER = "https://elsewhere.example"
ASKING = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, x-stainless-lang",
}


@asynccontextmanager
async def page_of(origin: str, *cors: str, on_finish: Accesses) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A client with the headers of a page of that origin, and the key, at a server that lets `cors` in."""
    with EmbeddedServer(cors=cors, on_finish=on_finish) as server:
        root = server.base_url.removesuffix("/v1")
        headers = {"Origin": origin}
        async with httpx.AsyncClient(base_url=root, headers=headers, trust_env=False, timeout=PATIENCE) as client:
            yield client, server.key


@pytest.mark.parametrize(("cors", "allowed"), [([HOME, OTHER], HOME), (["*"], "*")])
async def test_a_named_origin_may_ask_and_read(accesses: Accesses, cors: list[str], allowed: str) -> None:
    async with page_of(HOME, *cors, on_finish=accesses) as (page, key):
        preflight = await page.options("/v1/chat/completions", headers=ASKING)
        assert preflight.status_code == 200, "asked before, and without, the key"
        assert preflight.headers["access-control-allow-origin"] == allowed
        assert preflight.headers["access-control-allow-headers"] == ASKING["Access-Control-Request-Headers"]
        for path in ("/stream?count=1", "/v1/models", "/download-large-file?size=1"):
            response = await page.get(path, headers={"Authorization": f"Bearer {key}"})
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == allowed
            assert "Content-Disposition" in response.headers["access-control-expose-headers"]
        refused = await page.get("/stream")
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, allowed)


@pytest.mark.parametrize("cors", [[], [OTHER]])
async def test_no_other_origin_may(accesses: Accesses, cors: list[str]) -> None:
    async with page_of(HOME, *cors, on_finish=accesses) as (page, key):
        preflight = await page.options("/v1/chat/completions", headers=ASKING)
        response = await page.get("/stream?count=1", headers={"Authorization": f"Bearer {key}"})
    assert preflight.status_code >= 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in response.headers


async def test_a_stream_for_another_origin_is_not_held_up_and_its_hang_up_is_noticed(accesses: Accesses) -> None:
    async with page_of(HOME, HOME, on_finish=accesses) as (page, key):
        headers = {"Authorization": f"Bearer {key}"}
        async with page.stream("GET", "/stream?every=3600", headers=headers) as response:
            heard = b""
            async for chunk in response.aiter_raw():
                heard += chunk
                if b'"tick":1' in heard:
                    break
        (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert access.outcome == "hang-up"
