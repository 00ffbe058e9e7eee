"""The reading half of the screen: moving in the conversation, finding, folding, and copying out of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import TextArea

from tui_chat.chat.conversation import Conversation
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui import clipboard
from tui_chat.ui.find.find_bar import FindBar, FindBox
from tui_chat.ui.find.finder import Finder
from tui_chat.ui.transcript import copied_text
from tui_chat.ui.transcript.text_matcher import MatchCounter, SearchPattern
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import AwaitMount, Widget

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView

FRAMES_PER_SECOND, FRAMES_PER_SECOND_OVER_SSH = 30, 15
"""Over a network half as many frames do: each is a packet at least."""

# xterm's modes: button presses, all motion, and the SGR form of both.
MOUSE_ON = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
MOUSE_OFF = MOUSE_ON.replace("h", "l")


class ReadingScreen(StreamingScreen):
    """What can be done with a conversation without changing it."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        remote = "SSH_CONNECTION" in os.environ
        frames = FRAMES_PER_SECOND_OVER_SSH if remote else FRAMES_PER_SECOND
        self.pane = Transcript(frames_per_second=frames)
        self.find_bar = FindBar()
        self._finder = Finder(self.pane, self.find_bar.show)
        self._finder_deaf: Callable[[], None] = lambda: None
        """Ends the finder's watch over the conversation."""
        self._code_turn = 0
        """Which code block `c` copies next."""
        self._mouse_released = False
        self._late_mount: AwaitMount | None = None

    def say(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """A toast: confirmations, and why something cannot be done. Errors of replies stand in the transcript."""
        self.notify(text, severity="warning" if bad else "information", timeout=seconds, markup=False)

    @property
    def focused_view(self) -> MessageView | None:
        """The message that has the focus."""
        return next((view for view in self.pane.views if view is self.focused), None)

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
        entries = self.pane.path.entries
        if entries:
            self._focus_entry(entries[max(0, self._focused_index - 1)])

    def action_next_message(self) -> None:
        """Focus the message after the focused one; after the last, go back to writing."""
        entries, index = self.pane.path.entries, self._focused_index
        if index + 1 < len(entries):
            self._focus_entry(entries[index + 1])
        else:
            self.focus_writing()

    action_message_previous = action_previous_message
    action_message_next = action_next_message

    def action_message_first(self) -> None:
        """Focus the first message."""
        self._focus_entry(self.pane.path.entries[0])

    def action_message_last(self) -> None:
        """Focus the last message."""
        self._focus_entry(self.pane.path.entries[-1])

    @property
    def _focused_index(self) -> int:
        """The place of the focused message on the path; behind the last if none is focused."""
        path, view = self.pane.path, self.focused_view
        index = path.index_of(view.messages[0]) if view is not None else None
        return len(path.entries) if index is None else index

    def _focus_entry(self, entry: Message) -> None:
        self.pane.reveal(entry, focus=True)

    def action_older_reply(self) -> None:
        """Show the alternative before the focused message, or before the last reply."""
        self._step_aside(-1)

    def action_newer_reply(self) -> None:
        """Show the alternative after it."""
        self._step_aside(1)

    action_message_older = action_older_reply
    action_message_newer = action_newer_reply

    def _step_aside(self, by: int) -> None:
        """To an alternative of the focused message, else of the last that has some."""
        view, path = self.focused_view, self.pane.path
        entry = path.entry_of(view.message) if view is not None else path.last_with_siblings()
        if entry is None:
            self.say("There is no other reply here: r on a message asks again.", bad=True)
            return
        siblings, index = path.siblings(entry)
        if not 0 <= index + by < len(siblings):
            there = "older" if by < 0 else "newer"
            self.say(
                f"There is no {there} one." if len(siblings) > 1 else "There is no other one beside this.", bad=True
            )
            return
        shown = self.pane.view_of(entry)
        offset = self.pane.offset_of(shown) if shown is not None else None
        self.conversation.select(path.newest_below(siblings[index + by]))
        self.pane.reveal(siblings[index + by], focus=view is not None, offset=offset)

    # What is not seen at first

    def late_parts(self) -> list[Widget]:
        """What stands between conversation and prompt when it is wanted, from top to bottom."""
        return [self.find_bar]

    async def mount_late_parts(self) -> None:
        """See that they are mounted: the first frame does not wait for them."""
        if not self.is_attached:
            return  # the program ends
        if self._late_mount is None:
            self._late_mount = self.query_one("#below").mount(*self.late_parts(), before=0)
        await self._late_mount

    # Finding

    async def action_find(self, text: str = "") -> None:
        """Open the bar above the prompt, and look for what stands in it."""
        await self.mount_late_parts()
        if not self.find_bar.display:
            self._finder.begin()
            self._finder_deaf = self.conversation.subscribe(self._finder.changed)
        self.find_bar.open(text)
        self._finder.search(self.find_bar.box.text)

    async def find_from(self, entry: Message, text: str) -> None:
        """Look for a text from an entry of the path on; what is folded there is unfolded. Where the entry does not have
        the text as it stands, only show it."""
        pattern = SearchPattern.of(text)
        self.pane.reveal(entry)
        if pattern is None:
            return
        if not self._count(entry, pattern):
            self.pane.unfold(entry)
        if self._count(entry, pattern):
            await self.action_find(text)
            self._finder.begin(entry)
            self._finder.search(text)

    def _count(self, entry: Message, pattern: SearchPattern) -> int:
        counter = MatchCounter(self.pane.path.entry(entry), pattern)
        counter.update()
        return counter.count

    def close_find(self) -> bool:
        """Close the bar; the reader stays where they are. False: it was not open."""
        if not self.find_bar.display:
            return False
        self._finder_deaf()
        self._finder.end()
        self.find_bar.display = False
        return True

    @on(TextArea.Changed, "#find-text")
    def find_typed(self) -> None:
        """Look for it at once."""
        if self.find_bar.display:
            self._finder.search(self.find_bar.box.text)

    @on(FindBox.Step)
    def find_step(self, event: FindBox.Step) -> None:
        """The next occurrence, or the one before."""
        self._finder.step(event.by)

    def on_message_view_folded(self, event: MessageView.Folded) -> None:
        """Reasoning is found when it is unfolded."""
        self._finder.recount(event.view.messages[0])

    # Folding and copying

    def action_fold(self) -> None:
        """Fold or unfold the focused message, or the last reply."""
        reply = self.conversation.last_reply
        view = self.focused_view or (self.pane.view_of(reply) if reply else None)
        if view is not None:
            view.toggle_fold()

    def action_copy_reply(self) -> None:
        """Copy the last reply that says something."""
        self._copy(self._last_reply, "the last reply")

    def action_message_copy(self) -> None:
        """Copy the focused message."""
        if (view := self.focused_view) is not None:
            self._copy(view.messages, "the message")

    @property
    def _last_reply(self) -> Sequence[Message]:
        """With what it goes on with."""
        reply = self.conversation.last_reply
        return self.conversation.continued(reply) if reply is not None else ()

    def _copy(self, messages: Sequence[Message], what: str) -> None:
        text = copied_text.text_of(messages) if messages else ""
        if text:
            self.say(clipboard.copy(self.app, text, what))
        else:
            self.say("There is no text to copy yet.", bad=True)

    def action_copy_code(self, number: str = "") -> None:
        """Copy a code block of the last reply: the last, or by number."""
        blocks = copied_text.code_blocks(self._last_reply) if self._last_reply else []
        if number and not (number.isdecimal() and 1 <= int(number) <= len(blocks)):
            self.say(f"The last reply has {len(blocks)} code blocks; there is no block {number}.", bad=True)
        elif not blocks:
            self.say("The last reply has no code block.", bad=True)
        else:
            index = int(number) if number else len(blocks)
            self.say(clipboard.copy(self.app, blocks[index - 1], f"code block {index} of {len(blocks)}"))

    def action_message_code(self) -> None:
        """Copy a code block of the focused message; again: the next."""
        view = self.focused_view
        blocks = copied_text.code_blocks(view.messages) if view is not None else []
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
        path = self.pane.path
        if path.entries:
            whole = copied_text.as_markdown([path.messages_of(entry) for entry in path.entries])
            self.say(clipboard.copy(self.app, whole, f"the chat ({len(path.entries)} messages)"))
        else:
            self.say("The chat is empty.", bad=True)

    def action_help(self) -> None:
        """Keys, commands, marks."""
        from tui_chat.ui.dialogs.help_screen import HelpScreen

        self.app.push_screen(HelpScreen())

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
