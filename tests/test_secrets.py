"""Canary keys in every place where a key can stand, and a look for them in everything that the program writes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from base64 import b64encode
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest

from tests.byte_server import ByteServer, stream
from tests.canaries import leaks
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal
from tests.wire.test_secrets import ECHOES, choice, frame
from tui_chat.cli.streams.listen import ListenOptions
from tui_chat.cli.streams.listen import run as listen
from tui_chat.wire.sources.download import DownloadTarget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from tests.byte_server import Request, Step

CANARIES = {
    "key in the file": "sk-7Qm2xVd9LrT4wZk8",
    "key in a variable": "sk-Bn5cRy1HsF6jPg3M",
    "key in a .env file": "sk-Ua8eKt2XvD7iWo4N",
    "key in a named variable": "sk-Lz3qMx9GbC1hSf5R",
    "key of a command": "sk-Ej6yTp4VwN8aKd2Q",
    "argument of a command": "Hr7uZc5BmY3gXs9L",
    "OpenAI's key": "sk-Wf1oGk6DtJ4vQn8E",
    "Anthropic's key": "sk-Oc9iRb3LhU5zPy7A",
    "header": "hX5/fGp+Yc3Nb6Jt1",
    "header in a variable": "nV2=dKs/Ma9Tw4Qe8",
    "cookie": "Gm4xSj8RfL2bVc6Z",
    "query": "qW8=vRs&Ed2Uo7Ia4",
    "query in a variable": "yT6+cPf Hn1Lk5Xd9",
    "query of the URL": "Kd3wNz7QgB5tMr1J",
    "password": "Pv9hCe2YxF6sLo4U",
    "header of listen": "Ix8kDa4WtG7nJb3S",
    "query of listen": "Zq1rVm5EyH9cOf6K",
    "key typed in the form": "sk-Fd4sJw9QzV2mXc7K",
    "key of serve": "sv-Tn6gXp3LwR8dYj2B",
}
PASSWORDS = b64encode(f"someone:{CANARIES['password']}".encode()).decode()
PROGRAM = (sys.executable, "-m", "tui_chat")
ROUNDS = len(ECHOES) + 1
"""Questions until each echo has come, and a whole reply."""
QUESTIONS = 8
"""Typed on the screen."""


def repeating(request: Request, number: int) -> Sequence[Step]:
    """An answer that repeats what came with the request, each time in another place."""
    if request.method == "HEAD" or number % ROUNDS == 0:
        return stream([frame(choice("stop"))])
    echo = [*ECHOES.values()][number % ROUNDS - 1]
    sent = [request.target, *(value for name, value in request.headers.items() if name not in {"host", "accept"})]
    return echo("you sent " + "  ".join(sent))


@asynccontextmanager
async def echoing() -> AsyncIterator[ByteServer]:
    """A server whose answers repeat all that is sent to it."""
    server = ByteServer(quiet_head=True)
    server.script = lambda request: repeating(request, len(server.requests))
    async with server:
        yield server


def settings(url: str, command: Path) -> str:
    """A config.toml with a canary in each place that it has."""
    told = CANARIES
    return f"""
        log_level = "debug"
        max_retries = 0
        model = "m"
        endpoint = "file"
        serve_key = "{told["key of serve"]}"
        [endpoints.file]
        base_url = "{url}?access={told["query of the URL"]}"
        key = "{told["key in the file"]}"
        query = {{ k = "{told["query"]}" }}
        headers = {{ X-Auth = "{told["header"]}", Cookie = "session={told["cookie"]}" }}
        [endpoints.variable]
        base_url = "{url}"
        key_env = "SOME_KEY"
        [endpoints.command]
        base_url = "{url}"
        key_command = "{command} {told["argument of a command"]}"
        [endpoints.basic]
        base_url = "{url}"
        headers = {{ Authorization = "Basic {PASSWORDS}" }}
    """


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    """Other programs' keys, and programs to be started that note their environment and words."""
    for name in ("editor", "xclip", "key"):
        script = tmp_path / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(
            f"#!/bin/sh\n(env; cat /proc/$PPID/cmdline) > {tmp_path}/{name}.$$ && mv {tmp_path}/{name}.$$ "
            f"{tmp_path}/{name}.told\n"
            + (f"echo {CANARIES['key of a command']}\n" if name == "key" else "")
            + ("cat > /dev/null\n" if name == "xclip" else "")
        )
        script.chmod(0o700)
    return {
        **os.environ,
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "DISPLAY": ":99",
        "EDITOR": str(tmp_path / "bin" / "editor"),
        "TERM": "xterm-256color",
        "SOME_KEY": CANARIES["key in a named variable"],
        "OPENAI_API_KEY": CANARIES["OpenAI's key"],
        "ANTHROPIC_API_KEY": CANARIES["Anthropic's key"],
    }


def configured(home: Path, url: str, tmp_path: Path) -> None:
    """Write the settings."""
    config = home / ".config" / "tui-chat" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(settings(url, tmp_path / "bin" / "key"))


