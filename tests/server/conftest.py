"""Fixtures: an endpoint on a real port, and the record of its requests."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.pytest_fixture import chat_endpoint as chat_endpoint
from tui_chat.server.scripted.behaviour import ResponseOptions
from tui_chat.server.scripted.pacing import AT_ONCE
from tui_chat.server.scripted.replies import Replies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tui_chat.server.http.access_log import Access


class Accesses:
    """The requests that have ended, oldest first; filled from the server's thread."""

    def __init__(self) -> None:
        self.ended: list[Access] = []
        self._changed = threading.Condition()

    def __call__(self, access: Access) -> None:
        with self._changed:
            self.ended.append(access)
            self._changed.notify_all()

    def wait_for(self, number: int) -> list[Access]:
        """Wait until `number` requests have ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.ended) >= number, PATIENCE), f"{len(self.ended)} ended"
            return list(self.ended)


@pytest.fixture
def accesses() -> Accesses:
    return Accesses()


@pytest.fixture
def server(accesses: Accesses) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(replies=Replies(ResponseOptions(AT_ONCE)), on_finish=accesses) as started:
        yield started


@pytest.fixture
async def client(server: EmbeddedServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.base_url, headers={"Authorization": f"Bearer {server.key}"}, trust_env=False, timeout=PATIENCE
    ) as opened:
        yield opened
