"""What is kept of a chat, and which one goes on, as flags and settings say: the real program in its own process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import HANG, ByteServer, chunked, head
from tests.cli.test_ask import answer, ask, asking, end, ended, read, text
from tests.history.chats import answer as answered
from tests.history.chats import store, texts
from tests.pty_terminal import Terminal
from tui_chat.backend.history_options import HistoryOptions, open_history
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished
from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request, Step
    from tui_chat.chat.conversation import Origin


@pytest.fixture
def data(home: Path) -> Path:
    """The program's data folder."""
    return home / ".local/share/tui-chat"


def files(home: Path) -> list[str]:
    """All files below the home folder."""
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())


def said(requests: list[Request]) -> list[str]:
    """What the last request tells the model, the system prompt first."""
    return [message["content"] for message in json.loads(requests[-1].body)["messages"]]


def keep(data: Path, *questions: str, origin: Origin = "ask") -> list[str]:
    """Chats of an earlier run, each of one question; gives their ids."""
    chats = [Conversation("be brief") for _ in questions]
    for chat in chats:
        chat.origin = origin
    with store(data) as history:
        for chat, question in zip(chats, questions, strict=True):
            history.record(chat)
            answered(chat, question, "so", ending=Finished("stop", "eof", at=1.0))
    return [chat.id for chat in chats]


async def test_an_answer_is_kept(data: Path) -> None:
    _, out, _, _ = await ask(answer(text("be"), text("cause"), end()), "--json", "why?")
    with store(data) as history:
        (chat,) = history.chats()
        assert (chat.title, chat.messages, chat.model) == ("why?", 2, "m-1")
        assert chat.id == json.loads(out)["conversation"]
        assert texts(history.open(chat.id)) == ["why?", "because"]


async def test_a_stopped_answer_is_kept_to_the_last_word_that_was_printed(data: Path) -> None:
    hanging: list[Step] = [head(), *chunked([text("half a")]), HANG]
    async with ByteServer(lambda _: hanging) as server, asking(server, "ask", "why?") as process:
        assert await read(process, 6) == b"half a"
        process.terminate()
        assert (await ended(process))[0] == 143
    with store(data) as history:
        (chat,) = history.chats()
        assert texts(history.open(chat.id)) == ["why?", "half a"]
        assert history.unfinished_chats() == ()


async def test_ask_goes_on_with_its_own_chats_and_leaves_those_of_the_screen_alone(data: Path) -> None:
    keep(data, "from the shell?")
    keep(data, "in the screen?", origin="")
    _, _, _, requests = await ask(answer(text("second"), end()), "-c", "more?")
    assert said(requests) == ["be brief", "from the shell?", "so", "more?"]


async def test_continue_goes_on_with_the_chat_that_changed_last(data: Path) -> None:
    keep(data, "one?", "two?")
    _, _, _, requests = await ask(answer(text("second"), end()), "-c", "more?")
    assert said(requests) == ["be brief", "two?", "so", "more?"]
    with store(data) as history:
        kept_for = history.recipient(history.newest("ask") or "")
    assert kept_for is not None
    assert kept_for.model == "m"
    _, _, _, requests = await ask(answer(text("third"), end()), "-c", "-s", "be long", "-e", "127.0.0.1", "and?")
    assert said(requests) == ["be long", "two?", "so", "more?", "second", "and?"]
    with store(data) as history:
        assert [(chat.title, chat.messages) for chat in history.chats()] == [("two?", 6), ("one?", 2)]


async def test_cid_goes_on_with_the_chat_whose_id_begins_so(data: Path) -> None:
    first, _ = keep(data, "one?", "two?")
    _, _, _, requests = await ask(answer(text("so"), end()), "--cid", first[:8], "more?")
    assert said(requests) == ["be brief", "one?", "so", "more?"]
    status, _, err, _ = await ask(answer(text("so"), end()), "--cid", "nobody", "more?")
    assert (status, err) == (2, "tui-chat: no chat has an id that begins with 'nobody'; tui-chat chats lists them\n")


async def test_a_dry_run_shows_the_chat_that_goes_on_and_keeps_nothing(data: Path) -> None:
    keep(data, "one?")
    _, out, _, requests = await ask(answer(text("x")), "-c", "--dry-run", "two?")
    assert not requests
    assert [message["content"] for message in json.loads(out)["body"]["messages"]] == ["be brief", "one?", "so", "two?"]
    with store(data) as history:
        assert [chat.messages for chat in history.chats()] == [2]


async def test_without_a_kept_chat_continue_begins_one_and_says_so() -> None:
    status, out, err, _ = await ask(answer(text("so"), end()), "-c", "why?")
    assert (status, out) == (0, "so")
    assert err == "tui-chat: There is no saved chat to continue; this is a new one.\n"


@pytest.fixture
def untouched(home: Path) -> Path:
    """A home in which no program has ever run."""
    rmtree(home / ".cache", ignore_errors=True)
    return home


async def test_no_log_leaves_nothing_on_the_disk(untouched: Path) -> None:
    assert (await ask(answer(text("so"), end()), "-n", "why?"))[:2] == (0, "so")
    assert files(untouched) == []


async def test_a_chat_with_no_log_leaves_nothing_on_the_disk(untouched: Path) -> None:
    async with ByteServer(lambda _: answer(text("so it is"), end()), quiet_head=True) as server:
        env = os.environ | {"TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "m"}
        with Terminal([sys.executable, "-m", "tui_chat", "-n"], env) as terminal:
            await asyncio.to_thread(terminal.until_text, "● Ready")
            terminal.send("why?\r")
            await asyncio.to_thread(terminal.until_text, "so it is")
            terminal.send("half a question")
            await asyncio.to_thread(terminal.until_text, "half a question")
            terminal.send("\x11")
            assert await asyncio.to_thread(terminal.wait) == 0
    assert files(untouched) == []


async def test_with_the_history_off_there_is_none(home: Path) -> None:
    assert (await ask(answer(text("so"), end()), "why?", TUI_CHAT_HISTORY="off"))[:2] == (0, "so")
    assert "history.db" not in "".join(files(home))
    status, _, err, _ = await ask(answer(text("so"), end()), "-c", "why?", TUI_CHAT_HISTORY="off")
    assert (status, err) == (
        2,
        "tui-chat: TUI_CHAT_HISTORY is off, so no saved chat can be continued: leave that out, or --continue and"
        " --cid\n",
    )


def test_no_log_and_a_kept_chat_do_not_go_together(data: Path) -> None:
    with pytest.raises(SetupError, match="--no-log stores nothing, so no saved chat can be continued"):
        open_history(HistoryOptions(off=True, latest=True), data, wanted=True)


@pytest.fixture
def in_the_way(data: Path) -> Path:
    """A file where the data folder belongs."""
    data.parent.mkdir(parents=True)
    data.write_text("in the way")
    return data


async def test_trouble_with_the_disk_is_one_line_after_the_answer(in_the_way: Path) -> None:
    status, out, err, _ = await ask(answer(text("so"), end()), "why?")
    assert (status, out) == (1, "so")
    assert err.startswith(f"tui-chat: The chat “why?” could not be saved completely: {in_the_way}: File exists.")
    assert err.count("\n") == 1


def test_nothing_of_the_history_is_imported_before_the_settings_are_read() -> None:
    code = (
        "import sys; import tui_chat.cli.main, tui_chat.backend.backend, tui_chat.ui.app;"
        " print([name for name in sys.modules if 'sqlite' in name or 'history.' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
