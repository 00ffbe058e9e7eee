"""The page of an empty chat: shows it, moves in it with the prompt's keys, and does what is chosen there."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.history_ports import HistoryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from textual.worker import Worker

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.history_ports import ChatInfo
    from tui_chat.chat.model_ports import Connection, LocalServer
    from tui_chat.ui.chat.chat_switcher import ChatSwitcher
    from tui_chat.ui.chat.connection_controller import ConnectionController
    from tui_chat.ui.chat.sender import Sender
    from tui_chat.ui.composer.composer import Composer
    from tui_chat.ui.dialogs.start_page import StartAction, StartPage
    from tui_chat.ui.transcript.transcript import Transcript

RECENT = 5
"""The number of chats that the page offers to continue."""


class StartScreen(Protocol):
    """The part of the screen that the commands use."""

    composer: Composer
    pane: Transcript
    sender: Sender
    switcher: ChatSwitcher
    connections: ConnectionController

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        ...

    def run_worker(
        self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class StartCommands:
    """Holds the page of the shown chat, which the transcript shows while the chat is empty."""

    def __init__(self, screen: StartScreen, find_servers: Callable[[], Awaitable[Sequence[LocalServer]]]) -> None:
        """`find_servers` asks the usual local ports; it is called only when that is chosen."""
        self._screen = screen
        self._find_servers = find_servers
        self._page: StartPage | None = None

    async def show(self, connection: Connection) -> None:
        """Create the start page for a connection; an empty conversation shows it."""
        from tui_chat.ui.dialogs.start_page import StartPage

        self._page = page = StartPage(connection, self._screen.pane.maker.widest)
        self.update()
        await self._screen.pane.welcome.put(page)
        if not connection.demo:
            self._screen.run_worker(partial(self._show_recent, page), group="recent", exclusive=True)

    async def _show_recent(self, page: StartPage) -> None:
        history = self._screen.switcher.manager.history
        try:
            chats: Sequence[ChatInfo] = await asyncio.to_thread(history.chats, "", limit=RECENT)
        except HistoryError:
            return  # whoever opens the list of chats is told
        if page.is_attached and chats:
            page.show_recent(chats)

    @property
    def shown(self) -> StartPage | None:
        """The page, if it is on the screen."""
        return self._page if self._page is not None and self._page.is_attached else None

    def update(self) -> None:
        """Show the list's pick while the prompt's keys move it: as long as nothing is typed there, and none was sent
        before."""
        if self._page is not None:
            composer = self._screen.composer
            self._page.list.set_shows_pick(
                shown=not (composer.text or not composer.history.empty or self._screen.conversation.messages)
            )

    def repaint(self) -> None:
        """Draw the list again: it shows no pick while a dialog is above it."""
        if (page := self.shown) is not None:
            page.list.refresh()

    def move(self, by: int) -> None:
        """Move the pick of the page, for Up and Down in a prompt that does not need them."""
        if (page := self.shown) is not None:
            page.list.move(by)
            self._screen.pane.scroll_to_region(page.pick_region, animate=False)

    def choose(self) -> bool:
        """Enter in an empty prompt: choose the picked row. Returns False if the page does not show one."""
        self.update()
        page = self.shown
        return page is not None and page.list.shows_pick and page.choose()

    def focus(self) -> bool:
        """Give the list the focus. Returns False if it is not on the screen."""
        if (page := self.shown) is None or page.list.picked is None:
            return False
        page.list.focus()
        return True

    def type(self, character: str) -> None:
        """Type a character into the prompt that was typed while the list had the focus."""
        self._screen.composer.focus_prompt()
        self._screen.composer.prompt.insert(character)

    async def run(self, action: StartAction) -> None:
        """Run an action that was chosen on the start page."""
        from tui_chat.ui.dialogs import start_page as page

        screen = self._screen
        screen.composer.focus_prompt()
        match action:
            case page.Ask(question):
                screen.sender.submit(question)
            case page.ContinueChat(chat):
                await screen.switcher.open_chat(chat)
            case page.ConnectServer(server) if server.wants_key:
                screen.connections.connect(server.base_url)
            case page.ConnectServer(server):
                await screen.connections.connect_server(server)
            case "connect":
                screen.connections.connect()
            case "choose_model":
                screen.connections.choose_model()
            case "find_servers":
                if (shown := self.shown) is not None:
                    shown.show_looking()
                    screen.run_worker(partial(self._look, shown), group="look", exclusive=True)

    async def _look(self, page: StartPage) -> None:
        servers = await self._find_servers()
        if page.is_attached:
            page.show_servers(servers)
