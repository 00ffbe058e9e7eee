"""Read files as attachments: pictures, PDF files and text, recognised by their content."""

from __future__ import annotations

import errno
import mimetypes
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.message import Attachment
from tui_chat.regular_files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 20_000_000
"""More than any provider accepts in one request."""


class AttachmentError(Exception):
    """A file cannot be attached. The text is one line for a person that names the file."""


def read_attachment(path: Path) -> Attachment:
    """Read a file as an attachment; text is converted to UTF-8. Raises `AttachmentError` if the file is missing, not a
    regular file, too large, or nothing that models read."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise AttachmentError(f"{clean_line(str(path))} is larger than {MAX_BYTES // 1_000_000} MB") from error
        raise AttachmentError(f"{clean_line(str(path))} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in it
        raise AttachmentError(f"{clean_line(str(path))} cannot be read: it is no path") from error
    return attachment_of(valid_text(path.name), data, where=str(path))


def valid_text(name: str) -> str:
    """The name of a file as text: its bytes need not be any, and arrive as lone surrogates then, which no request can
    carry."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def attachment_of(name: str, data: bytes, *, where: str = "") -> Attachment:
    """Recognise the content of a file with this name. `where`: its path, for errors. Raises `AttachmentError` if it is
    neither text, a picture that models read (PNG, JPEG, GIF, WebP) nor a PDF file."""
    if mime := _binary_type(data):
        return Attachment(name, mime, data)
    text = _text(data)
    if text is None:
        raise AttachmentError(
            f"{clean_line(where or name)} is neither text nor a picture (PNG, JPEG, GIF, WebP) nor PDF"
        )
    guessed, _ = mimetypes.guess_type(name)
    mime = guessed if guessed and guessed.startswith("text/") else "text/plain"
    return Attachment(name, mime, text.encode())


def _binary_type(data: bytes) -> str:
    """Return the media type of a picture or a PDF file from its first bytes; empty if it is neither."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else ""


def _text(data: bytes) -> str | None:
    """Decode bytes as text; `None` if they are not text."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
