"""The command `/compare`: sends the next question to several models, and continues the chat with one of their
replies."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.app import App
    from textual.await_complete import AwaitComplete
    from textual.widget import AwaitMount, Widget
    from textual.worker import Worker

    from tui_chat.chat.backend_ports import Backend, DisplaySettings
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.model_ports import Connection
    from tui_chat.chat.session import Queued, Session
    from tui_chat.chat_manager.comparison import Comparison, Side
    from tui_chat.chat_manager.manager import ChatManager
    from tui_chat.chat_manager.side_names import SideName
    from tui_chat.terminal.window import TerminalWindow
    from tui_chat.ui.compare.compare_line import CompareLine
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.transcript import Transcript

HELD_KEY: Final = 0.3
"""Seconds within which a second press is taken for a key that is held, or for a slip."""
OFF: Final = frozenset({"off", "none"})
HOW: Final = "Name 2 to 4 models: /compare MODEL MODEL@ENDPOINT."


class CompareConnections(Protocol):
    """The part of the connection controller that the command uses."""

    session: Session | None
    connection: Connection | None

    async def answer_with(self, endpoint: str, model: str) -> None:
        """Have another endpoint or model answer; empty: the same as before."""
        ...

    def follow_turn(self) -> None:
        """Show a running reply as it comes."""
        ...


class CompareSwitcher(Protocol):
    """The part of the chat switcher that the command uses."""

    @property
    def manager(self) -> ChatManager:
        """The chats of this run."""
        ...


class CompareComposer(Protocol):
    """The part of the composer that the command uses."""

    def give_back(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Put a text that could not be sent back into the prompt."""
        ...

    def remember(self, text: str) -> None:
        """Keep a text among the earlier prompts."""
        ...

    def focus_prompt(self) -> None:
        """Let the prompt have the keys."""
        ...


