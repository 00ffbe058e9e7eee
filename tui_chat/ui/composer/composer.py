"""The lower part of the screen: the prompt, what can stand above it, and the Send/Stop button beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static, TextArea

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.slash_line import no_command, slash_line
from tui_chat.commands import PROMPT_STEPS, by_slash, near_slash
from tui_chat.prompt_history import PromptHistory
from tui_chat.ui.column import WIDEST
from tui_chat.ui.composer.edit_notice import EditingLine
from tui_chat.ui.composer.held_prompts import HeldPrompts
from tui_chat.ui.composer.hidden_parts import HiddenParts
from tui_chat.ui.composer.host_line import HostLine
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.prompt_attachments import PromptAttachments
from tui_chat.ui.composer.prompt_frame import PromptFrame
from tui_chat.ui.composer.question_edit import QuestionEdit
from tui_chat.ui.composer.queue_bar import QueueBar
from tui_chat.ui.composer.send_button import SendButton
from tui_chat.ui.composer.slash_menu import SlashMenu

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from textual.app import ComposeResult
    from textual.worker import Worker

    from tui_chat.chat.message import Attachment
    from tui_chat.chat.message import Message as ChatMessage
    from tui_chat.chat.wording.slash_line import SlashLine
    from tui_chat.commands import Command
    from tui_chat.ui.composer.chip_row import ChipRow
    from tui_chat.ui.composer.file_menu import FileMenu
    from tui_chat.ui.composer.prompt_attachments import AttachmentReader


class Composer(Vertical):
    """The widget in which a prompt is typed. It posts messages for what should be done with the text, and knows nothing
    of sessions and models.

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
        attachments: tuple[Attachment, ...] = ()

    @dataclass
    class EditSubmitted(Message):
        """`text` is to be asked in place of `question`, in the chat with the id `chat`."""

        question: ChatMessage
        text: str
        chat: str
        attachments: tuple[Attachment, ...] = ()

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
        self.history = PromptHistory()
        """The earlier prompts, to which new ones are added."""
        parts = (self.menu, self.queue_bar, self.editing_line, self.host_line)
        self._hidden = HiddenParts(self, self.frame, self.prompt, parts)
        self._widest = WIDEST
        self._files = PromptAttachments(self._attachments_changed)
        self._edit = QuestionEdit(self.prompt, self._files, self.editing_line, self.remember)
        self._held = HeldPrompts(self._files, self._submit, self._give_back_held)
        self.attaching: AttachmentReader | None = None
        """Reads what is to be attached."""

    def compose(self) -> ComposeResult:
        """The prompt in its frame, which is always there."""
        with self.frame, Horizontal(id="write"):
            yield Static("›", markup=False)
            yield self.prompt
            yield self.button

    async def mount_hidden_parts(self) -> None:
        """Mount what is hidden at first, once: the first frame need not wait for it."""
        await self._hidden.mount()
        self.set_widest(self._widest)

    def set_widest(self, widest: int) -> None:
        """Set the greatest width in cells; 0: as wide as the window."""
        self._widest = widest
        for part in (*self.children, self.frame):
            part.styles.max_width = widest or "100%"

    @property
    def file_menu(self) -> FileMenu:
        """The files that fit what is typed after an `@`."""
        return self._hidden.file_menu

    @property
    def chips(self) -> ChipRow:
        """The row that shows attachments and folded pastes."""
        return self._hidden.chips

    # The text

    @property
    def text(self) -> str:
        """The text in the prompt, with the folded pastes in it."""
        return self.prompt.written

    @property
    def submitted(self) -> bool:
        """Whether something was submitted in the shown chat, though its message may still be on its way."""
        return self.prompt.submitted

    @property
    def unsent(self) -> str:
        """The text that was typed and not sent; during an edit also the text that it put aside."""
        typed = "\n".join(part for part in (*self._held.texts, self.prompt.written) if part)
        return self._edit.with_aside(typed)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The attachments that were not sent; during an edit also those that it put aside."""
        return self._edit.unsent_files

    def take(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Begin with a text of another chat: undo does not bring back what stood here."""
        self.prompt.take(text)
        self._files.forget_reading()
        self._files.show(attachments)

    async def take_attachments(self) -> tuple[Attachment, ...] | None:
        """Return what is attached, once all of it is read; afterwards nothing is. `None`: something cannot be read,
        which has been said, and the rest stays."""
        return self._files.take() if await self._files.wait()() else None

    def give_back(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Put a text that was not sent, and what was attached to it, in front of what has been typed since."""
        if text:
            self.prompt.give_back(text)
        self._files.show((*attachments, *self._files.files))

    # Attachments

    def attach(self, reading: Coroutine[None, None, Attachment | None]) -> None:
        """Attach what `reading` returns; `None`: it cannot be read, which has been said."""
        self._files.add(_one(reading))

    def attach_several(self, reading: Coroutine[None, None, Sequence[Attachment | None]]) -> None:
        """Attach all that `reading` returns; `None` stands for what cannot be read, which has been said."""
        self._files.add(reading)

    async def all_read(self) -> bool:
        """Wait for what is being read now; False: something of it could not be attached."""
        return await self._files.wait()()

    def stop_reading(self) -> bool:
        """Attach nothing of what is being read; a prompt that waits for it comes back. False: nothing is read."""
        return self._files.stop_reading()

    def _attachments_changed(self) -> None:
        if self.is_attached:
            self._hidden.show_chips(self._files)
            self.post_message(self.DraftChanged())

    # (Messages of widgets that are imported late are taken by their names.)

    def on_chip_row_removed(self, event: ChipRow.Removed) -> None:
        """Remove the attachment of a chip."""
        event.stop()
        self.remove_attachment(event.index)

    @property
    def chip_files(self) -> Sequence[Attachment]:
        """The attachments that chips show."""
        return self._files.files

    def remove_attachment(self, index: int) -> None:
        """Attach one of those that chips show no longer."""
        self._files.remove(index)

    @on(Prompt.BackspaceAtStart)
    def _remove_last_chip(self) -> None:
        self._files.remove(-1)

    def on_chip_row_opened(self, event: ChipRow.Opened) -> None:
        """Put a folded paste into the box."""
        event.stop()
        self.prompt.unfold(event.mark)
        self.focus_prompt()

    def on_file_menu_file_picked(self, event: FileMenu.FilePicked) -> None:
        """Attach the file that was picked in the menu."""
        if self.attaching is not None:
            self.attaching.attach_file(event.path)

    def on_file_menu_address_picked(self, event: FileMenu.AddressPicked) -> None:
        """Fetch the page whose address was picked, and attach it."""
        if self.attaching is not None:
            self.attaching.attach_address(event.url)

    @on(Prompt.PathsPasted)
    def _paths_pasted(self, event: Prompt.PathsPasted) -> None:
        if self.attaching is not None:  # not waited for: a disk may not answer
            _: Worker[None] = self.run_worker(
                partial(self.attaching.take_pasted, event.text, event.shown), group="pasted"
            )

    @on(Prompt.ImageWanted)
    def _image_wanted(self) -> None:
        if self.attaching is not None:
            self.attaching.attach_image()

    def take_out(self, shown: str) -> bool:
        """Take a text out of the box. False: it does not stand there any more."""
        return self.prompt.take_out(shown)

    def begin_file_word(self) -> None:
        """Let the menu of files open, as an `@` does."""
        self.prompt.begin_file_word()
        self.focus_prompt()

    def clear(self) -> bool:
        """Clear the box, which can be undone, and then what is attached. False: there is nothing."""
        if self.prompt.text:
            self.prompt.put("")
            return True
        return bool(self._files.take())

    def open_paste(self) -> None:
        """Put the last folded paste into the box as it is."""
        if folded := self.prompt.folded:
            self.prompt.unfold(folded[-1][0])
        else:
            self.post_message(self.Refused("No folded paste is in the prompt."))

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
        self.prompt.show_menus()
        self._hidden.show_chips(self._files)
        self.post_message(self.DraftChanged())

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        event.stop()
        text = event.text
        is_command = slash_line(text) is not None
        if not is_command and (self._held.texts or (text.strip() and self._files.reading)):
            self._held.hold(text, event.chat)
        else:
            self._submit(text, event.chat)

    def _give_back_held(self, text: str, after_another: bool) -> None:
        if after_another and self.prompt.text:  # the text before this one came back, too
            self.prompt.put(f"{self.prompt.written}\n{text}")
        else:
            self.give_back(text)

    def _submit(self, text: str, chat: str) -> None:
        if (line := slash_line(text)) is not None:
            self._enter_command(text, line)
        elif (question := self._edit.question) is None:
            self.post_message(self.Submitted(text if text.strip() else "", chat, self._files.take()))
        elif text.strip() or self._files.files:
            self.post_message(self.EditSubmitted(question, text, chat, self._files.take()))
        else:
            self.post_message(self.Refused("There is nothing to ask; Esc leaves the question as it was."))

    @on(SlashMenu.Clicked)
    def _menu_clicked(self, event: SlashMenu.Clicked) -> None:
        event.stop()
        self.prompt.done()
        self.focus_prompt()

    def _enter_command(self, text: str, line: SlashLine) -> None:
        command = by_slash(line.word.lower(), self.menu.templates)
        if command is not None:
            if command.id not in PROMPT_STEPS:
                self.remember(text)
            self.end_edit()
            self.post_message(self.CommandEntered(command, line.argument))
            return
        self.give_back(text)
        near = near_slash(line.word.lower(), self.menu.templates)
        self.post_message(self.Refused(no_command(line.word, near)))

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
        return self._edit.question is not None

    def begin_edit(self, question: ChatMessage) -> None:
        """Put a question into the prompt; what stands there comes back afterwards."""
        self._edit.begin(question)
        self.focus_prompt()

    def end_edit(self) -> bool:
        """Leave the edit: the prompt is as it was before, and changed words go to the earlier prompts. Returns false if
        there is no edit."""
        return self._edit.leave()

    def finish_edit(self) -> None:
        """End the edit after its question was asked, and put the text that it put aside in front of what was typed
        since."""
        self.give_back(*self._edit.finish())

    # Earlier prompts, and an editor

    def write_in(self, chat: str) -> None:
        """Set the id of the chat that later prompts belong to."""
        if chat != self.prompt.chat:
            # What was submitted before there was a chat is sent in the first one.
            self.prompt.submitted = self.prompt.submitted and not self.prompt.chat
            self.prompt.chat = chat
        self.prompt.invite()  # the settings may have brought other keys

    def remember(self, text: str) -> None:
        """Add a text to the earlier prompts."""
        self.history.add(text)

    def put(self, text: str) -> None:
        """Put a text into the box in place of what stands there; one undo brings that back."""
        self.prompt.put(text)

    @on(Prompt.Earlier)
    def show_earlier(self) -> None:
        """Show the prompt before this one."""
        self._show_from_history(self.history.earlier(self.prompt.written), -1)

    @on(Prompt.Later)
    def show_later(self) -> None:
        """Show the prompt after this one."""
        self._show_from_history(self.history.later(), 1)

    def _show_from_history(self, text: str | None, step: int) -> None:
        if text is not None:
            self.prompt.put(text)
        elif not self.prompt.text and self.history.empty:
            self.post_message(self.NothingEarlier(step))

    def open_editor(self) -> None:
        """Ask for an editor, as its key does."""
        self.prompt.post_message(Prompt.EditorWanted())


async def _one(reading: Coroutine[None, None, Attachment | None]) -> Sequence[Attachment | None]:
    return [await reading]
