"""The connection of the shown chat: shows it, changes it, and decides whether a question may go there."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.context import context_use
from tui_chat.chat.events import CutOff, Failed, Finished
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.recipient import DEMO, change_of_host
from tui_chat.chat.titles import in_quotes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.choices.chat_choices import Persona
    from tui_chat.chat.conversation import Observer
    from tui_chat.chat.model_ports import Connection, LocalServer
    from tui_chat.chat.session import Session
    from tui_chat.chat.turn import Model
    from tui_chat.ui.chat.connection_screen import ConnectionScreen
    from tui_chat.ui.composer.composer import Composer
    from tui_chat.ui.transcript.transcript import Transcript

HELD_KEY = 0.3
"""Seconds within which a second press is taken for a key that is held, or for a slip."""

LONG_REPLY = 5.0
"""Seconds after which a person may have turned to another window."""
LIST_WITHIN = 5.0
"""Seconds that a first question waits for the endpoint's list of models, where none is chosen."""

# The dialogs are imported when they are opened: none of them is needed for the first frame.


class ConnectionController:
    """Holds the shown session and its connection."""

    def __init__(self, screen: ConnectionScreen, pane: Transcript, composer: Composer, backend: Backend) -> None:
        self._screen = screen
        self._pane = pane
        self._composer = composer
        self._backend = backend
        self.session: Session | None = None
        """Runs the turns; `None` until the settings are loaded."""
        self.connection: Connection | None = None
        """The endpoint and model that answer; `None` until the settings are loaded."""
        self.observers: list[Observer] = [pane.changed, screen.status.changed]
        """Called with the changes of the shown conversation, in this order."""
        self.show_start: Callable[[Connection], Awaitable[None]] = _nothing
        """Shows what an empty chat with a connection offers."""
        self.replied: Callable[[Session], None] = lambda _: None
        """Called when a reply of the shown chat has ended."""
        self.model_changed: Callable[[], None] = lambda: None
        """Called when another model or endpoint has been chosen."""
        self._setup: Setup | None = None
        self._unsubscribes: list[Callable[[], None]] = []
        self._warned: tuple[str, str, float] | None = None
        """The chat and the host for which a question was held back last, and when."""
        self._asked_for_models: Model | None = None
        """The endpoint that was last asked for its models, and has only one or lists none."""

    def begin(self, setup: Setup) -> None:
        """Apply the loaded settings: the connection and how the window is used."""
        self._setup, self.connection = setup, setup.connection
        wanted = setup.window
        self._screen.window.configure(title=wanted.title, progress=wanted.progress, notify=wanted.notify)

    async def show_session(self, session: Session) -> None:
        """Show a session's conversation, whose next questions go to the current connection."""
        screen, first = self._screen, self.session is None
        if self.connection is not None:
            session.connect(self.connection)
        self.session = session
        self._pane.show(session.conversation)
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._unsubscribes = [session.conversation.subscribe(observer) for observer in self.observers]
        self.show_header()
        if session.busy:
            self._wait(session)
        if first:  # that questions are taken is seen before the welcome is made
            screen.paint(screen.status, screen.status.size.region)
        await self._welcome()

    def show_header(self) -> None:
        """Say in the title and in the status bar what the chat is about and who answers."""
        connection, session, screen = self.connection, self.session, self._screen
        if connection is None or session is None:
            return
        self._show_change_of_host(session)
        conversation = session.conversation
        screen.status.show(conversation, session.model_name, connection.model.endpoint)
        screen.title_bar.left = clean_line(conversation.title) or "New chat"
        screen.window.set_title(f"{conversation.title or 'New chat'} · tui-chat")
        self._composer.frame.show_recipient(*self._recipient_words(connection, session))
        self._show_context(session)
        screen.title_bar.right = screen.switcher.running_elsewhere

    def _recipient_words(self, connection: Connection, session: Session) -> tuple[str, list[str]]:
        """The model that answers the next question, and its endpoint with what the chat sends along."""
        reply = session.conversation.last_reply
        notes = [
            "built in" if connection.demo else connection.name or connection.model.endpoint,
            *session.choice_words(self._expected_system(session)),
        ]
        if connection.undecided:
            return "No endpoint chosen", []
        model = session.model_name or (reply.model if reply is not None and not session.changes_host else "")
        return model or ("demo" if connection.demo else ""), notes

    def _expected_system(self, session: Session) -> str:
        """The system prompt that the chat has if a person set none in it."""
        persona = self.personas.get(session.conversation.choices.persona)
        return persona.system if persona is not None and persona.system else self.usual_system

    @property
    def usual_system(self) -> str:
        """The system prompt of the settings, without that of a persona."""
        return self._setup.usual_system if self._setup else ""

    @property
    def personas(self) -> Mapping[str, Persona]:
        """The personas of the settings by name."""
        return self._setup.personas if self._setup else {}

    def has_endpoint(self, name: str) -> bool:
        """Whether an endpoint of that name can answer."""
        return name in {DEMO, *self._backend.endpoints(), self._current_endpoint}

    async def answer_with(self, endpoint: str, model: str) -> None:
        """Have another endpoint or model answer; empty: the same as before."""
        if endpoint and endpoint != self._current_endpoint:
            await self._open(endpoint, model)
        elif model:
            await self._take("", model)

    async def _welcome(self) -> None:
        if self.connection is not None:
            await self.show_start(self.connection)

    # Whether a question may go

    def may_ask(self) -> bool:
        """Whether a question may be sent. False: an endpoint has to be chosen first, for which the list opens; or the
        chat would go to another host than before: a notice says so, and the next try sends it."""
        connection, session = self.connection, self.session
        if connection is None or session is None:
            return False
        if connection.undecided:
            self.choose_model()
            return False
        if not session.changes_host:
            return True
        before, now = self._warned, monotonic()
        self._warned = warned = (session.conversation.id, session.recipient.host, now)
        if before is not None and before[:2] == warned[:2] and now - before[2] > HELD_KEY:
            session.agree()
        self._show_change_of_host(session)
        return not session.changes_host

    def _show_change_of_host(self, session: Session) -> None:
        chat, host = session.conversation.id, session.recipient.host
        sentence = clean_line(change_of_host(session.conversation, session.recipient)) if session.changes_host else ""
        tried = self._warned is not None and self._warned[:2] == (chat, host)
        self._composer.host_line.show(sentence, tried=tried)

    def follow_turn(self) -> None:
        """Something was asked: show it, and wait for the answer without holding anything up."""
        self._pane.resume()
        if self.session is not None:
            self._wait(self.session)

    def _wait(self, session: Session) -> None:
        # The worker only waits: the session owns the turn's task, and cancels it at most once.
        self._screen.run_worker(partial(self._wait_for, session), group="turn", exclusive=True)
        self._screen.window.set_busy(busy=True)

    async def _wait_for(self, session: Session) -> None:
        """Wait for a reply, then find out how large its model's context window is, if that is unknown, and show how
        full it is. After a stopped or failed reply the server is left alone: the program may be ending."""
        await session.idle()
        if session is not self.session:
            return  # the chat was left: whoever keeps it says when its reply has come
        self.tell(session)
        reply = session.conversation.last_reply
        if reply is not None and isinstance(reply.ending, Finished | CutOff):
            await self._backend.learn_about(session.model_name)
        if session is self.session:
            self._show_context(session)
            self.replied(session)

    def tell(self, session: Session) -> None:
        """Say in the terminal's window that a reply has ended, of the shown chat or of another one."""
        window, shown = self._screen.window, self.session
        window.set_busy(busy=bool(self._screen.switcher.running_elsewhere) or (shown is not None and shown.busy))
        reply = session.conversation.last_reply
        took = reply.timing.total if reply is not None else None
        if took is not None and took >= LONG_REPLY and not self._screen.app.app_focus:
            ended = "failed" if reply is not None and isinstance(reply.ending, Failed | CutOff) else "is ready"
            where = "" if session is shown else f" in {in_quotes(session.conversation.title)}"
            window.notify(f"The reply of {(reply.model if reply else '') or session.model.endpoint}{where} {ended}.")

    def _show_context(self, session: Session) -> None:
        use = context_use(session.conversation, session.model_info.context)
        self._composer.frame.show_context(use)
        self._screen.status.show_context(use)

    # Which model answers

    @property
    def needs_model(self) -> bool:
        """Whether the endpoint has to be asked for its models before the next question."""
        session, connection = self.session, self.connection
        return not (
            session is None
            or connection is None
            or session.model_name
            or session.busy
            or connection.demo
            or connection.model is self._asked_for_models
        )

    async def find_model(self) -> bool:
        """Ask the endpoint for its models, for a few seconds at most. False: it has several, and the list opens."""
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
        connection, session = self.connection, self.session
        if connection is None or session is None or session.model_name or connection.demo or connection.undecided:
            return False
        if connection.model is self._asked_for_models:
            return False
        must_choose = await self._backend.must_choose()
        if connection is not self.connection or session is not self.session:
            return True  # somebody has gone elsewhere meanwhile
        if must_choose:
            where = clean_line(connection.model.endpoint)
            self._open_list(f"No model is chosen, and {where} has several: choose one.")
            return True
        self._asked_for_models = connection.model
        return False

    def choose_model(self, name: str = "") -> None:
        """Set who answers the questions to come: by name (`MODEL` or `MODEL@ENDPOINT`), or picked from a list."""
        if name:
            self._screen.run_worker(partial(self._take_named, name.strip()))
        else:
            self._open_list("")

    def _open_list(self, why: str) -> None:
        """`why` stands above the list where a choice has to be made."""
        self._screen.run_worker(partial(self._show_list, why))

    async def _show_list(self, why: str) -> None:
        await self._pick(why)

    async def _pick(self, why: str) -> bool:
        """Let a person choose from the list. False: nothing was chosen."""
        from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker

        connection, session, app = self.connection, self.session, self._screen.app
        if session is None or isinstance(app.screen, ModelPicker):
            return False
        undecided = connection is None or connection.undecided
        picker = ModelPicker(
            self._backend.manager, session.model_name, self._why_undecided() or why, undecided=undecided
        )
        choice = await app.push_screen_wait(picker)
        if choice is not None:
            await self._take(choice.endpoint, choice.name)
        return choice is not None

    async def _take_named(self, name: str) -> None:
        from tui_chat.chat_manager.side_names import choice_of

        try:
            choice = await asyncio.to_thread(choice_of, name, self._backend.manager)
        except SetupError as error:
            self._refuse(error)
        else:
            await (self._take if choice.model else self._open)(choice.endpoint, choice.model)
            _, at, end = name.rpartition("@")
            if at and not choice.endpoint and not self._lists(choice.model):
                self._screen.show_notice(f"No endpoint is called {end}: all of {name} is taken for a model's name.")

    def _lists(self, model: str) -> bool:
        """Whether the endpoint in use has listed a model of that name."""
        known = self._backend.manager.known_models(self._current_endpoint)
        return known is not None and any(each.name == model for each in known.models)

    def _refuse(self, error: SetupError) -> None:
        from tui_chat.chat.wording.sentences import sentence

        self._screen.show_notice(sentence(clean_line(str(error))), bad=True, seconds=8)

    @property
    def _current_endpoint(self) -> str:
        """The id of the endpoint in use; empty: none."""
        return next((each.id for each in self._backend.manager.endpoints() if each.current), "")

    def _why_undecided(self) -> str:
        """The sentence above the list when a person has to choose; empty: they need not."""
        connection = self.connection
        if connection is None or not connection.undecided:
            return ""
        follows = " All of it is sent to the endpoint you choose." if self._pane.conversation.messages else ""
        return f"{connection.why_undecided or 'No endpoint is chosen yet.'}{follows}"

    async def _take(self, endpoint: str, model: str) -> None:
        """Have a model of an endpoint answer from here on; an empty `endpoint` is the current one."""
        connection, session = self.connection, self.session
        if session is None or connection is None:
            return
        if endpoint and (endpoint != self._current_endpoint or connection.undecided):
            await self._open(endpoint, model)
        elif connection.undecided:
            self._screen.show_notice("Choose an endpoint first: no endpoint would answer with that model.", bad=True)
        else:
            self.connection = replace(connection, model_name=model)
            session.model_name = model
            if not self._pane.conversation.messages:
                await self._welcome()
            self.show_header()
            self.model_changed()

    async def _change_connection(self, connection: Connection, *, agreed: bool = False) -> None:
        """`agreed`: the person knows that what is in the chat goes there."""
        self.connection = connection
        if self.session is not None:
            self.session.connect(connection)
        if not self._pane.conversation.messages:
            await self._welcome()
        self.show_header()
        self._composer.focus_prompt()
        if agreed and self.session is not None:
            self.session.agree()
            self.show_header()
        self.model_changed()
        await self._ask_for_model()

    # Adding and changing endpoints

    def connect(self, url: str = "") -> None:
        """Add an endpoint, which then answers in the shown chat; `url`: its form begins with this one."""
        self._screen.run_worker(partial(self._fill_form, url))

    async def _fill_form(self, url: str) -> None:
        from tui_chat.chat.endpoint_ports import EndpointDraft
        from tui_chat.ui.dialogs.endpoints.endpoint_form import EndpointForm

        if self.session is None or isinstance(self._screen.app.screen, EndpointForm):
            return
        saved = await self._screen.app.push_screen_wait(EndpointForm(self._backend.manager, EndpointDraft(url)))
        if saved is None:
            return
        self._screen.show_notice(f"{saved.id} is saved in config.toml. {saved.found}".strip())
        await self._open(saved.id, saved.model)

    async def _open(self, endpoint: str, model: str = "") -> None:
        """Have an endpoint, and a model of it, answer from here on."""
        try:
            connection = await asyncio.to_thread(self._backend.manager.open, endpoint, model)
        except SetupError as error:
            self._refuse(error)
        else:
            await self._change_connection(connection, agreed=bool(self._why_undecided()))

    async def connect_server(self, server: LocalServer) -> None:
        """Chat with a server that was found."""
        await self._change_connection(self._backend.connect(server))


async def _nothing(_: Connection) -> None:
    """Show nothing for an empty chat; stands in until the screen sets `show_start`."""
