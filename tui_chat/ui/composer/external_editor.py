"""The prompt in the person's own editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.app import SuspendNotSupported

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.regular_files import read_text

if TYPE_CHECKING:
    from textual.app import App

    from tui_chat.ui.composer.prompt import Prompt

LONGEST: Final = 20_000_000
"""Bytes of text that are taken from an editor."""


@dataclass(frozen=True, slots=True)
class NoEditor:
    """Why the text could not be edited: a sentence."""

    problem: str


async def edit_prompt(app: App[Any], prompt: Prompt) -> str:
    """Open the prompt's text in an editor and put what was saved there into the prompt. Returns a sentence that says
    why that is not possible; empty if it was."""
    edited = await _edit(app, prompt.written)
    if isinstance(edited, NoEditor):
        return edited.problem
    prompt.put(edited)
    return ""


async def _edit(app: App[Any], text: str) -> str | NoEditor:
    """Open `text` in $VISUAL, else $EDITOR, else vi, and return what was saved; the screen waits, replies go on."""
    try:
        with app.suspend():
            return await asyncio.to_thread(_edited, text)
    except SuspendNotSupported:
        return NoEditor("An editor cannot be opened from this terminal.")


def _edited(text: str) -> str | NoEditor:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    descriptor, name = tempfile.mkstemp(prefix="tui-chat-", suffix=".md")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        status = subprocess.call([*shlex.split(command), name])  # noqa: S603 - the person's own editor
        if status != 0:
            return NoEditor(f"{command} ended with status {status}; the prompt is as it was.")
        return read_text(path, LONGEST).removesuffix("\n")
    except (OSError, ValueError) as error:
        return NoEditor(f"{command} cannot be used ({error}); set $VISUAL or $EDITOR.")
    finally:
        path.unlink(missing_ok=True)
