"""Titles that a model gives, for chats that may have been closed when the title comes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.titling import Titling

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.chat_manager.open_chats import OpenChats

log = logging.getLogger(__name__)


class ModelTitles:
    """Asks for a title after a chat's first exchange, and gives it to the open chat or to the history."""

    def __init__(self, history: History, open_chats: OpenChats) -> None:
        self._history = history
        self._open_chats = open_chats
        self._titling = Titling(self._take, self._keep_request)

    def watch(self, session: Session) -> None:
        """Ask for the title of this session's chat when its first exchange has ended."""
        self._titling.watch(session)

    async def close(self) -> None:
        """Ask for nothing more."""
        await self._titling.close()

    def _keep_request(self, conversation: Conversation, reply: Message) -> None:
        if reply.usage is not None or reply.deltas:
            self._history.keep_request(conversation.id, "title", reply)

    async def _take(self, conversation: Conversation, title: str) -> None:
        if self._open_chats.session(conversation.id) is not None:
            conversation.rename(title)
            return
        try:
            await asyncio.to_thread(_rename_unnamed, self._history, conversation.id, title)
        except HistoryError as error:
            log.info("A chat did not get its title: %s", error)


def _rename_unnamed(history: History, chat: str, title: str) -> None:
    if not history.open(chat).named:
        history.rename(chat, title)
