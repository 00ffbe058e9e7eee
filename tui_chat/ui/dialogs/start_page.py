"""The page of an empty chat: the recipient of the next question, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from tui_chat import __version__
from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.column import WIDEST, column_of
from tui_chat.ui.dates import in_words
from tui_chat.ui.dialogs.row_list import Column, Heading, ListItem, ListRow, RowList, Sentence
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size

    from tui_chat.chat.history_ports import ChatInfo
    from tui_chat.chat.model_ports import Connection, LocalServer

MARK = ("▀█▀ █ █ █ ▄▄ █▀▀ █▄█ ▄▀▄ ▀█▀", " █  █▄█ █    █▄▄ █ █ █▀█  █ ")
WIDTH_FOR_MARK: Final = 70
INDENT: Final = 6
"""Cells before the text; the list's names stand there too."""
INDENT_IF_NARROW: Final = 2
LONGEST_MODEL: Final = 20
"""The most characters of a model's name that are shown beside a server that was found."""
ROWS_FOR_ALL: Final = 18
"""Rows of the window from which all sentences are shown."""
PORTS: Final = "11434, 1234, 8080, 8000, 5000 and 4000"

DEMO = (
    "You are talking to the built-in demo.",
    "Its replies are scripted: no model runs, nothing leaves this computer.",
)


@dataclass(frozen=True, slots=True)
class Ask:
    """The action of sending an example question."""

    question: str


@dataclass(frozen=True, slots=True)
class ContinueChat:
    """Open the chat with this id."""

    chat: str


@dataclass(frozen=True, slots=True)
class ConnectServer:
    """Chat with a server that was found."""

    server: LocalServer


StartAction: TypeAlias = Ask | ContinueChat | ConnectServer | Literal["connect", "find_servers", "choose_model"]

TRIES = (
    ListRow("What can you do?", value=Ask("What can you do?")),
    ListRow("Show me Markdown", ("headings, code, tables, quotes",), Ask("Show me Markdown")),
    ListRow("Think about a puzzle", ("reasoning that folds away",), Ask("Think about a puzzle")),
    ListRow("What if a reply fails?", ("errors, retry, continue",), Ask("What if a reply fails?")),
)


class StartList(RowList, can_focus=True):
    """The list of the page. The prompt moves its pick while it is empty; it can have the focus too."""

    DEFAULT_CSS = """
    StartList { margin: 0 2 0 4; }
    """

    @dataclass
    class Typed(Message):
        """Posted for a character that is typed while the list has the focus: it is meant for the prompt."""

        character: str

    def on_key(self, event: events.Key) -> None:
        """Move and choose; other characters go to the prompt."""
        if event.key in ("up", "down"):
            self.move(-1 if event.key == "up" else 1)
        elif event.key == "enter":
            self.post_message(self.Clicked(again=True))
        elif event.is_printable and event.character:
            self.post_message(self.Typed(event.character))
        else:
            return
        event.stop()

    def on_focus(self) -> None:
        """Show which row is picked."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the list again: the pick is hidden, unless the keys of the prompt move it."""
        self.refresh()

    @property
    def shows_pick(self) -> bool:
        """Whether Enter would choose the picked row."""
        return self.has_focus or super().shows_pick


class StartHeader(Widget):
    """The program's mark, and which endpoint and model answer."""

    DEFAULT_CSS = """
    StartHeader { height: auto; color: $role-text; margin: 0 0 1 0; }
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def on_mount(self) -> None:
        """Measure the header again when the theme changes: the mark is lower in the terminal's own colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Render the mark and the sentences."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        if self.app.native_ansi_color or width < WIDTH_FOR_MARK:
            lines = [Content.styled(f"tui-chat {__version__}", "bold $role-accent")]
        else:
            lines = [Content.styled(row, "$role-accent") for row in MARK]
            lines[-1] += Content.styled(f"    {__version__}", MUTED)
        lines.append(Content(""))
        indent = " " * (INDENT if width >= WIDTH_FOR_MARK else INDENT_IF_NARROW)
        room = max(1, width - len(indent) - 2)
        for sentence in self._sentences():
            lines += [line.rstrip() for line in sentence.wrap(room)]
        return [indent + line for line in lines]

    def _sentences(self) -> list[Content]:
        connection = self._connection
        model, where = clean_line(connection.model_name), clean_line(connection.name or connection.model.endpoint)
        if connection.demo:
            said = [Content(sentence) for sentence in (DEMO if self.app.size.height >= ROWS_FOR_ALL else DEMO[:1])]
        elif connection.undecided:
            said = [Content.styled("No endpoint is chosen yet", "bold")]
        elif model:
            said = [Content.assemble((model, "bold"), (f" · {where}", MUTED))]
        else:
            said = [Content.assemble((where, "bold"), (" · no model is chosen yet", MUTED))]
        return [*said, *(Content.styled(f"! {clean_line(each)}", "$role-warning") for each in connection.notices)]


