"""The search in earlier prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.prompt_history import PromptHistory


class PromptScreen(Protocol):
    """The part of the screen that the commands use."""

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class PromptBox(Protocol):
    """The part of the composer that the commands use."""

    history: PromptHistory
    """The earlier prompts, through which the arrow keys go."""

    def put(self, text: str) -> None:
        """Put a text into the box in place of what stands there; one undo brings that back."""
        ...

    def focus_prompt(self) -> None:
        """Give the focus to the prompt."""
        ...


class PromptCommands:
    """Finds earlier prompts and puts them into the box."""

    def __init__(self, screen: PromptScreen, box: PromptBox) -> None:
        self._screen = screen
        self._box = box

    def search(self) -> None:
        """Choose an earlier prompt from a list; closed with Esc, the box is as it was."""
        self._screen.run_worker(self._search)

    async def _search(self) -> None:
        from tui_chat.ui.dialogs.prompt_search import PromptSearch

        if isinstance(self._screen.app.screen, PromptSearch):
            return
        chosen = await self._screen.app.push_screen_wait(PromptSearch(self._box.history.newest_first()))
        if chosen is not None:
            self._box.put(chosen)
            self._box.focus_prompt()
