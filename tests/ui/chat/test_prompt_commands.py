from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.chat.prompt_commands import PromptCommands
from tui_chat.ui.dialogs.prompt_search import PromptSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Box:
    def __init__(self) -> None:
        self.history = PromptHistory()
        self.done: list[str] = []

    def put(self, text: str) -> None:
        self.done.append(f"put {text}")

    def focus_prompt(self) -> None:
        self.done.append("focus")


class Screen:
    """A screen on which `shown` is the top; a dialog returns `chosen`."""

    def __init__(self, chosen: str | None, shown: object = None) -> None:
        self.chosen = chosen
        self.opened: list[object] = []
        self.app = SimpleNamespace(screen=shown, push_screen_wait=self._push)
        self.work: Callable[[], Coroutine[None, None, None]] | None = None

    async def _push(self, dialog: object) -> str | None:
        self.opened.append(dialog)
        return self.chosen

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        self.work = work


async def searched(screen: Screen, box: Box) -> None:
    PromptCommands(screen, box).search()  # type: ignore[arg-type]
    assert screen.work is not None
    await screen.work()


@pytest.mark.parametrize(("chosen", "done"), [("an old one", ["put an old one", "focus"]), ("", ["put ", "focus"])])
async def test_the_chosen_prompt_is_put_into_the_box_which_gets_the_focus(chosen: str, done: list[str]) -> None:
    box, screen = Box(), Screen(chosen)
    await searched(screen, box)
    assert box.done == done
    assert [type(dialog) for dialog in screen.opened] == [PromptSearch]


async def test_a_search_that_was_closed_leaves_the_box_alone() -> None:
    box = Box()
    await searched(Screen(None), box)
    assert box.done == []


async def test_the_search_is_not_opened_over_itself() -> None:
    screen = Screen("an old one", PromptSearch([]))
    await searched(screen, box := Box())
    assert (screen.opened, box.done) == ([], [])
