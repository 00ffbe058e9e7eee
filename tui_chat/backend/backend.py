"""The `Backend` of the screen and the command line: settings, connections, history and log of one run.

Slow imports are done inside the methods, which run after the screen's first frame.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tui_chat.backend.run_options import RunOptions
from tui_chat.chat.backend_ports import DisplaySettings, Setup, WindowSettings
from tui_chat.chat.choices.chat_choices import ChatChoices, Persona
from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.secrets import Secrets
from tui_chat.chat.wording.hints import SOME_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tui_chat.backend.connections import Connections
    from tui_chat.backend.endpoint_manager import SettingsEndpoints
    from tui_chat.backend.history_options import HistoryOptions
    from tui_chat.backend.kept_theme import StoredTheme
    from tui_chat.backend.kept_wire import KeptWire
    from tui_chat.backend.model_cache import ModelCache
    from tui_chat.backend.recording import RunRecording
    from tui_chat.chat.backend_ports import FetchedPage
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.chat.model_ports import Connection, KnownModels, LocalServer, ModelInfo
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.turn import Question
    from tui_chat.history.store import Store
    from tui_chat.log import Log
    from tui_chat.settings.config import Settings
    from tui_chat.settings.folders import Folders
    from tui_chat.settings.loading import Loaded
    from tui_chat.settings.template_folder import TemplateFolder
    from tui_chat.wire.client import Request
    from tui_chat.wire.doctor.examination import Examination
    from tui_chat.wire.endpoint import Endpoint


class AppBackend:
    """The `Backend` of the screen, of `ask` and of `plain`."""

    def __init__(
        self,
        flags: dict[str, str],
        env_file: Path | None = None,
        *,
        stream: bool = True,
        rest: float = 0.0,
        options: Mapping[str, object] | None = None,
        history_options: HistoryOptions | None = None,
        inspect: bool = False,
        patient: bool = False,
    ) -> None:
        """`flags` are settings by name; `stream` says whether to request streamed replies; `rest` is the
        time in seconds between two reads of a reply that arrives in faster pieces; `options` are sampling
        options that override those of the settings; `history_options` says what is stored and which chat to
        continue; `inspect` says whether requests and responses are kept in memory, as far as the settings allow;
        `patient` says whether silence never ends a reply."""
        self._inspect = inspect
        self._env_file = env_file
        self._history_options = history_options
        self._run = RunOptions(
            flags,
            stream,
            rest,
            options,
            remembers=history_options is None or not history_options.off,
            patient=patient,
        )
        self._history: Store | None = None
        self._settings: Settings | None = None
        self._loaded: Loaded | None = None
        self._cache: ModelCache | None = None
        self._connections: Connections | None = None
        self._manager: SettingsEndpoints | None = None
        self._recording: RunRecording | None = None
        self._wire: KeptWire | None = None
        self._kept_theme: StoredTheme | None = None
        self._log: Log | None = None
        self._secrets = Secrets()
        self.history_error = ""
        """The current history error as a sentence; after `close`, what could not be saved. Empty if all is well."""
        self.replay: ReplayControl | None = None
        """Steps through the recorded response that is shown; `None`: nothing is replayed."""
        self.record_error = ""
        """Once this is closed, a sentence that says why not everything was recorded; empty if all is well."""
        self.unsaved = False
        """Whether something could not be saved for the next start; known once this is closed."""
        self._templates: TemplateFolder | None = None

    def load(self, asks_own: Callable[[Sequence[str]], bool] | None = None) -> Setup:
        """Read the settings and build the connection. `asks_own` says, from the names of the endpoints, whether the
        chosen one is asked at all; if not, it is not opened, and no command is run for its key. Raises `SetupError`."""
        from tui_chat.backend.connections import Connections
        from tui_chat.backend.history_options import HistoryOptions, open_history, take_persona
        from tui_chat.backend.kept_theme import StoredTheme
        from tui_chat.backend.model_cache import ModelCache
        from tui_chat.backend.recording import RunRecording
        from tui_chat.keymap import read_keys
        from tui_chat.settings.config import THEMES
        from tui_chat.settings.folders import Folders
        from tui_chat.settings.loading import load

        log_notices = self._open_log(Folders.of_this_person().state)
        loaded = load(dict(self._run.flags), self._env_file)
        settings = self._settings = loaded.settings
        if self._log is not None:
            self._log.set_level(settings.log_level)
        self._keep_secrets(loaded)
        self._kept_theme = StoredTheme(loaded.folders.state / "theme.json")
        cache = self._cache = ModelCache(loaded.folders.cache, loaded.folders.state)
        self._loaded = loaded
        recording = self._recording = RunRecording(settings.record, settings.wire_memory << 20 if self._inspect else 0)
        connections = self._connections = Connections(loaded, self._run, cache, recording, self._hide)
        chats = open_history(self._history_options or HistoryOptions(), loaded.folders.data, wanted=settings.history)
        self._history = chats.history
        templates = self._templates = self._template_folder(loaded.folders)
        personas = {name: Persona(name, **each.model_dump()) for name, each in settings.personas.items()}
        if settings.persona and chats.history is not None and chats.chat and "persona" in loaded.given[0].values:
            take_persona(chats.history, chats.chat, settings.persona, personas, loaded.usual_system)
        if asks_own is None or asks_own(connections.names):
            connection = connections.opened_for(chats.recipient)
        else:
            connection = connections.none_open()
        if self._history is not None:
            self._history.watch(self._troubled)
        return Setup(
            replace(connection, notices=(*log_notices, *chats.notices, *connection.notices)),
            system=settings.system,
            usual_system=loaded.usual_system,
            choices=personas[settings.persona].choices if settings.persona else ChatChoices(),
            personas=personas,
            keys=read_keys(settings.keys, lambda name: loaded.place("keys", name)),
            templates=templates.names,
            template_problems=tuple(templates.notices),
            theme=self._kept_theme.instead_of(settings.theme, THEMES),
            look=DisplaySettings(
                0 if settings.width == "full" else settings.width, settings.signs, settings.motion == "reduced"
            ),
            log_path=self._log.path if self._log is not None else None,
            state_folder=loaded.folders.state if self._run.remembers else None,
            history=chats.history,
            chat=chats.chat,
            window=WindowSettings(
                settings.window_title, settings.window_progress, settings.notify, settings.hyperlinks
            ),
            title_by_model=settings.titles == "model",
        )

    @staticmethod
    def _template_folder(folders: Folders) -> TemplateFolder:
        from tui_chat.commands import by_slash
        from tui_chat.settings.template_folder import TemplateFolder

        return TemplateFolder(folders.config / "templates", lambda word: by_slash(word) is not None)

    def template(self, name: str) -> str:
        """Return the text of a template. Raises `SetupError`."""
        if self._templates is None:
            from tui_chat.settings.folders import Folders

            self._templates = self._template_folder(Folders.of_this_person())
        return self._templates.text(name)

    async def warm(self) -> None:
        """Open a connection to the endpoint ahead of the first question; the built-in demo needs none."""
        if self._connections is not None:
            await self._connections.warm()

    async def prepare(self) -> None:
        """Import the HTTP client and load certificates."""
        if self._connections is not None:
            await self._connections.prepare()

    def examination(self) -> Examination:
        """An examination of the current endpoint. Raises `SetupError`."""
        if self._recording is None:
            raise RuntimeError("the settings have not been loaded")
        return self.connections.examination(self._recording.kept_tape())

    @property
    def wire(self) -> KeptWire:
        """The requests of this run; after `load`."""
        from tui_chat.backend.kept_wire import KeptWire

        if self._recording is None:
            raise RuntimeError("the settings are loaded first")
        if self._wire is None:
            self._wire = KeptWire(self._recording)
        return self._wire

    async def fetch(self, url: str) -> FetchedPage | Failed:
        """Fetch a page or a file of the web."""
        from tui_chat.wire.sources.page import fetch_page

        return await fetch_page(url)

    def connect(self, server: LocalServer) -> Connection:
        """Connect to a server that was found; if it has several models, none is chosen."""
        return self.connections.connect(server)

    def endpoints(self) -> Sequence[str]:
        """Return the names of the endpoints that can be chosen."""
        return () if self._connections is None else self._connections.names

    def open(self, endpoint: str) -> Connection:
        """Connect to the endpoint with that name. Raises `SetupError`."""
        return self.connections.open(endpoint)

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """Return the connection for a chat whose last recipient was `recipient`, or for a new chat."""
        return self.connections.connection_for(recipient)

    def use(self, connection: Connection) -> None:
        """Make an earlier connection the current one."""
        self.connections.use(connection)

    @property
    def connections(self) -> Connections:
        """The connections, which the settings decide."""
        if self._connections is None:
            raise RuntimeError("the settings are loaded first")
        return self._connections

    @property
    def manager(self) -> SettingsEndpoints:
        """Adds, tests, changes and lists endpoints."""
        from tui_chat.backend.endpoint_manager import SettingsEndpoints

        if self._loaded is None or self._cache is None:
            raise RuntimeError("the settings are loaded first")
        if self._manager is None:
            self._manager = SettingsEndpoints(
                self._loaded, self.connections, self._cache, self._hide, self._keep_secrets
            )
        return self._manager

    @property
    def demo_wanted(self) -> bool:
        """Whether the settings name the demo; otherwise it is used only because nothing is configured."""
        from tui_chat.settings.config import DEMO

        return self._settings is not None and self._settings.endpoint == DEMO

    def known_models(self) -> KnownModels | None:
        """Return the cached list of the current endpoint's models."""
        return None if self._connections is None else self._connections.known_models()

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Request the list of models from the current endpoint."""
        if self._connections is None:
            return Failed("No endpoint is chosen.", SOME_ENDPOINT, "setup")
        return await self._connections.models()

    async def learn_about(self, model: str) -> bool:
        """Ask the current endpoint once for what is unknown of a model. Returns whether something was learned."""
        return self._connections is not None and await self._connections.learn_about(model)

    async def must_choose(self) -> bool:
        """Whether the current endpoint has several models and none is chosen."""
        return self._connections is not None and await self._connections.must_choose()

    def request(self, question: Question) -> tuple[Request, Endpoint]:
        """Return the first request a question would cause, and the endpoint it would go to. Raises `SetupError`."""
        return self.connections.request(question)

    def keep_theme(self, name: str) -> None:
        """Store a theme for the next start, unless nothing may be written to disk."""
        if self._kept_theme is not None and self._settings is not None and self._run.remembers:
            self._kept_theme.keep(name, configured=self._settings.theme)

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write a chat to a file, or into a folder. Raises `HistoryError`."""
        from tui_chat.history.transfer.export import export_conversation

        return export_conversation(conversation, target)

    async def close(self) -> None:
        """Close all connections, the built-in endpoint, the history and the log."""
        if self._connections is not None:
            await self._connections.close()
        if self._recording is not None:
            await asyncio.to_thread(self._recording.close)
            self.record_error = self._recording.error
            self.unsaved = self.unsaved or bool(self.record_error)
        if self._history is not None:
            await asyncio.to_thread(self._history.close)
            self.unsaved = self.unsaved or self._history.unsaved
            self._history = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _troubled(self, sentence: str) -> None:
        self.history_error = sentence

    def masked(self, text: str) -> str:
        """Return `text` (a traceback, for instance) with all secrets of the settings masked."""
        return self._secrets.masked(text)

    def _keep_secrets(self, loaded: Loaded) -> None:
        """Mask the keys of the settings, and keep them from programs that are started (an editor, a clipboard tool)."""
        self._hide(Secrets(loaded.keys()))
        for name in loaded.secret_variables():
            os.environ.pop(name, None)

    def _hide(self, secrets: Secrets) -> None:
        """Mask secrets in the log and in tracebacks."""
        self._secrets |= secrets
        if self._log is not None:
            for spelling in secrets.spellings:
                self._log.hide(spelling)

    def _open_log(self, folder: Path) -> tuple[str, ...]:
        from tui_chat.log import Log, without_file

        if not self._run.remembers:
            without_file()
            return ()
        try:
            self._log = Log(folder)
        except OSError as error:  # chatting works without a writable home
            without_file()
            return (f"There is no log: {folder} cannot be written ({error.strerror}).",)
        return ()
