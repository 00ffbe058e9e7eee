"""The text box in which a prompt is typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.content import Content
from textual.message import Message

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.slash_line import slash_line
from tui_chat.commands import by_slash
from tui_chat.ui import clipboard
from tui_chat.ui.after_request import paint_after_request
from tui_chat.ui.composer.text_box import WritingBox
from tui_chat.ui.key_hints import key_hint, keymap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

    from tui_chat.commands import Command
    from tui_chat.ui.composer.file_menu import FileMenu
    from tui_chat.ui.composer.slash_menu import SlashMenu

INVITATION = "Ask anything"
ELSEWHERE = "Esc returns here"
"""Stands in the empty box while something else has the focus."""
SEPARATOR = " · "
FOLD_LINES, FOLD_CHARACTERS = 10, 2_000
"""A paste of more lines or characters is folded."""
FIRST_MARK, LAST_MARK = 0x10F000, 0x10FFFE
"""Characters for private use, each of which can stand for a folded paste."""
PASTE_SIGN = "▤"
PATH_BEGINNINGS = ("/", "~/", "'/", '"/', "'~/", '"~/', "file://")
BLANK_IN_A_WORD = "\\ "
"""A blank within the word behind an `@`."""
JOINERS = "\u200c\u200d"
LONGEST_PATHS = 8_000
"""Characters that a list of paths may have."""


def invitation(hints: Sequence[str], room: int) -> str:
    """The text of an empty box of `room` cells: as many of the hints as fit."""
    text, gap = INVITATION, "   "
    for each in hints:
        if len(text) + len(gap) + len(each) > room:
            break
        text, gap = text + gap + each, SEPARATOR
    return text[: max(0, room)]


class Prompt(WritingBox):
    """A box that grows with its text to a third of the screen. Enter sends."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto;
        min-height: 1;
        border: none;
        padding: 0 1 0 0;
        background: transparent;
        scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Submitted(Message):
        """The person wants `text` sent in the chat with the id `chat`; the box is empty again."""

        text: str
        chat: str

    @dataclass
    class Earlier(Message):
        """Up at the top edge: the prompt before is wanted."""

    @dataclass
    class Later(Message):
        """Down at the bottom edge: the prompt after is wanted."""

    @dataclass
    class EditorWanted(Message):
        """The person wants to go on in an editor."""

    @dataclass
    class CommandPressed(Message):
        """The key of a command was pressed that others than the box handle; `command` is its id."""

        command: str

    @dataclass
    class PathsPasted(Message):
        """A text that may be paths of files was pasted or dropped; it stands in the box as `shown`."""

        text: str
        shown: str

    @dataclass
    class ImageWanted(Message):
        """The clipboard has no text: its picture may be meant."""

    @dataclass
    class BackspaceAtStart(Message):
        """Backspace was pressed where there is nothing to delete."""

    def __init__(self, menu: SlashMenu) -> None:
        super().__init__(id="prompt")
        self._menu = menu
        self.files: FileMenu | None = None
        """The menu of files; `None` before it is mounted."""
        self._pastes: dict[str, str] = {}
        """The folded pastes by the characters that stand for them in the text."""
        self.chat = ""
        """The id of the chat that is written in; empty until one is shown."""
        self.submitted = False
        """Whether something was submitted since the prompt belongs to this chat."""

    def on_resize(self) -> None:
        """Show as many hints as fit."""
        self.invite()

    def on_focus(self) -> None:
        """Show what can be done here."""
        self.invite()

    def on_blur(self) -> None:
        """Show how to come back."""
        self.invite()

    def invite(self) -> None:
        """Show in the empty box which keys work in it."""
        room = self.content_size.width - 1  # the last column is the cursor's
        if self.screen.focused in (None, self):  # `has_focus` is changed after the handlers that call this
            keys = [(key_hint(self.app, name), word) for name, word in (("send", "sends"), ("newline", "new line"))]
            hints = [f"{key} {word}" for key, word in keys if key]
            self.placeholder = Content(invitation([*hints, "/ commands", "@ file"], room))
        else:
            self.placeholder = Content(ELSEWHERE[: max(0, room)])

    def rows_at_most(self, screen: Size) -> int:
        """The most rows of the box: a third of the screen."""
        return screen.height // 3

    # Folded pastes: one character stands for each, so that it is moved, deleted and brought back as a whole

    @property
    def written(self) -> str:
        """The text with what is folded in it."""
        return self.text.translate({ord(mark): text for mark, text in self._pastes.items()})

    @property
    def folded(self) -> list[tuple[str, str]]:
        """The pastes that are folded in the text, in its order: the character that stands for each, and its text."""
        return [(mark, self._pastes[mark]) for mark in self.text if mark in self._pastes] if self._pastes else []

    def unfold(self, mark: str) -> None:
        """Put a folded paste into the box in place of the character that stands for it; one undo folds it again."""
        for row in range(self.document.line_count):
            if (column := self.document[row].find(mark)) >= 0:
                self.replace(clean(_with_line_ends(self._pastes[mark])), (row, column), (row, column + 1))
                return

    def get_line(self, line_index: int) -> Text:
        """Show a sign for each folded paste."""
        line = super().get_line(line_index)
        if not any(mark in line.plain for mark in self._pastes):
            return line
        shown = Text(line.plain.translate({ord(mark): PASTE_SIGN for mark in self._pastes}), end="", no_wrap=True)
        shown.spans = line.spans
        return shown

    async def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted: paths of files are attached, and a long text is folded."""
        event.prevent_default()
        event.stop()
        self.insert_pasted(event.text)

    def insert_pasted(self, text: str, *, maybe_paths: bool = True) -> None:
        """Put a pasted text at the cursor; `maybe_paths`: files that it names will be attached in its place."""
        # Most terminals send a CR for each line end; where there are LFs, the text is as it was copied.
        text = text if "\n" in text else text.replace("\r", "\n")
        pasted, lines = text, _with_line_ends(text)
        long = lines.removesuffix("\n").count("\n") >= FOLD_LINES or len(text) > FOLD_CHARACTERS
        # what holds a character that stands for a paste is folded, too: it would be taken for that paste
        if long or any(mark in text for mark in self._pastes):
            lines = self._fold(text, self.text)
        text = self._cleaned(lines)
        self.replace(text, *self.selection, maintain_selection_offset=False)
        self.scroll_cursor_visible()
        if maybe_paths and pasted.lstrip().startswith(PATH_BEGINNINGS) and len(pasted) <= LONGEST_PATHS:
            self.post_message(self.PathsPasted(pasted, text))

    def _cleaned(self, text: str) -> str:
        """A text to be inserted, made safe. A joiner alone was typed: it stays behind a letter or an emoji, although
        what it joins that to is not known yet."""
        if text.strip(JOINERS):
            return clean(text)
        row, column = min(self.selection)
        before = self.document.get_line(row)[:column][-1:]
        return "" if before.isascii() else text

    def take_out(self, shown: str) -> bool:
        """Take a text out of the box. False: it does not stand there any more."""
        before, found, _ = self.text.rpartition(shown)
        if found:
            start, end = ((text.count("\n"), len(text) - text.rfind("\n") - 1) for text in (before, before + found))
            self.replace("", start, end)
        return bool(found)

    def _fold(self, text: str, around: str = "") -> str:
        """Return a character that stands for a text from now on, and is not in the text `around` it."""
        taken = {*self._pastes, *around}
        mark = next(mark for mark in map(chr, range(FIRST_MARK, LAST_MARK)) if mark not in taken)
        self._pastes[mark] = text
        return mark

    def _with_hidden_folded(self, text: str) -> str:
        """A text that comes back into the box (a draft, a queued or an earlier prompt), with the lines folded from the
        first to the last that the box could not show as they are: they are to be sent unchanged."""
        if clean(text) == text and not any(mark in text for mark in self._pastes):
            return text
        lines = text.split("\n")
        changed = [
            at for at, line in enumerate(lines) if clean(line) != line or any(mark in line for mark in self._pastes)
        ]
        if not changed:  # a character that depends on one in the next line
            return self._fold(text)
        first, last = changed[0], changed[-1] + 1
        return "\n".join([*lines[:first], self._fold("\n".join(lines[first:last]), text), *lines[last:]])

    def put(self, text: str) -> None:
        """Set the whole text, cursor at its end; one undo brings the old text back."""
        super().put(self._with_hidden_folded(text))

    def take(self, text: str) -> None:
        """Begin with a text of another matter; pastes of the one before are dropped with its undo history."""
        self._pastes.clear()
        super().take(self._with_hidden_folded(text))

    # The menus above the box

    def show_menus(self) -> None:
        """Show in the menus what fits the text."""
        self._menu.show_for(self.text)
        if self.files is not None:
            self.files.show_for(self._before_cursor_of_text)

    def close_menus(self) -> bool:
        """Close the menu that is open. Returns false if there is none."""
        return (self.files is not None and self.files.close()) or self._menu.close()

    def begin_file_word(self) -> None:
        """Type an `@`, which opens the menu of files."""
        self.insert(" @" if self.before_cursor.strip() else "@")

    # Sending and completing

    @property
    def before_cursor(self) -> str:
        """The text of the cursor's line before the cursor."""
        row, column = self.cursor_location
        return self.document[row][:column]

    @property
    def _before_cursor_of_text(self) -> str:
        """The text before the cursor in which the menu of files looks for an `@`; empty in a command, whose argument
        may have an `@` of its own (`/compare @ENDPOINT`), but not in a template's text."""
        line = slash_line(self.text)
        return "" if line is not None and by_slash(line.word.lower()) is not None else self.before_cursor

    def done(self) -> None:
        """Send, or complete what is picked in a menu."""
        if self.files is not None:
            self.files.show_for(self._before_cursor_of_text)
            if self.files.searching:
                self.files.wait_for_search(self.done)  # a fast typist is ahead of the search
                return
            if self.files.open:
                self._complete_file(self.files)
                return
        picked = self._menu.picked
        if picked is not None and self.text.removeprefix("/").lower() not in picked.words:
            self._complete()
            if picked.argument:
                return
        text = self.written
        self.submitted = True
        paint_after_request(self.app)
        self.clear()  # at once: what is typed before the message is handled belongs to the next text
        self.post_message(self.Submitted(text, self.chat))

    def give_back(self, text: str) -> None:
        """Put a text that could not be taken in front of what has been typed since."""
        self.put(f"{text}\n{self.written}" if self.text else text)

    def own_key(self, key: str) -> bool:
        """Besides the box's own: Tab completes, and Ctrl+V takes the system's clipboard."""
        self._menu.show_for(self.text)  # the news of a change comes later than the next key of a fast typist
        if key in ("up", "down"):  # at once: as bindings they would come after an Enter that follows quickly
            (self.action_cursor_up if key == "up" else self.action_cursor_down)()
            return True
        files = self.files
        if files is not None:
            files.forget_waiting()
            files.show_for(self._before_cursor_of_text)
        if key == "tab" and files is not None and files.searching:
            files.wait_for_search(partial(self._complete_file, files))
        elif key == "tab" and files is not None and files.open:
            self._complete_file(files)
        elif key == "tab" and self._menu.open:
            self._complete()
        elif key == "backspace" and self.selection.is_empty and self.cursor_location == (0, 0):
            self.post_message(self.BackspaceAtStart())
        elif key == "ctrl+v":
            self._take_clipboard()
        else:
            return super().own_key(key)
        return True

    def run_command(self, command: Command) -> bool:
        """Besides the box's own: an editor, the earlier prompts, and the commands that are not the box's."""
        match command.id:
            case "editor":
                self.post_message(self.EditorWanted())
            case "history_previous":
                self.post_message(self.Earlier())
            case "history_next":
                self.post_message(self.Later())
            case _:
                if not super().run_command(command):
                    self.post_message(self.CommandPressed(command.id))
        return True

    def _complete(self) -> None:
        if (picked := self._menu.picked) is not None:
            self.put(f"/{picked.slash} " if picked.argument else f"/{picked.slash}")

    def _complete_file(self, files: FileMenu) -> None:
        """Let the picked file's name stand in place of the word with the `@`; it is attached."""
        if not files.open:  # nothing was found
            return
        (row, column), word = self.cursor_location, files.word
        name = files.take()
        self.replace(
            clean_line(f"@{name.replace(' ', BLANK_IN_A_WORD)}") if name.endswith("/") else f"{clean_line(name)} ",
            (row, column - len(word)),
            (row, column),
            maintain_selection_offset=False,
        )

    def _take_clipboard(self) -> None:
        if text := clipboard.paste(self.app):
            self.insert_pasted(text)
        else:
            self.post_message(self.ImageWanted())

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up in an open menu, else in the text, and at its start to earlier prompts."""
        self._menu.show_for(self.text)
        if self.files is not None and self.files.open:
            self.files.move(-1)
        elif self._menu.open:
            self._menu.move(-1)
        elif not select and self._cursor_row == 0 and self._runs("up", "history_previous"):
            self.post_message(self.Earlier())
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down in an open menu, else in the text, and at its end to later prompts."""
        self._menu.show_for(self.text)
        if self.files is not None and self.files.open:
            self.files.move(1)
        elif self._menu.open:
            self._menu.move(1)
        elif not select and self._cursor_row == self.wrapped_document.height - 1 and self._runs("down", "history_next"):
            self.post_message(self.Later())
        else:
            super().action_cursor_down(select)

    def _runs(self, key: str, name: str) -> bool:
        command = keymap_of(self.app).command(key, "prompt")
        return command is not None and command.id == name

    @property
    def _cursor_row(self) -> int:
        """The cursor's row on the screen, counted from the text's first."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y


def _with_line_ends(text: str) -> str:
    """A text with all its line ends as the box has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
