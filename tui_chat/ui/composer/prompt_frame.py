"""The frame around the prompt: who answers and how much text is below in its top edge, how full the context is in its
bottom edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.content import Content

from tui_chat.chat.clean import clean_line
from tui_chat.ui.roles import MUTED
from tui_chat.ui.signs import signs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_chat.chat.context import ContextUse

LEAST_COLUMNS: Final = 50
LEAST_ROWS: Final = 16
"""The size of the screen from which there is a frame."""
COLUMNS_FOR_GAUGE_WORDS: Final = 70
GAUGE_CELLS: Final = 10
SEPARATOR: Final = " · "
_OUTSIDE: Final = 6
"""Cells of an edge that hold no words: corners, blanks, and a piece of line at both ends."""
_GAP: Final = 4
"""Cells between the two sides of an edge: blanks and a piece of line."""


def has_frame(screen: Size) -> bool:
    """Whether a screen of this size has room for the frame."""
    return screen.width >= LEAST_COLUMNS and screen.height >= LEAST_ROWS


class PromptFrame(Vertical):
    """A round border whose edges say who answers the next question and how full the model's context is."""

    DEFAULT_CSS = """
    PromptFrame {
        height: auto; max-width: 100; padding: 0 1;
        border: round $role-line; border-title-color: $role-line; border-subtitle-color: $role-muted;
        border-title-background: initial; border-subtitle-background: initial; border-subtitle-align: right;
        &:focus-within { border: round $role-accent; border-title-color: $role-accent; }
        &.-ascii { border: ascii $role-line; }
        &.-ascii:focus-within { border: ascii $role-accent; }
        &.-bare, &.-bare:focus-within { border: none; padding: 0; }
        &.-bare ChipRow { padding: 0 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="frame")
        self._model = ""
        self._notes: Sequence[str] = ()
        self._below = ""
        self._gauges: tuple[Content | None, Content | None] = (None, None)
        """The gauge without and with words."""
        self._edges: tuple[Content | None, Content | None] = (None, None)

    def show_recipient(self, model: str, notes: Sequence[str]) -> None:
        """Show in the top edge who answers the next question. `notes`: its endpoint and what the chat sends along,
        the most important first; what does not fit is left out."""
        self._model, self._notes = clean_line(model), tuple(map(clean_line, notes))
        self._show_edges()

    def show_below(self, words: str) -> None:
        """Show at the right of the top edge how much text is below the visible one; a click there goes to its end."""
        if words != self._below:
            self._below = words
            self._show_edges()

    @property
    def recipient(self) -> str:
        """The model that answers the next question and its endpoint, as far as there is room: `gpt-4o-mini ·
        openrouter`."""
        found = _recipient(self._model, self._notes, self._room)
        return found.plain if found is not None else ""

    def show_context(self, use: ContextUse) -> None:
        """Show in the bottom edge how full the context window is; no gauge where its size is not known or nothing is
        used yet."""
        known = use.window is not None and use.used > 0
        self._gauges = (gauge(use), gauge(use, in_words=True)) if known else (None, None)
        self._show_edges()

    def fit(self, screen: Size) -> None:
        """Show the frame, or hide it if the screen is too small for one."""
        self.set_class(not has_frame(screen), "-bare")

    def on_resize(self) -> None:
        """Show as much as fits."""
        self._show_edges()

    @property
    def _room(self) -> int:
        """Cells of an edge for words."""
        return self.outer_size.width - _OUTSIDE

    def _show_edges(self) -> None:
        in_words = self._room >= COLUMNS_FOR_GAUGE_WORDS - _OUTSIDE
        edges = self._top_edge(), self._gauges[in_words]
        if edges != self._edges:  # setting a title paints the border anew, even with the same words
            self._edges = edges
            self.border_title, self.border_subtitle = edges

    def _top_edge(self) -> Content | None:
        room = self._room
        signs = signs_of("ascii" if self.has_class("-ascii") else "unicode")
        right = Content(f"{signs.below} {self._below}") if self._below else Content("")
        if not right or right.cell_length > room:
            return _recipient(self._model, self._notes, room)
        left = _recipient(self._model, self._notes, room - right.cell_length - _GAP) or Content("")
        line = max(0, room - left.cell_length - right.cell_length - (2 if left else 1))
        edge = Content.assemble(left, " " if left else "", signs.rule * line, " ", right.stylize("$role-text"))
        return edge.stylize("@click=screen.press('bottom')", edge.cell_length - right.cell_length)


def _recipient(model: str, notes: Sequence[str], room: int) -> Content | None:
    name = Content.styled(model, "bold $role-text")
    for note in notes:
        longer = name + Content.styled(f"{SEPARATOR if name else ''}{note}", MUTED)
        if longer.cell_length <= room:
            name = longer
    return name or None


def gauge(use: ContextUse, *, in_words: bool = False) -> Content:
    """A bar and what it means: a percentage, and `in_words` also the number of tokens used and the window's size."""
    share = use.share or 0.0
    style = "$role-error" if use.nearly_full else "$role-warning" if use.filling else ""
    filled = min(GAUGE_CELLS, max(1, round(share * GAUGE_CELLS)))
    percent = f"{max(1, round(share * 100))} %"
    if in_words:
        percent = f"{_short(use.used)} of {_short(use.window or 0)}{SEPARATOR}{percent}"
    return Content.assemble(
        ("━" * filled, style or "$role-accent"),
        ("─" * (GAUGE_CELLS - filled), MUTED),
        (f" {'! ' if style else ''}{'~' if use.estimated else ''}{percent}", style or MUTED),
    )


def _short(tokens: int) -> str:
    """A count of tokens in at most four characters: `817`, `9.4k`, `128k`, `1M`."""
    if tokens < 1000:
        return str(tokens)
    for factor, unit in ((1_000, "k"), (1_000_000, "M")):
        if tokens < 999_500 * factor // 1_000:
            value = tokens / factor
            return f"{value:.1f}".removesuffix(".0") + unit if value < 9.95 else f"{value:.0f}{unit}"
    return f"{tokens / 1_000_000:.0f}M"