async def run(
    environment: Mapping[str, str], *words: str, typed: str = "", program: Sequence[str] = ("-m", "tui_chat")
) -> str:
    """What the program writes to standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, *words, env=dict(environment), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(typed.encode())
    assert process.returncode is not None
    return f"{out.decode()}\n{err.decode()}"


def files(*folders: Path) -> dict[str, str]:
    """What stands in all files below `folders`, but for those in which a test has put canaries."""
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
    return {str(path): path.read_bytes().decode("utf-8", "replace") for path in found if path.parent.name != "bin"}


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds that somebody else brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.02)


def leaking(written: Mapping[str, str]) -> list[tuple[str, str, list[str]]]:
    """Which canaries can be seen, and where. The last four characters of a key may be shown."""
    spelled = CANARIES | {"credentials": PASSWORDS}
    return [
        (what, place, found)
        for what, canary in spelled.items()
        for place, text in written.items()
        if (found := leaks(canary, text))
    ]


@pytest.mark.parametrize("endpoint", ["file", "variable", "command", "basic"])
async def test_an_endpoint_that_repeats_what_the_file_says_gets_it_nowhere(
    endpoint: str, home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    async with echoing() as server:
        configured(home, server.url, tmp_path)
        await check(server, environment, ["-e", endpoint], home, tmp_path)


@pytest.mark.parametrize("place", ["variables", ".env", "OpenAI's variables"])
async def test_an_endpoint_that_repeats_what_variables_say_gets_it_nowhere(
    place: str, home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    environment |= {"TUI_CHAT_MODEL": "m", "TUI_CHAT_LOG_LEVEL": "debug", "TUI_CHAT_MAX_RETRIES": "0"}
    words: list[str] = []
    async with echoing() as server:
        if place == "variables":
            environment["TUI_CHAT_BASE_URL"] = f"{server.url}?access={CANARIES['query of the URL']}"
            environment["TUI_CHAT_API_KEY"] = CANARIES["key in a variable"]
            environment["TUI_CHAT_HEADERS"] = json.dumps({"X-Auth": CANARIES["header in a variable"]})
            environment["TUI_CHAT_QUERY"] = json.dumps({"k": CANARIES["query in a variable"]})
        elif place == ".env":
            file = tmp_path / "bin" / "more.env"
            file.write_text(f"TUI_CHAT_BASE_URL={server.url}\nTUI_CHAT_API_KEY={CANARIES['key in a .env file']}\n")
            words = ["--env-file", str(file)]
        else:
            environment["OPENAI_BASE_URL"] = server.url
        await check(server, environment, words, home, tmp_path)


async def check(
    server: ByteServer, environment: Mapping[str, str], chosen: Sequence[str], home: Path, tmp_path: Path
) -> None:
    """Ask and be answered in every way, and look for canaries."""
    plain = await run(environment, "plain", *chosen, typed="and?\n" * ROUNDS)
    assert plain.count("••••") > ROUNDS / 2
    words: list[list[str]] = []
    if chosen == ["-e", "file"] or "TUI_CHAT_QUERY" in environment:  # the two with most canaries
        words = [["models", *chosen], ["config", *chosen], ["export", "--all", "--format", "json"]]
        words += [["ask", form, *chosen, "hello"] for form in ("--json", "--ndjson", "--dry-run")]
    others = await asyncio.gather(*(run(environment, *each) for each in words))
    assert len(server.requests) >= ROUNDS
    sent = "".join(f"{request.target} {request.headers}" for request in server.requests)
    assert leaking({"the requests": sent}), "nothing secret was sent"
    written = {"plain": plain} | {str(each): text for each, text in zip(words, others, strict=True)}
    assert leaking(written | files(home, tmp_path)) == []


async def test_on_the_screen_and_in_the_programs_that_it_starts(
    home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    environment["TUI_CHAT_SERVE_KEY"] = CANARIES["key of serve"]
    environment["TUI_CHAT_QUERY"] = json.dumps({"k": CANARIES["query in a variable"]})
    async with echoing() as server:
        configured(home, server.url, tmp_path)
        with Terminal([*PROGRAM, "-e", "command"], environment) as terminal:
            await asyncio.to_thread(terminal.until_text, "● Ready")
            for number in range(1, QUESTIONS + 1):
                await asyncio.to_thread(terminal.send, f"question {number}\r")
                await server.until(lambda number=number: len([each for each in server.requests if each.body]) >= number)  # type: ignore[misc]
                await asyncio.to_thread(terminal.until_text, "Send")
            await asyncio.to_thread(terminal.until_text, "••••")
            await asyncio.to_thread(terminal.send, "/copyall\r")
            await until((tmp_path / "xclip.told").exists)
            export = tmp_path / "chat.md"
            await asyncio.to_thread(terminal.send, f"/export {export}\r")
            await until(export.exists)
            await asyncio.to_thread(terminal.send, "\x07")
            await until((tmp_path / "editor.told").exists)
            await asyncio.to_thread(terminal.until, lambda: terminal.raw.count(b"\x1b[?1049h") == 2, "the screen again")
            running = files(home, tmp_path)
            assert any(name.endswith("-wal") for name in running)
            arguments = (Path("/proc") / str(terminal.process.pid) / "cmdline").read_text()
            await asyncio.to_thread(terminal.send, "\x11")
            await asyncio.to_thread(terminal.wait)
    written = {"screen": terminal.raw.decode("utf-8", "replace"), "ps": arguments} | running | files(home, tmp_path)
    assert {"key.told", "xclip.told", "editor.told", "chat.md"} <= {Path(name).name for name in written}
    assert leaking(written) == []


async def test_a_key_that_is_typed_into_the_form_of_an_endpoint(
    home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """The server repeats the key in its refusals; it is typed, tested, corrected, saved, used, and edited."""
    key = CANARIES["key typed in the form"]
    environment = {name: value for name, value in environment.items() if "API_KEY" not in name}
    environment["TUI_CHAT_LOG_LEVEL"] = "debug"
    async with echoing() as server:
        with Terminal(PROGRAM, environment) as terminal:

            async def send(keys: str) -> None:
                await asyncio.to_thread(terminal.send, keys)

            async def until_text(text: str) -> None:
                await asyncio.to_thread(terminal.until_text, text)

            await until_text("● Ready")
            await send("/connect\r")
            await until_text("Add an endpoint")
            await until_text("test and save")
            await send("\x1b[D\t")  # the provider before the first one: any other
            await send(server.url + "\t\t")
            await send(key + "x\x7f\x1f\x19")  # a letter too many, deleted, undone and done again
            await until_text("(0600), for 127.0.0.1")
            await send("\t")
            await send("m\r")
            await server.until(lambda: len(server.requests) >= 2)
            await until_text("✗")
            await send("\x13")
            await until_text("is saved in config.toml")
            for number in range(1, QUESTIONS + 1):
                before = len(server.requests)
                await send(f"question {number}\r")
                await server.until(lambda before=before: len(server.requests) > before)  # type: ignore[misc]
                await until_text("Send")
            await send("\x0f")
            await until_text("Choose a model")
            await send("\x05")
            await until_text("as it is saved")
            await send("\x1b")
            await asyncio.to_thread(terminal.until, lambda: "as it is saved" not in terminal.text, "the list again")
            running = files(home, tmp_path)
            arguments = (Path("/proc") / str(terminal.process.pid) / "cmdline").read_text()
            await send("\x11")
            await asyncio.to_thread(terminal.wait)
    config = (home / ".config" / "tui-chat" / "config.toml").read_text()
    assert f'key = "{key}"' in config
    assert any(key in value for request in server.requests for value in request.headers.values())
    written = {"screen": terminal.raw.decode("utf-8", "replace"), "ps": arguments} | running | files(home, tmp_path)
    assert any(name.endswith(".log") for name in written)
    assert leaking(written) == []


@pytest.mark.parametrize("saved", [False, True])
async def test_what_is_said_of_a_url_that_is_listened_to(
    saved: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {"Authorization": f"Bearer {CANARIES['header of listen']}"}
    async with echoing() as server:
        for number in range(ROUNDS):
            url = f"{server.url}/{number}?token={quote_plus(CANARIES['query of listen'])}"
            place = DownloadTarget(tmp_path, f"{number}.bin") if saved else None
            options = ListenOptions(count=1, reconnect=False, place=place)
            await listen(url, headers, options, connect_timeout=20, idle_timeout=20, head_timeout=20)
        assert len(server.requests) >= ROUNDS
    said = capfd.readouterr().err
    assert said.count("••••") > ROUNDS / 2
    assert leaking({"standard error": said}) == []


async def test_what_is_said_where_nobody_listens(capfd: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:9/?token={CANARIES['query of listen']}"
    await listen(url, {}, ListenOptions(reconnect=False), connect_timeout=20, idle_timeout=20, head_timeout=20)
    assert "127.0.0.1:9/?token=••••" in (said := capfd.readouterr().err)
    assert leaking({"standard error": said}) == []


CRASHING = """
import sys
from tui_chat.cli.main import main
from tui_chat.{module} import {owner}

async def broken(self, *given, **named):
    raise RuntimeError("a bug that quotes {key}") from ValueError("{key}")
{owner}.{method} = broken
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("module", "owner", "method"),
    [
        ("wire.client", "Client", "prepare"),
        ("wire.http.body", "ReceivedBody", "take"),
        ("cli.ask", "AskCommand", "ask"),
    ],
)
async def test_the_traceback_of_a_bug_that_quotes_a_key(
    module: str, owner: str, method: str, home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    program = CRASHING.format(module=module, owner=owner, method=method, key=CANARIES["key in the file"])
    async with echoing() as server:
        configured(home, server.url, tmp_path)
        output = await run(environment, "ask", "hello", program=("-c", program))
    written = files(home, tmp_path) | {"output": output}
    assert any(f"a bug that quotes {mask}" in text for text in written.values() for mask in ("••••", "[hidden]"))
    assert leaking(written) == []
