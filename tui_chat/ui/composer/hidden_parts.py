"""The parts of the composer that are hidden at first, and mounted when the first frame is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import AwaitMount, Widget

    from tui_chat.ui.composer.chip_row import ChipRow
    from tui_chat.ui.composer.file_menu import FileMenu
    from tui_chat.ui.composer.prompt import Prompt
    from tui_chat.ui.composer.prompt_attachments import PromptAttachments
    from tui_chat.ui.composer.prompt_frame import PromptFrame


class HiddenParts:
    """Mounts the hidden widgets, and makes two of them when they are first used: the menu of files and the chips."""

    def __init__(self, composer: Widget, frame: PromptFrame, prompt: Prompt, parts: Sequence[Widget]) -> None:
        """`parts`: the other widgets to mount in the composer above the frame, from the top down; the menu of files
        comes after the first."""
        self._composer = composer
        self._frame = frame
        self._prompt = prompt
        self._parts = parts
        self._chips: ChipRow | None = None
        self._mounting: AwaitMount | None = None

    async def mount(self) -> None:
        """Mount all parts; a second call waits for the first."""
        if self._mounting is None:
            first, *others = self._parts
            self._mounting = self._composer.mount(first, self.file_menu, *others, before=0)
            self._frame.mount(self.chips, before=0)
        await self._mounting

    @property
    def file_menu(self) -> FileMenu:
        """The files that fit what is typed after an `@`."""
        if self._prompt.files is None:
            from tui_chat.ui.composer.file_menu import FileMenu

            self._prompt.files = FileMenu(self._prompt.done)
        return self._prompt.files

    @property
    def chips(self) -> ChipRow:
        """The row that shows attachments and folded pastes."""
        if self._chips is None:
            from tui_chat.ui.composer.chip_row import ChipRow

            self._chips = ChipRow()
        return self._chips

    def show_chips(self, files: PromptAttachments) -> None:
        """Show what goes with the prompt; the chips are not made while there is nothing to show."""
        folded = self._prompt.folded
        if self._chips is not None or files.files or folded or files.reading:
            self.chips.show(files.files, folded, files.reading)
