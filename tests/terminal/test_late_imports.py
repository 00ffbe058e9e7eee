"""What Textual's app names at its top and this program does not use is imported when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = "{'textual.command', 'textual.widgets._input', 'textual.widgets._tree', 'platformdirs', 'rich.table'}"


def run(code: str, **variables: str) -> str:
    program = f"import sys\nfrom tui_chat.terminal.late_imports import import_app\nimport_app()\n{code}"
    return subprocess.check_output([sys.executable, "-c", program], text=True, env=variables).strip()


def test_the_app_comes_without_them() -> None:
    assert run(f"print('textual.app' in sys.modules, sorted({LATE} & sys.modules.keys()))") == "True []"


def test_with_textuals_own_renderer_nothing_stands_in() -> None:
    code = f"import textual.app; print(len({LATE} & sys.modules.keys()))"
    assert run(code, TUI_CHAT_RENDERER="textual") == "5"


def test_an_import_afterwards_gives_the_modules_themselves() -> None:
    code = (
        "from textual.command import CommandPalette; from rich.table import Table; import platformdirs\n"
        "print(CommandPalette.__module__, Table.__module__, platformdirs.user_data_path('x').name)"
    )
    assert run(code) == "textual.command rich.table x"


def test_textuals_own_palette_would_open() -> None:
    code = (
        "import asyncio; from textual.app import App\n"
        "async def main():\n"
        "    async with App().run_test() as pilot:\n"
        "        await pilot.press('ctrl+p'); await pilot.pause(); print(type(pilot.app.screen).__name__)\n"
        "asyncio.run(main())"
    )
    assert run(code, TERM="xterm") == "CommandPalette"


@pytest.mark.parametrize("module", ["textual.command", "platformdirs", "rich.table"])
def test_what_is_imported_already_stays(module: str) -> None:
    code = f"import sys, {module}\nbefore = sys.modules[{module!r}]\n"
    code += "from tui_chat.terminal.late_imports import import_app\nimport_app()\n"
    code += f"print(sys.modules[{module!r}] is before)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True\n"
