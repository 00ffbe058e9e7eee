"""The real program, asking two servers that send what the test says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import HANG, ByteServer, chunked, head, stream, whole
from tests.cli.test_ask import DONE, PROGRAM, asking, end, ended, read, text
from tests.pty_terminal import Terminal
from tui_chat.chat.events import Finished, Stopped
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.byte_server import Request, Step
    from tui_chat.chat.message import Message

TOKENS = b'data: {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}}\n\n'
REFUSED = whole(b'{"error": {"message": "no such key"}}', 401)


@asynccontextmanager
async def two_servers(
    folder: Path, left: list[Step], right: list[Step]
) -> AsyncIterator[tuple[ByteServer, ByteServer]]:
    """Two endpoints, `left` and `right`, of which the first is the one that is chosen."""
    async with ByteServer(lambda _: left) as first, ByteServer(lambda _: right) as second:
        lines = [
            'endpoint = "left"',
            f'[endpoints.left]\nbase_url = "{first.url}"\napi = "openai-chat"',
            f'[endpoints.right]\nbase_url = "{second.url}"\napi = "openai-chat"\nprices = {{input = 1, output = 10}}',
        ]
        (folder / "tui-chat").mkdir()
        (folder / "tui-chat" / "config.toml").write_text("\n".join(lines))
        yield first, second


def saved_file(folder: Path) -> Path:
    return folder / "tui-chat" / "history.db"


def variables(folder: Path) -> dict[str, Any]:
    """Those of the program: its folders, and no endpoint but those of the file."""
    names = ("CONFIG", "DATA", "STATE", "CACHE")
    return {**{f"XDG_{name}_HOME": str(folder) for name in names}, "TUI_CHAT_BASE_URL": "", "TUI_CHAT_MODEL": ""}


async def compare(
    folder: Path, left: list[Step], right: list[Step], *arguments: str, stdin: bytes | None = None
) -> tuple[int | None, str, str, list[dict[str, Any]]]:
    """Status, standard output, standard error, and what the two servers were asked."""
    async with two_servers(folder, left, right) as servers:
        async with asking(servers[0], "compare", *arguments, stdin=stdin, **variables(folder)) as process:
            status, out, err = await ended(process)
        bodies = [json.loads(request.body) for server in servers for request in server.requests]
    return status, out.decode(), err.decode(), bodies


def saved(folder: Path) -> list[Message]:
    """The messages of the only chat, the question first."""
    with closing(Store(folder / "tui-chat")) as history:
        (chat,) = history.chats()
        conversation = history.open(chat.id)
        assert conversation.origin == "ask"
        return list(conversation.messages.values())


async def test_each_reply_stands_under_its_heading_with_its_figures_and_a_table_follows(tmp_path: Path) -> None:
    pieces = [text("one"), text(" two"), text(" three"), end(), TOKENS, DONE]
    status, out, err, bodies = await compare(
        tmp_path,
        stream(pieces),
        [head(), *chunked(pieces[:1]), 0.05, *chunked(pieces[1:]), b"0\r\n\r\n"],
        *("-m", "a", "-m", "b@right", "-s", "Be brief.", "-o", "temperature", "0.2", "Count"),
        stdin=b"piped\n",
    )
    assert (status, err) == (0, "")
    assert [(body["model"], body["temperature"]) for body in bodies] == [("a", 0.2), ("b", 0.2)]
    for body in bodies:
        assert [each["content"] for each in body["messages"]] == ["Be brief.", "piped\n\nCount"]
    assert "## a · left\n\none two three\n\n" in out
    assert "## b · right\n\none two three\n\n" in out
    (row,) = [line for line in out.splitlines() if "s to first token" in line and "$" in line]
    assert "4 in · 3 out · $0.000034" in row
    assert "ms between tokens" in row
    rows = {name: figures.split() for name, _, figures in (line.partition("  ") for line in out.splitlines()[-9:])}
    assert rows["tokens out"] == ["3", "3"]
    assert rows["cost"] == ["n/a", "$0.000034"]
    assert rows["complete"] == ["1", "of", "1", "1", "of", "1"]
    assert float(rows["ITL, ms"][-1]) > 0


async def test_the_replies_are_saved_as_versions_of_one_another_unless_nothing_is_to_be_saved(tmp_path: Path) -> None:
    reply = stream([text("x"), end(), DONE])
    await compare(tmp_path, reply, reply, "?", "-m", "a", "-m", "b@right", "-n", "2")
    question, *replies = saved(tmp_path)
    assert [(each.parent, each.text) for each in replies] == [(question.id, "x")] * 4
    assert sorted(each.endpoint for each in replies) == ["left", "left", "right", "right"]


async def test_nothing_is_saved_with_no_log(tmp_path: Path) -> None:
    reply = stream([text("x"), end(), DONE])
    await compare(tmp_path, reply, reply, "?", "-m", "a", "-m", "b@right", "--no-log")
    assert not saved_file(tmp_path).exists()


async def test_one_that_fails_does_not_hold_up_the_other_and_gives_the_status(tmp_path: Path) -> None:
    status, out, _, _ = await compare(
        tmp_path, REFUSED, stream([text("fine"), end(), DONE]), "?", "-m", "a", "-m", "b@right"
    )
    assert status == 3
    assert "## b · right\n\nfine\n" in out
    assert "no such key" in out.partition("## a · left")[2]


async def test_ctrl_c_stops_the_one_that_stalls_and_shows_what_came(tmp_path: Path) -> None:
    stalls: list[Step] = [head(), *chunked([text("half"), text(" a reply")]), HANG]
    async with two_servers(tmp_path, stalls, stream([text("fine"), end(), DONE])) as servers:
        arguments = ("compare", "?", "-m", "a", "-m", "b@right")
        async with asking(servers[0], *arguments, **variables(tmp_path)) as process:
            first = await read(process, len("## b · right"))
            assert first == "## b · right".encode()[: len(first)]
            process.send_signal(signal.SIGINT)
            status, out, err = await ended(process)
    assert status == 130
    assert "## a · left\n\nhalf a reply\n\n■ Stopped\n" in out.decode()
    assert "stopped" in err.decode()
    question, *replies = saved(tmp_path)
    assert {each.text: type(each.ending) for each in replies} == {"half a reply": Stopped, "fine": Finished}
    assert {each.parent for each in replies} == {question.id}


async def test_json_is_one_document_with_each_reply_and_its_metrics(tmp_path: Path) -> None:
    status, out, err, _ = await compare(
        tmp_path,
        stream([text("one"), text(" two"), end(), TOKENS, DONE]),
        REFUSED,
        *("?", "-m", "a", "-m", "b@right", "-n", "3", "--json"),
    )
    assert (status, err) == (3, "")
    document = json.loads(out)
    left, right = document["models"]
    assert (document["prompt"], left["model"], left["endpoint"], right["endpoint"]) == ("?", "a", "left", "right")
    assert [reply["text"] for reply in left["replies"]] == ["one two"] * 3
    assert [reply["outcome"] for reply in right["replies"]] == ["failed"]  # a refused key is not asked again
    metrics = left["replies"][0]["metrics"]
    assert (metrics["input_tokens"], metrics["output_tokens"], metrics["estimated"]) == (4, 3, False)
    times = sorted(reply["metrics"]["time_to_first_token"] for reply in left["replies"])
    assert left["summary"]["time_to_first_token"] == {"median": times[1], "min": times[0], "max": times[2]}
    assert right["summary"]["time_to_first_token"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("?", "-m", "a"), "name 2 to 4 models"),
        (("?",), "name the models to compare with -m"),
        (("?", "-m", "a", "-m", "b@rihgt"), "did you mean right?"),
        (("-m", "a", "-m", "b@right"), "there is no prompt"),
        (("?", "-m", "a", "-m", "b@right", "-n", "0"), "less than 1"),
        (("?", "-m", "a", "-m", "b@right", "-n", "101"), "more than 100"),
    ],
)
async def test_a_bad_command_line_gets_one_sentence_and_nothing_is_sent(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    status, out, err, bodies = await compare(tmp_path, REFUSED, REFUSED, *arguments)
    assert (status, out, bodies) == (2, "", [])
    assert words in err
    assert len(err.splitlines()) == 1


async def test_two_models_of_one_endpoint_are_asked_at_the_same_time(tmp_path: Path) -> None:
    both = asyncio.Event()
    async with two_servers(tmp_path, [], []) as (left, _):
        left.script = lambda _: [head(), both, *chunked([text("x"), end(), DONE]), b"0\r\n\r\n"]
        async with asking(left, "compare", "?", "-m", "a", "-m", "b", **variables(tmp_path)) as process:
            await left.until(lambda: len(left.requests) == 2)
            both.set()
            status, out, _ = await ended(process)
    assert status == 0
    assert b"## a \xc2\xb7 left" in out
    assert b"## b \xc2\xb7 left" in out


async def test_on_a_terminal_a_reply_cannot_control_it_and_ctrl_c_shows_what_came(tmp_path: Path) -> None:
    half_is_sent = asyncio.Event()

    async def half(_: Request) -> AsyncIterator[Step]:
        yield head()
        for piece in chunked([text("half \x1b[31mred")]):
            yield piece
        half_is_sent.set()
        yield HANG

    async with two_servers(tmp_path, [], [half_is_sent, *stream([text("fine"), end(), DONE])]) as (left, _):
        left.script = half
        environment = {**os.environ, **variables(tmp_path), "TERM": "xterm"}

        def run() -> tuple[int, str, bytes]:
            with Terminal([*PROGRAM, "compare", "?", "-m", "a", "-m", "b@right"], environment) as terminal:
                terminal.until_text("## b · right")
                terminal.send("\x03")
                return terminal.wait(), terminal.text, bytes(terminal.raw)

        status, shown, raw = await asyncio.to_thread(run)
    assert status == 130
    assert "tui-chat: asking a · left, b · right; Ctrl+C stops all" in shown
    assert "half \ufffd[31mred" in shown
    assert b"\x1b[31m" not in raw
    assert "complete    0 of 1  1 of 1" in shown


async def test_an_endpoint_that_is_not_asked_gives_no_key(tmp_path: Path) -> None:
    """Its key command may ask a person for a passphrase, or fail."""
    left, right = stream([text("left"), end(), DONE]), stream([text("right"), end(), DONE])
    async with two_servers(tmp_path, left, right) as (at, _):
        settings, ran = tmp_path / "tui-chat" / "config.toml", tmp_path / "ran"
        own = f'[endpoints.own]\nbase_url = "http://127.0.0.1:9/v1"\nkey_command = "touch {ran}"\n'
        settings.write_text(settings.read_text().replace('endpoint = "left"', 'endpoint = "own"') + "\n" + own)
        for other, status in (("b@right", 0), ("b", 2)):
            assert not ran.exists()
            async with asking(at, "compare", "hi", "-m", "a@left", "-m", other, **variables(tmp_path)) as process:
                output, errors = await process.communicate()
            assert process.returncode == status
            assert (b"left" in output) is (status == 0)
            assert (b"own.key_command" in errors) is (status == 2)
        assert ran.exists()
