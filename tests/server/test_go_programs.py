"""Our endpoint with clients by other people, and our client with a server by other people."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.pty_terminal import Terminal
from tests.server.browser import Page, browser, needs_chromium
from tests.server.go_programs import FOLDER, GIN_TEXT, built, gin_server
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

WAIT = 60.0
"""Seconds that one program may take."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are built."""
    return tmp_path_factory.mktemp("go")


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with ChatEndpoint(key=None) as started:
        yield started


def said(program: Path, *arguments: str, typed: str = "") -> str:
    """The output of a program."""
    done = subprocess.run([program, *arguments], input=typed, capture_output=True, text=True, timeout=WAIT, check=True)
    return done.stdout


# ---- the endpoint under the Go clients


@pytest.mark.parametrize("options", ["", "end=empty", "newline=crlf&event=message", "usage=never&rate=200"])
def test_the_full_client_has_the_whole_answer(endpoint: ChatEndpoint, programs: Path, options: str) -> None:
    endpoint.set(options)
    printed = said(built("c2full", programs), f"{endpoint.root_url}/chat/stream?message=你好,世界&model=echo")
    assert printed.splitlines()[-1] == "完整回复: 你好,世界"
    assert ("=== 流式传输完成 ===" in printed) == (options != "end=empty")


def test_the_line_client_sees_the_lines(endpoint: ChatEndpoint, programs: Path) -> None:
    printed = said(built("c1line", programs), f"{endpoint.root_url}/chat?message=hi&model=echo")
    assert '"content":"hi"' in printed
    assert printed.endswith("流式传输结束\n")


