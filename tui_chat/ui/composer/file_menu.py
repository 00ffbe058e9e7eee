"""The files that fit what is typed after an `@`, above the prompt."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.roles import MUTED, PICKED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.geometry import Size

ROWS: Final = 8
FRESH: Final = 10.0
"""Seconds for which a list of files is used."""
LONGEST: Final = 300
"""Characters after an `@` that are looked at."""
GAP: Final = 2
"""Cells left empty at the right."""
_WORD: Final = re.compile(r"(?:^|(?<=[\s(\[\"']))@(\S*)$")
_URL: Final = re.compile(r"https?://[^/\s]+\S*")


class FileMenu(Widget):
    """Shows itself while the cursor stands behind a word that begins with `@`; the prompt moves the pick."""

    DEFAULT_CSS = """
    FileMenu { height: auto; display: none; background: $role-overlay; color: $role-text; }
    """

    @dataclass
    class FilePicked(Message):
        """The file at `path` is to be attached."""

        path: Path

    @dataclass
    class AddressPicked(Message):
        """Posted when the page at `url` is to be fetched and attached."""

        url: str

    def __init__(self) -> None:
        super().__init__(id="file-menu")
        self._rows: Sequence[str] = ()
        self._pick = 0
        self._word: str | None = None
        self._closed_for: str | None = None
        self._files: Sequence[str] = ()
        self._listed_at = float("-inf")
        self._searching: asyncio.Task[None] | None = None
        self.when_found: Callable[[], None] | None = None
        """Called once when a search has ended."""

    @property
    def searching(self) -> bool:
        """Whether the rows are not those of the typed word yet."""
        return self._searching is not None

    @property
    def open(self) -> bool:
        """Whether it is shown."""
        return bool(self._rows)

    @property
    def word(self) -> str:
        """The word with its `@` that the pick replaces."""
        return f"@{self._word or ''}"

    def show_for(self, before: str) -> None:
        """Show what fits the text before the cursor, `before`; nothing, unless it ends in a word with an `@`."""
        found = _WORD.search(before[-LONGEST:])
        word = found[1] if found is not None else None
        if word == self._word:
            return
        self._word = word
        if word is None or word == self._closed_for:
            self._show(())
            return
        self._closed_for = None
        if _URL.fullmatch(word):
            self._show((word,))
        elif "://" in word:
            self._show(())
        elif self._searching is None:
            self._searching = asyncio.create_task(self._search(), name="files for @")

    async def _search(self) -> None:
        """Look for files in a thread, until what was looked for is what is typed."""
        word: str | None = None
        try:
            while self._word is not None and self._word != word and "://" not in self._word:
                word = self._word
                rows = await asyncio.to_thread(self._found, word)
                if self._word == word and self.is_attached:
                    self._show(rows)
        finally:
            self._searching = None
        then, self.when_found = self.when_found, None
        if then is not None and self.is_attached:
            then()

    def _found(self, word: str) -> list[str]:
        from tui_chat.attachments.file_list import files_in
        from tui_chat.attachments.file_match import best_files

        if word.startswith(("/", "~/")):
            return _in_folder(word)
        if monotonic() - self._listed_at > FRESH:
            self._files = files_in(Path.cwd())
            self._listed_at = monotonic()
        return best_files(word, self._files, ROWS)

    def _show(self, rows: Sequence[str]) -> None:
        if rows or self._rows:
            self._rows, self._pick = rows, 0
            self.display = bool(rows)
            self.refresh(layout=True)

    def close(self) -> bool:
        """Hide it until another word is typed. False: it was not shown."""
        was_open = self.open
        self._closed_for = self._word
        self._show(())
        return was_open

    def move(self, step: int) -> None:
        """Move the pick; beyond the last row it goes to the first."""
        if self._rows:
            self._pick = (self._pick + step) % len(self._rows)
            self.refresh()

    def take(self) -> str:
        """Ask for the picked file to be attached, and close; returns what stands in its place in the text."""
        picked = self._rows[self._pick]
        self.close()
        if _URL.fullmatch(picked):
            self.post_message(self.AddressPicked(picked))
            return picked
        if not picked.endswith("/"):
            self.post_message(self.FilePicked(Path(picked).expanduser()))
        return picked

    def render(self) -> Content:
        """Render a row for each file."""
        rows = []
        for index, row in enumerate(self._rows[: max(1, self.size.height)]):
            picked = index == self._pick
            muted = "$role-text" if picked else MUTED
            mark = Content.styled("▸ ", "$role-pick") if picked else Content("  ")
            if _URL.fullmatch(row):
                words = Content.assemble(
                    "Fetch ", (clean_line(row), "bold"), (" and attach it   Enter fetch   Esc leave it", muted)
                )
            else:
                folder, slash, name = clean_line(row).rpartition("/")
                words = Content.assemble((folder + slash, muted), (name, "bold" if picked else ""))
            line = (mark + words).truncate(max(1, self.size.width - GAP), ellipsis=True)
            line += " " * max(0, self.size.width - line.cell_length)
            rows.append(line.stylize_before(PICKED) if picked else line)
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of rows, within its limits."""
        return min(ROWS, len(self._rows), max(1, viewport.height // 3))


def _in_folder(word: str) -> list[str]:
    """The files and folders whose paths begin with `word`."""
    folder, _, start = word.rpartition("/")
    found: list[str] = []
    try:
        for at, entry in enumerate(Path(folder or "/").expanduser().iterdir()):
            if at > 5_000 or len(found) >= 200:
                break
            if entry.name.lower().startswith(start.lower()) and (start or not entry.name.startswith(".")):
                found.append(f"{folder}/{entry.name}" + ("/" if entry.is_dir() else ""))
    except OSError:
        return []
    return sorted(found)[:ROWS]
