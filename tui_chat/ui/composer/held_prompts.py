"""Prompts that wait until the files attached to them have been read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tui_chat.ui.composer.prompt_attachments import PromptAttachments


class HeldPrompts:
    """Submits each prompt when its files and the prompts before it are ready, so that their order stays."""

    def __init__(
        self,
        files: PromptAttachments,
        submit: Callable[[str, str], None],
        give_back: Callable[[str, bool], None],
    ) -> None:
        """`submit` receives a text and the id of its chat. `give_back` receives a text with a file that cannot be
        read, and whether a prompt stood before it."""
        self._files = files
        self._submit = submit
        self._give_back = give_back
        self._last: asyncio.Task[None] | None = None
        """Waits for the files of the last prompt."""
        self.texts: list[str] = []
        """The waiting prompts, oldest first."""

    def hold(self, text: str, chat: str) -> None:
        """Submit a text of the chat with the id `chat` when what is attached to it has been read."""
        self.texts.append(text)
        waiting = self._submit_when_read(self._last, self._files.wait(), text, chat)
        self._last = asyncio.create_task(waiting, name="a prompt that waits for its files")

    async def _submit_when_read(
        self, before: asyncio.Task[None] | None, read: Callable[[], Coroutine[None, None, bool]], text: str, chat: str
    ) -> None:
        if before is not None:
            await before
        whole = await read()
        self.texts.remove(text)
        if whole:
            self._submit(text, chat)
        else:
            self._give_back(text, before is not None)