class CompareHost(Protocol):
    """The part of the chat screen that the command uses."""

    pane: Transcript

    @property
    def connections(self) -> CompareConnections:
        """Controls the connection of the shown chat."""
        ...

    @property
    def switcher(self) -> CompareSwitcher:
        """The switcher between chats."""
        ...

    @property
    def window(self) -> TerminalWindow:
        """The window of the terminal, with its title and notices."""
        ...

    @property
    def app(self) -> App[object]:
        """The app, which shows screens."""
        ...

    def mount(self, *widgets: Widget, before: Widget) -> AwaitMount | AwaitComplete:
        """Show a widget above another."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]], *, group: str) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class CompareCommands:
    """Chooses the models, asks them and takes the chosen reply into the chat."""

    def __init__(
        self, screen: CompareHost, composer: CompareComposer, backend: Backend, notify: Notify, above: Widget
    ) -> None:
        """`above`: the widget above which the chosen models are shown."""
        self._screen = screen
        self._composer = composer
        self._backend = backend
        self._notify = notify
        self._above = above
        self.look: DisplaySettings | None = None
        """The look of the screen; `None` until the settings are loaded."""
        self._names: list[SideName] = []
        self._connections: list[Connection] = []
        """Those of the models that the next question goes to; empty: it goes to the chat's own model."""
        self._held_back = 0.0
        """The monotonic time at which a question was held back because of new hosts; 0: none was."""
        self._line: CompareLine | None = None

    # Choosing the models

    async def compare(self, models: str = "") -> None:
        """Have the next question go to these models, separated by blanks; without any to the chat's own and the one
        that was used last; `off` to the chat's own again."""
        words = models.split()
        if len(words) == 1 and words[0] in OFF:
            await self._choose([], [])
            return
        session, current = self._screen.connections.session, self._screen.connections.connection
        if session is None or current is None:
            self._notify("The settings are still being read: try again in a moment.", bad=True)
            return
        from tui_chat.chat_manager.side_names import connections_to, side_names

        manager = self._backend.manager
        ids = {each.name: each.id for each in manager.endpoints()} | {each.id: each.id for each in manager.endpoints()}
        try:
            names = side_names(words, ids) if words else self._usual(session)
            if not names:
                self._notify(HOW, bad=True, seconds=8)
                return
            names = [name._replace(endpoint=ids.get(name.endpoint, "")) for name in names]
            own = replace(current, model_name=session.model_name)
            connections = await asyncio.to_thread(connections_to, names, own, manager)
        except SetupError as error:
            from tui_chat.chat.wording.sentences import sentence

            self._notify(sentence(clean_line(str(error))), bad=True, seconds=8)
            return
        await self._choose(names, connections)

    def _usual(self, session: Session) -> list[SideName]:
        """The chat's own model and the one that was used last besides it; empty if there is none."""
        from tui_chat.chat_manager.side_names import SideName

        manager = self._backend.manager
        here = next((each.id for each in manager.endpoints() if each.current), "")
        own = SideName(session.model_name, here)
        others = [SideName(model, endpoint) for endpoint, model in manager.recent()]
        other = next((each for each in others if each != own), None)
        return [own, other] if here and other is not None else []

    async def _choose(self, names: Sequence[SideName], connections: Sequence[Connection]) -> None:
        self._names, self._connections, self._held_back = list(names), list(connections), 0.0
        line, self._line = self._line, None
        if line is not None:
            await line.remove()
        if connections:
            from tui_chat.ui.compare.compare_line import CompareLine

            self._line = CompareLine(self._screen.pane.maker.widest)
            await self._screen.mount(self._line, before=self._above)
            self._show_line(self._comparison())
            self._composer.focus_prompt()

    def _show_line(self, comparison: Comparison) -> None:
        if self._line is not None:
            models = [
                clean_line(f"{each.model_name} ({where})" if each.model_name else where)
                for each in self._connections
                for where in ["built in" if each.demo else each.name or each.model.endpoint]
            ]
            self._line.show(models, clean_line(comparison.change_of_hosts()), tried=bool(self._held_back))

    def _comparison(self) -> Comparison:
        return self._screen.switcher.manager.comparison(self._connections)

    # Asking

    def take(self, prompt: Queued) -> bool:
        """Ask the chosen models. Returns False if none are chosen, so that the prompt goes the usual way. It goes back
        into the prompt while a reply is coming, and once before the chat goes to another host."""
        session = self._screen.connections.session
        if not self._connections or session is None:
            return False
        if session.conversation.replying:
            self._notify("A reply is still coming: stop it or wait, then send to several models.", bad=True)
            self._composer.give_back(*prompt)
            return True
        comparison = self._comparison()
        before, now = self._held_back, monotonic()
        if comparison.new_hosts() and not (before and now - before > HELD_KEY):
            self._held_back = now
            self._show_line(comparison)
            self._composer.give_back(*prompt)
            return True
        self._composer.remember(prompt.text)
        question = comparison.ask(*prompt)
        self._screen.run_worker(partial(self._show, comparison, question, session), group="compare")
        return True

    async def _show(self, comparison: Comparison, question: Message, session: Session) -> None:
        """Show the replies until the screen is closed, and continue with the chosen one."""
        from tui_chat.chat.backend_ports import DisplaySettings
        from tui_chat.ui.compare.compare_screen import CompareScreen
        from tui_chat.ui.signs import signs_of

        names = dict(zip(comparison.sides, self._names, strict=True))
        await self._choose([], [])
        screen, look = self._screen, self.look or DisplaySettings()
        side_by_side = CompareScreen(
            comparison,
            question,
            signs_of(look.signs),
            frames_per_second=screen.pane.clock.frames_per_second,
            widest=screen.pane.maker.widest,
            calm=look.reduced_motion,
        )
        comparison.keep_first()
        screen.window.set_busy(busy=True)
        screen.pane.cover(covered=True)
        try:
            await screen.app.push_screen_wait(side_by_side)
        finally:
            screen.pane.cover(covered=False)
            screen.window.set_busy(busy=False)
        if side_by_side.kept is not None:
            await self._go_on_with(comparison, side_by_side.kept, names[side_by_side.kept], session)
        else:
            comparison.keep_first()
            self._notify(f"All {len(comparison.sides)} replies are kept as versions of one reply.")

    async def _go_on_with(self, comparison: Comparison, side: Side, name: SideName, session: Session) -> None:
        for other in comparison.sides:
            if other is not side:
                other.stop()
        comparison.keep(side)
        busy = side.busy
        if busy:
            session.take_over(side.session)
        connections = self._screen.connections
        await connections.answer_with(name.endpoint, name.model)
        if busy:
            connections.follow_turn()
        who = clean_line(side.recipient.model or side.connection.model.endpoint)
        self._notify(f"The chat continues with {who}; the other replies are kept as versions.")