def test_the_client_with_a_context_ends_at_the_end_and_at_a_signal(endpoint: ChatEndpoint, programs: Path) -> None:
    program = built("c3ctx", programs)
    assert "[传输完成]" in said(program, f"{endpoint.root_url}/chat?message=hi&model=echo")
    url = f"{endpoint.root_url}/chat?message=1000000&model=count?rate=50"
    with subprocess.Popen([program, url], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while '"content"' not in (line := running.stdout.read(200)):
            assert line
        running.send_signal(signal.SIGINT)
        assert "用户主动停止" in running.stdout.read()
    endpoint.wait_until(lambda: endpoint.requests[-1].ended)
    assert endpoint.requests[-1].outcome == "hang-up"


def test_the_subscriber_hears_each_event_once_and_goes_away(endpoint: ChatEndpoint, programs: Path) -> None:
    printed = said(built("c4sub", programs), f"{endpoint.root_url}/stream?every=0.01&count=3")
    assert [line.split("id=")[1] for line in printed.splitlines() if line.startswith("收到消息")] == ["1]", "2]", "3]"]


def test_the_line_chat_is_answered_in_any_words(endpoint: ChatEndpoint, programs: Path) -> None:
    endpoint.set()
    typed = "hi\n你好\nhow are you\nexit\n"
    printed = said(built("c5chat", programs), f"{endpoint.root_url}/chat", "&model=echo", typed=typed)
    assert re.findall(r"AI: (.*)", printed) == ["hi", "你好", "how are you"]


@needs_chromium
@pytest.mark.parametrize("page", ["page1.html", "page2.html"])
def test_the_pages_show_what_is_streamed(endpoint: ChatEndpoint, tmp_path: Path, page: str) -> None:
    if not (FOLDER / page).exists():
        pytest.skip(f"no {page} at {FOLDER}")
    html = (FOLDER / page).read_text(encoding="utf-8")
    with browser(tmp_path) as opened:
        _show(opened, endpoint, html)
        if page == "page1.html":
            opened.until("document.querySelectorAll('#messages div').length >= 2", patience=WAIT)
        else:
            opened.until("document.querySelector('#chat-output').innerText.includes('Welcome to tui-chat')", WAIT)
            endpoint.wait_until(lambda: endpoint.requests[-1].ended, WAIT)
            assert opened.evaluate("window.failures") == []
        assert opened.problems == []


def _show(page: Page, endpoint: ChatEndpoint, html: str) -> None:
    """A page as if it came from the endpoint itself."""
    page.open(f"{endpoint.root_url}/health")
    watch = "<script>window.failures = []; console.error = (...said) => window.failures.push(said.join(' '));</script>"
    page.evaluate(f"document.open(); document.write({json.dumps(watch + html)}); document.close()")


# ---- the client under the Gin server

MATRIX = pytest.mark.parametrize(("end", "newline"), [("[DONE]", "n"), ("[DONE]", "rn"), ("", "n"), ("", "rn")])


@pytest.fixture
def gin(request: pytest.FixtureRequest, programs: Path, tmp_path: Path) -> Iterator[str]:
    parameters = request.node.callspec.params
    program = built("server", programs)
    with gin_server(program, tmp_path, end=parameters["end"], newline=parameters["newline"]) as root:
        yield root


def environment(base_url: str = "") -> dict[str, str]:
    told = {"TUI_CHAT_BASE_URL": base_url, "TUI_CHAT_MODEL": "m"} if base_url else {}
    return {**os.environ, **told, "TERM": "xterm-256color"}


def run(base_url: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui_chat", *arguments],
        env=environment(base_url),
        input=typed,
        capture_output=True,
        text=True,
        timeout=WAIT,
    )


URLS = ("/chat?message={message}", "/chat?message=", "/chat/stream?message={message}", "/v1")


@MATRIX
def test_ask_has_the_whole_answer_and_tells_how_it_ended(gin: str, end: str, newline: str) -> None:
    for url in URLS:
        done = run(gin + url, "ask", "--json", "你好")
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert (result["text"], result["outcome"]) == (GIN_TEXT, "no-reason")
        assert result["ended"] == ("done-sentinel" if end else "empty-data")
        assert result["usage"]["total"] == 40


@MATRIX
def test_gins_own_framing_is_read(gin: str, end: str, newline: str) -> None:
    done = run(f"{gin}/v1", "ask", "full, please")
    assert done.stdout == "你好,世界。完整的处理程序🎉\n第二行"


@MATRIX
def test_plain_answers_line_by_line(gin: str, end: str, newline: str) -> None:
    done = run(f"{gin}/chat?message={{message}}", "plain", typed="你好\nexit\n")
    assert (done.returncode, GIN_TEXT in done.stdout) == (0, True)


@MATRIX
def test_the_screen_shows_the_answer(gin: str, end: str, newline: str) -> None:
    with Terminal([sys.executable, "-m", "tui_chat"], environment(f"{gin}/chat?message={{message}}")) as terminal:
        terminal.until(lambda: "Send" in terminal.text, "the screen")
        terminal.send("hello\r")
        terminal.until(lambda: GIN_TEXT in terminal.text.replace(" ", ""), "the answer")
        terminal.send("\x11")
        assert terminal.process.wait(WAIT) == 0


@MATRIX
def test_a_path_without_an_api_says_how_to_write_the_question_into_it(gin: str, end: str, newline: str) -> None:
    done = run(f"{gin}/chat/stream", "ask", "hi")
    assert done.returncode != 0
    assert f"{gin}/chat/stream?message={{message}}" in done.stderr


@MATRIX
def test_listen_hears_events_and_saves_the_file(gin: str, end: str, newline: str, tmp_path: Path) -> None:
    heard = run("", "listen", "--json", "--count", "2", f"{gin}/stream")
    assert [json.loads(line)["data"][:4] for line in heard.stdout.splitlines()] == ["消息 0", "消息 1"]
    target = tmp_path / "saved.txt"
    saved = run("", "listen", "--save", str(target), f"{gin}/download-large-file")
    assert saved.returncode == 0, saved.stderr
    assert target.read_bytes() == (tmp_path / "large-file.txt").read_bytes()
