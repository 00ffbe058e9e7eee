"""Which modules may be imported before something is seen: for `--version`, before a request is sent, before the first
frame, and between Enter and the request. What is imported too early delays every start."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream

if TYPE_CHECKING:
    from pathlib import Path

OWN_FOR_VERSION = {"tui_chat", "tui_chat.cli", "tui_chat.cli.main", "tui_chat.standard_streams"}
FOR_VERSION = {"argparse", "asyncio", "dataclasses", "json", "logging", "re", "typing"}
"""Modules of the standard library that are expensive, and must not be imported for it."""
FOR_HELP = {"asyncio", "dataclasses", "difflib", "json", "logging", "pydantic", "textual", "httpx", "sqlite3"}
NEVER_IN_ASK = {
    *(("platformdirs",) if sys.platform == "linux" else ()),
    *("textual", "rich", "pygments", "markdown_it", "linkify_it", "starlette", "uvicorn", "click", "h2", "trio"),
    *(
        "urllib.request",
        "http.client",
        "http.cookiejar",
        "email.message",
        "httpcore._sync",
        "socksio",
        "sniffio",
        "pyperclip",
        "tui_chat.ui",
        "tui_chat.terminal",
        "tui_chat.server",
    ),
}
BEFORE_THE_FRAME = {
    *("pydantic", "pydantic_core", "pydantic_settings", "httpx", "httpcore", "anyio", "starlette", "uvicorn", "click"),
    *("sqlite3", "dotenv", "platformdirs", "pygments", "markdown_it", "linkify_it", "argparse", "tomllib"),
    *("rich.table", "rich.markdown", "rich.syntax", "rich.traceback", "textual.command", "textual.widgets._input"),
    *(
        "textual.widgets._option_list",
        "textual.widgets._tree",
        "textual.widgets._data_table",
        "textual.widgets._markdown",
    ),
    *(
        "tui_chat.settings.config",
        "tui_chat.wire",
        "tui_chat.history",
        "tui_chat.server",
        "tui_chat.backend.connections",
    ),
    *("tui_chat.ui.dialogs", "tui_chat.ui.markdown.document", "tui_chat.ui.transcript.message_view"),
}
SAY_MODULES = "print('MODULES', *sys.modules, sep='\\n', flush=True)"
SEND = f"""
import os, sys
from tui_chat.cli.main import main
from tui_chat.wire.http import transport, connections
async def write(self, *_, **__):
    {SAY_MODULES}
    os._exit(0)
connections.Stream.write = write
main(sys.argv[1:])
"""
FRAME = f"""
import asyncio, gc, os, sys
from tui_chat.terminal.late_imports import import_app
import_app()
from tui_chat.cli import main, renderer
from tui_chat.backend.backend import AppBackend
from tui_chat.ui.app import ChatApp
def on_ready(self):
    {SAY_MODULES}
    os._exit(0)
ChatApp.on_ready = on_ready
async def run():
    async with ChatApp(AppBackend({{}})).run_test(size=(120, 36)):
        await asyncio.sleep(60)
asyncio.run(run())
"""


def modules(code: str, *arguments: str, **variables: str) -> set[str]:
    """Every module that a program has imported when it says so."""
    environment = {**os.environ, "PYTHONWARNINGS": "default", **variables}
    out = subprocess.check_output([sys.executable, "-c", code, *arguments], text=True, env=environment, timeout=120)
    return set(out.partition("MODULES\n")[2].split())


def beneath(found: set[str], names: set[str]) -> list[str]:
    """Those modules that are one of `names` or a part of one."""
    return sorted(each for each in found if any(each == name or each.startswith(f"{name}.") for name in names))


def after(words: str) -> set[str]:
    """What is imported when `main` has done `words` and ended, without what Python itself imports at its start."""
    code = f"import sys; before = set(sys.modules)\nfrom tui_chat.cli.main import main\ntry: main({words.split()})\n"
    code += "except SystemExit: pass\nprint('MODULES', *(sys.modules.keys() - before), sep='\\n')"
    return modules(code)


def test_version_needs_almost_nothing() -> None:
    found = after("--version")
    assert {name for name in found if name.startswith("tui_chat")} <= OWN_FOR_VERSION
    assert beneath(found, FOR_VERSION) == []


@pytest.mark.parametrize("words", ["--help", "ask -h"])
def test_help_is_read_from_its_file(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = after(words)
    assert {name for name in found if name.startswith("tui_chat")} <= OWN_FOR_VERSION | {"tui_chat.cli.quick_help"}
    assert beneath(found, FOR_VERSION) == []


def test_help_for_a_narrow_terminal_needs_the_parsers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    found = after("--help")
    assert "tui_chat.cli.arguments" in found
    assert beneath(found, FOR_HELP) == []


async def test_ask_imports_nothing_of_the_screen_or_the_server_before_its_request(home: Path) -> None:
    async with ByteServer(lambda _: stream([])) as server:
        found = modules(SEND, "ask", "-m", "m", "--base-url", server.url, "go")
    assert "tui_chat.wire.client" in found
    assert beneath(found, NEVER_IN_ASK) == []


def test_the_first_frame_waits_for_nothing_it_does_not_need(home: Path) -> None:
    found = modules(FRAME)
    assert "tui_chat.ui.chat.chat_screen" in found
    assert beneath(found, BEFORE_THE_FRAME) == []
