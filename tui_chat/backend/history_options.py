"""Where chats are kept, and with which one a door begins, as settings and flags say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.backend_ports import Setup
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.recipient import Recipient
    from tui_chat.history.store import Store


class HistoryOptions(NamedTuple):
    """What the command line says about it."""

    off: bool = False
    """`--no-log`: nothing of the chat touches a disk."""
    latest: bool = False
    """`--continue`: the chat that changed last goes on."""
    chat: str = ""
    """`--cid`: the chat whose id begins so goes on."""
    system: str | None = None
    """The system prompt that the chat that goes on is to have from here on; `None`: its own."""

    @property
    def continues(self) -> bool:
        """Whether a kept chat goes on."""
        return self.latest or bool(self.chat)


class OpenedHistory(NamedTuple):
    """Where chats are kept, and which one goes on."""

    history: Store | None = None
    chat: str = ""
    notices: tuple[str, ...] = ()
    recipient: Recipient | None = None
    """Whom the chat that goes on was with."""


def open_history(options: HistoryOptions, folder: Path, *, wanted: bool) -> OpenedHistory:
    """The history in `folder`, where the settings have it `wanted`. Raises `SetupError`."""
    if options.continues and (options.off or not wanted):
        off = "--no-log stores nothing" if options.off else "TUI_CHAT_HISTORY is off"
        raise SetupError(f"{off}, so no kept chat goes on: leave that out, or --continue and --cid")
    if options.off or not wanted:
        return OpenedHistory()
    from tui_chat.history.store import Store

    history = Store(folder)
    try:
        chat = history.find(options.chat) if options.chat else (history.newest() or "") if options.latest else ""
        if chat and options.system is not None:
            history.instruct(chat, options.system)
        recipient = history.recipient(chat) if chat else None
    except HistoryError as error:
        raise SetupError(str(error)) from error
    lost = options.latest and not chat
    notices = ("There is no kept chat to go on with; this is a new one.",) if lost else ()
    return OpenedHistory(history, chat, notices, recipient)


def enter_chat(history: History, chat: str) -> bool:
    """Say that a chat is open in this program. True: in another one, too. Raises `SetupError`."""
    try:
        return history.enter(chat)
    except HistoryError as error:
        raise SetupError(str(error)) from error


def first_conversation(setup: Setup) -> Conversation:
    """The conversation with which a door begins; it is not recorded yet. Raises `SetupError`."""
    if setup.history is None or not setup.chat:
        return Conversation(setup.system)
    try:
        return setup.history.open(setup.chat)
    except HistoryError as error:
        raise SetupError(str(error)) from error
