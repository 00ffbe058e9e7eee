"""Hints for the keys of commands, as the settings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rich.style import Style as RichStyle
from textual.content import Content

from tui_chat.keymap import Keymap
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App


DEFAULT_KEYS = Keymap()
"""The keys of the table."""


def keymap_of(app: App[object]) -> Keymap:
    """The keymap of an app; the table's own keys if the app has none, as in tests of single widgets."""
    keymap = getattr(app, "keymap", None)
    return keymap if isinstance(keymap, Keymap) else DEFAULT_KEYS


def key_hint(app: App[object], command: str) -> str:
    """The way to run the command with this id, for a hint or a sentence: its key, or its slash word where it has no
    key."""
    return keymap_of(app).hint(command)


@runtime_checkable
class HasKeys(Protocol):
    """A widget with keys of its own, which are shown while it has the focus."""

    @property
    def key_words(self) -> Sequence[tuple[str, str]]:
        """The ids of the commands that apply now, most used first, each with one or two words."""
        ...


@runtime_checkable
class HasOwnKeys(Protocol):
    """A widget that takes some keys itself while it has the focus, though they are commands of the whole screen
    elsewhere."""

    @property
    def own_keys(self) -> frozenset[str]:
        """The keys in Textual's spelling."""
        ...


class KeyLinks:
    """A widget with keys to be clicked, which keep their own colours. Textual gives a link one colour, so that a key
    and its word would look alike."""

    @property
    def link_style(self) -> RichStyle:
        """No style besides that under the mouse."""
        return RichStyle.null()


HINT_GAP = 2
"""Cells between two hints."""


def key_row(app: App[object], words: Sequence[tuple[str, str]], last: tuple[str, str], width: int) -> Content:
    """A row of hints, each a key and what it does, to be clicked. What does not fit is left out from the right, but
    `last`, which stands at the end. A command without a key has no hint."""
    end = _hint(app, *last)
    row, room = Content(""), width - end.cell_length - HINT_GAP
    for command, word in words:
        hint = _hint(app, command, word)
        gap = HINT_GAP if row else 0
        if not hint:
            continue
        if row.cell_length + gap + hint.cell_length > room:
            break  # a shorter one further right would take the place of one that is used more
        row += Content(" " * gap) + hint
    blanks = max(0, width - row.cell_length - end.cell_length)
    return row + " " * blanks + end if end.cell_length <= width else row


def _hint(app: App[object], command: str, word: str) -> Content:
    key = key_hint(app, command)
    if not key:
        return Content("")
    return Content.assemble((key, "bold $role-text"), (f" {word}", MUTED)).stylize(f"@click=screen.press({command!r})")
