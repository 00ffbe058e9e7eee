"""A chat goes back to the endpoint it was with: which of two servers is asked, and what is said before."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer
from tests.cli.test_ask import PROGRAM, answer, end, text
from tests.history.chats import answer as answered
from tests.history.chats import store
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.recipient import Recipient
from tui_chat.ui.chat.connection_controller import HELD_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from tui_chat.chat.conversation import Origin

OLD, NEW = "the old server", "the new server"
MOVES = "all of it goes to"


@dataclass(frozen=True)
class Case:
    """What is configured when a chat is opened again that was with the endpoint `lab` at the old server."""

    config: Sequence[tuple[str, str]]
    """Names of endpoints and their servers; the first is asked by default."""
    asked: str | None
    """The server that is asked; `None`: none before a person has chosen."""
    flags: Sequence[str] = ()
    says: str = ""
    """What is said before; empty: nothing."""
    model: str = "asked-before"
    was: Recipient = field(default_factory=lambda: Recipient(OLD, "lab", "asked-before"))
    variables: Mapping[str, str] = field(default_factory=dict)


DEMO = Recipient("demo", "", "demo")
UNNAMED = Recipient(OLD, "", "asked-before")
CASES = {
    "same endpoint": Case([("lab", OLD)], OLD),
    "other default": Case([("other", NEW), ("lab", OLD)], OLD),
    "renamed": Case([("other", NEW), ("bench", OLD)], OLD, says="No endpoint is called lab now; bench is at the same"),
    "removed": Case([("other", NEW)], None, says="This chat was with lab (OLD), and no endpoint is configured there"),
    "nothing configured": Case([], None, says="no endpoint is configured there now"),
    "same name, other host": Case([("lab", NEW)], None, says="and lab is at NEW now."),
    "two at its host": Case([("other", NEW), ("x", OLD), ("y", OLD)], None, says="several endpoints are at OLD: x, y"),
    "-e": Case([("lab", OLD), ("other", NEW)], NEW, ["-e", "other"], f"was with lab (OLD); {MOVES} other", "of-other"),
    "-e of the same": Case([("other", NEW), ("lab", OLD)], OLD, ["-e", "lab"]),
    "--base-url": Case([("lab", OLD)], NEW, ["--base-url", NEW, "-m", "x"], f"was with lab (OLD); {MOVES} NEW", "x"),
    "-m": Case([("other", NEW), ("lab", OLD)], OLD, ["-m", "chosen"], model="chosen"),
    "demo before": Case([("other", NEW)], None, says="This chat was with the demo, and an", was=DEMO),
    "demo before, -e": Case([("other", NEW)], NEW, ["-e", "other"], f"the demo; {MOVES} other", "of-other", DEMO),
    "variable": Case([("other", NEW)], OLD, was=UNNAMED, variables={"TUI_CHAT_BASE_URL": OLD}),
    "variable of another": Case([("lab", OLD)], OLD, variables={"TUI_CHAT_BASE_URL": NEW}),
    "variable gone": Case([("other", NEW)], None, says="This chat was with OLD, and no endpoint", was=UNNAMED),
    "variable's host has a name": Case([("other", NEW), ("lab", OLD)], OLD, was=UNNAMED),
}


class Servers:
    """An old and a new server, by their names in the cases."""

    def __init__(self) -> None:
        self.old, self.new = (ByteServer(lambda _: answer(text("so it is"), end()), quiet_head=True) for _ in range(2))

    async def __aenter__(self) -> Servers:
        await self.old.__aenter__()
        await self.new.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.old.__aexit__(None, None, None)
        await self.new.__aexit__(None, None, None)

    def url(self, name: str) -> str:
        return {OLD: self.old.url, NEW: self.new.url}.get(name, name)

    def host(self, name: str) -> str:
        return self.url(name).removeprefix("http://").removesuffix("/v1")

    def sentence(self, words: str) -> str:
        return words.replace("OLD", self.host(OLD)).replace("NEW", self.host(NEW))

    @property
    def asked(self) -> list[str]:
        """The servers that were sent a chat, once for each time; any may be asked for its models."""
        both = ((OLD, self.old), (NEW, self.new))
        return [name for name, server in both for request in server.requests if request.body]

    @property
    def model(self) -> str:
        (request,) = (each for each in (*self.old.requests, *self.new.requests) if each.body)
        return str(json.loads(request.body)["model"])


def prepare(home: Path, case: Case, servers: Servers, origin: Origin = "") -> str:
    """Write the settings and the chat of an earlier run, by `ask` or in the screen; gives the chat's id."""
    lines = [f"endpoint = {json.dumps(case.config[0][0])}"] if case.config else []
    for name, server in case.config:
        url = servers.url(server)
        lines += [f"[endpoints.{name}]", f"base_url = {json.dumps(url)}", f"model = {json.dumps(f'of-{name}')}"]
    file = home / ".config/tui-chat/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines))
    chat = Conversation()
    chat.origin = origin
    chat.recipient = Recipient(servers.host(case.was.host), case.was.name, case.was.model)
    with store(home / ".local/share/tui-chat") as history:
        history.record(chat)
        answered(chat, "a private question", "a private answer")
    return chat.id


def variables(case: Case, servers: Servers) -> dict[str, str]:
    return {**os.environ, **{name: servers.url(value) for name, value in case.variables.items()}}


