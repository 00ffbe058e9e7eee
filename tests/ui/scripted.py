"""A backend with a model that says what the test puts in, when the test puts it in."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

from tests.patience import PATIENCE
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.events import Failed
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import Connection, LocalServer, SetupError
from tui_chat.ui.app import ChatApp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.model_ports import KnownModels, ModelInfo
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.turn import Question

CANARY = "sk-canary-of-the-scripted-house"
"""The one secret of its settings."""


class ScriptedModel:
    """Answers with the events that the test gives to `say`."""

    endpoint = "test.example"

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.cancelled = 0
        self._events: asyncio.Queue[ChatEvent] = asyncio.Queue()

    def say(self, *events: ChatEvent) -> None:
        """Let these happen now."""
        for event in events:
            self._events.put_nowait(event)

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Give what was said until an ending, which the turn takes as the end."""
        self.questions.append(question)
        try:
            while True:
                yield [await self._events.get()]
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


class ScriptedBackend:
    """Hands the scripted model to the screen."""

    def __init__(
        self,
        *,
        demo: bool = False,
        undecided: bool = False,
        state_folder: Path | None = None,
        error: str = "",
        theme: str = "tui-chat-dark",
        history: History | None = None,
        chat: str = "",
        title_by_model: bool = False,
        host: str = "",
        keys: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.model = ScriptedModel()
        self.servers: Sequence[LocalServer] = ()
        self.looked = 0
        self.names: Sequence[str] = ()
        self.opened: list[str] = []
        self.at: dict[str, Connection] = {}
        """Connections by their hosts, which are the endpoints' names, too."""
        self.used: Connection | None = None
        self.known: KnownModels | None = None
        self.listed: Sequence[ModelInfo] | Failed = ()
        self.warmed = 0
        self.kept_theme = ""
        self.closed = False
        self._setup = Setup(
            Connection(self.model, "tiny-model", demo=demo, undecided=undecided, host=host),
            theme=theme,
            keys=keys or {},
            state_folder=state_folder,
            history=history,
            chat=chat,
            title_by_model=title_by_model,
        )
        self._error = error

    def load(self) -> Setup:
        """The setup, or the error."""
        if self._error:
            raise SetupError(self._error)
        return self._setup

    async def prepare(self) -> None:
        """Nothing to bring in."""

    async def warm(self) -> None:
        """Count."""
        self.warmed += 1

    async def look_for_local_servers(self) -> Sequence[LocalServer]:
        """Those the test put in."""
        self.looked += 1
        return self.servers

    def connect(self, server: LocalServer) -> Connection:
        """The same model, under the server's name."""
        return Connection(self.model, server.models[0] if server.models else "")

    def endpoints(self) -> Sequence[str]:
        """Those the test put in."""
        return self.names

    def open(self, endpoint: str) -> Connection:
        """The same model, without a name, or what the test put in for that endpoint."""
        self.opened.append(endpoint)
        return self.at.get(endpoint) or Connection(self.model, "")

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """The one of the start, or what the test put in for that host."""
        known = self.at.get(recipient.host) if recipient is not None else None
        return known or self._setup.connection

    def use(self, connection: Connection) -> None:
        """Remember it."""
        self.used = connection

    def known_models(self) -> KnownModels | None:
        """What the test put in."""
        return self.known

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Those the test put in."""
        return self.listed

    async def must_choose(self) -> bool:
        """Where the test put several in."""
        return not isinstance(self.listed, Failed) and len(self.listed) > 1

    def keep_theme(self, name: str) -> None:
        """Remember it."""
        self.kept_theme = name

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write its title."""
        if target.exists():
            raise HistoryError(f"{target} is there already")
        target.write_text(conversation.title)
        return target

    def masked(self, text: str) -> str:
        return text.replace(CANARY, "[masked]")

    async def close(self) -> None:
        """Remember that it was."""
        self.closed = True


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "the condition") -> None:
    """Let the app work until `condition` holds."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end, f"{what} did not come true"
        await pilot.pause()
        await asyncio.sleep(0)


@asynccontextmanager
async def running(
    backend: ScriptedBackend, prompt: str = "", size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[ChatApp, Pilot[None]]]:
    """The app with its settings applied."""
    app = ChatApp(backend, prompt)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.chat.ready, "the settings")
        yield app, pilot
