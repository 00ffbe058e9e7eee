"""Fetch a page or a file of the web as a whole, within bounds."""

from __future__ import annotations

import asyncio
from typing import Final

from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.failures.errors import ConnectFailedError, ConnectionLostError
from tui_chat.wire.sources.fetch import Fetcher, address, refusal, without_user

SECONDS: Final = 30.0
MOST_BYTES: Final = 10_000_000
_ACCEPT: Final = {"accept": "text/html, text/*, image/*, application/json, application/pdf;q=0.9, */*;q=0.5"}


async def fetch_page(url: str, *, seconds: float = SECONDS, most: int = MOST_BYTES) -> FetchedPage | Failed:
    """Return what a server gives for `url`, after its redirects; `Failed` where it refuses, takes longer than `seconds`
    in all, or gives more than `most` bytes."""
    fetcher = Fetcher(connect_timeout=min(10.0, seconds), idle_timeout=seconds, head_timeout=seconds)
    try:
        async with asyncio.timeout(seconds):
            return await _fetched(fetcher, url, most)
    except TimeoutError:
        return Failed(f"The server took longer than {seconds:.0f} seconds.", "Try again, or attach a file.", url=url)
    except (ConnectFailedError, ConnectionLostError) as error:
        return error.failed if isinstance(error, ConnectFailedError) else Failed(f"{error}".capitalize() + ".", url=url)
    except SetupError as error:
        return Failed(str(error), url=url)
    finally:
        await fetcher.close()


async def _fetched(fetcher: Fetcher, url: str, most: int) -> FetchedPage | Failed:
    bare, private = without_user(address(url))
    async with fetcher.get(bare, _ACCEPT, private) as response:
        if not 200 <= response.answer.status < 300:
            return await refusal(response)
        pieces: list[bytes] = []
        while (chunk := await response.answer.chunk()) is not None:
            pieces.append(chunk)
            if response.answer.size > most:
                return Failed(f"It is larger than {most // 1_000_000} MB.", "Attach a part of it as a file.", url=url)
        return FetchedPage(response.url, response.answer.headers.get("content-type", ""), b"".join(pieces))
