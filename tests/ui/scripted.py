"""A backend with a model that says what the test puts in, when the test puts it in."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

from textual.events import Key

from tests.patience import PATIENCE
from tui_chat.backend.kept_wire import KeptWire
from tui_chat.backend.recording import RunRecording
from tui_chat.chat.backend_ports import FetchedPage, Setup
from tui_chat.chat.endpoint_ports import EndpointInfo, Preset, UrlReading
from tui_chat.chat.events import Failed
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import Connection, LocalServer, ModelInfo, SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.app import ChatApp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.chat.choices.chat_choices import Persona
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.endpoint_ports import EndpointDraft, TestReport
    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.chat.model_ports import KnownModels
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.turn import Question

CANARY = "sk-canary-of-the-scripted-house"
"""The one secret of its settings."""
LETTERS = {"a": "a", "b": "b", "space": " ", "full_stop": ".", "é": "é"}
"""Keys that type a character; `press_at_once` knows these."""


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


class ScriptedManager:
    """Lists, tests and saves the endpoints that a test puts in; writes no file."""

    def __init__(self, backend: ScriptedBackend) -> None:
        self._backend = backend
        self.infos: list[EndpointInfo] = []
        """The endpoints; without any, those of the backend's names."""
        self.lists: dict[str, Sequence[ModelInfo] | Failed] = {}
        """What each endpoint lists."""
        self.gates: dict[str, asyncio.Event] = {}
        """An endpoint answers once its event is set."""
        self.caches: dict[str, KnownModels] = {}
        self.used: list[tuple[str, str]] = []
        self.drafts: dict[str, EndpointDraft] = {}
        """Endpoints that can be edited."""
        self.reports: list[TestReport] = []
        """What a test reports, in this order."""
        self.tested: list[EndpointDraft] = []
        self.saved: list[EndpointDraft] = []
        self.removed: list[str] = []
        self.hidden: list[str] = []
        self.defaults: list[tuple[str, str]] = []
        self.reloads = 0
        self.error = ""
        """Why nothing can be written."""
        self.asked: list[str] = []
        self.starts_with = ""
        self.test_gate: asyncio.Event | None = None
        self.current = ""
        """The endpoint that was opened last."""

    def presets(self) -> Sequence[Preset]:
        return (
            Preset("OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", endpoint="openai"),
            Preset("OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", endpoint="openrouter"),
            Preset("Ollama", "http://localhost:11434", local=True, endpoint="ollama"),
            Preset("OpenAI-compatible"),
        )

    async def find_local_servers(self) -> Sequence[LocalServer]:
        self._backend.looked += 1
        return self._backend.servers

    def read_url(self, text: str) -> UrlReading:
        host = text.strip().partition("://")[2].partition("/")[0] or text.strip().partition("/")[0]
        if not host or " " in text.strip():
            return UrlReading(problem="The base URL is empty." if not host else "The base URL has white space inside.")
        scheme = text.strip().partition("://")[0] if "://" in text else "https"
        path = text.strip().partition("://")[2].partition("/")[2] or "v1"
        return UrlReading(f"{scheme}://{host}/{path}", host)

    def variable_is_set(self, name: str) -> bool:
        return name == "SET_KEY"

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)

    def draft_of(self, name: str) -> EndpointDraft:
        return self.drafts[name]

    async def test(self, draft: EndpointDraft) -> AsyncGenerator[TestReport, None]:
        self.tested.append(draft)
        for report in self.reports:
            yield report
            if self.test_gate is not None and not report.done:
                await self.test_gate.wait()

    def save(self, draft: EndpointDraft) -> str:
        if self.error:
            raise SetupError(self.error)
        self.saved.append(draft)
        self.infos = [info for info in self.infos if info.id != (draft.before or draft.name)]
        self.infos.append(EndpointInfo(draft.name, draft.name, editable=True))
        return draft.name

    def remove(self, name: str) -> None:
        if self.error:
            raise SetupError(self.error)
        self.removed.append(name)
        self.infos = [info for info in self.infos if info.id != name]

    def make_default(self, name: str, model: str) -> None:
        self.defaults.append((name, model))

    def endpoints(self) -> Sequence[EndpointInfo]:
        if self.infos:
            return self.infos
        connection = self._backend.load().connection
        names = self._backend.names or ([] if connection.undecided else [connection.model.endpoint])
        current = self.current or connection.name or connection.model.endpoint
        return [EndpointInfo(name, name, current=name == current and not connection.undecided) for name in names]

    def reload(self) -> None:
        self.reloads += 1

    def recent(self) -> Sequence[tuple[str, str]]:
        return self.used

    def known_models(self, endpoint: str) -> KnownModels | None:
        current = any(info.current and info.id == endpoint for info in self.endpoints())
        return self.caches.get(endpoint) or (self._backend.known if current else None)

    async def models(self, endpoint: str) -> Sequence[ModelInfo] | Failed:
        self.asked.append(endpoint)
        if (gate := self.gates.get(endpoint)) is not None:
            await gate.wait()
        current = any(info.current and info.id == endpoint for info in self.endpoints())
        if endpoint in self.lists:
            return self.lists[endpoint]
        return await self._backend.models() if current else ()

    def open(self, endpoint: str, model: str = "") -> Connection:
        connection = self._backend.open(endpoint)
        self.current = endpoint
        return replace(connection, model_name=model) if model else connection

    def connection_to(self, endpoint: str, model: str = "") -> Connection:
        connection = self._backend.open(endpoint)
        return replace(connection, model_name=model) if model else connection


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
        personas: Mapping[str, Persona] | None = None,
        templates: Mapping[str, str] | None = None,
    ) -> None:
        self.model = ScriptedModel()
        self.recording = RunRecording("", 8 << 20)
        """Keeps what a test puts onto its tape."""
        self.wire = KeptWire(self.recording)
        self.replay: ReplayControl | None = None
        self.templates = templates or {}
        self.manager = ScriptedManager(self)
        self.servers: Sequence[LocalServer] = ()
        self.looked = 0
        self.refusal = ""
        """What it says of each attachment."""
        self.pages: dict[str, FetchedPage] = {}
        self.names: Sequence[str] = ()
        self.opened: list[str] = []
        self.at: dict[str, Connection] = {}
        """Connections by their hosts, which are the endpoints' names, too."""
        self.used: Connection | None = None
        self.known: KnownModels | None = None
        self.listed: Sequence[ModelInfo] | Failed = ()
        self.facts: dict[str, ModelInfo] = {}
        """What the server tells about a model when it is asked, by its name."""
        self.learned: dict[str, ModelInfo] = {}
        self.warmed = 0
        self.kept_theme = ""
        self.closed = False
        self._setup = Setup(
            Connection(
                self.model,
                "tiny-model",
                demo=demo,
                undecided=undecided,
                host=host,
                about=self.about,
                refusal=lambda _: self.refusal,
            ),
            theme=theme,
            keys=keys or {},
            personas=personas or {},
            templates=tuple(templates or ()),
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

    def about(self, model: str) -> ModelInfo:
        """What was learned of a model."""
        return self.learned.get(model, ModelInfo(model))

    async def learn_about(self, model: str) -> bool:
        """What the test put in."""
        if model in self.learned or model not in self.facts:
            return False
        self.learned[model] = self.facts[model]
        return True

    async def prepare(self) -> None:
        """Nothing to bring in."""

    async def warm(self) -> None:
        """Note the call."""
        self.warmed += 1

    async def fetch(self, url: str) -> FetchedPage | Failed:
        """What the test put in for that address."""
        return self.pages.get(url) or Failed("There is no such page.", url=url)

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
        """Note the call."""
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

    def template(self, name: str) -> str:
        """What the test put in."""
        if name not in self.templates:
            raise SetupError(f"there is no template {name!r}")
        return self.templates[name]

    def keep_theme(self, name: str) -> None:
        """Note the call."""
        self.kept_theme = name

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write the chat's title as its export."""
        if target.exists():
            raise HistoryError(f"{target} is there already")
        target.write_text(conversation.title)
        return target

    def masked(self, text: str) -> str:
        return text.replace(CANARY, "[masked]")

    async def close(self) -> None:
        """Remember that it was."""
        self.closed = True


def answered(app: ChatApp) -> bool:
    """Whether the last question has its whole answer, and nothing is left to do for it."""
    session, reply = app.chat.session, app.chat.conversation.last_reply
    return session is not None and session.at_rest and reply is not None and reply.ending is not None


def press_at_once(app: ChatApp, keys: list[str]) -> None:
    """Post all keys before the first is handled, as the driver does for one read."""
    for key in keys:
        app.post_message(Key(key, LETTERS.get(key)))


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "the condition") -> None:
    """Let the app work until `condition` holds."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end, f"{what} did not come true"
        await pilot.pause()
        await asyncio.sleep(0)


@asynccontextmanager
async def running(
    backend: ScriptedBackend, prompt: str = "", size: tuple[int, int] = (100, 30), *, toasts: bool = False
) -> AsyncIterator[tuple[ChatApp, Pilot[None]]]:
    """The app with its settings applied. `toasts`: notices are drawn, and not only noted."""
    app = ChatApp(backend, prompt)
    async with app.run_test(size=size, notifications=toasts) as pilot:
        await until(pilot, lambda: app.chat.ready, "the settings")
        yield app, pilot
