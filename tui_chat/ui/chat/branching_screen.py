"""What can be done to the messages of a chat: ask again, go on, edit, delete. Nothing of it overwrites anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.endings import may_continue
from tui_chat.ui.chat.writing_screen import WritingScreen

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Removal
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView


class BranchingScreen(WritingScreen):
    """A conversation that grows branches."""

    @property
    def removals(self) -> list[Removal]:
        """What was deleted in the shown chat and can be brought back, the newest last."""
        raise NotImplementedError

    # Asking again, and going on. (What a view sends is taken by its name: its class is not imported before the first
    # frame.)

    def on_message_view_retry_requested(self, event: MessageView.RetryRequested) -> None:
        """The Retry under a reply."""
        self._retry(event.view.message)

    def on_message_view_continue_requested(self, event: MessageView.ContinueRequested) -> None:
        """The Continue under a reply."""
        self._continue(event.view)

    def action_retry(self) -> None:
        """Ask the last question once more."""
        self._retry(None)

    def action_message_retry(self) -> None:
        """Ask the question of the focused message once more."""
        if (view := self.pane.focused_view) is not None:
            self._retry(view.message)

    def _retry(self, message: Message | None) -> None:
        if self.session is None or self.session.busy or not self.conversation.messages:
            self.say("There is nothing to ask again right now.", bad=True)
        elif self.may_ask() and self.session.retry(message):
            self.follow_turn()

    def action_continue(self) -> None:
        """Go on with the last reply where it is not whole."""
        self._continue(None)

    def action_message_continue(self) -> None:
        """Go on with the focused reply."""
        self._continue(self.pane.focused_view)

    def _continue(self, view: MessageView | None) -> None:
        """Of an earlier reply, what comes is a branch of its own."""
        session, reply = self.session, view.message if view is not None else self.conversation.leaf
        if session is None or session.busy or reply is None or not may_continue(reply):
            self.say("There is nothing to go on with.", bad=True)
            return
        if not self.may_ask():
            return
        if reply is not self.conversation.leaf:
            self.conversation.select(reply)
        session.continue_()
        self.follow_turn()

    # Editing.

    def action_edit(self) -> None:
        """Edit the last question of the shown branch."""
        self._edit_question(self.conversation.leaf)

    def action_message_edit(self) -> None:
        """Edit the focused question, or the one that the focused reply answers."""
        if (view := self.pane.focused_view) is not None:
            self._edit_question(view.message)

    def _edit_question(self, message: Message | None) -> None:
        while message is not None and message.role != "user":
            message = self.conversation.messages.get(message.parent or "")
        if message is None:
            self.say("There is no question to edit yet.", bad=True)
        else:
            self.composer.begin_edit(message)

    # Deleting.

    def action_message_delete(self) -> None:
        """Delete the focused message and all below it."""
        if (view := self.pane.focused_view) is not None:
            self._delete(view.messages[0])

    def _delete(self, message: Message) -> None:
        if self.session is not None and self.session.answers(message):
            self.say("A reply is still coming here: stop it with Esc, then delete.", bad=True)
            return
        entries = self.pane.path.entries
        index = self.pane.path.index_of(message) or 0
        removal = self.conversation.remove(message)
        self.removals.append(removal)
        count = len(removal.messages)
        self._focus_at(index)
        how = "u" if entries and self.pane.path.entries else "/undelete"
        what = "1 message is deleted" if count == 1 else f"{count} messages are deleted"
        self.say(f"{what}; {how} brings {'it' if count == 1 else 'them'} back.")

    def _focus_at(self, index: int) -> None:
        """The message that stands where one was deleted; the last, if that was the end; the box, if none is left."""
        entries = self.pane.path.entries
        if entries:
            self.pane.reveal(entries[min(index, len(entries) - 1)], focus=True)
        else:
            self.focus_writing()

    def action_message_undelete(self) -> None:
        """Bring back what was deleted last in this chat."""
        if not self.undelete_messages():
            self.say("Nothing was deleted here that could come back.", bad=True)

    def undelete_messages(self) -> bool:
        """Bring back what was deleted last in this chat, and show it. False: nothing was."""
        if not self.removals:
            return False
        removal = self.removals.pop()
        self.conversation.restore(removal)
        entry = self.pane.path.entry_of(removal.messages[0])
        if self.pane.path.index_of(entry) is not None:
            self.pane.reveal(entry, focus=self.focused is not self.composer.prompt)
        return True
