"""Opens the history and the chat to continue, as settings and flags say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.choices.chat_choices import with_persona
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui_chat.chat.backend_ports import Setup
    from tui_chat.chat.choices.chat_choices import Persona
    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.recipient import Recipient
    from tui_chat.history.store import Store


class HistoryOptions(NamedTuple):
    """The flags of the command line that concern the history."""

    off: bool = False
    """`--no-log`: nothing of the chat is written to disk."""
    latest: bool = False
    """`--continue`: continue the chat of `origin` that changed last."""
    chat: str = ""
    """`--cid`: continue the chat whose id starts with this."""
    origin: Origin = ""
    """`ask` continues its own chats, the screen and `plain` theirs."""
    system: str | None = None
    """The new system prompt of the continued chat; `None` leaves it as it is."""

    @property
    def continues(self) -> bool:
        """Whether a saved chat is to be continued."""
        return self.latest or bool(self.chat)


class OpenedHistory(NamedTuple):
    """The history and the chat to continue."""

    history: Store | None = None
    chat: str = ""
    notices: tuple[str, ...] = ()
    recipient: Recipient | None = None
    """The last recipient of the continued chat."""


def open_history(options: HistoryOptions, folder: Path, *, wanted: bool) -> OpenedHistory:
    """Open the history in `folder`, unless the settings do not want one (`wanted`). Raises `SetupError`."""
    if options.continues and (options.off or not wanted):
        off = "--no-log stores nothing" if options.off else "TUI_CHAT_HISTORY is off"
        raise SetupError(f"{off}, so no saved chat can be continued: leave that out, or --continue and --cid")
    if options.off or not wanted:
        return OpenedHistory()
    from tui_chat.history.store import Store

    history = Store(folder)
    try:
        chat = (
            history.find(options.chat)
            if options.chat
            else (history.newest(options.origin) or "")
            if options.latest
            else ""
        )
        if chat and options.system is not None:
            history.set_system(chat, options.system)
        recipient = history.recipient(chat) if chat else None
    except HistoryError as error:
        raise SetupError(str(error)) from error
    lost = options.latest and not chat
    notices = ("There is no saved chat to continue; this is a new one.",) if lost else ()
    return OpenedHistory(history, chat, notices, recipient)


def enter_chat(history: History, chat: str) -> bool:
    """Mark a chat as open in this program; return whether another program has it open too. Raises `SetupError`."""
    try:
        return history.enter(chat)
    except HistoryError as error:
        raise SetupError(str(error)) from error


def take_persona(history: Store, chat: str, name: str, personas: Mapping[str, Persona], usual_system: str) -> None:
    """Let the persona of that name answer in a stored chat. Raises `SetupError`."""
    try:
        held = history.open(chat)
        choices, system = with_persona(held.choices, held.system, personas[name], personas, usual_system)
        history.set_system(chat, system)
        history.set_choices(chat, choices)
    except HistoryError as error:
        raise SetupError(str(error)) from error


def first_conversation(setup: Setup) -> Conversation:
    """Return the conversation to start with, new or continued; it is not being recorded yet. Raises `SetupError`."""
    if setup.history is None or not setup.chat:
        conversation = Conversation(setup.system)
        conversation.choices = setup.choices
        return conversation
    try:
        return setup.history.open(setup.chat)
    except HistoryError as error:
        raise SetupError(str(error)) from error
