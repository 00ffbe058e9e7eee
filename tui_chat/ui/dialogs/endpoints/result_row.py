"""The last row of the form for an endpoint: how its test goes, or what it found."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endpoint_ports import TestReport
from tui_chat.ui.numbers import pace, seconds
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

TICK: Final = 0.2
"""Seconds between two updates of the clock while a test runs."""


class ResultRow(Horizontal):
    """Shows the report of a test, and the seconds while it runs; hidden when there is nothing to say."""

    DEFAULT_CSS = """
    ResultRow { height: auto; padding: 0 2; margin: 1 0 0 0; display: none; }
    ResultRow.-shown { display: block; }
    ResultRow > Static { height: auto; }
    ResultRow > .sign { width: 2; }
    ResultRow > .words { width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.report = TestReport()
        """The report that is shown."""
        self._sign = Static("", classes="sign")
        self._words = Static("", classes="words", markup=False)
        self._began = 0.0
        self._clock: Timer | None = None

    @property
    def text(self) -> str:
        """The shown text with its sign."""
        return f"{self._sign.content} {self._words.content}".strip()

    def compose(self) -> ComposeResult:
        """Compose the sign and the words beside it."""
        yield self._sign
        yield self._words

    def start(self) -> None:
        """Begin to count the seconds of a test."""
        self.stop()
        self._began = monotonic()
        self._clock = self.set_interval(TICK, self._update)

    def stop(self) -> None:
        """Stop counting the seconds."""
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def show(self, report: TestReport) -> None:
        """Show a report of the test."""
        self.report = report
        self._update()

    def _update(self) -> None:
        report = self.report
        sign, words = Content(""), Content("")
        if report.doing:
            sign = Content.styled("…", "$role-accent")
            doing = f"{clean_line(report.doing)} ({monotonic() - self._began:.1f} s)   "
            words = Content.assemble(doing, ("Esc", "bold $role-text"), (" cancel", MUTED))
        elif report.problem:
            sign = Content.styled("✗", "bold $role-error")
            advice = f"\n{clean_line(report.advice)}" if report.advice else ""
            words = Content.assemble((clean_line(report.problem), "$role-error"), advice)
        elif report.done:
            sign, words = Content.styled("✓", "bold $role-success"), Content(found(report))
        self._sign.update(sign)
        self._words.update(words)
        self.set_class(bool(words.plain), "-shown")


def found(report: TestReport) -> str:
    """The findings of a successful test, in a few words."""
    words: list[str] = []
    if report.models:
        words.append(f"Connected: {len(report.models):,} model{'s' if len(report.models) != 1 else ''}")
    else:
        words.append("Connected")
    if report.choose:
        words.append("choose one")
    if report.first_token is not None:
        words.append(f"first token {seconds(report.first_token)}")
    if report.pace is not None:
        words.append(pace(report.pace, estimated=report.estimated))
    return "; ".join(words)
