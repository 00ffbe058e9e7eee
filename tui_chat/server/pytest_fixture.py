"""`ChatEndpoint` as a pytest fixture: `pytest_plugins = ["tui_chat.server.pytest_fixture"]` in a `conftest.py`.

This is the one module that needs pytest, which whoever imports it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def chat_endpoint() -> Iterator[ChatEndpoint]:
    """A chat endpoint on a free port, which keeps the requests it gets, bodies and all."""
    with ChatEndpoint(keep_bodies=True) as endpoint:
        yield endpoint