async def run(words: Sequence[str], env: Mapping[str, str], stdin: bytes = b"") -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *words, env=dict(env), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(stdin)
    return process.returncode, out.decode(), err.decode()


ORDINARY = {
    "ask": set(CASES),
    "plain": {"other default", "removed", "-e"},
    "-c": {"removed", "-e", "-m", "demo before, -e"},
    "list": {"other default", "same name, other host", "-e", "variable gone"},
    "--cid": {"renamed"},
}
"""What is tried in each run of the tests; the others are slow, and alike inside."""


def matrix(*ways: str) -> list[ParameterSet]:
    return [
        pytest.param(way, name, marks=[] if name in ORDINARY[way] else pytest.mark.slow, id=f"{way}: {name}")
        for way in ways
        for name in CASES
    ]


@pytest.mark.parametrize(("door", "name"), matrix("ask", "plain"))
async def test_a_chat_goes_back_to_whom_it_was_with_outside_the_screen(door: str, name: str, home: Path) -> None:
    case = CASES[name]
    async with Servers() as servers:
        chat = prepare(home, case, servers, "ask" if door == "ask" else "")
        which = ["-c"] if door == "ask" else ["--cid", chat[:8]]
        flags = [servers.url(flag) for flag in case.flags]
        prompt, piped = (["and?"], b"") if door == "ask" else ([], b"and?\n")
        status, out, err = await run([door, *which, *flags, *prompt], variables(case, servers), piped)
        assert servers.sentence(case.says) in err
        assert (MOVES in err) == (MOVES in case.says)
        if case.asked is None:
            assert (status, out, servers.asked) == (2, "", [])
            assert "-e NAME" in err
        else:
            assert (status, out.strip(), servers.asked) == (0, "so it is", [case.asked])
            assert servers.model == case.model


@pytest.mark.parametrize(("how", "name"), matrix("-c", "--cid", "list"))
async def test_a_chat_goes_back_to_whom_it_was_with_in_the_screen(how: str, name: str, home: Path) -> None:
    case = CASES[name]
    async with Servers() as servers:
        chat = prepare(home, case, servers)
        which = {"-c": ["-c"], "--cid": ["--cid", chat[:8]], "list": []}[how]
        flags = [servers.url(flag) for flag in case.flags]
        env = {**variables(case, servers), "TERM": "xterm-256color"}
        with Terminal([sys.executable, "-m", "tui_chat", *which, *flags], env, columns=130) as terminal:

            async def seen(words: str) -> None:
                words = servers.sentence(words)
                shown = lambda: words.replace(" ", "") in "".join(terminal.text.split())  # noqa: E731 - wrapped anywhere
                await asyncio.to_thread(terminal.until, shown, repr(words))

            if how == "list":
                await seen("● Ready")
                terminal.send("\x13")
                await seen("a private question")
                terminal.send("\r")
            if case.asked is None:  # the picker opens over the answer
                await seen(case.says)
                await seen("All of it is sent to the endpoint you choose.")
                assert servers.asked == []
                return
            await seen("a private answer")
            await seen("● Ready")
            terminal.send("and?\r")
            if MOVES in case.says:
                await seen(case.says)
                await seen("› and?")
                assert servers.asked == []
                async with asyncio.timeout(PATIENCE):
                    while not servers.asked:  # a second press that comes too soon is taken for a held key
                        terminal.send("\r")
                        await asyncio.sleep(HELD_KEY * 1.5)
            await seen("so it is")
            assert servers.asked == [case.asked]
            assert servers.model == case.model


async def test_a_run_writes_down_whom_a_chat_was_with(home: Path) -> None:
    case = CASES["other default"]
    async with Servers() as servers:
        prepare(home, case, servers)
        await run(["ask", "-e", "other", "a new question"], os.environ)
        with store(home / ".local/share/tui-chat") as history:
            (new,) = [chat.id for chat in history.chats() if chat.title == "a new question"]
            assert history.recipient(new) == Recipient(servers.host(NEW), "other", "of-other")


async def test_of_an_older_chat_the_newest_reply_tells_the_host(home: Path) -> None:
    async with Servers() as servers:
        prepare(home, CASES["other default"], servers)
        chat = Conversation()
        with store(home / ".local/share/tui-chat") as history:
            history.record(chat)
            reply = answered(chat, "older", "so")
            again = chat.begin_reply(chat.add_question("and?"), model="reported", endpoint="lab", at=1.0)
            again.url = f"{servers.old.url}/chat/completions"
            chat.apply(again, reply.ending)  # type: ignore[arg-type]
        with store(home / ".local/share/tui-chat") as history:
            assert history.open(chat.id).recipient == Recipient(servers.host(OLD), "lab", "")
        status, out, err = await run(["ask", "--cid", chat.id, "so?"], os.environ)
        assert (status, out, err, servers.asked, servers.model) == (0, "so it is", "", [OLD], "of-lab")


async def test_of_a_chat_of_which_nothing_is_known_that_is_said(home: Path) -> None:
    async with Servers() as servers:
        prepare(home, CASES["same endpoint"], servers)
        chat = Conversation()
        with store(home / ".local/share/tui-chat") as history:
            history.record(chat)
            answered(chat, "from elsewhere", "so")
        status, _, err = await run(["ask", "--cid", chat.id, "so?"], os.environ)
    assert status == 0
    host = servers.host(OLD)
    assert err == f"tui-chat: It is not known whom this chat was with; all of it goes to lab ({host}) now.\n"
