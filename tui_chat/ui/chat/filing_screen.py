"""What can be done with whole chats: begin, list, rename, duplicate, delete and bring back."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui_chat.chat.clean import clean_line
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.ports import HistoryError
from tui_chat.ui.chat.keeping_screen import KeepingScreen, in_quotes

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tui_chat.chat.ports import Backend
    from tui_chat.chat.session import Session
    from tui_chat.ui.dialogs.chat_list_screen import ChatsScreen


class FilingScreen(KeepingScreen):
    """A conversation, and the commands for all of them."""

    def __init__(self, backend: Backend, prompt: str = "") -> None:
        super().__init__(backend, prompt)
        self._deleted: list[tuple[str, str]] = []
        """Ids and titles of chats that were deleted and can be brought back, the newest last."""
        self._listing: ChatsScreen | None = None
        """The list, while it is open."""

    def ended_elsewhere(self, session: Session) -> None:
        """The list shows it, too."""
        super().ended_elsewhere(session)
        if self._listing is not None:
            self._listing.reload()

    async def action_new(self) -> None:
        """An empty chat with the same model and system prompt; what was typed in one before is there."""
        if self.conversation.messages:
            unbegun, self._unbegun = self._unbegun, None
            await self.open_conversation(unbegun or Conversation(self.conversation.system))
        self.focus_writing()

    @work
    async def action_chats(self, words: str = "") -> None:
        """The list of chats, and search in all of them."""
        from tui_chat.ui.dialogs.chat_list_screen import ChatsScreen

        if not self.ready:
            return
        self.app.clear_notifications()  # they lead here, and would cover what is below the list
        self._listing = ChatsScreen(self.history, self, words)
        chosen = await self.app.push_screen_wait(self._listing)
        self._listing = None
        if chosen is None:
            return
        if not chosen.chat:
            await self.action_new()
        elif await self.open_chat(chosen.chat):
            if chosen.message:
                await self._show_message(chosen.message, chosen.words)
                return
            self.focus_writing()
            if self._connection is not None and self._connection.undecided:
                self.action_model()

    async def _show_message(self, id_: str, words: str) -> None:
        message = self.conversation.messages.get(id_)
        if message is None:
            self.say("This message is gone.", bad=True)
            return
        if self.pane.path.index_of(self.pane.path.entry_of(message)) is None:
            self.conversation.select(self.conversation.newest_below(message))
        await self.find_from(self.pane.path.entry_of(message), words)

    async def action_rename(self, title: str = "") -> None:
        """Give the shown chat a title."""
        if title:
            self._rename(title)
        else:
            self._ask_for_title()

    @work
    async def _ask_for_title(self) -> None:
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        hint = "Enter takes it, Esc leaves it; empty is a title by rule."
        title = await self.app.push_screen_wait(LineScreen("Title of this chat", hint, self.conversation.title))
        if title is not None:
            self._rename(title)

    def _rename(self, title: str) -> None:
        self.conversation.rename(clean_line(title))
        self.say(f"The title is {in_quotes(self.conversation.title)}.")

    async def action_duplicate(self) -> None:
        """Go on in a copy of the shown chat."""
        await self._branch_off(None)

    async def action_message_branch(self) -> None:
        """Go on in a new chat that ends at the focused message."""
        if (view := self.focused_view) is not None:
            await self._branch_off(view.message.id)

    async def _branch_off(self, upto: str | None) -> None:
        message = self.conversation.messages.get(upto) if upto else self.conversation.leaf
        if message is None:
            self.say("There is nothing to copy yet.", bad=True)
        elif not message.settled:
            self.say("This reply is still coming; a copy can be made when it has ended.", bad=True)
        else:
            try:
                copy = await self.duplicate_chat(self.conversation.id, upto)
            except HistoryError as error:
                self.say(clean_line(str(error)), bad=True)
            else:
                self.open_chats.trace(copy).connection = self._connection
                if await self.open_chat(copy):
                    self.say("This is a copy: what comes here leaves the other chat as it is. Ctrl+S leads back.")
                self.focus_writing()

    async def action_delete(self) -> None:
        """Delete the shown chat."""
        if not self.conversation.messages:
            self.say("There is nothing to delete.", bad=True)
            return
        title = self.conversation.title
        try:
            await self.delete_chat(self.conversation.id, title)
        except HistoryError as error:
            self.say(clean_line(str(error)), bad=True)
        else:
            self.say(f"{in_quotes(title)} is deleted; /undelete brings it back.")

    async def action_export(self, name: str = "") -> None:
        """Write the shown chat to a file."""
        if not self.conversation.messages:
            self.say("There is nothing to export yet.", bad=True)
        elif name:
            await self._export(name)
        else:
            self._ask_where_to_export()

    @work
    async def _ask_where_to_export(self) -> None:
        from tui_chat.ui.dialogs.text_input_screen import LineScreen

        hint = "Enter writes it as the name ends: .md, .html, .txt, or .json with all branches. Esc leaves it."
        name = re.sub(r"\W+", "-", self.conversation.title).strip("-") or "chat"
        chosen = await self.app.push_screen_wait(LineScreen("Export this chat to", hint, f"{name}.md"))
        if chosen and chosen.strip():
            await self._export(chosen.strip())

    async def _export(self, name: str) -> None:
        try:
            file = await asyncio.to_thread(self._backend.export, self.conversation, Path(name))
        except HistoryError as error:
            self.say(clean_line(str(error)), bad=True)
        else:
            self.say(f"Exported to {clean_line(str(file))}.")

    async def action_undelete(self) -> None:
        """Bring back messages that were deleted here, else the chat that was deleted last."""
        if self.undelete_messages():
            return
        try:
            chat = await self.undelete_chat()
        except HistoryError as error:
            self.say(clean_line(str(error)), bad=True)
            return
        if chat:
            await self.open_chat(chat)
        else:
            self.say("Nothing was deleted that could come back.", bad=True)

    # What the list of chats asks for.

    @property
    def shown_chat(self) -> str:
        """The id of the chat that is on the screen."""
        return self.conversation.id

    @property
    def running_chats(self) -> AbstractSet[str]:
        """The ids of chats with a reply under way in this program."""
        shown = {self.conversation.id} if self.conversation.replying else set()
        return shown | {session.conversation.id for session in self.open_chats.running}

    @property
    def waiting_chats(self) -> AbstractSet[str]:
        """The ids of chats that wait to be looked at: a reply has ended in them, or an earlier run in the middle."""
        return self.open_chats.unseen | self.unfinished_chats

    async def rename_chat(self, chat: str, title: str) -> None:
        """Give any chat a title; empty: by rule. Raises `HistoryError`."""
        session = self.open_chats.session(chat)
        if session is not None:
            session.conversation.rename(clean_line(title))
        else:
            await asyncio.to_thread(self.history.rename, chat, clean_line(title))

    async def pin_chat(self, chat: str, *, pinned: bool) -> None:
        """Keep any chat on top of the list, or no longer. Raises `HistoryError`."""
        await asyncio.to_thread(partial(self.history.pin, chat, pinned=pinned))

    async def duplicate_chat(self, chat: str, upto: str | None = None) -> str:
        """Copy any chat, or its path up to a message; gives the copy's id. Raises `HistoryError`."""
        return await asyncio.to_thread(self.history.duplicate, chat, upto)

    async def delete_chat(self, chat: str, title: str) -> None:
        """Delete any chat in which no reply is coming; where it is on the screen, an empty one takes its place. Raises
        `HistoryError`."""
        session = self.open_chats.session(chat)
        if session is not None and session.busy:
            raise HistoryError("A reply is still coming in this chat: stop it first.")
        if chat == self.conversation.id:
            await self.action_new()
        await asyncio.to_thread(self.history.delete, chat)
        self._deleted.append((chat, title))

    async def undelete_chat(self) -> str:
        """Bring back the chat that was deleted last; gives its id, empty if there is none. Raises `HistoryError`."""
        if not self._deleted:
            return ""
        chat, _ = self._deleted[-1]
        await asyncio.to_thread(self.history.restore, chat)
        self._deleted.pop()
        return chat
