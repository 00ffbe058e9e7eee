"""Calls the handlers that the table of commands names, by a command or by a key."""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from tui_chat.ui.key_hints import HasOwnKeys, keymap_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tui_chat.ui.chat.chat_screen import ChatScreen

LONGEST_WAIT = 0.5
"""Seconds after which a key no longer waits for those before it."""
TURNS_OF_A_WORKER = 4
"""Turns of the event loop in which a worker that a command has started opens its dialog."""


def handler_of(screen: Screen[None], handler: str) -> Callable[..., object]:
    """The method that `OWNER.METHOD` means: of the screen, of the app, or of an attribute of the screen."""
    found: Callable[..., object] = attrgetter(handler.removeprefix("screen."))(screen)
    return found


async def call(screen: Screen[None], handler: str, *arguments: str) -> None:
    """Call a handler, and wait for it where it is asynchronous."""
    result = handler_of(screen, handler)(*arguments)
    if isawaitable(result):
        await result


async def caught_up(screen: ChatScreen) -> None:
    """Wait until the widget with the focus, and those around it, have done what earlier keys ask for: Esc would come
    before the question that Enter has just sent, and stop nothing."""
    focused = screen.focused
    inside = takewhile(lambda node: node is not screen, focused.ancestors_with_self if focused is not None else ())
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            for node in (*inside, screen):
                for _ in range(2):  # the second comes behind the messages that the earlier keys make it post
                    done = asyncio.Event()
                    node.call_later(done.set)
                    await done.wait()
    except TimeoutError:  # a handler waits for something; the key must not wait for it, too
        return


async def press(screen: ChatScreen, key: str) -> bool:
    """Run the command of a key that works on the whole chat screen, before the widget with the focus gets the key: the
    prompt would take it for its text. Returns False if the key has no such command, or does not work now."""
    command = keymap_of(screen.app).command(key, "anywhere")
    if screen.app.screen is screen and (command is not None or key == "escape"):
        await caught_up(screen)
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
    for _ in range(TURNS_OF_A_WORKER):  # so that the next keys are for the dialog that it may open
        await asyncio.sleep(0)
    return True
