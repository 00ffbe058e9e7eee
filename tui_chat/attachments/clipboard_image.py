"""The picture on the system's clipboard, read with the system's own tools."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_chat.attachments.reading import MAX_BYTES, AttachmentError, attachment_of
from tui_chat.bounded_process import TooMuchError, run_bounded
from tui_chat.chat.clean import clean_line

if TYPE_CHECKING:
    from tui_chat.chat.message import Attachment

SECONDS: Final = 5.0
LONGEST_MESSAGE: Final = 160
"""The characters of a tool's own words that are shown."""
_TAKE: Final = (
    "Add-Type -AssemblyName System.Windows.Forms; $i = [Windows.Forms.Clipboard]::GetImage(); if ($i) { "
    "$m = New-Object IO.MemoryStream; $i.Save($m, [Drawing.Imaging.ImageFormat]::Png); "
    "$o = [Console]::OpenStandardOutput(); $o.Write($m.ToArray(), 0, $m.Length) }"
)
_Tool: TypeAlias = tuple[tuple[str, ...], str]
"""A command, and its name with the way to get it."""
_PNGPASTE: Final[_Tool] = (("pngpaste", "-"), "pngpaste (brew install pngpaste)")
_WL_PASTE: Final[_Tool] = (("wl-paste", "--type", "image/png", "--no-newline"), "wl-paste (the package wl-clipboard)")
_XCLIP: Final[_Tool] = (("xclip", "-selection", "clipboard", "-t", "image/png", "-o"), "xclip")
_POWERSHELL: Final[_Tool] = (("powershell.exe", "-NoProfile", "-STA", "-Command", _TAKE), "PowerShell")


def clipboard_tool() -> list[str]:
    """The command that writes the clipboard's picture as PNG: the first that is installed of those for this desktop.
    Raises `AttachmentError` that says which tool is missing."""
    if sys.platform == "darwin":
        tools = [_PNGPASTE]
    else:
        tools = [_WL_PASTE] if os.environ.get("WAYLAND_DISPLAY") else []
        if os.environ.get("DISPLAY"):
            tools.append(_XCLIP)
        if sys.platform == "win32" or shutil.which("powershell.exe"):  # also from within WSL
            tools.append(_POWERSHELL)
    for command, _ in tools:
        if shutil.which(command[0]) is not None:
            return list(command)
    if tools:
        raise AttachmentError(f"To take images from the clipboard, {tools[0][1]} is needed")
    raise AttachmentError("There is no clipboard here: neither Wayland nor X11 is running; attach a file instead")


def clipboard_image() -> Attachment:
    """The clipboard's picture. Call it in a thread: a tool may take seconds. Raises `AttachmentError`."""
    command = clipboard_tool()
    try:
        done = run_bounded(command, seconds=SECONDS, most=MAX_BYTES)
    except TooMuchError as error:
        raise AttachmentError(f"The image on the clipboard is larger than {MAX_BYTES // 1_000_000} MB") from error
    except TimeoutError as error:
        raise AttachmentError(f"{command[0]} did not answer within {SECONDS:.0f} seconds") from error
    except OSError as error:
        raise AttachmentError(f"{command[0]} cannot be run: {error.strerror}") from error
    if not done.output.startswith(b"\x89PNG"):
        said = clean_line(done.errors.decode("utf-8", "replace"))[:LONGEST_MESSAGE].rstrip(". ")
        why = f" ({command[0]}: {said})" if said else ""
        raise AttachmentError(f"There is no image on the clipboard{why}")
    return attachment_of(f"clipboard {datetime.now().astimezone():%H.%M.%S}.png", done.output)
