"""The handlers that the table of commands names are found and called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tui_chat.ui.chat import dispatch
from tui_chat.ui.chat.dispatch import call, caught_up, handler_of

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_chat.ui.chat.chat_screen import ChatScreen


class Part:
    """Remembers what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []

    def at_once(self, *arguments: str) -> None:
        """A handler."""
        self.calls.append(("at once", *arguments))

    async def later(self, *arguments: str) -> None:
        """An asynchronous handler."""
        self.calls.append(("later", *arguments))


def screen_of(part: Part) -> Screen[None]:
    """A screen with one part, deep inside."""
    return cast("Screen[None]", SimpleNamespace(outer=SimpleNamespace(part=part), at_once=part.at_once))


async def test_a_handler_is_called_with_what_was_written_and_waited_for() -> None:
    part = Part()
    await call(screen_of(part), "outer.part.at_once")
    await call(screen_of(part), "outer.part.later", 'it\'s a "word" (or two)')
    assert part.calls == [("at once",), ("later", 'it\'s a "word" (or two)')]


async def test_a_handler_of_the_screen_itself() -> None:
    part = Part()
    await call(screen_of(part), "screen.at_once")
    assert part.calls == [("at once",)]


def test_a_handler_that_does_not_exist_is_loud() -> None:
    with pytest.raises(AttributeError):
        handler_of(screen_of(Part()), "outer.part.missing")


async def test_a_key_waits_for_those_before_it_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LONGEST_WAIT", 0.01)
    asked: list[object] = []
    screen = SimpleNamespace(focused=None, call_later=asked.append)  # it never comes to it
    await caught_up(cast("ChatScreen", screen))
    assert len(asked) == 1
