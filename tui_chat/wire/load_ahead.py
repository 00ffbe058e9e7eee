"""Imports what the first request needs, so that it need not wait."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.turn import Question

if TYPE_CHECKING:
    from tui_chat.wire.client import Client


def load_client() -> None:
    """Import the client and what its libraries import on first use. May be called in a thread."""
    import_module("tui_chat.wire.client")
    with suppress(ImportError):  # another version of anyio has another name for it
        import_module("anyio._backends._asyncio")
    if "sniffio" not in sys.modules and find_spec("sniffio") is None:
        # httpcore tries to import it several times in each request. With this entry that fails at once; without it
        # every folder of the path is searched each time.
        sys.modules["sniffio"] = None  # type: ignore[assignment]


def rehearse(client: Client) -> None:
    """Build a request that is not sent, for the sake of what is compiled on first use: methods of classes, and regular
    expressions. May be called in a thread. Raises `SetupError`."""
    conversation = Conversation()
    conversation.add_question("hello")
    client.request(Question(tuple(conversation.path()), "", ""))
