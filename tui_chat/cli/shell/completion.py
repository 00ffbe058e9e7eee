"""`tui-chat completion`: the script with which a shell completes commands and flags.

The scripts are written by .ci/shell_files.py and come with the package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")
KINDS: Final = ("endpoints", "personas", "templates", "models", "chats")
"""Names that the scripts ask the program for."""


def script_of(shell: str) -> Path:
    """Return the file with a shell's script."""
    return Path(__file__).with_name("scripts") / f"tui-chat.{shell}"


def print_completion(shell: str) -> int:
    """Print a shell's script; return the exit status."""
    from tui_chat.cli.paging import put  # not for the parsers, which need the names above

    return put([script_of(shell).read_text(encoding="utf-8")])
