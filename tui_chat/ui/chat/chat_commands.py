"""The commands for whole chats: begin, list, rename, duplicate, delete, bring back, export."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.titles import in_quotes
from tui_chat.ui.key_hints import key_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message
    from tui_chat.ui.chat.chat_switcher import ChatSwitcher
    from tui_chat.ui.chat.connection_controller import ConnectionController
    from tui_chat.ui.composer.composer import Composer
    from tui_chat.ui.find.controller import FindController
    from tui_chat.ui.transcript.transcript import Transcript

# The dialogs are imported when they are opened: none of them is needed for the first frame.


class CommandsScreen(Protocol):
    """The part of the screen that the commands use."""

    composer: Composer
    pane: Transcript
    finding: FindController
    connections: ConnectionController

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    @property
    def ready(self) -> bool:
        """Whether the settings are loaded."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        ...

    def show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Show a sentence for some seconds."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class ChatCommands:
    """Carries out commands for whole chats, and reports their results."""

    def __init__(self, screen: CommandsScreen, switcher: ChatSwitcher, restore_messages: Callable[[], bool]) -> None:
        """`restore_messages` brings back what was deleted last in the shown chat; it gives False if nothing was."""
        self._screen = screen
        self._switcher = switcher
        self._restore_messages = restore_messages

    async def new(self) -> None:
        """Show an empty chat with the same model and system prompt; what was typed in one before is there."""
        if self._screen.conversation.messages:
            await self._switcher.show_chat(self._switcher.manager.new_chat())
        self._screen.composer.focus_prompt()

    # The list

    def list(self, words: str = "") -> None:
        """Open the list of chats, and search in all of them."""
        if self._screen.ready:
            self._screen.run_worker(partial(self._choose_chat, words))

    async def _choose_chat(self, words: str) -> None:
        from tui_chat.ui.dialogs.chat_list_screen import ChatsScreen

        screen, switcher = self._screen, self._switcher
        screen.app.clear_notifications()  # they lead here, and would cover what is below the list
        chats = ChatsScreen(switcher.manager, self._delete_any, words)
        switcher.reply_ended = chats.reload
        chosen = await screen.app.push_screen_wait(chats)
        switcher.reply_ended = _nothing
        if chosen is None:
            return
        if not chosen.chat:
            await self.new()
        elif await switcher.open_chat(chosen.chat):
            if chosen.message:
                await self._show_message(chosen.message, chosen.words)
                return
            screen.composer.focus_prompt()
            if screen.connections.connection is not None and screen.connections.connection.undecided:
                screen.connections.choose_model()

    async def _show_message(self, id_: str, words: str) -> None:
        conversation, path = self._screen.conversation, self._screen.pane.path
        message = conversation.messages.get(id_)
        if message is None:
            self._screen.show_notice("This message is gone.", bad=True)
            return
        if path.index_of(path.entry_of(message)) is None:
            conversation.select(conversation.newest_below(message))
        await self._screen.finding.find_from(self._screen.pane.path.entry_of(message), words)

    # Titles

    def rename(self, title: str = "") -> None:
        """Give the shown chat a title; without one, ask for it."""
        if title:
            self._rename(title)
        else:
            self._screen.run_worker(self._ask_for_title)

    async def _ask_for_title(self) -> None:
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        about = "Without a title, the chat is named after its first question."
        dialog = LineScreen("Rename this chat", about, self._screen.conversation.title, one_line=True)
        title = await self._screen.app.push_screen_wait(dialog)
        if title is not None:
            self._rename(title)

    def _rename(self, title: str) -> None:
        conversation = self._screen.conversation
        conversation.rename(clean_line(title))
        self._screen.show_notice(f"The title is {in_quotes(conversation.title)}.")

    # Copies

    async def duplicate(self) -> None:
        """Go on in a copy of the shown chat."""
        await self._go_on_in_copy(self._screen.conversation.leaf)

    async def branch_off(self) -> None:
        """Go on in a new chat that ends at the focused message."""
        if (view := self._screen.pane.focused_view) is not None:
            await self._go_on_in_copy(view.message, upto=view.message.id)

    async def _go_on_in_copy(self, message: Message | None, upto: str | None = None) -> None:
        screen, switcher = self._screen, self._switcher
        if message is None:
            screen.show_notice("There is nothing to copy yet.", bad=True)
        elif not message.settled:
            screen.show_notice("This reply is still coming; a copy can be made when it has ended.", bad=True)
        else:
            try:
                copy = await switcher.manager.duplicate(screen.conversation.id, upto)
            except HistoryError as error:
                screen.show_notice(clean_line(str(error)), bad=True)
                return
            switcher.manager.view_state(copy).connection = screen.connections.connection
            if await switcher.open_chat(copy):
                screen.show_notice(f"You are in a copy. The original is in Chats ({key_hint(screen.app, 'chats')}).")
            screen.composer.focus_prompt()

    # Deleting

    async def delete(self) -> None:
        """Delete the shown chat."""
        conversation = self._screen.conversation
        if not conversation.messages:
            self._screen.show_notice("There is nothing to delete.", bad=True)
            return
        title = conversation.title
        try:
            await self._delete_any(conversation.id)
        except HistoryError as error:
            self._screen.show_notice(clean_line(str(error)), bad=True)
        else:
            self._screen.show_notice(f"{in_quotes(title)} is deleted; /undelete brings it back.")

    async def _delete_any(self, chat: str) -> None:
        """Delete any chat in which no reply is coming; where it is the shown one, an empty one takes its place. Raises
        `HistoryError`."""
        manager = self._switcher.manager
        manager.check_deletable(chat)
        if chat == manager.shown_id:
            await self._switcher.show_chat(manager.new_chat())
            self._screen.composer.focus_prompt()
        await manager.delete(chat)

    async def undelete(self) -> None:
        """Bring back messages that were deleted in the shown chat, else the chat that was deleted last."""
        if self._screen.ready and self._restore_messages():
            return
        try:
            chat = await self._switcher.manager.restore() if self._screen.ready else ""
        except HistoryError as error:
            self._screen.show_notice(clean_line(str(error)), bad=True)
            return
        if chat:
            await self._switcher.open_chat(chat)
        else:
            self._screen.show_notice("There is nothing to restore.", bad=True)

    # Exporting

    async def export(self, name: str = "") -> None:
        """Write the shown chat to a file; without a name, ask for it."""
        if not self._screen.conversation.messages:
            self._screen.show_notice("There is nothing to export yet.", bad=True)
        elif name:
            if problem := await self._export(name):
                self._screen.show_notice(problem, bad=True)
        else:
            self._screen.run_worker(self._ask_where_to_export)

    async def _ask_where_to_export(self) -> None:
        """Ask for a file until it can be written."""
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        about = "The file's ending chooses the format: .md, .html, .txt, or .json with all branches."
        title = re.sub(r"\W+", "-", self._screen.conversation.title).strip("-") or "chat"
        name, problem = await asyncio.to_thread(_free_name, title), ""
        while True:
            note = f"{problem}\n{about}" if problem else about
            dialog = LineScreen("Export this chat to a file", note, name, verb="export", one_line=True)
            name = (await self._screen.app.push_screen_wait(dialog) or "").strip()
            if not name or not (problem := await self._export(name)):
                return

    async def _export(self, name: str) -> str:
        """Write the shown chat to a file; gives the problem in a sentence, or an empty text."""
        try:
            file = await self._switcher.manager.export(Path(name))
        except HistoryError as error:
            return f"{clean_line(str(error)).rstrip('.')}."
        self._screen.show_notice(f"Exported to {clean_line(str(file))}.")
        return ""


def _free_name(title: str) -> str:
    """A name for a Markdown file in the working folder; with a number where there are files of that name already."""
    names = (f"{title}{'' if number == 1 else f'-{number}'}.md" for number in range(1, 100))
    return next((name for name in names if not Path(name).exists()), f"{title}.md")


def _nothing() -> None:
    """Do nothing; stands in again when the list of chats is closed."""
