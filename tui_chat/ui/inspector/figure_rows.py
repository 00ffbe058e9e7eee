"""The inspector's rows of figures: the outcome of the picked response, and the figures of its stream."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content

from tui_chat.ui.inspector import words
from tui_chat.ui.inspector.rows import ContentRow
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_chat.chat.inspection.wire_ports import FrameLog, WireExchange, WireFrame
    from tui_chat.ui.inspector.words import FrameFigures, StreamFigure
    from tui_chat.ui.signs import Signs


class FigureRows(Vertical):
    """Two rows of figures; one in a low window, with the outcome first."""

    DEFAULT_CSS = "FigureRows { height: auto; }"

    def __init__(self, signs: Signs) -> None:
        super().__init__()
        self._sep = signs.sep
        self.outcome, self.summary = ContentRow(), ContentRow(id="wire-summary")

    def compose(self) -> ComposeResult:
        """Create the two rows of figures."""
        yield from (self.outcome, self.summary)

    def fit(self, *, low: bool) -> None:
        """Be two rows, or one in a low window."""
        self.outcome.display = not low

    def show(
        self,
        exchange: WireExchange | None,
        log: FrameLog | None,
        figures: FrameFigures | None,
        frame: WireFrame | None,
        *,
        paused: bool,
    ) -> None:
        """Show the figures of an exchange. `frame`: the picked one; what is wrong with it, or the probabilities of its
        tokens, take the place of the figures."""
        outcome: list[StreamFigure] = []
        summary: list[StreamFigure] = []
        if exchange is not None and log is not None and figures is not None:
            last = exchange.began + log.frames[-1].at if log.frames else exchange.responded
            now = last or 0.0 if paused else monotonic()  # what is not taken is no silence
            outcome = words.outcome(exchange, figures, log.facts, now, last)
            summary = words.summary(exchange, figures)
            if not self.outcome.display:
                summary = [*outcome, *summary]
            if frame is not None and (scores := log.scores(frame)):
                summary = [words.StreamFigure(words.score_words(scores, self._sep), "muted")]
            elif frame is not None and (said := words.trouble(frame)):
                summary = [words.StreamFigure(said, "error")]
        width = max(1, self.size.width - 1)
        self.outcome.show(figure_row(outcome, self._sep, width))
        self.summary.show(figure_row(summary, self._sep, width))


def figure_row(parts: Sequence[StreamFigure], sep: str, width: int) -> Content:
    """The figures that fit into `width` cells."""
    styles = {"muted": MUTED, "text": "$role-text"}
    pieces = [
        Content.styled(part.text, styles.get(part.ink, f"bold $role-{part.ink}"))
        for part in words.fitting(parts, sep, width)
    ]
    return Content.styled(sep, MUTED).join(pieces)
