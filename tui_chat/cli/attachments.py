"""Files attached to a question: pictures and text, recognised by their content."""

from __future__ import annotations

import errno
import mimetypes
from typing import TYPE_CHECKING, Final

from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 20_000_000
"""More than any provider accepts in one request."""


def read_attachment(path: Path) -> Attachment:
    """Read a file as an attachment; text is converted to UTF-8. Raises `SetupError` if the file is missing, not a
    regular file, too large, or neither text nor a picture that models read (PNG, JPEG, GIF, WebP)."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise SetupError(f"--attach: {path} is larger than {MAX_BYTES // 1_000_000} MB") from error
        raise SetupError(f"--attach: {path} cannot be read: {error.strerror}") from error
    if picture := _picture(data):
        return Attachment(path.name, picture, data)
    text = _text(data)
    if text is None:
        raise SetupError(f"--attach: {path} is neither text nor a picture (PNG, JPEG, GIF, WebP)")
    guessed, _ = mimetypes.guess_type(path.name)
    mime = guessed if guessed and guessed.startswith("text/") else "text/plain"
    return Attachment(path.name, mime, text.encode())


def _picture(data: bytes) -> str:
    """Return the media type of a picture from its first bytes; empty if it is not one."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else ""


def _text(data: bytes) -> str | None:
    """Decode bytes as text; `None` if they are not text."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
