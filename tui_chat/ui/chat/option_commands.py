"""The commands for what is sent along with the questions of a chat: the system prompt and the sampling options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.chat.options import option_problem, option_value

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.session import Session
    from tui_chat.ui.notify import Notify


class RecipientHeader(Protocol):
    """The part of the connection controller that the commands use."""

    def show_header(self) -> None:
        """Show who answers and what is sent along."""
        ...


class OptionsScreen(Protocol):
    """The part of the screen that the commands use."""

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        ...

    @property
    def session(self) -> Session | None:
        """Runs the turns of the shown chat; `None` until the settings are loaded."""
        ...

    @property
    def connections(self) -> RecipientHeader:
        """The controller that shows the options of the chat in the header."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class OptionCommands:
    """Sets, removes and shows what a chat sends along."""

    def __init__(self, screen: OptionsScreen, notify: Notify) -> None:
        self._screen = screen
        self._notify = notify

    def set_system_prompt(self, text: str = "") -> None:
        """Set the system prompt of this chat; without a text, ask for it."""
        if text:
            self._instruct(text)
        else:
            self._screen.run_worker(self._ask_for_system_prompt)

    async def _ask_for_system_prompt(self) -> None:
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        about = "It is sent before the questions of this chat. An empty one is removed."
        dialog = LineScreen("System prompt", about, self._screen.conversation.system)
        answer = await self._screen.app.push_screen_wait(dialog)
        if answer is not None:
            self._instruct(answer)

    def _instruct(self, text: str) -> None:
        conversation = self._screen.conversation
        conversation.set_system("" if text.strip() == "none" else text.strip())
        self._screen.connections.show_header()
        self._notify("The system prompt is set." if conversation.system else "There is no system prompt.")

    def set_option(self, words: str = "") -> None:
        """Set, remove or show the sampling options of this chat: `NAME VALUE`, `NAME`, or nothing."""
        session = self._screen.session
        if session is None:
            return
        options = dict(session.options)
        name, _, value = words.strip().partition(" ")
        if value.strip():
            options[name] = option_value(value.strip())
            if problem := option_problem(name, options[name]):
                self._notify(clean_line(problem), bad=True)
                return
        elif name and options.pop(name, None) is None:
            self._notify(f"{name} is not set.", bad=True)
            return
        session.options = options
        self._screen.connections.show_header()
        listed = ", ".join(f"{each} = {json.dumps(what, ensure_ascii=False)}" for each, what in options.items())
        self._notify(clean_line(f"Options: {listed}.") if listed else "No options set; the server's defaults apply.")
