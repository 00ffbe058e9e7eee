"""The state that one run leaves to the next: chats that were not closed, and what was typed in one that had not
begun."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.history_ports import Draft, HistoryError, draft_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.history_ports import History
    from tui_chat.chat.message import Attachment

log = logging.getLogger(__name__)

NEW_CHAT = ""
"""The id under which the history keeps what was typed in a chat that has not begun, for the next start."""


class Unfinished(NamedTuple):
    """The state that earlier runs left."""

    chats: Sequence[str]
    """The ids of chats with messages that were not closed, newest first."""
    typed: Sequence[str]
    """The texts that were typed in chats that had not begun, the newest last."""
    attachments: tuple[Attachment, ...] = ()
    """The attachments of the newest of them."""


def take_unfinished(history: History, *, for_new_chat: bool) -> Unfinished:
    """Ask a history what earlier runs left; each thing is given once. Meant for a thread. `for_new_chat`: also give
    what was typed for the next new chat. Raises `HistoryError`."""
    chats: list[str] = []
    typed: list[Draft] = []
    if for_new_chat:
        typed.append(history.draft(NEW_CHAT))
        history.keep_draft(NEW_CHAT, Draft())
    for chat in history.unfinished_chats():
        if _has_begun(history, chat):
            chats.append(chat)
        else:
            typed.append(history.draft(chat))
            history.keep_draft(chat, Draft())
    kept = [draft for draft in reversed(typed) if draft.text.strip() or draft.attachments]
    return Unfinished(chats, [draft.text for draft in kept], kept[-1].attachments if kept else ())


def keep_for_next_new_chat(history: History, chat: str, draft: Draft) -> None:
    """Keep what was typed in a chat that has not begun for the next new one, behind what another program left."""
    try:
        waiting = history.draft(NEW_CHAT)
    except HistoryError as error:
        log.info("What was typed before cannot be read: %s", error)
        waiting = Draft()
    texts = dict.fromkeys(text for text in (waiting.text, draft.text) if text.strip())
    history.keep_draft(NEW_CHAT, draft_of("\n\n".join(texts), (*waiting.attachments, *draft.attachments)))
    history.keep_draft(chat, Draft())


def _has_begun(history: History, chat: str) -> bool:
    try:
        return bool(history.open(chat).messages)
    except HistoryError:
        return False
