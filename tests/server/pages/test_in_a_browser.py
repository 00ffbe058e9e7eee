"""Both pages in a real browser."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.patience import PATIENCE
from tests.server.browser import Page, browser, needs_chromium
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.scripted.behaviour import ResponseOptions
from tui_chat.server.scripted.pacing import Pace
from tui_chat.server.scripted.replies import Replies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.conftest import Accesses

pytestmark = [pytest.mark.slow, needs_chromium]

PACE = Replies(ResponseOptions(Pace(rate=60, first=0.05)))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path) as opened:
        yield opened
        assert opened.problems == []


@pytest.fixture
def server(accesses: Accesses) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(replies=PACE, on_finish=accesses) as started:
        yield started


def open_with_key(page: Page, server: EmbeddedServer, path: str) -> None:
    """Open a page of the server with its key already stored in the tab."""
    root = server.base_url.removesuffix("/v1")
    page.open(f"{root}/health")
    page.evaluate(f"sessionStorage.setItem('tui-chat.key', '{server.key}')")
    page.open(f"{root}{path}")
    if path == "/":
        page.until("!document.querySelector('#model').disabled")


def choose(page: Page, model: str) -> None:
    page.evaluate(f"document.querySelector('#model').append(new Option('{model}'))")
    page.evaluate(f"document.querySelector('#model').value = '{model}'")


def ask(page: Page, text: str) -> None:
    page.click("#prompt")
    page.type(text)
    page.press("Enter")


def replies(page: Page) -> list[str]:
    """The texts of the answers, as they stand."""
    texts: list[str] = page.evaluate(
        "[...document.querySelectorAll('.assistant > .text')].map((text) => text.textContent)"
    )
    return texts


def test_the_chat_asks_for_the_key_and_then_an_answer_grows_as_it_comes(page: Page, server: EmbeddedServer) -> None:
    page.open(server.base_url.removesuffix("v1"))
    page.until("!document.querySelector('#key-form').hidden")
    page.type("wrong")
    page.press("Enter")
    page.until("document.querySelector('#trouble').textContent.startsWith('401 Unauthorized: Incorrect API key')")
    page.click("#key")
    page.type(server.key)
    page.press("Enter")
    page.until("!document.querySelector('#model').disabled")
    assert page.evaluate("document.querySelector('#model').options.length") > 5
    choose(page, "count")
    ask(page, "Count to 40")
    lengths = []
    while not page.evaluate("Boolean(document.querySelector('.note'))"):
        lengths += [len(text) for text in replies(page)]
    assert len(set(lengths)) > 5, "it came in one piece"
    assert lengths == sorted(lengths)
    assert replies(page) == [" ".join(map(str, range(1, 41)))]
    assert re.match(r"↑\d+ ↓40 tokens · first 0\.\d\d s · whole \d\.\d\d s · \d+ tok/s$", page.text(".note"))
    assert page.text("#state") == "Done"


def test_a_stopped_answer_keeps_its_text_and_the_conversation_goes_on(
    page: Page, server: EmbeddedServer, accesses: Accesses
) -> None:
    open_with_key(page, server, "/")
    choose(page, "long")
    ask(page, "something long")
    for number in (1, 2):
        page.until(f"document.querySelectorAll('.assistant > .text')[{number - 1}]?.textContent.length > 200")
        if number == 1:
            page.click("#stop")
        else:
            page.press("Escape")
        page.until(f"document.querySelectorAll('.note').length === {number}")
        assert page.text("#state") == "Stopped"
        assert page.text(f"article:nth-of-type({2 * number}) .note").startswith("Stopped · first ")
        ask(page, "more of it")
    until(lambda: hung_up(accesses) == ["/v1/chat/completions"] * 2)
    assert all(len(text) > 200 for text in replies(page)[:2])
    page.click("#stop")
    choose(page, "count")
    ask(page, "Count to 3")
    page.until("document.querySelector('#state').textContent === 'Done'")
    assert replies(page)[-1] == "1 2 3"
    prompt = re.match(r"↑(\d+) ", page.text("article:last-of-type .note"))
    assert prompt is not None
    assert int(prompt[1]) > 50, "what was said before is sent along"


def test_a_reload_keeps_the_conversation_and_a_new_chat_forgets_it(page: Page, server: EmbeddedServer) -> None:
    open_with_key(page, server, "/")
    choose(page, "echo")
    ask(page, "remember me")
    page.until("document.querySelector('.note')")
    page.open(server.base_url.removesuffix("v1"))
    assert replies(page) == ["remember me"]
    page.click("#new")
    page.open(server.base_url.removesuffix("v1"))
    assert replies(page) == []


def test_errors_are_shown_with_status_and_text_and_can_be_tried_again(page: Page, server: EmbeddedServer) -> None:
    open_with_key(page, server, "/")
    choose(page, "nobody")
    ask(page, "hello")
    page.until("document.querySelector('.problem')")
    assert page.text(".problem").startswith("404 Not Found: The model `nobody` does not exist.")
    assert page.text("#state") == "Failed"
    choose(page, "fault:429?times=1")
    page.click(".problem button")
    page.until("document.querySelector('.problem')?.textContent.startsWith('429 Too Many Requests: ')")
    page.click(".problem button")
    page.until("document.querySelector('#state').textContent === 'Done'")
    assert page.evaluate("document.querySelectorAll('article').length") == 2


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("count?fault=reset&after=10", "The connection failed: network error"),
        ("count?fault=cut&after=10", "The answer broke off: its end never came."),
        ("count?fault=error&after=10&message=overheated", "overheated"),
        ("count?fault=bad-json&after=10", "The server sent what is not JSON: "),
        ("count?end=none&finish=never", "The answer broke off: its end never came."),
    ],
)
def test_what_came_before_an_answer_broke_is_kept(page: Page, server: EmbeddedServer, model: str, problem: str) -> None:
    open_with_key(page, server, "/")
    choose(page, model)
    ask(page, "Count to 40")
    page.until("document.querySelector('.problem')")
    assert page.text(".problem").startswith(problem)
    assert replies(page)[0].startswith("1 2 3 4 5")


def test_the_end_of_the_server_is_told_and_a_server_that_is_gone_too(page: Page, server: EmbeddedServer) -> None:
    open_with_key(page, server, "/")
    choose(page, "long")
    ask(page, "something long")
    page.until("document.querySelector('.assistant > .text')?.textContent.length > 100")
    server.stop()
    page.until("document.querySelector('.problem')")
    assert page.text(".problem").startswith("The server is shutting down.")
    assert len(replies(page)[0]) > 100
    page.click(".problem button")
    page.until("document.querySelector('.problem')?.textContent.startsWith('The connection failed: ')")


def test_what_anybody_says_is_text_and_never_html(page: Page, server: EmbeddedServer) -> None:
    open_with_key(page, server, "/")
    choose(page, "echo")
    evil = "<img src=x onerror='document.title=1'><script>document.title=2</script>&amp;\n<b>bold</b>"
    page.click("#prompt")
    page.type(evil)
    page.press("Enter", shift=True)
    page.type("second line")
    page.press("Enter")
    page.until("document.querySelector('.note')")
    assert replies(page) == [f"{evil}\nsecond line"]
    assert page.evaluate("document.querySelectorAll('#log img, #log script, #log b').length") == 0
    assert page.evaluate("document.title") == "Chat · tui-chat serve"


def test_reasoning_is_shown_apart(page: Page, server: EmbeddedServer) -> None:
    open_with_key(page, server, "/")
    choose(page, "think?rate=0")
    ask(page, "why")
    page.until("document.querySelector('.note')")
    assert "knockout tournament" in page.text(".thoughts .text")
    assert replies(page)[0].startswith("A small puzzle")


def hung_up(accesses: Accesses) -> list[str]:
    """The paths of the requests whose clients hung up."""
    return [access.path for access in list(accesses.ended) if access.outcome == "hang-up"]


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline


def fill(page: Page, field: str, value: str) -> None:
    page.evaluate(f"document.querySelector('{field}').value = '{value}'")


def heard(page: Page, card: str) -> list[str]:
    """The events on the page, oldest first."""
    lines: list[str] = page.evaluate(f"[...document.querySelectorAll('#{card} li')].map((each) => each.textContent)")
    return lines[::-1]


def test_the_ticker_is_heard_until_it_ends_and_not_asked_again(
    page: Page, server: EmbeddedServer, accesses: Accesses
) -> None:
    open_with_key(page, server, "/events")
    fill(page, "#ticker [name=every]", "0.02")
    fill(page, "#ticker [name=count]", "10")
    page.click("#ticker [type=submit]")
    page.until("document.querySelector('#ticker .state').textContent === 'Ended by the server'")
    assert [line.split()[:2] for line in heard(page, "ticker")] == [["message", str(n)] for n in range(1, 11)]
    assert [access.status for access in accesses.ended if access.path == "/stream"] == [200, 204]


def test_named_events_are_heard_until_somebody_closes(page: Page, server: EmbeddedServer, accesses: Accesses) -> None:
    open_with_key(page, server, "/events")
    fill(page, "#updates [name=every]", "0.02")
    page.click("#updates [type=submit]")
    page.until("document.querySelectorAll('#updates li').length > 10")
    page.click("#updates .close")
    assert page.text("#updates .state") == "Closed by you"
    assert heard(page, "updates")[0].startswith('update {"update":1,')
    until(lambda: hung_up(accesses) == ["/stream-with-context"])


def test_an_answer_grows_and_its_end_closes_the_connection(
    page: Page, server: EmbeddedServer, accesses: Accesses
) -> None:
    open_with_key(page, server, "/events")
    page.click("#answer input")
    page.type("Count to 30 & more <b>")
    page.press("Enter")
    lengths = []
    while page.text("#answer .state") != "Ended":
        lengths.append(page.evaluate("document.querySelector('#answer .said').textContent.length"))
    assert len(set(lengths)) > 5, "it came in one piece"
    assert page.text("#answer .said") == " ".join(map(str, range(1, 31)))
    assert page.text("#answer .count").strip() == "· 31 events"
    assert [access.path for access in accesses.ended].count("/chat/stream") == 1


def test_a_stream_that_wants_the_key_asks_for_it(page: Page, server: EmbeddedServer) -> None:
    page.open(f"{server.base_url.removesuffix('/v1')}/events")
    page.click("#answer [type=submit]")
    page.until("document.querySelector('#answer .state').textContent.startsWith('401 Unauthorized')")
    page.type(server.key)
    page.press("Enter")
    page.until("document.querySelector('#answer .state').textContent === 'Ended'", patience=20)
    assert "Welcome to tui-chat" in page.text("#answer .said")


@contextmanager
def serving(port: int) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """`tui-chat serve` in a process of its own, the address of its pages, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_chat", "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            yield process, url.removesuffix("/v1"), urlsplit(url).port or 0
        finally:
            process.kill()


def test_a_lost_connection_comes_back_and_nothing_is_heard_twice_or_lost(page: Page) -> None:
    with serving(0) as (process, root, port):
        page.open(f"{root}/events")
        fill(page, "#ticker [name=every]", "0.05")
        page.click("#ticker [type=submit]")
        page.until("document.querySelectorAll('#ticker li').length >= 5")
        process.send_signal(signal.SIGTERM)
        page.until("document.querySelector('#ticker .state').textContent === 'Reconnecting …'")
        assert any(line.startswith("shutdown") for line in heard(page, "ticker"))
        process.wait()
    with serving(port):
        page.until("document.querySelector('#ticker .count').textContent.includes('2 connections')", patience=30)
        page.until("document.querySelectorAll('#ticker li').length >= 15")
        page.click("#ticker .close")
        ticks = [int(line.split()[1]) for line in heard(page, "ticker") if line.startswith("message")]
        assert ticks == list(range(1, len(ticks) + 1))
