"""The rows of the chat list."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.search.visible import visible_words
from tui_chat.ui.dates import group_of, in_words
from tui_chat.ui.dialogs.fuzzy import match
from tui_chat.ui.dialogs.row_list import Column, ListRow
from tui_chat.ui.numbers import count

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tui_chat.chat.history_ports import ChatInfo, Hit

COLUMNS = (Column(leaves=2, widest=20), Column("right", leaves=3), Column("right", leaves=1))
"""The model, the number of messages, the date."""


@dataclass(frozen=True, slots=True)
class States:
    """The states that the signs before the titles show, by the chats' ids."""

    running: Collection[str] = ()
    """A reply is running in them."""
    waiting: Collection[str] = ()
    """They contain something unread."""

    def sign(self, chat: ChatInfo) -> str:
        """The sign before a chat's title."""
        if chat.live or chat.id in self.running:
            return "●"
        return "○" if chat.id in self.waiting else "★" if chat.pinned else ""


@dataclass(frozen=True, slots=True)
class HitValue:
    """The value of the row of a found message: the ids of its chat and of itself."""

    chat: str
    message: str
    found: str
    """The words in it that were found."""


def chat_row(chat: ChatInfo, states: States, now: float, words: str = "") -> ListRow:
    """The row of a chat; its value is the chat's id. `words`: what was searched for in its title."""
    messages = f"{count(chat.messages)} message{'' if chat.messages == 1 else 's'}"
    model = chat.model.rpartition("/")[2]  # without the maker's name, which takes the room of what tells models apart
    notes = (model, messages, in_words(chat.changed, now))
    found = match(words, chat.title, scattered=False) if words else None
    letters = () if found is None else found.letters
    return ListRow(chat.title or "(no title)", notes, chat.id, states.sign(chat), letters)


def hit_row(hit: Hit, states: States, now: float) -> ListRow:
    """The row of a found message; its value is a `HitValue`."""
    found = next((text for text, marked in hit.excerpt if marked), "")
    notes = ("you" if hit.role == "user" else "reply", "", in_words(hit.created, now))
    value = HitValue(hit.chat.id, hit.message, found)
    below = hit.excerpt if hit.role == "user" else visible_words(hit.excerpt)
    return ListRow(hit.chat.title or "(no title)", notes, value, states.sign(hit.chat), below=below)


def in_date_groups(chats: Sequence[ChatInfo], states: States, now: float) -> list[tuple[str, list[ListRow]]]:
    """The rows of chats by groups: Pinned, Today, Yesterday, This week, Older, and last those in which only
    `tui-chat ask` has asked. `chats`: as the history lists them, the pinned ones first and then the newest."""
    apart = [chat for chat in chats if chat.origin == "ask" and not chat.pinned]
    others = [chat for chat in chats if chat.origin != "ask" or chat.pinned]
    groups = groupby(others, lambda chat: "Pinned" if chat.pinned else group_of(chat.changed, now))
    grouped = [(title, [chat_row(chat, states, now) for chat in members]) for title, members in groups]
    if apart:
        grouped.append(("Asked with tui-chat ask", [chat_row(chat, states, now) for chat in apart]))
    return grouped
