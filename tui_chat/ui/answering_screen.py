"""The half of the screen that knows who answers: the session, its connection, and how both are changed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from textual import work

from tui_chat.chat.clean import clean_line
from tui_chat.chat.options import option_value
from tui_chat.chat.ports import SetupError
from tui_chat.chat.session import Session
from tui_chat.ui.reading_screen import ReadingScreen
from tui_chat.ui.status_bar import StatusBar
from tui_chat.ui.title_bar import TitleBar

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.ports import Connection, House, LocalServer, Setup
    from tui_chat.ui.models_screen import Choice
    from tui_chat.ui.welcome import ConnectHelp


# The dialogs are imported when they are opened: none of them is needed for the first frame.


class AnsweringScreen(ReadingScreen):
    """A conversation with somebody who answers."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.status = StatusBar()
        self.title_bar = TitleBar()
        self.session: Session | None = None
        """Runs the turns; `None` until the settings have come."""
        self._house = house
        self._setup: Setup | None = None
        self._connection: Connection | None = None

    @property
    def ready(self) -> bool:
        """Whether the settings have come."""
        return self.session is not None

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave."""
        self._setup = setup
        self._connection = setup.connection
        if setup.connection.undecided:
            self.call_after_refresh(self.action_model)

    async def open_conversation(self, conversation: Conversation) -> None:
        """Show a conversation and let its turns run here."""
        connection = self._connection
        if connection is None:
            return
        log_path = self._setup.log_path if self._setup else None
        hint = f"The traceback is in {log_path}." if log_path else ""
        self.conversation = conversation
        self.session = Session(conversation, connection.model, connection.model_name, hint)
        self.pane.show(conversation)
        for observer in (self.pane.changed, self.status.changed):
            conversation.subscribe(observer)
        self.show_who()
        await self._welcome()

    async def _welcome(self) -> None:
        from tui_chat.ui.welcome import Welcome

        if self._connection is not None:
            await self.pane.set_welcome(Welcome(self._connection, self._house.look_for_local_servers))

    def show_who(self) -> None:
        """Say in the title and in the status bar what the chat is about and who answers."""
        connection, session = self._connection, self.session
        if connection is None or session is None:
            return
        prices = self._setup.prices if self._setup else None
        self.status.show(self.conversation, session.model_name, connection.model.endpoint, prices)
        first = next(iter(self.conversation.messages.values()), None)
        self.title_bar.left = clean_line(first.text[:200]) if first else "New chat"
        reply = self.conversation.last_reply
        model = clean_line(reply.model if reply else session.model_name)
        self.title_bar.right = " · ".join(
            dict.fromkeys(word for word in ("demo" if connection.demo else "", model) if word)
        )

    async def _change_connection(self, connection: Connection) -> None:
        self._connection = connection
        if self.session is not None:
            self.session.model, self.session.model_name = connection.model, connection.model_name
        if not self.conversation.messages:
            await self._welcome()
        self.show_who()
        self.focus_writing()

    @work
    async def action_model(self, name: str = "") -> None:
        """Set who answers the questions to come: by name, or picked from a list."""
        from tui_chat.ui.models_screen import ChosenEndpoint, ChosenModel, ModelsScreen

        if self.session is None:
            return
        choice: Choice | None = ChosenModel(name.strip()) if name else None
        if choice is None:
            choice = await self.app.push_screen_wait(ModelsScreen(self._house, self.session.model_name))
        match choice:
            case ChosenModel(chosen):
                self.session.model_name = chosen
                self.show_who()
            case ChosenEndpoint(endpoint):
                try:
                    connection = await asyncio.to_thread(self._house.open, endpoint)
                except SetupError as error:
                    self.say(str(error), bad=True)
                else:
                    await self._change_connection(connection)
            case None:
                pass

    @work
    async def action_system(self, text: str = "") -> None:
        """Set the system prompt of this chat."""
        from tui_chat.ui.line_screen import LineScreen

        if not text:
            hint = "Enter takes it, Esc leaves it, Ctrl+J is a new line; empty removes it."
            answer = await self.app.push_screen_wait(LineScreen("System prompt", hint, self.conversation.system))
            if answer is None:
                return
            text = answer
        self.conversation.instruct("" if text.strip() == "none" else text.strip())
        self.say("The system prompt is set." if self.conversation.system else "There is no system prompt.")

    def action_set(self, words: str = "") -> None:
        """Set, remove or show the sampling options of this chat."""
        if self.session is None:
            return
        options = dict(self.session.options)
        name, _, value = words.strip().partition(" ")
        if value.strip():
            options[name] = option_value(value.strip())
        elif name and options.pop(name, None) is None:
            self.say(f"{name} is not set.", bad=True)
            return
        self.session.options = options
        said = ", ".join(f"{each} = {json.dumps(what, ensure_ascii=False)}" for each, what in options.items())
        self.say(clean_line(f"Options: {said}.") if said else "No options are set: the endpoint's own hold.")

    @work
    async def action_connect(self) -> None:
        """Show how to connect an endpoint."""
        from tui_chat.ui.welcome import ConnectScreen

        server = await self.app.push_screen_wait(ConnectScreen(self._house.look_for_local_servers))
        if server is not None:
            await self._choose(server)

    async def on_connect_help_chosen(self, event: ConnectHelp.Chosen) -> None:
        """Chat with a server that was found."""
        await self._choose(event.server)

    async def _choose(self, server: LocalServer) -> None:
        await self._change_connection(self._house.connect(server))
        if self.session is not None and not self.session.model_name and len(server.models) > 1:
            self.action_model()
