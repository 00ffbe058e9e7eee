"""Copies of attached files that have not been sent yet, so that they outlive the program with their draft."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from time import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tui_chat.attachments.reading import MAX_BYTES
from tui_chat.chat.quick_dataclass import replace
from tui_chat.regular_files import open_regular, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui_chat.chat.message import Attachment

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 30 * 24 * 3600.0
"""Seconds after which a copy that no program has removed is deleted."""
_KEY: Final = re.compile(r"[0-9a-f]{32}")


class DraftFiles:
    """A folder with one file for each attachment that is not sent. Methods are meant for a thread and do not raise."""

    def __init__(self, folder: Path | None) -> None:
        """`folder`: where the copies are; `None`: nothing is kept."""
        self._folder = folder
        self._own: set[str] = set()
        """The keys of the copies that this program has made or read."""

    def keep(self, attachment: Attachment) -> Attachment:
        """Write a copy of an attachment and return it with the copy's key; unchanged if it cannot be written."""
        if self._folder is None or attachment.kept:
            return attachment
        key = uuid4().hex
        path = self._folder / key
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, links=False)
            with os.fdopen(descriptor, "wb") as file:
                file.write(attachment.data)
        except OSError as error:
            log.warning("An attachment cannot be kept for the next start: %s", error)
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return attachment
        self._own.add(key)
        return replace(attachment, kept=key)

    def load(self, attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
        """The attachments with the data of their copies; those whose copies are gone are left out."""
        found: list[Attachment] = []
        for attachment in attachments:
            if attachment.data or not attachment.kept:
                found.append(attachment)
            elif self._folder is not None and _KEY.fullmatch(attachment.kept):
                try:
                    data = read_bytes(self._folder / attachment.kept, MAX_BYTES)
                except OSError as error:
                    log.warning("An attachment of a draft is gone: %s", error)
                else:
                    self._own.add(attachment.kept)
                    found.append(replace(attachment, data=data))
        return tuple(found)

    def clean(self, used: Iterable[str]) -> None:
        """Remove old copies, and this program's own except those with the keys `used`; for the program's end."""
        if self._folder is None:
            return
        gone = self._own - set(used)
        try:
            paths = list(self._folder.iterdir())
        except OSError:  # nothing was kept yet
            return
        for path in paths:
            try:
                if path.name in gone or path.stat().st_mtime < time() - KEPT_SECONDS:
                    path.unlink()
            except OSError as error:
                log.info("A copy of an attachment cannot be removed: %s", error)
