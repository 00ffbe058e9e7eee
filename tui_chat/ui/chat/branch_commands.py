"""The commands for the messages of a chat: ask again, continue, edit, delete. None of them overwrites anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.endings import may_continue

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Removal
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.ui.composer.composer import Composer
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.transcript import Transcript


STILL_COMING = "A reply is still coming here: stop it with Esc,"
"""The reason why a command has to wait; what can be done afterwards follows."""


class BranchConnections(Protocol):
    """The part of the connection controller that the commands use."""

    @property
    def session(self) -> Session | None:
        """Runs the turns of the shown chat; `None` until the settings are loaded."""
        ...

    def may_ask(self) -> bool:
        """Whether a question may be sent. False: a notice has said what to do first."""
        ...

    def follow_turn(self) -> None:
        """Show that something was asked."""
        ...


class BranchesChats(Protocol):
    """The part of the chat switcher that the commands use."""

    @property
    def removals(self) -> list[Removal]:
        """The messages that were deleted in the shown chat and can be restored, the newest last."""
        ...


class BranchesScreen(Protocol):
    """The part of the screen that the commands use."""

    @property
    def connections(self) -> BranchConnections:
        """The controller that holds the session and its connection."""
        ...

    @property
    def switcher(self) -> BranchesChats:
        """The controller that keeps and switches the open chats."""
        ...


class BranchCommands:
    """Has the shown conversation grow branches, and takes them away."""

    def __init__(self, screen: BranchesScreen, pane: Transcript, composer: Composer, notify: Notify) -> None:
        self._screen = screen
        self._connections = screen.connections
        self._pane = pane
        self._composer = composer
        self._notify = notify

    # Asking again, and continuing.

    def retry(self) -> None:
        """Ask the last question once more."""
        self.retry_message(None)

    def retry_focused(self) -> None:
        """Ask the question of the focused message once more."""
        if (view := self._pane.focused_view) is not None:
            self.retry_message(view.message)

    def retry_message(self, message: Message | None) -> None:
        """Ask the question of a message once more; `None`: the last question."""
        session = self._connections.session
        if session is None or not session.conversation.messages:
            self._notify("There is nothing to ask again right now.", bad=True)
        elif session.busy:
            self._notify(f"{STILL_COMING} then ask again.", bad=True)
        elif self._connections.may_ask() and session.retry(message):
            self._connections.follow_turn()

    def continue_reply(self) -> None:
        """Ask for the rest of the last reply."""
        self.continue_message(self._pane.conversation.leaf)

    def continue_focused(self) -> None:
        """Ask for the rest of the focused reply."""
        view = self._pane.focused_view
        self.continue_message(view.message if view is not None else self._pane.conversation.leaf)

    def continue_message(self, reply: Message | None) -> None:
        """Ask for the rest of a reply; that of an earlier one becomes a branch."""
        session, conversation = self._connections.session, self._pane.conversation
        if session is not None and session.busy:
            self._notify(f"{STILL_COMING} then continue it.", bad=True)
        elif session is None or reply is None or not may_continue(reply):
            self._notify("There is nothing to continue.", bad=True)
        elif self._connections.may_ask():
            if reply is not conversation.leaf:
                conversation.select(reply)
            session.continue_()
            self._connections.follow_turn()

    # Editing.

    def edit(self) -> None:
        """Edit the last question of the shown branch."""
        self._edit_question(self._pane.conversation.leaf)

    def edit_focused(self) -> None:
        """Edit the focused question, or the one that the focused reply answers."""
        if (view := self._pane.focused_view) is not None:
            self._edit_question(view.message)

    def _edit_question(self, message: Message | None) -> None:
        while message is not None and message.role != "user":
            message = self._pane.conversation.messages.get(message.parent or "")
        if message is None:
            self._notify("There is no question to edit yet.", bad=True)
        else:
            self._composer.begin_edit(message)

    # Deleting.

    def delete_focused(self) -> None:
        """Delete the focused message and all below it."""
        if (view := self._pane.focused_view) is not None:
            self._delete(view)

    def _delete(self, view: MessageView) -> None:
        session, path, message = self._connections.session, self._pane.path, view.messages[0]
        if session is not None and session.answers(message):
            self._notify(f"{STILL_COMING} then delete.", bad=True)
            return
        index = path.index_of(message) or 0
        removal = self._pane.conversation.remove(message)
        self._screen.switcher.removals.append(removal)
        self._focus_at(index)
        count = len(removal.messages)
        how = "u" if path.entries else "/undelete"
        what = "1 message is deleted" if count == 1 else f"{count} messages are deleted"
        self._notify(f"{what}; {how} brings {'it' if count == 1 else 'them'} back.")

    def _focus_at(self, index: int) -> None:
        """Focus the message that stands where one was deleted; the last, if that was the end; the prompt, if none is
        left."""
        entries = self._pane.path.entries
        if entries:
            self._pane.reveal(entries[min(index, len(entries) - 1)], focus=True)
        else:
            self._composer.focus_prompt()

    def undelete(self) -> None:
        """Bring back what was deleted last in this chat; say so where that was nothing."""
        if not self.restore_messages():
            self._notify("There is nothing to restore here.", bad=True)

    def restore_messages(self) -> bool:
        """Bring back what was deleted last in this chat, and show it. False: nothing was."""
        if not self._screen.switcher.removals:
            return False
        removal = self._screen.switcher.removals.pop()
        self._pane.conversation.restore(removal)
        entry = self._pane.path.entry_of(removal.messages[0])
        if self._pane.path.index_of(entry) is not None:
            self._pane.reveal(entry, focus=not self._composer.prompt_has_focus)
        return True
