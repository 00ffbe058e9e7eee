"""The first minutes of somebody who has configured nothing, key by key: an endpoint is added, a file attached, the
model changed, a reply stopped, a question edited, words found; and all of it is there at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.foreign.servers import llama_cpp, why_missing
from tests.screen.test_in_a_terminal import program, quit_in_order, seen, until
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-first-minutes-0123"


async def test_the_first_minutes(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes.md").write_text("Knockout tournaments need n - 1 matches.\n")
    monkeypatch.chdir(work)
    with ChatEndpoint("rate=100&first=0.05", key=KEY, keep_bodies=True) as server:
        with program("") as terminal:

            async def typed(text: str, then: str) -> None:
                terminal.send(text)
                await seen(terminal, then)

            await seen(terminal, "You are talking to the built-in demo.")
            await typed("\r", "Provider")  # the first row of the start page: Add an endpoint
            await typed("\t" + server.root_url, server.root_url)
            await typed("\t\t" + KEY, "•" * len(KEY))
            await typed("\r", "Filter, or type any model name")
            await typed("count", "› count")
            terminal.send("\r")
            await until(terminal, lambda: "╭─ count · " in terminal.text and "Esc" not in terminal.text, "the chat")
            await typed("count to 4\r", "1 2 3 4")
            await until(terminal, lambda: "◆ count" in terminal.text and "● Ready" in terminal.text, "the footer")

            await typed("@not", "notes.md")
            await typed("\r", "tokens ×")
            await typed("what is in it?\r", "notes.md 41 B")
            await until(
                terminal,
                lambda: terminal.text.count("◆ count") == 2 and "● Ready" in terminal.text,
                "another whole reply",
            )
            assert any(b"Knockout tournaments" in (request.body or b"") for request in server.requests)

            terminal.send("\x0f")  # Ctrl+O
            await seen(terminal, "Choose a model")
            await typed("long", "› long")
            terminal.send("\r")
            await until(terminal, lambda: "╭─ long · " in terminal.text, "the other model")
            terminal.send("write 20000 characters\r")
            await seen(terminal, "Writing")
            await typed("\x1b", "Stopped by you")
            await typed("/edit\r", "write 20000 characters")
            terminal.send("\x0c")
            await until(terminal, lambda: "› write 20000 characters" in terminal.text, "the question in the box")
            for _ in "write 20000 characters":
                terminal.send("\x7f")
            await until(terminal, lambda: "› write" not in terminal.text, "the empty box")
            await typed("\x1b", "■ Stopped")
            await typed("/find matches\r", "Find")
            await typed("\x1b", "╭─ long · ")
            await quit_in_order(terminal)
            back = terminal.text.rpartition("--cid ")[2].split()[0]

        assert "sk-first" not in "".join(path.read_text(errors="replace") for path in log_files(home))
        with program("") as terminal:  # the saved endpoint is the default now
            await until(
                terminal, lambda: "built-in demo" not in terminal.text and "● Ready" in terminal.text, "a start"
            )
            terminal.send("\x13")  # Ctrl+S
            await seen(terminal, "count to 4")
            terminal.send("\r")
            await seen(terminal, "Stopped by you")
            await quit_in_order(terminal)
        assert len(back) >= 8


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(300)
async def test_the_first_minutes_with_a_server_that_others_wrote(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why := why_missing("llama.cpp"):
        pytest.skip(why)
    work, engine = tmp_path / "work", tmp_path / "engine"
    work.mkdir()
    engine.mkdir()
    (work / "notes.md").write_text("Knockout tournaments need n - 1 matches.\n")
    monkeypatch.chdir(work)
    with llama_cpp(engine, brake=16_384) as url:
        root = url.removesuffix("/v1")
        with program("") as terminal:

            async def typed(text: str, then: str) -> None:
                terminal.send(text)
                await seen(terminal, then)

            await seen(terminal, "You are talking to the built-in demo.")
            await typed("\r", "Provider")
            await typed("\t" + root, root)
            await seen(terminal, "local")  # the name that is proposed
            terminal.send("\r")  # no key; it has one model, so nothing has to be chosen
            await until(terminal, lambda: "╭─ tiny-scripted · local" in terminal.text, "the chat")
            await typed("hello\r", "◆ tiny-scripted")
            await until(terminal, lambda: "● Ready" in terminal.text, "the reply")
            await until(terminal, lambda: "of 2k" in terminal.text, "the context window that the server told")

            await typed("@not", "notes.md")
            await typed("\r", "tokens ×")
            await typed("what is in it?\r", "notes.md 41 B")
            await until(
                terminal,
                lambda: terminal.text.count("◆ tiny-scripted") == 2 and "● Ready" in terminal.text,
                "another whole reply",
            )

            await typed("\x0f", "Choose a model")
            await seen(terminal, "● tiny-scripted")
            terminal.send("\x1b")
            await until(terminal, lambda: "Choose a model" not in terminal.text, "the chat")
            await typed("#long\r", "Writing")
            await typed("\x1b", "Stopped by you")
            await typed("/edit\r", "› #long")
            terminal.send("\x1b")
            await until(terminal, lambda: "› #long" not in terminal.text, "the box as it was")
            await typed("/find hello\r", "Find")
            await typed("\x1b", "╭─ tiny-scripted · local")
            await quit_in_order(terminal)
        with program("") as terminal:
            await seen(terminal, "tiny-scripted · local")
            await typed("\x13", "hello")
            await typed("\r", "■ Stopped")
            await typed("\x1b[1;5F", "Stopped by you")  # Ctrl+End: the search had left the place further up
            await quit_in_order(terminal)


def log_files(home: Path) -> list[Path]:
    return [path for path in (home / ".local/state").rglob("*.log") if path.is_file()]
