"""The place for what an empty conversation shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget


class WelcomeSlot:
    """Mounts a widget while a conversation is empty, and removes it when a message comes."""

    def __init__(self, pane: Widget, is_empty: Callable[[], bool]) -> None:
        """`pane`: receives the widget. `is_empty`: whether the conversation is empty."""
        self._pane = pane
        self._is_empty = is_empty
        self._shown: Widget | None = None
        self._lock = asyncio.Lock()
        self._welcome: Widget | None = None

    async def put(self, welcome: Widget | None) -> None:
        """Set the widget that an empty conversation shows."""
        self._welcome = welcome
        await self.update()

    async def update(self) -> None:
        """Show or remove the widget, as the conversation is empty or not."""
        async with self._lock:  # a conversation may be opened while the welcome of the one before comes or goes
            wanted = self._welcome if self._is_empty() else None
            shown = self._shown
            if shown is not wanted and shown is not None:
                self._shown = None
                await shown.remove()
            if self._pane.is_attached and wanted is not None and self._shown is None:
                self._shown = wanted
                await self._pane.mount(wanted)
