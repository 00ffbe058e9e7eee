"""The commands that copy messages, code blocks, or the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.transcript.text import copied_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.transcript import Transcript


class CopyCommands:
    """Copies text of the shown branch, whether its messages have a view or not."""

    def __init__(self, pane: Transcript, copy: Callable[[str, str], None], notify: Notify) -> None:
        """`copy` takes a text and what to call it, puts it on the clipboard and says so."""
        self._pane = pane
        self._copy = copy
        self._notify = notify
        self._code_of: tuple[Message | None, int] = (None, 0)
        """The message of which a code block was copied last, and which block comes next."""

    def copy_reply(self) -> None:
        """Copy the last reply that says something."""
        self._copy_messages(self._last_reply, "the last reply")

    def copy_message(self) -> None:
        """Copy the focused message."""
        if (view := self._pane.focused_view) is not None:
            self._copy_messages(view.messages, "the message")

    @property
    def _last_reply(self) -> Sequence[Message]:
        """The last reply, and the replies that continue it."""
        reply = self._pane.conversation.last_reply
        return self._pane.conversation.continued(reply) if reply is not None else ()

    def _copy_messages(self, messages: Sequence[Message], what: str) -> None:
        text = copied_text.text_of(messages) if messages else ""
        if text:
            self._copy(text, what if messages[-1].settled else f"what has come of {what}")
        else:
            self._notify("There is no text to copy yet.", bad=True)

    def copy_code(self, number: str = "") -> None:
        """Copy a code block of the last reply: the last, or by number."""
        blocks = copied_text.code_blocks(self._last_reply) if self._last_reply else []
        if number and not (number.isdecimal() and 1 <= int(number) <= len(blocks)):
            self._notify(f"The last reply has {len(blocks)} code blocks; there is no block {number}.", bad=True)
        elif not blocks:
            self._notify("The last reply has no code block.", bad=True)
        else:
            index = int(number) if number else len(blocks)
            self._copy(blocks[index - 1], f"code block {index} of {len(blocks)}")

    def copy_next_code(self) -> None:
        """Copy the first code block of the focused message; again: the next."""
        view = self._pane.focused_view
        blocks = copied_text.code_blocks(view.messages) if view is not None else []
        if view is None or not blocks:
            self._notify("The message has no code block.", bad=True)
            return
        message, following = self._code_of
        index = following % len(blocks) if message is view.messages[0] else 0
        self._code_of = (view.messages[0], index + 1)
        self._copy(blocks[index], f"code block {index + 1} of {len(blocks)}")

    def copy_code_of(self, messages: Sequence[Message], number: int) -> None:
        """Copy a code block of a message by its number in it."""
        blocks = copied_text.code_blocks(messages)
        if number <= len(blocks):
            self._copy(blocks[number - 1], f"code block {number} of {len(blocks)}")

    def copy_chat(self) -> None:
        """Copy the shown branch as Markdown."""
        path = self._pane.path
        if path.entries:
            whole = copied_text.as_markdown([path.messages_of(entry) for entry in path.entries])
            self._copy(whole, f"the chat ({len(path.entries)} messages)")
        else:
            self._notify("The chat is empty.", bad=True)
