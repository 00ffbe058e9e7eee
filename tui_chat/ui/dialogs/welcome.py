"""How to connect a real endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.program_name import called
from tui_chat.ui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult

    from tui_chat.chat.model_ports import LocalServer

    FindServers: TypeAlias = Callable[[], Awaitable[Sequence[LocalServer]]]

CONNECT = """\
export TUI_CHAT_BASE_URL=https://api.openai.com/v1
export TUI_CHAT_API_KEY=…      # local servers need none
export TUI_CHAT_MODEL=…
{program}"""

ELSE = """\
Ollama is at http://localhost:11434, llama.cpp at :8080, vLLM at :8000. A provider's own key, such as \
ANTHROPIC_API_KEY, is enough by itself."""


PORTS = "ports 11434, 1234, 8080, 8000, 5000 and 4000"


class ConnectHelp(Vertical):
    """How to connect a real endpoint, and a button that finds servers on this machine."""

    DEFAULT_CSS = """
    ConnectHelp { height: auto; }
    ConnectHelp Static { height: auto; margin: 0 0 1 0; }
    ConnectHelp .code { background: $boost; padding: 0 1; }
    ConnectHelp Button { margin: 0 0 1 0; }
    """

    @dataclass
    class Chosen(Message):
        """Posted when the user chooses one of the servers that were found."""

        server: LocalServer

    def __init__(self, find_servers: FindServers) -> None:
        """`find_servers` asks the usual local ports; it is called only when the button is pressed."""
        super().__init__()
        self._find_servers = find_servers
        self._found: tuple[LocalServer, ...] = ()
        self._button = Button("Look for local servers", classes="look", compact=True)
        self._looked = Static("", classes="looked", markup=False)

    def compose(self) -> ComposeResult:
        """Compose the text, lines to paste, the button and the servers found."""
        yield Static("To chat with a real endpoint, quit with Ctrl+Q and set:", markup=False)
        yield Static(CONNECT.format(program=called()), markup=False, classes="code")
        yield Static(ELSE, markup=False)
        yield self._button
        yield self._looked

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Find servers, or choose one that was found."""
        event.stop()
        if event.button.has_class("look"):
            event.button.disabled = True
            self._looked.update(f"Asking {PORTS} on this machine …")
            self.run_worker(self._show_found(), group="look", exclusive=True)
        else:
            self.post_message(self.Chosen(self._found[int(event.button.name or "0")]))

    async def _show_found(self) -> None:
        servers = await self._find_servers()
        if not self.is_attached:
            return  # the dialog was closed meanwhile
        self._found = tuple(servers)
        self._button.disabled = False
        said = "Found. Press one to chat with it:" if servers else f"No server answered on {PORTS}."
        self._looked.update(said)
        await self.query(".found").remove()
        if self.is_attached:
            await self.mount_all(self._button_of(index, server) for index, server in enumerate(servers))

    @staticmethod
    def _button_of(index: int, server: LocalServer) -> Button:
        models = ", ".join(clean_line(model) for model in server.models[:3]) or "no models listed"
        label = Content(f"{clean_line(server.name)} · {clean_line(server.base_url)} · {models}")
        return Button(label, name=str(index), compact=True, classes="found")


class ConnectScreen(Dialog["LocalServer | None"]):
    """The same help above a conversation. Returns the chosen server."""

    DEFAULT_CSS = """
    ConnectScreen { align: center middle; }
    ConnectScreen > VerticalScroll {
        width: 84; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 1 2;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close", show=False, priority=True)]

    def __init__(self, find_servers: FindServers) -> None:
        super().__init__()
        self._find_servers = find_servers

    def compose(self) -> ComposeResult:
        """Compose the help in a scrollable container."""
        with VerticalScroll():
            yield ConnectHelp(self._find_servers)

    def on_connect_help_chosen(self, event: ConnectHelp.Chosen) -> None:
        """Return the server."""
        event.stop()
        self.dismiss(event.server)
