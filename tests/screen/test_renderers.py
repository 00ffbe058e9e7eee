"""The program with Textual's own classes alone: by the setting, and where a version of Textual lacks private names."""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import textual

from tests.byte_server import ByteServer
from tests.conftest import own_renderer
from tests.screen.test_in_a_terminal import program, quit_in_order, seen, slow, until
from tests.test_private_names import is_private
from tui_chat.terminal import capabilities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.pty_terminal import Terminal

TEXTUAL = Path(textual.__file__).parent
NEEDED = (*capabilities.PAINTING, *capabilities.DRIVER, *capabilities.SCROLLBAR, *capabilities.ERRORS)
MODULES = sorted({names.module.rpartition(".")[2] for names in NEEDED if "._" in names.module})
NAMES = sorted(
    {
        name
        for names in NEEDED
        for name in (*names.attributes, *(method for method, *_ in names.methods))
        if is_private(name)
    }
)


def fills(terminal: Terminal, since: int, width: int, height: int) -> bool:
    """Whether the screen has been painted anew, down to its last row, and no row is longer."""
    lines = terminal.text.splitlines()
    painted = f"\x1b[{height};1H".encode() in terminal.raw[since:]
    return painted and "word25" in terminal.text and len(lines) == height and all(len(line) <= width for line in lines)


async def from_start_to_end(terminal: Terminal, server: ByteServer) -> None:
    """Start, stream, be resized, stop, quit."""
    await seen(terminal, "Ready")
    terminal.send("go on\r")
    await seen(terminal, "word25")
    written = len(terminal.raw)
    terminal.resize(70, 20)
    await until(terminal, lambda: fills(terminal, written, 70, 20), "the smaller screen")
    terminal.send("\x1b")
    await seen(terminal, "topped")
    await quit_in_order(terminal)


@pytest.mark.parametrize("renderer", ["auto", "textual"])
async def test_start_stream_resize_stop_and_quit_in_both_renderers(renderer: str) -> None:
    async with ByteServer(slow, quiet_head=True) as server:
        with program(server.url, TUI_CHAT_RENDERER=renderer) as terminal:
            await from_start_to_end(terminal, server)


async def test_the_file_names_the_renderer(home: Path) -> None:
    folder = home / ".config" / "tui-chat"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('renderer = "textual"\n')
    code = (
        "import os, tui_chat.cli.renderer as r; r.choose_renderer(None);"
        "from tui_chat.terminal import capabilities as c; print(c.available(c.DRIVER), os.environ[r.VARIABLE])"
    )
    assert await output(code) == "False textual\n"


async def output(code: str) -> str:
    import asyncio

    environment = {name: value for name, value in os.environ.items() if name != "TUI_CHAT_RENDERER"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=environment
    )
    return (await process.communicate())[0].decode()


@cache
def sources() -> dict[Path, str]:
    return {path: path.read_text() for path in TEXTUAL.rglob("*.py")}


def other_textual(folder: Path, names: Iterable[str]) -> Path:
    """A Textual in which these private names, of modules too, are others: as a later version might have it."""
    words = re.compile(rf"(?<![\w])({'|'.join(names)})(?!\w)")
    for source in TEXTUAL.rglob("*"):
        if not source.is_file() or "__pycache__" in source.parts:
            continue
        place = folder / "textual" / source.relative_to(TEXTUAL)
        if words.fullmatch(source.stem):
            place = place.with_stem(f"{source.stem}_of_old")
        place.parent.mkdir(parents=True, exist_ok=True)
        text = sources().get(source)
        if text is not None and words.search(text):
            place.write_text(words.sub(r"\1_of_old", text))
        else:
            shutil.copy(source, place)
    return folder


async def starts_to_end_with(folder: Path) -> None:
    async with ByteServer(slow, quiet_head=True) as server:
        with program(server.url, PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1") as terminal:
            await from_start_to_end(terminal, server)


@own_renderer
async def test_the_program_runs_where_no_private_name_is_as_it_was(tmp_path: Path, home: Path) -> None:
    await starts_to_end_with(other_textual(tmp_path, [*MODULES, *NAMES]))
    log = "".join(path.read_text() for path in (home / ".local/state").rglob("*.log"))
    for names in NEEDED:
        private = "._" in names.module  # nothing of a missing module is looked for
        methods = [method for method, *_ in names.methods]
        for name in [names.module] if private else filter(is_private, [*names.attributes, *methods]):
            assert name in log


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MODULES, *NAMES])
async def test_the_program_runs_without_one_private_name(name: str, tmp_path: Path) -> None:
    await starts_to_end_with(other_textual(tmp_path, [name]))
