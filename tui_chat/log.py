"""The log file. A person may pass it on, so it has no keys; nothing is logged to standard error, where the screen
is."""

from __future__ import annotations

import logging
import os
import re
import sys
from functools import cache
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tui_chat.regular_files import open_regular

FILE_NAME = "tui-chat.log"
MAX_BYTES = 1_000_000
OLD_FILES = 2
SHORTEST_SECRET = 6
"""Shorter secrets are not masked: masking them everywhere would make the log unreadable."""
MASK = "[hidden]"


@cache  # compiled for the first log line, so that the first frame does not wait for it
def _secrets() -> re.Pattern[str]:
    return re.compile(
        r"""(?ix)
    (?P<before>
        \b(?:proxy-)?authorization \W+ (?:(?:bearer|basic|token) \s+)?    # a header, in any notation
      | \b(?:x-)?(?:goog-)?api[-_]?key \W+
      | [?&](?:key|token|api[-_]?key|access_token) =                     # a URL's query
      | \bbearer \s+
    )
    (?P<secret> [^\s'",;&)}\]]+ )
    | (?P<scheme> \b[a-z][a-z0-9+.-]{0,20}:// ) [^\s/@'"]+ (?=@)              # a URL's user and password
    | \b (?: sk | gsk | pk | xai | hf | AIza ) [-_A-Za-z0-9]{16,}        # keys as providers make them
    """
    )


class Redaction(logging.Formatter):
    """A log formatter that masks known keys and everything that looks like one, in tracebacks too."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(process)d] %(message)s")
        self._known: set[str] = set()

    def hide(self, secret: str) -> None:
        """Mask `secret` from now on."""
        if len(secret) >= SHORTEST_SECRET:
            self._known.add(secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished text, with message, traceback and stack."""
        return self.redact(super().format(record))

    def redact(self, text: str) -> str:
        """Return `text` with all secrets masked."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return _secrets().sub(lambda found: f"{found['before'] or found['scheme'] or ''}{MASK}", text)


class PrivateFile(RotatingFileHandler):
    """A rotating log file that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        descriptor = open_regular(Path(self.baseFilename), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return TextIOWrapper(FileIO(descriptor, "a"), encoding=self.encoding, errors=self.errors, write_through=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Drop a line that cannot be written to the disk, without printing to standard error; other errors are bugs and
        are reported."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class Log:
    """The program's log file. All loggers write to it, those of other packages from warnings on."""

    def __init__(self, folder: Path) -> None:
        """Create the file in `folder`, and the folder. Raises `OSError`."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.path = folder / FILE_NAME
        self._redaction = Redaction()
        self._handler = PrivateFile(
            self.path, maxBytes=MAX_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="backslashreplace"
        )
        self._handler.setFormatter(self._redaction)
        try:
            self.path.chmod(0o600)
        except OSError:
            self._handler.close()
            raise
        logging.getLogger().addHandler(self._handler)
        logging.captureWarnings(True)

    def hide(self, secret: str) -> None:
        """Keep `secret` out of the log."""
        self._redaction.hide(secret)

    def set_level(self, level: str) -> None:
        """Set the level of our own loggers: debug, info, warning or error."""
        logging.getLogger("tui_chat").setLevel(level.upper())

    def close(self) -> None:
        """Stop logging and close the file."""
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()


def without_file() -> None:
    """Discard all log records, if no file can be written: Python's last resort would print them to standard error."""
    logging.getLogger().addHandler(logging.NullHandler())
