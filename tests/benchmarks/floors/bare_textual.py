"""The least that a Textual program can be: one TextArea."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import TextArea


class Bare(App[None]):
    """Nothing but the box."""

    def compose(self) -> ComposeResult:
        """The box, with a word to see the first frame by."""
        yield TextArea("FIRSTFRAME")


if __name__ == "__main__":
    Bare().run()
