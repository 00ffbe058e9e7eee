"""The reading half of the screen: moving in the conversation, folding, and copying out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from tui_chat.chat.conversation import Conversation
from tui_chat.ui import clipboard
from tui_chat.ui.conversation_pane import ConversationPane
from tui_chat.ui.message_view import MessageView

if TYPE_CHECKING:
    from tui_chat.chat.message import Message


# xterm's modes: button presses, all motion, and the SGR form of both.
MOUSE_ON = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
MOUSE_OFF = MOUSE_ON.replace("h", "l")


class ReadingScreen(Screen[None]):
    """What can be done with a conversation without changing it."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.pane = ConversationPane()
        self._code_turn = 0
        """Which code block `c` copies next."""
        self._mouse_released = False

    def say(self, text: str, *, bad: bool = False) -> None:
        """A toast: confirmations, and why something cannot be done. Errors of replies stand in the transcript."""
        self.notify(text, severity="warning" if bad else "information", timeout=4, markup=False)

    @property
    def focused_view(self) -> MessageView | None:
        """The message that has the focus."""
        return self.focused if isinstance(self.focused, MessageView) else None

    def focus_writing(self) -> None:
        """Back from a message to where one writes."""
        self.set_focus(None)

    def action_page_up(self) -> None:
        """A page towards the beginning."""
        self.pane.page_up()

    def action_page_down(self) -> None:
        """A page towards the end."""
        self.pane.page_down()

    def action_top(self) -> None:
        """The first message."""
        self.pane.top()

    def action_bottom(self) -> None:
        """The newest text, followed."""
        self.pane.bottom()

    def action_previous_message(self) -> None:
        """Focus the message before the focused one; from elsewhere the last."""
        views = self.pane.views
        if views:
            at = views.index(self.focused_view) if self.focused_view in views else len(views)
            views[max(0, at - 1)].focus()

    def action_next_message(self) -> None:
        """Focus the message after the focused one; after the last, go back to writing."""
        views = self.pane.views
        at = views.index(self.focused_view) if self.focused_view in views else len(views)
        if at + 1 < len(views):
            views[at + 1].focus()
        else:
            self.focus_writing()

    def action_message_fold(self) -> None:
        """Fold or unfold the focused message."""
        if (view := self.focused_view) is not None:
            view.toggle_fold()

    def action_fold(self) -> None:
        """Fold or unfold the focused message, or the last reply."""
        reply = self.conversation.last_reply
        view = self.focused_view or (self.pane.view_of(reply) if reply else None)
        if view is not None:
            view.toggle_fold()

    def action_copy_reply(self) -> None:
        """Copy the last reply that says something."""
        self._copy_message(self.conversation.last_reply, "the last reply")

    def action_message_copy(self) -> None:
        """Copy the focused message."""
        if (view := self.focused_view) is not None:
            self._copy_message(view.message, "the message")

    def _copy_message(self, message: Message | None, what: str) -> None:
        text = message.shown if message is not None else ""
        if text:
            self.say(clipboard.copy(self.app, text, what))
        else:
            self.say("There is no text to copy yet.", bad=True)

    def action_copy_code(self, number: str = "") -> None:
        """Copy a code block of the last reply: the last, or by number."""
        reply = self.conversation.last_reply
        blocks = code_blocks(reply.text) if reply is not None else []
        if number and not (number.isdecimal() and 1 <= int(number) <= len(blocks)):
            self.say(f"The last reply has {len(blocks)} code blocks; there is no block {number}.", bad=True)
        elif not blocks:
            self.say("The last reply has no code block.", bad=True)
        else:
            index = int(number) if number else len(blocks)
            self.say(clipboard.copy(self.app, blocks[index - 1], f"code block {index} of {len(blocks)}"))

    def action_message_code(self) -> None:
        """Copy a code block of the focused message; again: the next."""
        blocks = code_blocks(view.message.text) if (view := self.focused_view) is not None else []
        if not blocks:
            self.say("The message has no code block.", bad=True)
            return
        index = self._code_turn % len(blocks)
        self._code_turn = index + 1
        self.say(clipboard.copy(self.app, blocks[index], f"code block {index + 1} of {len(blocks)}"))

    def on_descendant_focus(self) -> None:
        """Another message begins with its first code block."""
        self._code_turn = 0

    def action_copy_chat(self) -> None:
        """Copy the shown branch as Markdown."""
        path = self.conversation.path()
        if path:
            whole = "\n\n".join(f"## {_who(message)}\n\n{message.shown.strip()}" for message in path)
            self.say(clipboard.copy(self.app, whole + "\n", f"the chat ({len(path)} messages)"))
        else:
            self.say("The chat is empty.", bad=True)

    def action_help(self) -> None:
        """Keys, commands, marks."""
        from tui_chat.ui.help_screen import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_palette(self) -> None:
        """All commands."""
        self.app.action_command_palette()

    def action_repaint(self) -> None:
        """Paint every cell anew."""
        self.app.refresh(repaint=True, layout=True)

    def action_mouse(self) -> None:
        """Give the mouse to the terminal, or take it back."""
        driver = self.app._driver  # noqa: SLF001 - Textual has no public switch
        if driver is not None:
            self._mouse_released = not self._mouse_released
            driver.write(MOUSE_OFF if self._mouse_released else MOUSE_ON)
            driver.flush()
            released = "The terminal has the mouse: select as usual. /mouse takes it back."
            self.say(released if self._mouse_released else "tui-chat has the mouse again.")


def code_blocks(text: str) -> list[str]:
    """The code of the fenced blocks in a Markdown text, exactly, each ending in a newline."""
    from markdown_it import MarkdownIt

    return [token.content for token in MarkdownIt("commonmark").parse(text) if token.type == "fence"]


def _who(message: Message) -> str:
    return "You" if message.role == "user" else message.model or "Reply"
