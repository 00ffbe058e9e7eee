"""The attachments of the prompt, and those that are still being read for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from tui_chat.chat.message import Attachment


class AttachmentReader(Protocol):
    """Reads files, pages and pictures to attach, and shows why one cannot be attached."""

    def attach_file(self, path: Path) -> None:
        """Read a file and attach it."""
        ...

    def attach_image(self) -> None:
        """Attach the picture on the clipboard."""
        ...

    def attach_address(self, url: str) -> None:
        """Fetch a page and attach it."""
        ...

    async def take_pasted(self, text: str, shown: str) -> None:
        """Attach the files that a pasted text names, in place of `shown`, which stands for it in the box."""
        ...


class PromptAttachments:
    """Keeps attachments in the order in which they were asked for, however long each is read."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` is called when something was attached or removed, and when something begins to be read."""
        self._changed = changed
        self._reading: list[asyncio.Task[Sequence[Attachment | None]]] = []
        self.files: tuple[Attachment, ...] = ()
        """The attachments, in the order in which they were asked for."""

    @property
    def reading(self) -> int:
        """The number of files that are being read."""
        return len(self._reading)

    def show(self, files: Sequence[Attachment]) -> None:
        """Replace all attachments by `files`."""
        if tuple(files) != self.files:
            self.files = tuple(files)
            self._changed()

    def take(self) -> tuple[Attachment, ...]:
        """Return what is attached; afterwards nothing is."""
        taken = self.files
        self.show(())
        return taken

    def remove(self, index: int) -> None:
        """Remove one; a negative index counts from the end."""
        files = list(self.files)
        if -len(files) <= index < len(files):
            del files[index]
        self.show(files)

    def add(self, reading: Coroutine[None, None, Sequence[Attachment | None]]) -> None:
        """Attach what `reading` returns; `None` stands for what cannot be read, which has been said."""
        task = asyncio.create_task(reading, name="reading an attachment")
        self._reading.append(task)
        task.add_done_callback(self._read)
        self._changed()

    def stop_reading(self) -> bool:
        """Stop reading: who waits for it learns that it could not be attached. False: nothing is read."""
        for task in self._reading:
            task.cancel()
        return bool(self._reading)

    def forget_reading(self) -> None:
        """Attach nothing of what is being read: it belongs to another chat."""
        reading, self._reading = self._reading, []
        for task in reading:
            task.cancel()

    def wait(self) -> Callable[[], Coroutine[None, None, bool]]:
        """Return how to wait for what is being read now; the wait returns False if something could not be attached."""
        reading = tuple(self._reading)

        async def finished() -> bool:
            if reading:
                await asyncio.wait(reading)
                await asyncio.sleep(0)  # what was read is attached now
            return all(not task.cancelled() and None not in task.result() for task in reading)

        return finished

    def _read(self, task: asyncio.Task[Sequence[Attachment | None]]) -> None:
        if task not in self._reading:
            return  # forgotten
        found: list[Attachment] = []
        while self._reading and self._reading[0].done():
            done = self._reading.pop(0)
            if not done.cancelled():
                found += [attachment for attachment in done.result() if attachment is not None]
        self.files += tuple(found)
        self._changed()
