"""The picture on the system's clipboard, read with the system's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tui_chat.attachments.reading import MAX_BYTES, AttachmentError, attachment_of

if TYPE_CHECKING:
    from tui_chat.chat.message import Attachment

SECONDS: Final = 5.0
_POWERSHELL: Final = (
    "Add-Type -AssemblyName System.Windows.Forms; $i = [Windows.Forms.Clipboard]::GetImage(); if ($i) { "
    "$m = New-Object IO.MemoryStream; $i.Save($m, [Drawing.Imaging.ImageFormat]::Png); "
    "$o = [Console]::OpenStandardOutput(); $o.Write($m.ToArray(), 0, $m.Length) }"
)


def clipboard_tool() -> list[str]:
    """The command that writes the clipboard's picture as PNG. Raises `AttachmentError` that says which tool is
    missing."""
    if sys.platform == "darwin":
        return _tool(["pngpaste", "-"], "pngpaste (brew install pngpaste)")
    if os.environ.get("WAYLAND_DISPLAY"):
        return _tool(["wl-paste", "--type", "image/png", "--no-newline"], "wl-paste (the package wl-clipboard)")
    if os.environ.get("DISPLAY"):
        return _tool(["xclip", "-selection", "clipboard", "-t", "image/png", "-o"], "xclip")
    if sys.platform == "win32" or shutil.which("powershell.exe"):
        return _tool(["powershell.exe", "-NoProfile", "-STA", "-Command", _POWERSHELL], "PowerShell")
    raise AttachmentError("There is no clipboard here: neither Wayland nor X11 is running; attach a file instead")


def clipboard_image() -> Attachment:
    """The clipboard's picture. Call it in a thread: a tool may take seconds. Raises `AttachmentError`."""
    command = clipboard_tool()
    try:
        done = subprocess.run(  # noqa: S603 - one of the commands above
            command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise AttachmentError(f"{command[0]} did not answer within {SECONDS:.0f} seconds") from error
    except OSError as error:
        raise AttachmentError(f"{command[0]} cannot be run: {error.strerror}") from error
    if not done.stdout.startswith(b"\x89PNG"):
        raise AttachmentError("There is no picture on the clipboard")
    if len(done.stdout) > MAX_BYTES:
        raise AttachmentError(f"The picture on the clipboard is larger than {MAX_BYTES // 1_000_000} MB")
    return attachment_of(f"clipboard {datetime.now().astimezone():%H.%M.%S}.png", done.stdout)


def _tool(command: list[str], name: str) -> list[str]:
    if shutil.which(command[0]) is None:
        raise AttachmentError(f"To take pictures from the clipboard, {name} is needed")
    return command
