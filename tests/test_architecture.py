"""The rooms and their one-way arrows, read from the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tui_chat"

MAY_IMPORT = {
    "chat": {"chat"},
    "tape": {"chat"},
    "commands": {"chat"},
    "regular_files": set(),
    "prompt_history": {"regular_files"},
    "log": {"regular_files"},
    "signals": set(),
    "program_name": set(),
    "model_memory": {"chat", "regular_files"},
    "kept_theme": {"model_memory"},
    "settings": {"settings", "chat", "regular_files", "version"},
    "wire": {"wire", "chat", "regular_files", "tape", "version"},
    "history": {"history", "chat", "regular_files"},
    "server": {"server", "chat", "tape", "commands", "regular_files", "signals", "version"},
    "ui": {"ui", "chat", "tape", "commands", "program_name", "prompt_history", "regular_files", "version"},
    "endpoint_model": {"chat", "wire"},
    "keeping": {"chat", "history"},
    "house": {
        "chat",
        "settings",
        "wire",
        "history",
        "server",
        "endpoint_model",
        "keeping",
        "log",
        "kept_theme",
        "model_memory",
    },
    "doors": {
        "doors",
        "chat",
        "settings",
        "wire",
        "history",
        "server",
        "program_name",
        "prompt_history",
        "keeping",
        "house",
        "regular_files",
        "signals",
        "version",
    },
}
"""Room → rooms it may import; a room not named here (`cli`, `__main__`) may import all."""

ONLY_IN = {
    "httpx": {"wire"},
    "httpcore": {"wire"},
    "textual": {"ui"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "pydantic_settings": {"settings"},
    "sqlite3": {"history"},
}
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
        if first == "tui_chat" and room in MAY_IMPORT:
            target = "version" if rest == "__version__" else rest.split(".")[0]
            assert target in MAY_IMPORT[room], f"{path.name}: {room} must not import {name}"
        assert room in ONLY_IN.get(first, {room}), f"{path.name}: {first} belongs to {ONLY_IN[first]} alone"
