"""Calls the handlers that the table of commands names, by a command or by a key."""

from __future__ import annotations

from inspect import isawaitable
from operator import attrgetter
from typing import TYPE_CHECKING

from tui_chat.ui.key_hints import HasOwnKeys, keymap_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tui_chat.ui.chat.chat_screen import ChatScreen


def handler_of(screen: Screen[None], handler: str) -> Callable[..., object]:
    """The method that `OWNER.METHOD` means: of the screen, of the app, or of an attribute of the screen."""
    found: Callable[..., object] = attrgetter(handler.removeprefix("screen."))(screen)
    return found


async def call(screen: Screen[None], handler: str, *arguments: str) -> None:
    """Call a handler, and wait for it where it is asynchronous."""
    result = handler_of(screen, handler)(*arguments)
    if isawaitable(result):
        await result


async def press(screen: ChatScreen, key: str) -> bool:
    """Run the command of a key that works on the whole chat screen, before the widget with the focus gets the key: the
    prompt would take it for its text. Returns False if the key has no such command, or does not work now."""
    command = keymap_of(screen.app).command(key, "anywhere")
    focused: object = screen.focused
    if screen.app.screen is not screen:
        if command is None or not command.in_dialogs:
            return False
    elif key == "escape" and screen.close_something():
        return True
    elif isinstance(focused, HasOwnKeys) and key in focused.own_keys:
        return False
    if command is None:
        return False
    await call(screen, command.handler)
    return True
