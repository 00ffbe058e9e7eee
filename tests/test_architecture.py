"""The rooms and their one-way arrows, read from the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tui_chat"

MAY_IMPORT = {
    "chat": {"chat"},
    "commands": {"chat"},
    "keymap": {"commands", "chat"},
    "regular_files": set(),
    "prompt_history": {"regular_files"},
    "tape_file": {"chat", "regular_files"},
    "log": {"regular_files"},
    "signals": set(),
    "program_name": set(),
    "start_cache": {"start_cache"},
    "late_modules": set(),
    "standard_streams": set(),
    # Open chats, drafts, titles, deletion: what the screen needs beyond one conversation, without Textual and without
    # a disk. The screen builds it when the settings are loaded, and gives it the history and the backend, known to it
    # by their protocols in chat/ alone.
    "chat_manager": {"chat_manager", "chat", "attachments"},
    "attachments": {"attachments", "chat", "bounded_process", "regular_files"},
    "bounded_process": set(),
    "daemon_thread": set(),
    "terminal": {"terminal", "chat", "late_modules"},
    "settings": {"settings", "chat", "late_modules", "regular_files", "version"},
    "wire": {"wire", "chat", "late_modules", "regular_files", "tape_file", "version"},
    "history": {"history", "chat", "regular_files"},
    "server": {"server", "chat", "commands", "regular_files", "signals", "tape_file", "version"},
    "ui": {
        "ui",
        "attachments",
        "chat_manager",
        "terminal",
        "chat",
        "commands",
        "daemon_thread",
        "keymap",
        "program_name",
        "prompt_history",
        "regular_files",
        "version",
    },
    "backend": {
        "backend",
        "chat",
        "settings",
        "wire",
        "history",
        "server",
        "commands",
        "keymap",
        "log",
        "regular_files",
        "tape_file",
    },
    "cli": {
        "commands",
        "terminal",  # `tui-chat keys` reads keys without a screen
        "cli",
        "start_cache",
        "attachments",
        "ui",
        "chat",
        "chat_manager",  # `tui-chat compare` asks several models side by side, as the screen does
        "settings",
        "wire",
        "history",
        "server",
        "keymap",
        "program_name",
        "prompt_history",
        "backend",
        "regular_files",
        "signals",
        "tape_file",
        "standard_streams",
        "version",
    },
    "__main__": {"cli"},
}
"""Package or module → packages and modules it may import."""

ONLY_IN = {
    "httpx": {"wire"},
    "httpcore": {"wire"},
    "textual": {"ui", "terminal"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "pydantic": {"settings"},
    "pydantic_settings": {"settings"},
    "sqlite3": {"history"},
}
UI_MAY_IMPORT = {
    "markdown": {"markdown"},
    "transcript": {"transcript", "markdown"},
    "find": {"find", "composer", "transcript", "markdown"},
    "composer": {"composer"},
    "dialogs": {"dialogs", "composer", "transcript", "markdown"},
    "compare": {"compare", "dialogs", "transcript", "markdown"},
    "inspector": {"inspector", "dialogs", "composer", "transcript", "markdown"},
    "chat": {"chat", "compare", "composer", "dialogs", "find", "inspector", "transcript", "markdown"},
}
"""Package of the screen → packages of the screen it may import; modules beside them may be imported by all."""

ROOMS = sorted(
    {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")} - {"__init__"}
)


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_the_arrows_point_down(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else [*(PACKAGE / room).rglob("*.py")]
    for name, path in sorted((name, file) for file in files for name in imports(file)):
        first, _, rest = name.partition(".")
        if first == "tui_chat":
            target = "version" if rest == "__version__" else rest.split(".")[0]
            assert target in MAY_IMPORT[room], f"{path.name}: {room} must not import {name}"
        assert room in ONLY_IN.get(first, {room}), f"{path.name}: {first} belongs to {ONLY_IN[first]} alone"


@pytest.mark.parametrize("part", UI_MAY_IMPORT)
def test_the_arrows_inside_the_screen_point_down(part: str) -> None:
    for path in sorted((PACKAGE / "ui" / part).rglob("*.py")):
        for name in imports(path):
            if name.startswith("tui_chat.ui.") and (target := name.split(".")[2]) in UI_MAY_IMPORT:
                assert target in UI_MAY_IMPORT[part], f"{path.name}: ui/{part} must not import {name}"
