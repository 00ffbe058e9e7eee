"""Calls the handlers that the table of commands names."""

from __future__ import annotations

from inspect import isawaitable
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen


def handler_of(screen: Screen[None], handler: str) -> Callable[..., object]:
    """The method that `OWNER.METHOD` means: of the screen, of the app, or of an attribute of the screen."""
    found: Callable[..., object] = attrgetter(handler.removeprefix("screen."))(screen)
    return found


async def call(screen: Screen[None], handler: str, *arguments: str) -> None:
    """Call a handler, and wait for it where it is asynchronous."""
    result = handler_of(screen, handler)(*arguments)
    if isawaitable(result):
        await result
