"""The list of earlier prompts, searched by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.fuzzy import match
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN: Final = 200
"""Characters of a prompt that a row has."""
BEFORE_MATCH: Final = 30
"""Characters that are shown before the first match of a long prompt."""
MOST_ROWS: Final = 200


class PromptSearch(ListDialog[str | None]):
    """Returns the chosen prompt, whole."""

    TITLE = "Earlier prompts"
    PLACEHOLDER = "Search earlier prompts"
    WIDE = True
    COLUMNS = (Column("right"),)
    HINTS = (
        Hint("enter", "take into the prompt", "choose"),
        Hint("up", "move", "move(1)", keys="↑ ↓"),
        Hint("escape", "cancel", "close"),
    )

    def __init__(self, prompts: Sequence[str]) -> None:
        """`prompts`: the earlier ones, newest first."""
        super().__init__()
        self._prompts = [(prompt, prompt.lower()) for prompt in prompts]

    def items(self, words: str) -> Sequence[ListItem]:
        """The prompts that contain all words, newest first; if there are none, those with the letters apart."""
        wanted = words.lower().split()
        found = [prompt for prompt, lowered in self._prompts if all(word in lowered for word in wanted)]
        rows = [_row(prompt, wanted) for prompt in found[:MOST_ROWS]]
        if not rows and words:
            rows = self.matching((_row(prompt) for prompt, _ in self._prompts), words)
        return rows or [Sentence("No earlier prompts match." if words else "There are no earlier prompts yet.")]

    def choose(self, row: ListRow | None) -> None:
        """Close the dialog with the picked prompt."""
        if row is not None:
            self.dismiss(str(row.value))


def _row(prompt: str, words: Sequence[str] = ()) -> ListRow:
    """A prompt in one line; a long one from shortly before the first of the words on."""
    at = prompt.lower().find(words[0]) if words else 0
    start = max(0, at - BEFORE_MATCH) if at > SHOWN // 3 else 0
    line = f"{'…' if start else ''}{clean_line(prompt[start : start + SHOWN].strip())}"
    found = [each.letters for word in words if (each := match(word, line, scattered=False)) is not None]
    lines = prompt.removesuffix("\n").count("\n") + 1
    notes = (f"{lines:,} lines",) if lines > 1 else ()
    return ListRow(line, notes, prompt, letters=sorted(letter for letters in found for letter in letters))
