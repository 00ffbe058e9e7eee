"""The conversation pane alone, which builds a long conversation on the first key and opens it on the second.

    python -m tests.benchmarks.programs.open_pane MESSAGES

It stands in for opening a stored chat: building the conversation is what a history would do. What lays out Markdown is
loaded before, as the app loads it while the person types.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from textual.widgets import Static

from tests.benchmarks.programs.stored import stored
from tui_chat.ui.markdown.document import load_engine
from tui_chat.ui.themes import ThemedApp
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_chat.chat.conversation import Conversation


class PaneAlone(ThemedApp):
    """The pane, and a line that says how far it is."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self._messages = messages
        self._conversation: Conversation | None = None
        self.pane = Transcript()

    def compose(self) -> ComposeResult:
        """The line below the pane."""
        yield self.pane
        yield Static("STARTED", markup=False)

    def on_key(self) -> None:
        """Build, then open."""
        if self._conversation is None:
            self._conversation = stored(self._messages)
            self.query_one(Static).update("BUILT")
        else:
            self._conversation.subscribe(self.pane.changed)
            self.pane.show(self._conversation)


if __name__ == "__main__":
    load_engine()
    PaneAlone(int(sys.argv[1])).run()
