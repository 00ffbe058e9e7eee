"""Calls the handlers that the table of commands names."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen


def handler_of(screen: Screen[None], handler: str) -> Callable[..., object]:
    """The method that `OWNER.METHOD` means: of the screen, of the app, or of an attribute of the screen."""
    owner, _, method = handler.partition(".")
    found: Callable[..., object] = getattr(screen if owner == "screen" else getattr(screen, owner), method)
    return found


async def call(screen: Screen[None], handler: str, *arguments: str) -> None:
    """Call a handler, and wait for it where it is asynchronous."""
    result = handler_of(screen, handler)(*arguments)
    if isawaitable(result):
        await result
