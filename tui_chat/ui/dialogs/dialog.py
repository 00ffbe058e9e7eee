"""What all dialogs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

if TYPE_CHECKING:
    from textual.app import App


class Dialog(ModalScreen[ScreenResultType], Generic[ScreenResultType]):
    """A screen over the chat that gives something when it is left."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it, and give `result`. One that is closed already stays so: a second key, or an answer of a server, may
        come before it is gone, and Textual would close the screen below in its place."""
        app: App[object] = self.app
        return super().dismiss(result) if app.screen_stack[-1:] == [self] else AwaitComplete()
