"""Earlier prompts, newest last, stored in a file from one start to the next."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_chat.regular_files import open_regular, open_to_read

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 1000
"""The number of prompts that are read; the file is cut to this many when it holds twice as many."""
MOST_READ = 16_000_000
"""The most bytes that are read, from the end of the file."""


class PromptHistory:
    """A list of prompts with a current position, like a shell's history.

    The position is after the newest prompt until `earlier` is called; the text that was being typed is then kept as the
    last entry.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is a file with one JSON string a line; `None` keeps prompts for this run only."""
        self._path = path
        self._prompts = self._read() if path else []
        self._place = len(self._prompts)
        self._typed = ""

    def add(self, prompt: str) -> None:
        """Add a prompt and go to the end. The same prompt twice in a row is stored once."""
        if prompt.strip() and (not self._prompts or self._prompts[-1] != prompt):
            self._prompts.append(prompt)
            self._write(prompt)
        self._place = len(self._prompts)
        self._typed = ""

    @property
    def empty(self) -> bool:
        """Whether there are no earlier prompts."""
        return not self._prompts

    def newest_first(self) -> list[str]:
        """All prompts, the newest first; each text once."""
        return list(dict.fromkeys(reversed(self._prompts)))

    def earlier(self, typed: str) -> str | None:
        """Go to the previous prompt that differs from `typed`, the text in the box, and return it; `None` if there is
        none."""
        place = self._place - 1
        while place >= 0 and self._prompts[place] == typed:
            place -= 1
        if place < 0:
            return None
        if self._place == len(self._prompts):
            self._typed = typed
        self._place = place
        return self._prompts[place]

    def later(self) -> str | None:
        """Go to the next prompt, or at last to what was being typed, and return it; `None` if there is nothing
        after."""
        if self._place == len(self._prompts):
            return None
        self._place += 1
        return self._typed if self._place == len(self._prompts) else self._prompts[self._place]

    def _read(self) -> list[str]:
        assert self._path is not None  # noqa: S101 - for the type checker; the caller has looked
        try:
            lines = self._lines(self._path)
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("Earlier prompts cannot be read: %s", error)
            return []
        prompts = [prompt for line in lines[-KEPT:] if isinstance(prompt := _parsed(line), str)]
        if len(lines) > 2 * KEPT:
            self._replace(prompts)
        return prompts

    @staticmethod
    def _lines(path: Path) -> list[str]:
        with open_to_read(path) as file:
            skipped = max(0, os.fstat(file.fileno()).st_size - MOST_READ)
            file.seek(skipped)
            lines = file.read(MOST_READ).decode("utf-8", "replace").split("\n")
        return [line for line in lines[1 if skipped else 0 :] if line.strip()]

    def _replace(self, prompts: list[str]) -> None:
        assert self._path is not None  # noqa: S101 - likewise
        import json

        shorter = self._path.with_suffix(".new")
        try:
            shorter.unlink(missing_ok=True)
            with os.fdopen(open_regular(shorter, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(prompt) + "\n" for prompt in prompts)
            shorter.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                shorter.unlink(missing_ok=True)
            log.warning("Earlier prompts cannot be shortened: %s", error)

    def _write(self, prompt: str) -> None:
        if self._path is None:
            return
        import json

        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = open_regular(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            try:
                _append(descriptor, json.dumps(prompt).encode() + b"\n")
            finally:
                os.close(descriptor)
        except OSError as error:
            log.warning("The prompt cannot be kept for the next start: %s", error)


def _append(descriptor: int, line: bytes) -> None:
    """Append all of `line` to a file, or nothing: the next one must not be glued to half of it."""
    size = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, line)
        while written < len(line):  # the disk is nearly full, and the next write will fail visibly
            written += os.write(descriptor, line[written:])
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _parsed(line: str) -> object:
    import json

    try:
        value: object = json.loads(line)
    except ValueError:
        log.warning("A line among the earlier prompts is not JSON; it is skipped")
        return None
    return value
