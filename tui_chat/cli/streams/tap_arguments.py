"""The words and defaults of `tui-chat tap`, and the check of its URL."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from tui_chat.chat.model_ports import SetupError

DEFAULT_PORT: Final = 8585
ABOUT_TAP: Final = """\
Listens on this machine and passes every request on to a server, byte for byte, so that you see what another program and
the server say to each other: status, pace, gaps, and how each response ended. Keys pass through; they are never shown
or recorded. In a terminal it shows requests and frames full screen, as F12 does in the chat; on a pipe, lines.
Ctrl+C ends it."""
EXAMPLES: Final = """\
Give the other program the URL that is printed as its base URL:

  tui-chat tap https://api.openai.com/v1
  OPENAI_BASE_URL=http://127.0.0.1:8585/v1 your-program

To answer with what was recorded, without the server:

  tui-chat tap --record tapes http://localhost:11434
  tui-chat serve --replay tapes"""


def checked(url: str) -> str:
    """Return a server's URL. Raises `SetupError` if requests cannot be passed on to it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SetupError(f"tap: {url!r} is not a URL ({error}).") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SetupError(f"tap: {url!r} is not the URL of a server: it has to begin with http:// or https://")
    if parts.query or parts.fragment:
        raise SetupError("tap: the URL may not have a query; the other program sends its own.")
    if "@" in parts.netloc:
        raise SetupError("tap: the URL may not have a user or a password; the other program sends its own.")
    return url
