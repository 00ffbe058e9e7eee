"""The base class of dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

if TYPE_CHECKING:
    from textual.app import App


class Dialog(ModalScreen[ScreenResultType], Generic[ScreenResultType]):
    """A screen above the chat that returns a result when it is closed."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the dialog and return `result`. A dialog that is already closed stays closed: a second key or a
        server's answer may arrive before it is removed, and Textual would close the screen below instead."""
        app: App[object] = self.app
        return super().dismiss(result) if app.screen_stack[-1:] == [self] else AwaitComplete()
