"""The files that fit what is typed after an `@`, above the prompt."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.message import Message

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.composer import menu_rows
from tui_chat.ui.composer.menu_rows import GAP, ROWS, Menu
from tui_chat.ui.roles import MUTED, PICKED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.geometry import Size

MOST: Final = 100
"""The greatest number of files in the menu."""
MOST_GONE: Final = 500
"""Best matches that are passed over because they are no files any more."""
FRESH: Final = 10.0
"""Seconds for which a list of files is used; longer where listing them took long."""
SLOW: Final = 0.3
"""Seconds of a search after which it is said that one is going on."""
PATIENCE: Final = 2.0
"""Seconds for which Enter and Tab wait for a search."""
LONGEST: Final = 300
"""Characters after an `@` that are looked at."""
KEYS: Final = (("↑ ↓", "choose"), ("Enter", "attach"), ("Esc", "close"))
_WORD: Final = re.compile(r"(?:^|(?<=[\s(\[\"'\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]))@((?:\\ |\S)*)$")
"""The word at the end, behind a blank or a character of a script that has none. A blank that belongs to the word has a
backslash before it."""
_FROM_A_FOLDER: Final = ("/", "~/", "./", "../")
"""Beginnings of paths that are completed folder by folder; others are found among the files of the working folder."""
_URL: Final = re.compile(r"https?://[^/\s]+\S*")


class FileMenu(Menu):
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

    def __init__(self, choose: Callable[[], None]) -> None:
        """`choose` is called when a file was clicked, which is then the picked one."""
        super().__init__(id="file-menu")
        self._choose = choose
        self._rows: Sequence[str] = ()
        self._word: str | None = None
        self._closed_for: str | None = None
        self._files: Sequence[str] = ()
        self._fresh_until = float("-inf")
        self._searching: asyncio.Task[None] | None = None
        self._slow = False
        """Whether it is said that a search is going on."""
        self._then: Callable[[], None] | None = None
        """Called once when the search has ended."""

    @property
    def searching(self) -> bool:
        """Whether the rows are not those of the typed word yet."""
        return self._searching is not None and self._word is not None and self._word != self._closed_for

    @property
    def open(self) -> bool:
        """Whether it is shown with something to pick."""
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
            self.set_timer(SLOW, partial(self._say_slow, self._searching))

    async def _search(self) -> None:
        """Look for files in a thread, until what was looked for is what is typed."""
        from tui_chat.daemon_thread import in_daemon_thread

        word: str | None = None
        try:
            while self._word is not None and self._word != word and "://" not in self._word:
                word = self._word
                rows = await in_daemon_thread(partial(self._found, word.replace("\\ ", " ")), "files for @")
                if self._word == word != self._closed_for and self.is_attached:
                    self._show(rows)
        finally:
            self._searching, self._slow = None, False
            self._layout()
        self._go_on()

    def _say_slow(self, searching: asyncio.Task[None]) -> None:
        if self.searching and self._searching is searching and not self._rows:
            self._slow = True
            self._layout()

    def wait_for_search(self, then: Callable[[], None]) -> None:
        """Call `then` when the search has ended, or when it takes too long; the menu is closed then."""
        self._then = then
        self.set_timer(PATIENCE, partial(self._give_up, then))

    def forget_waiting(self) -> None:
        """Call nothing when the search has ended: a key came."""
        self._then = None

    def _give_up(self, then: Callable[[], None]) -> None:
        if self._then is then and self.searching:
            self.close()
            self._go_on()

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None and self.is_attached:
            then()

    def _found(self, word: str) -> list[str]:
        from tui_chat.attachments.file_list import files_in, only_files
        from tui_chat.attachments.file_match import best_files

        if word.startswith(_FROM_A_FOLDER):
            return _in_folder(word)
        here, now = Path.cwd(), monotonic()
        if now > self._fresh_until:
            self._files = files_in(here)
            self._fresh_until = monotonic() + max(FRESH, 10 * (monotonic() - now))
        return only_files(best_files(word, self._files, MOST_GONE + MOST), here, MOST)

    def _show(self, rows: Sequence[str]) -> None:
        if rows or self._rows:
            self._rows, self.pick = rows, 0
            self._layout()

    def _layout(self) -> None:
        self.display = bool(self._rows) or self._slow
        self.refresh(layout=True)

    def close(self) -> bool:
        """Hide it until another word is typed. False: it was not shown, and nothing was looked for."""
        was_open = self.open or self._slow
        self._closed_for, self._slow = self._word, False
        self._show(())
        self._layout()
        return was_open

    @property
    def entry_count(self) -> int:
        """The number of files that fit."""
        return len(self._rows)

    def take_click(self) -> None:
        """Have the clicked file attached."""
        self._choose()

    def take(self) -> str:
        """Ask for the picked file to be attached, and close; returns what stands in its place in the text."""
        picked = self._rows[self.pick]
        self.close()
        if _URL.fullmatch(picked):
            self.post_message(self.AddressPicked(picked))
            return picked
        if not picked.endswith("/"):
            # Only what was completed from the home folder is meant so: a file here may have a name like `~notes`.
            self.post_message(self.FilePicked(Path(picked).expanduser() if picked.startswith("~/") else Path(picked)))
        return picked

    def render(self) -> Content:
        """Render a window of rows around the pick, and its place in a longer list."""
        if not self._rows:
            return Content.styled("  Looking for files…", MUTED)
        rows = []
        for index in self.visible_entries:
            row, picked = self._rows[index], index == self.pick
            muted = "$role-text" if picked else MUTED
            mark = Content.styled("▸ ", "$role-pick") if picked else Content("  ")
            if _URL.fullmatch(row):
                words = Content.assemble(
                    "Fetch ", (clean_line(row), "bold"), (" and attach it   Enter fetch   Esc leave it", muted)
                )
            else:
                folder, name = _shortened(row, self.size.width - GAP - mark.cell_length)
                words = Content.assemble((folder, muted), (name, "bold" if picked else ""))
            line = (mark + words).truncate(max(1, self.size.width - GAP), ellipsis=True)
            line += " " * max(0, self.size.width - line.cell_length)
            rows.append(line.stylize_before(PICKED) if picked else line)
        if menu_rows.has_count(len(self._rows), self.size.height):
            rows.append(menu_rows.count_row(self.pick, len(self._rows), self.size.width, KEYS))
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of rows, within its limits."""
        return min(ROWS, max(1, len(self._rows)), max(1, viewport.height // 3))


def _shortened(path: str, room: int) -> tuple[str, str]:
    """The folder of a path with its last slash, and the name. The folder gives way where there is no room for both."""
    end = "/" if path.endswith("/") else ""
    folder, slash, name = clean_line(path).removesuffix("/").rpartition("/")
    name += end
    before = Content(folder + slash)
    over = before.cell_length + Content(name).cell_length - room
    if over <= 0 or not folder:
        return before.plain, name
    kept = before.plain
    while kept and Content(kept).cell_length > before.cell_length - over - 1:
        kept = kept[1:]
    return f"…{kept}", name


def _in_folder(word: str) -> list[str]:
    """The files and folders whose paths begin with `word`."""
    from tui_chat.attachments.file_list import entries_of

    folder, _, start = word.rpartition("/")
    try:
        place = Path(folder or "/").expanduser()
    except RuntimeError:  # nobody knows where home is
        return []
    entries = entries_of(place, start)
    return [f"{folder}/{name}" for name in sorted(entries)[:MOST]]