class StartPage(Vertical):
    """The page. What is chosen in its list is posted as `Chosen`."""

    DEFAULT_CSS = """
    StartPage { height: auto; }
    StartPage.-narrow StartList { margin: 0; }
    """

    @dataclass
    class Chosen(Message):
        """Posted when the user chooses an action."""

        action: StartAction

    def __init__(self, connection: Connection, widest: int = WIDEST) -> None:
        """`widest`: the most cells of the column; 0 for the whole width."""
        super().__init__(id="welcome")
        self._widest = widest
        self._connection = connection
        self._servers: Sequence[LocalServer] | None = None
        self._looking = False
        self._recent: Sequence[ChatInfo] = ()
        self.header = StartHeader(connection)
        self.list = StartList((Column(widest=64),), lambda _: 1000, compact=True)

    def compose(self) -> ComposeResult:
        """Compose who answers, and the list."""
        yield self.header
        yield self.list

    def on_mount(self) -> None:
        """Fill the list with actions."""
        self._show()

    def on_resize(self) -> None:
        """Stand in the column, and use the cells at the left in a narrow window."""
        window = self.screen.size.width
        left, width = column_of(window, self._widest)
        self.styles.padding = (0, window - left - width, 0, left)
        self.set_class(width < WIDTH_FOR_MARK, "-narrow")

    def show_recent(self, chats: Sequence[ChatInfo]) -> None:
        """Offer these chats to continue."""
        self._recent = chats
        self._show()

    def show_looking(self) -> None:
        """Say that local servers are looked for."""
        self._looking = True
        self._show()

    def show_servers(self, servers: Sequence[LocalServer]) -> None:
        """Offer the servers that were found."""
        self._looking, self._servers = False, servers
        self._show(first=ConnectServer(servers[0]) if servers else None)

    @property
    def pick_region(self) -> Region:
        """The region of the picked row in the page's container; for the first row, with all above it."""
        y = self.virtual_region.y + self.list.virtual_region.y + self.list.pick_line
        return Region(0, y, 1, 1) if self.list.pick_line else Region(0, self.virtual_region.y, 1, y + 1)

    def choose(self) -> bool:
        """Choose the picked row. Returns False if there is none."""
        row = self.list.picked
        if row is not None:
            self.post_message(self.Chosen(row.value))  # type: ignore[arg-type]  # each row's value is an action
        return row is not None

    def on_row_list_clicked(self) -> None:
        """Choose the clicked row."""
        self.choose()

    def _show(self, first: StartAction | None = None) -> None:
        picked = first or (self.list.picked.value if self.list.picked is not None else None)
        items = self._items()
        at = next((at for at, item in enumerate(items) if isinstance(item, ListRow) and item.value == picked), 0)
        self.list.show(items, at)

    def _items(self) -> list[ListItem]:
        connection = self._connection
        items: list[ListItem] = []
        if connection.undecided or not (connection.model_name or connection.demo):
            word = "an endpoint" if connection.undecided else "a model"
            items.append(ListRow(f"Choose {word}", value="choose_model"))
        if connection.demo or connection.undecided:
            services = "OpenAI, Anthropic, Gemini, Ollama, any URL"
            items.append(ListRow("Add an endpoint", (services,), "connect"))
            local = "Ollama, LM Studio, llama.cpp, vLLM"
            items.append(ListRow("Find local servers", (local,), "find_servers"))
            items += self._found()
        if connection.demo:
            items += [Heading("Try the demo"), *TRIES]
        if self._recent:
            items.append(Heading("Continue"))
            items += [
                ListRow(chat.title or "(no title)", (in_words(chat.changed),), ContinueChat(chat.id))
                for chat in self._recent
            ]
        return items

    def _found(self) -> list[ListItem]:
        if self._looking:
            return [Sentence("Checking the usual ports on this computer…")]
        if self._servers is None:
            return []
        if not self._servers:
            return [Sentence(f"No server answered on the ports {PORTS}.")]
        return [
            ListRow(
                server.name,
                (f"{server.address} · {_offered(server)}",),
                ConnectServer(server),
            )
            for server in self._servers
        ]


def _offered(server: LocalServer) -> str:
    """The model of a server that was found, the number of its models, or why it lists none."""
    if server.wants_key or not server.models:
        return "wants a key" if server.wants_key else "no models listed"
    name, count = server.models[0], len(server.models)
    # A long note would not fit beside the names, and all notes would be left out.
    return name if count == 1 and len(name) <= LONGEST_MODEL else f"{count:,} model{'s' if count != 1 else ''}"
