"""`ChatEndpoint` as a pytest fixture: `pytest_plugins = ["tui_chat.server.pytest_fixture"]` in a `conftest.py`.

Only this module needs pytest, which anybody who imports it has installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def chat_endpoint() -> Iterator[ChatEndpoint]:
    """A chat endpoint on a free port, which keeps the requests it receives, with their bodies."""
    with ChatEndpoint(keep_bodies=True) as endpoint:
        yield endpoint
