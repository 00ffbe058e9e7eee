"""The half of the screen that knows who answers: the session, its connection, and how both are changed."""

from __future__ import annotations

import asyncio
import os
from time import monotonic
from typing import TYPE_CHECKING

from textual import work

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.recipient import change_of_host
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui.chat.title_bar import TitleBar
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.find.controller import FindController
from tui_chat.ui.status_bar import StatusBar
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation, Observer
    from tui_chat.chat.model_ports import Connection, LocalServer
    from tui_chat.chat.session import Session
    from tui_chat.chat.turn import Model
    from tui_chat.ui.dialogs.model_picker import Choice
    from tui_chat.ui.dialogs.welcome import ConnectHelp


LIST_WITHIN = 5.0
"""Seconds that a first question waits for the endpoint's list of models, where none is chosen."""

HELD_KEY = 0.3
"""Seconds within which a second press is taken for a key that is held, or for a slip."""

# The dialogs are imported when they are opened: none of them is needed for the first frame.


FRAMES_PER_SECOND, FRAMES_PER_SECOND_OVER_SSH = 30, 15
"""Over a network half as many frames do: each is a packet at least."""


class AnsweringScreen(StreamingScreen):
    """A conversation with somebody who answers."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        remote = "SSH_CONNECTION" in os.environ
        self.pane = Transcript(frames_per_second=FRAMES_PER_SECOND_OVER_SSH if remote else FRAMES_PER_SECOND)
        self.finding = FindController(self.pane, self.mount_late_parts)
        self.composer = Composer()
        self.status = StatusBar()
        self.title_bar = TitleBar()
        self.session: Session | None = None
        """Runs the turns; `None` until the settings have come."""
        self._backend = backend
        self._setup: Setup | None = None
        self._connection: Connection | None = None
        self._told: tuple[str, str, float] | None = None
        """The chat and the host of which it was said last that the chat would go there, and when."""
        self._asked_for_models: Model | None = None
        """The endpoint that was asked for its models last, and has only one, or tells none."""
        self._unsubscribes: list[Callable[[], None]] = []
        """Ends what the conversation on the screen is told to."""

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        return self.pane.conversation

    def say(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """A toast: confirmations, and why something cannot be done. Errors of replies stand in the transcript."""
        self.notify(text, severity="warning" if bad else "information", timeout=seconds, markup=False)

    def focus_writing(self) -> None:
        """Back from a message to the prompt."""
        self.composer.focus_prompt()

    async def mount_late_parts(self) -> None:
        """See that they are mounted: the first frame does not wait for them."""
        if self.is_attached:  # else the program ends
            await self.composer.mount_hidden_parts(self.finding.bar)

    @property
    def ready(self) -> bool:
        """Whether the settings have come."""
        return self.session is not None

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave."""
        self._setup = setup
        self._connection = setup.connection

    async def show_session(self, session: Session) -> None:
        """Show a session's conversation. Whoever answers on this screen answers its next questions."""
        if self._connection is not None:
            session.connect(self._connection)
        conversation, first = session.conversation, self.session is None
        self.session = session
        self.pane.show(conversation)
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._unsubscribes = [conversation.subscribe(observer) for observer in self.observers()]
        self.show_who()
        if first:  # that questions are taken is seen before the welcome is made
            self.paint(self.status, self.status.size.region)
        await self._welcome()

    def observers(self) -> list[Observer]:
        """Who hears of the changes of the conversation that is shown."""
        return [self.pane.changed, self.status.changed]

    def may_ask(self) -> bool:
        """Whether a question may go. False: somebody has to be chosen first, for which the list opens; or the chat
        would go to another host than before, which is said, and the next try sends it."""
        connection, session = self._connection, self.session
        if connection is None or session is None:
            return False
        if connection.undecided:
            self.action_model()
            return False
        if not session.changes_host:
            return True
        now = monotonic()
        told, self._told = self._told, (self.conversation.id, session.recipient.host, now)
        if told is not None and told[:2] == self._told[:2] and now - told[2] > HELD_KEY:
            session.agree()
        self._show_change_of_host(session)
        return not session.changes_host

    def _show_change_of_host(self, session: Session) -> None:
        changes, host = session.changes_host, session.recipient.host
        sentence = clean_line(change_of_host(self.conversation, session.recipient)) if changes else ""
        tried = self._told is not None and self._told[:2] == (self.conversation.id, host)
        self.composer.host_line.show(sentence, tried=tried)

    def follow_turn(self) -> None:
        """Something was asked: show it, and wait for the answer without holding anything up."""
        self.pane.resume()
        if self.session is not None:
            # The worker only waits: the session owns the turn's task, and cancels it at most once.
            self.run_worker(self.session.idle(), group="turn", exclusive=True)

    async def _welcome(self) -> None:
        from tui_chat.ui.dialogs.welcome import Welcome

        if self._connection is not None:
            await self.pane.set_welcome(Welcome(self._connection, self._backend.look_for_local_servers))

    def show_who(self) -> None:
        """Say in the title and in the status bar what the chat is about and who answers."""
        connection, session = self._connection, self.session
        if connection is None or session is None:
            return
        self._show_change_of_host(session)
        prices = self._setup.prices if self._setup else None
        self.status.show(self.conversation, session.model_name, connection.model.endpoint, prices)
        self.title_bar.left = clean_line(self.conversation.title) or "New chat"
        reply = self.conversation.last_reply
        model = clean_line(reply.model if reply else session.model_name)
        words = (self.running_elsewhere(), "demo" if connection.demo else "", model)
        self.title_bar.right = " · ".join(dict.fromkeys(word for word in words if word))

    def running_elsewhere(self) -> str:
        """What goes on in chats that are not on the screen, in a few words; empty: nothing."""
        return ""

    async def _change_connection(self, connection: Connection) -> None:
        self._connection = connection
        if self.session is not None:
            self.session.connect(connection)
        if not self.conversation.messages:
            await self._welcome()
        self.show_who()
        self.focus_writing()

    @property
    def needs_model(self) -> bool:
        """Whether the endpoint has to be asked for its models before the next question."""
        session, connection = self.session, self._connection
        return not (
            session is None
            or connection is None
            or session.model_name
            or session.busy
            or connection.demo
            or connection.model is self._asked_for_models
        )

    async def find_model(self) -> bool:
        """Ask the endpoint for its models. False: it has several, for which the list opens."""
        try:
            async with asyncio.timeout(LIST_WITHIN):
                must_choose = await self._ask_for_model()
        except TimeoutError:
            must_choose = False
        if not must_choose:
            self._asked_for_models = self.session.model if self.session is not None else None
        return not must_choose

    async def _ask_for_model(self) -> bool:
        """Open the list where no model is chosen and the endpoint has several. False: it need not be."""
        connection, session = self._connection, self.session
        if connection is None or session is None or session.model_name or connection.demo or connection.undecided:
            return False
        if connection.model is self._asked_for_models:
            return False
        must_choose = await self._backend.must_choose()
        if connection is not self._connection or session is not self.session:
            return True  # somebody has gone elsewhere meanwhile
        if must_choose:
            where = clean_line(connection.model.endpoint)
            self.action_model(why=f"No model is chosen, and {where} has several: choose one.")
            return True
        self._asked_for_models = connection.model
        return False

    def _why_undecided(self) -> str:
        """What to say above the list when a person has to choose; empty: they need not."""
        connection = self._connection
        if connection is None or not connection.undecided:
            return ""
        follows = " All of it is sent to whom you choose." if self.conversation.messages else ""
        return f"{connection.why_undecided or 'No endpoint is chosen yet.'}{follows}"

    @work
    async def action_model(self, name: str = "", *, why: str = "") -> None:
        """Set who answers the questions to come: by name, or picked from a list. `why` stands above the list where a
        choice has to be made."""
        from tui_chat.ui.dialogs.model_picker import ChosenEndpoint, ChosenModel, ModelsScreen

        if self.session is None or isinstance(self.app.screen, ModelsScreen):
            return
        choice: Choice | None = ChosenModel(name.strip()) if name else None
        if choice is None:
            why = self._why_undecided() or why
            nobody = self._connection is None or self._connection.undecided
            endpoint = "" if nobody else self.session.model.endpoint
            screen = ModelsScreen(self._backend, self.session.model_name, why, endpoint=endpoint)
            choice = await self.app.push_screen_wait(screen)
        match choice:
            case ChosenModel() if self._connection is not None and self._connection.undecided:
                self.say("Choose an endpoint first: no endpoint would answer with that model.", bad=True)
            case ChosenModel(chosen):
                if self._connection is not None:
                    self._connection = replace(self._connection, model_name=chosen)
                self.session.model_name = chosen
                self.show_who()
            case ChosenEndpoint(endpoint):
                try:
                    connection = await asyncio.to_thread(self._backend.open, endpoint)
                except SetupError as error:
                    self.say(str(error), bad=True)
                else:
                    told = bool(self._why_undecided())
                    await self._change_connection(connection)
                    if told and self.session is not None:
                        self.session.agree()
                        self.show_who()
                    await self._ask_for_model()
            case None:
                pass

    @work
    async def action_connect(self) -> None:
        """Show how to connect an endpoint."""
        from tui_chat.ui.dialogs.welcome import ConnectScreen

        server = await self.app.push_screen_wait(ConnectScreen(self._backend.look_for_local_servers))
        if server is not None:
            await self._choose(server)

    async def on_connect_help_chosen(self, event: ConnectHelp.Chosen) -> None:
        """Chat with a server that was found."""
        await self._choose(event.server)

    async def _choose(self, server: LocalServer) -> None:
        await self._change_connection(self._backend.connect(server))
        await self._ask_for_model()
