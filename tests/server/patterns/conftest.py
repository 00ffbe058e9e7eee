"""Clients of the pattern routes, which stand at the root of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.wire.framing import EventStream, Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui_chat.server.embedded import EmbeddedServer


@pytest.fixture
async def fetcher(server: EmbeddedServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.base_url.removesuffix("/v1"),
        headers={"Authorization": f"Bearer {server.key}"},
        trust_env=False,
        timeout=PATIENCE,
    ) as opened:
        yield opened


def events(body: bytes) -> list[Frame]:
    """The events of a whole body."""
    stream = EventStream()
    return [frame for frame in [*stream.feed(body), *stream.close()] if frame.kind == "data"]
