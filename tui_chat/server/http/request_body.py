"""The body of a request, read within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_chat.server.requests import RequestError

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body; room for a long conversation with pictures in it."""

MAX_DISCARDED = 4 * MAX_BODY
"""Bytes of a body too large that are read and dropped, so that the client gets to read the answer."""

BODY_WAIT = 120.0
"""Seconds that a body may take."""


async def read_body(request: Request) -> bytes:
    """The whole body. Raises `RequestError` for one that is too large or too slow."""
    kept = bytearray()
    size = 0
    try:
        async with asyncio.timeout(BODY_WAIT):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= MAX_BODY:
                    kept += chunk
                elif size > MAX_DISCARDED:
                    break
    except TimeoutError:
        raise RequestError(f"The request's body did not come within {BODY_WAIT:.0f} seconds.", status=408) from None
    if size > MAX_BODY:
        raise RequestError(f"The request is larger than {MAX_BODY} bytes.", status=413)
    return bytes(kept)
