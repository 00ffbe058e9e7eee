"""A screen whose widgets are never laid out for an older content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen, ScreenResultType

from tui_chat.terminal import capabilities

if TYPE_CHECKING:
    from textual.geometry import Size


class ExactLayout(Screen[ScreenResultType]):
    """Textual's, but a content that changes right after a layout gets a layout of its own.

    Textual 8.2.8 keeps the size of a widget until the widget asks for a layout. One that asked already, and has not
    had its turn since, asks in vain: a layout that came in between leaves it with the size of the content before.
    """

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        super()._refresh_layout(size, scroll)
        if capabilities.available(capabilities.LAYOUT):
            for widget in self._compositor.widgets:
                if widget._layout_required:  # noqa: SLF001
                    widget._layout_updates += 1  # noqa: SLF001 - Textual counts it in the size's key
