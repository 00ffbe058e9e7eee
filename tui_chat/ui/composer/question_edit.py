"""The edit of an earlier question in the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.message import Attachment, Message
    from tui_chat.ui.composer.edit_notice import EditingLine
    from tui_chat.ui.composer.prompt import Prompt
    from tui_chat.ui.composer.prompt_attachments import PromptAttachments


class _Edit(NamedTuple):
    question: Message
    text: str
    """The text that stood in the prompt before the edit."""
    files: tuple[Attachment, ...]
    """The attachments of that text."""


class QuestionEdit:
    """Puts a question into the prompt, and puts aside what is typed and attached there until the edit ends."""

    def __init__(
        self, prompt: Prompt, files: PromptAttachments, notice: EditingLine, remember: Callable[[str], None]
    ) -> None:
        """`notice` is shown during an edit. `remember` receives the changed text of an edit that is left."""
        self._prompt = prompt
        self._files = files
        self._notice = notice
        self._remember = remember
        self._edit: _Edit | None = None

    @property
    def question(self) -> Message | None:
        """The question that is being edited."""
        return None if self._edit is None else self._edit.question

    def begin(self, question: Message) -> None:
        """Put a question into the prompt in place of an edit under way."""
        self.leave()
        self._edit = _Edit(question, self._prompt.written, self._files.files)
        self._prompt.put(question.text)
        self._files.show(question.attachments)
        self._notice.display = True

    def leave(self) -> bool:
        """Restore the prompt to what it was before the edit. Returns false if there is no edit."""
        edit, self._edit = self._edit, None
        if edit is None:
            return False
        self._notice.display = False
        if self._prompt.written != edit.question.text:
            self._remember(self._prompt.written)
        if self._prompt.is_attached:  # else the screen has gone, and Textual cannot move the cursor
            self._prompt.put(edit.text)
        self._files.show(edit.files)
        return True

    def finish(self) -> tuple[str, tuple[Attachment, ...]]:
        """End the edit because its question was asked. Returns the text and the files that were put aside."""
        edit, self._edit = self._edit, None
        self._notice.display = False
        return ("", ()) if edit is None else (edit.text, edit.files)

    def with_aside(self, text: str) -> str:
        """Return the unsent text: the one that was put aside, and `text`, unless it is the question unchanged."""
        if self._edit is None:
            return text
        edited = text if text != self._edit.question.text else ""
        return "\n\n".join(part for part in (self._edit.text, edited) if part.strip())

    @property
    def unsent_files(self) -> tuple[Attachment, ...]:
        """The attachments that were not sent with the edited question, with those that were put aside."""
        if self._edit is None:
            return self._files.files
        sent = self._edit.question.attachments
        return (*self._edit.files, *(each for each in self._files.files if each not in sent))
