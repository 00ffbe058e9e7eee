"""The basic patterns of streaming over HTTP, each in a small route: to look at with `curl -N`, to try clients with, and
to copy from.

| Route | Pattern |
|---|---|
| `/stream` | a ticker over server-sent events, resumed by `Last-Event-ID` |
| `/stream-data` | text in pieces, each flushed at once |
| `/stream-with-context` | named events until the client hangs up |
| `/stream-json` | JSON lines |
| `/chat`, `/chat/stream` | a question in the URL, answered over server-sent events |
| `/download-large-file` | a file of any size in constant memory, resumed by `Range` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.server.patterns.chat import ChatByURL
from tui_chat.server.patterns.download import Downloads
from tui_chat.server.patterns.streams import Streams

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.middleware import Middleware
    from starlette.routing import Route

    from tui_chat.server.scripted.replies import Replies


def pattern_routes(
    closing: asyncio.Event, replies: Replies, file: Path | None, middleware: Sequence[Middleware]
) -> list[Route]:
    """All routes, each wrapped in `middleware`. `closing`: set to end running streams. `replies`: the models. `file`:
    the file to download."""
    return [
        *Streams(closing).routes(middleware),
        *ChatByURL(closing, replies).routes(middleware),
        *Downloads(closing, file).routes(middleware),
    ]
