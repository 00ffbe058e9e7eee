"""Read a request's body within limits of size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_chat.server.request_error import RequestError

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY = 16 * 1024 * 1024
"""The largest accepted body, in bytes; room for a long conversation with pictures."""

MAX_DISCARDED = 4 * MAX_BODY
"""Bytes of a too large body that are read and dropped, so that the client can read the response."""

BODY_WAIT = 120.0
"""Seconds within which a body must arrive."""


async def read_body(request: Request) -> bytes:
    """Read the whole body. Raises `RequestError` if it is too large or too slow."""
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
