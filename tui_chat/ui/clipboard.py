"""Copy text to a clipboard, and report how."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean

if TYPE_CHECKING:
    from textual.app import App

_MOST_BYTES_OVER_TERMINAL = 74_994
"""Limit of the text that xterm and tmux accept in an OSC 52 sequence: 100,000 bytes of base64, minus its framing."""


def copy(app: App[object], text: str, what: str) -> str:
    """Copy `text` and return a sentence for the user; `what` names it ("the reply").

    A local session uses the system's own tool, which reports success. Over SSH that would be the wrong machine's
    clipboard, so there, or if there is no tool, the terminal is asked (OSC 52), which never answers.
    """
    safe = clean(text)
    if "SSH_CONNECTION" not in os.environ and _copied_locally(safe):
        return f"Copied {what}."
    app.copy_to_clipboard(safe)
    if len(safe.encode()) > _MOST_BYTES_OVER_TERMINAL:
        return f"Sent {what} to the terminal's clipboard; it is long, and some terminals take only the first 75 kB."
    return f"Sent {what} to the terminal's clipboard (it does not confirm)."


def paste(app: App[object]) -> str:
    """The text on the clipboard: the system's if local and readable, else what was last copied in this program."""
    if "SSH_CONNECTION" not in os.environ:
        import pyperclip

        try:
            return str(pyperclip.paste())
        except pyperclip.PyperclipException:
            return app.clipboard
    return app.clipboard


def _copied_locally(text: str) -> bool:
    import pyperclip

    try:
        pyperclip.copy(text)
    except pyperclip.PyperclipException:
        return False
    return True
