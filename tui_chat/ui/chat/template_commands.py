"""The command that sends a prompt made from a template."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.choices.templates import INPUT, blanks, filled
from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.chat.backend_ports import Backend
    from tui_chat.ui.chat.sender import Sender
    from tui_chat.ui.composer.composer import Composer
    from tui_chat.ui.notify import Notify


class TemplateScreen(Protocol):
    """The part of the screen that the commands use."""

    sender: Sender
    composer: Composer

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class TemplateCommands:
    """Fills a template and sends it."""

    def __init__(self, screen: TemplateScreen, backend: Backend, notify: Notify) -> None:
        self._screen = screen
        self._backend = backend
        self._notify = notify

    def use(self, name: str, text: str = "") -> None:
        """Send the template `name` with `text` as its input; its other blanks are asked for."""
        self._screen.run_worker(partial(self._fill, name, text))

    async def _fill(self, name: str, text: str) -> None:
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        try:
            template = await asyncio.to_thread(self._backend.template, name)
        except SetupError as error:
            self._notify(clean_line(str(error)), bad=True)
            return
        values = {INPUT: text} if text else {}
        empty = [blank for blank in blanks(template) if blank not in values]
        for number, blank in enumerate(empty, 1):
            about = f"For {{{{{blank}}}}} in the template {name}."
            dialog = LineScreen(blank, about, "", verb="send" if number == len(empty) else "go on")
            dialog.sub_title = f"{number} of {len(empty)}" if len(empty) > 1 else ""
            given = await self._screen.app.push_screen_wait(dialog)
            if given is None:
                return
            values[blank] = given
        whole = filled(template, values)
        if whole.strip():
            if (files := await self._screen.composer.take_attachments()) is not None:
                self._screen.sender.submit(whole, files)
        else:
            self._notify(clean_line(f"The template {name} is empty: type a text after /{name}."), bad=True)
