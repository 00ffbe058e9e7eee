"""The lower part of the screen: the prompt, what can stand above it, and the Send/Stop button beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static, TextArea

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import by_slash, near_slash
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.composer.edit_notice import EditingLine
from tui_chat.ui.composer.host_line import HostLine
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.prompt_frame import PromptFrame
from tui_chat.ui.composer.queue_bar import QueueBar
from tui_chat.ui.composer.send_button import SendButton
from tui_chat.ui.composer.slash_menu import SlashMenu

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import AwaitMount

    from tui_chat.chat.message import Message as ChatMessage
    from tui_chat.commands import Command

SLASH_LINE: Final = re.compile(r"/([A-Za-z][\w-]*)(?:\s+(.*))?", re.DOTALL)
"""A whole prompt that is a command, without a blank in front. `/usr/bin` is none: a path goes on with a slash."""


class Edit(NamedTuple):
    """An earlier question that stands in the prompt to be asked in other words."""

    question: ChatMessage
    aside: str
    """What stood in the prompt before, and will again."""


class Composer(Vertical):
    """Where a person writes. It posts what is to be done with the text and knows nothing of sessions and models.

    A `Submitted` or `EditSubmitted` text has left the prompt: whoever handles the message gives it back with
    `give_back`, or keeps it with `remember`. An edit goes on until `finish_edit` or `end_edit` is called.
    """

    DEFAULT_CSS = """
    Composer {
        height: auto; align-horizontal: center;
        & > * { max-width: 100; }
        #write { height: auto; }
        #write > Static { width: 2; height: 1; color: $role-accent; }
    }
    """

    @dataclass
    class Submitted(Message):
        """`text` is to be asked in the chat with the id `chat`; it is empty where the prompt was empty."""

        text: str
        chat: str

    @dataclass
    class EditSubmitted(Message):
        """`text` is to be asked in place of `question`, in the chat with the id `chat`."""

        question: ChatMessage
        text: str
        chat: str

    @dataclass
    class CommandEntered(Message):
        """A slash command, with what was written after its word."""

        command: Command
        argument: str

    @dataclass
    class DraftChanged(Message):
        """The text in the prompt has changed."""

    @dataclass
    class StopPressed(Message):
        """The reply under way is to be stopped."""

    @dataclass
    class NothingEarlier(Message):
        """Up (`step` is -1) or Down (1) was pressed in an empty prompt, and there are no earlier prompts to show."""

        step: int

    @dataclass
    class Refused(Message):
        """Something that was typed cannot be done; `reason` is a sentence for the person."""

        reason: str

    def __init__(self) -> None:
        super().__init__()
        self.menu = SlashMenu()
        self.prompt = Prompt(self.menu)
        self.queue_bar = QueueBar()
        self.editing_line = EditingLine()
        self.host_line = HostLine()
        self.button = SendButton("Send", id="send-stop")
        self.frame = PromptFrame()
        self._history = PromptHistory()
        self._edit: Edit | None = None
        self._hidden_parts: AwaitMount | None = None

    def compose(self) -> ComposeResult:
        """The prompt in its frame, which is always there."""
        with self.frame, Horizontal(id="write"):
            yield Static("›", markup=False)
            yield self.prompt
            yield self.button

    def fit(self, screen: Size) -> None:
        """Take the shape that suits a screen of this size."""
        self.frame.fit(screen)

    async def mount_hidden_parts(self) -> None:
        """Mount what is hidden at first, once: the first frame need not wait for it."""
        if self._hidden_parts is None:
            parts = (self.menu, self.queue_bar, self.editing_line, self.host_line)
            self._hidden_parts = self.mount(*parts, before=0)
        await self._hidden_parts

    # The text

    @property
    def text(self) -> str:
        """What stands in the prompt."""
        return self.prompt.text

    @property
    def unsent(self) -> str:
        """What is typed and not sent; during an edit also what was put aside for it."""
        text, edit = self.prompt.text, self._edit
        if edit is None:
            return text
        edited = text if text != edit.question.text else ""
        return "\n\n".join(part for part in (edit.aside, edited) if part.strip())

    def take(self, text: str) -> None:
        """Begin with a text of another chat: undo does not bring back what stood here."""
        self.prompt.take(text)

    def give_back(self, text: str) -> None:
        """Put a text that was not sent in front of what has been typed since."""
        self.prompt.give_back(text)

    @property
    def prompt_has_focus(self) -> bool:
        """Whether the person is writing."""
        return self.screen.focused is self.prompt

    def focus_prompt(self) -> None:
        """Give the prompt the very next key; `focus()` would take effect later."""
        self.screen.set_focus(self.prompt)

    @on(TextArea.Changed, "#prompt")
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.menu.show_for(self.prompt.text)
        self.post_message(self.DraftChanged())

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        event.stop()
        text = event.text
        if (line := SLASH_LINE.fullmatch(text.rstrip())) is not None:
            self._enter_command(text, line[1], line[2] or "")
        elif self._edit is None:
            self.post_message(self.Submitted(text if text.strip() else "", event.chat))
        elif text.strip():
            self.post_message(self.EditSubmitted(self._edit.question, text, event.chat))
        else:
            self.post_message(self.Refused("There is nothing to ask; Esc leaves the question as it was."))

    def _enter_command(self, text: str, word: str, argument: str) -> None:
        command = by_slash(word.lower())
        if command is not None:
            self.remember(text)
            self.end_edit()
            self.post_message(self.CommandEntered(command, argument))
            return
        self.give_back(text)
        near = near_slash(word.lower())
        ask = f"; did you mean /{near}? Else put" if near else ". Put"
        self.post_message(self.Refused(f"There is no command /{word}{ask} a space in front to send it as text."))

    @on(Button.Pressed, "#send-stop")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if self.button.stops:
            self.post_message(self.StopPressed())
        else:
            self.prompt.done()
        self.focus_prompt()

    # Editing an earlier question

    @property
    def editing(self) -> bool:
        """Whether an earlier question stands in the prompt."""
        return self._edit is not None

    def begin_edit(self, question: ChatMessage) -> None:
        """Put a question into the prompt; what stands there comes back afterwards."""
        self.end_edit()
        self._edit = Edit(question, self.prompt.text)
        self.prompt.put(question.text)
        self.editing_line.display = True
        self.focus_prompt()

    def end_edit(self) -> bool:
        """Leave the edit: the prompt is as it was before; changed words go to the earlier prompts. False: there was
        none."""
        edit, self._edit = self._edit, None
        if edit is None:
            return False
        self.editing_line.display = False
        if self.prompt.text != edit.question.text:
            self.remember(self.prompt.text)
        self.prompt.put(edit.aside)
        return True

    def finish_edit(self) -> None:
        """The edited question is asked: what was put aside comes back in front of what has been typed since."""
        edit, self._edit = self._edit, None
        self.editing_line.display = False
        if edit is not None and edit.aside:
            self.give_back(edit.aside)

    # Earlier prompts, and an editor

    def write_in(self, chat: str) -> None:
        """What is submitted from here on belongs to the chat with this id."""
        self.prompt.chat = chat
        self.prompt.invite()  # the settings may have brought other keys

    def open_history(self, history: PromptHistory) -> None:
        """Take earlier prompts from here, and keep new ones here."""
        self._history = history

    @property
    def has_earlier(self) -> bool:
        """Whether there are earlier prompts."""
        return not self._history.empty

    def remember(self, text: str) -> None:
        """Keep a text among the earlier prompts."""
        self._history.add(text)

    @on(Prompt.Earlier)
    def show_earlier(self) -> None:
        """Show the prompt before."""
        if (text := self._history.earlier(self.prompt.text)) is not None:
            self.prompt.put(text)
        elif not self.prompt.text and self._history.empty:
            self.post_message(self.NothingEarlier(-1))

    @on(Prompt.Later)
    def show_later(self) -> None:
        """Show the prompt after."""
        if (text := self._history.later()) is not None:
            self.prompt.put(text)
        elif not self.prompt.text and self._history.empty:
            self.post_message(self.NothingEarlier(1))

    def open_editor(self) -> None:
        """Ask for an editor, as its key does."""
        self.prompt.post_message(Prompt.EditorWanted())

    async def write_in_editor(self) -> str:
        """Let the person go on in their editor; gives why that cannot be, empty where it could."""
        from tui_chat.ui.composer import external_editor as editor

        edited = await editor.edit(self.app, self.prompt.text)
        if isinstance(edited, editor.NoEditor):
            return edited.problem
        self.prompt.put(edited)
        return ""
