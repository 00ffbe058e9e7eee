"""The report says what is wrong and holds nothing that it must not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from tests.wire.tapes import CANARY, recorded
from tui_chat.tape_file import TapeConnection, TapeFile
from tui_chat.wire.exports.environment import Environment, this_environment, without_private_hosts
from tui_chat.wire.exports.report import report
from tui_chat.wire.tape.snapshot import masked_tape

ENVIRONMENT = Environment("Linux 6.1", "3.11.7", ("/home/someone", "someones-laptop"))
QUESTION = "What is the capital of Atlantis? <script>alert(1)</script> /home/someone/notes on someones-laptop"


class _Page(HTMLParser):
    """Notes what a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            str(value) for name, value in attrs if name in {"src", "href", "action"} or name.startswith("on")
        ]
        if tag not in {"meta", "rect", "line"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "line"}:
            assert self.open.pop() == tag


def read(text: str) -> _Page:
    page = _Page(text)
    assert not page.open
    assert "script" not in page.tags
    assert page.links == []
    return page


def tape_of(
    pieces: list[tuple[float, bytes]], how: str = "end", url: str = "https://api.example.com/v1/chat/completions"
) -> TapeFile:
    tape = TapeFile(datetime(2026, 11, 29, tzinfo=UTC), "POST", url, (), '{"model": "m", "messages": []}')
    tape.status, tape.responded, tape.ended, tape.how = 200, 0.2, pieces[-1][0] + 0.1, how
    tape.response_headers = (("content-type", "text/event-stream"),)
    tape.pieces = pieces
    return tape


def delta(text: str) -> bytes:
    return b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % text.encode()


END = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("api", ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat"])
@pytest.mark.parametrize("options", ["", "fault=cut&after=9", "fault=429&retry=0", "fault=html", "fault=no-answer"])
async def test_a_report_holds_no_key_and_no_private_name(api: str, options: str) -> None:
    exchange, _ = await recorded(options, api, QUESTION)
    tape = masked_tape(exchange)
    page = report(tape, ENVIRONMENT)
    read(page)
    for private in (CANARY, "/home/someone", "someones-laptop", "<script"):
        assert private not in page
    assert "Atlantis" in page
    assert ("<svg" in page) == bool(exchange.status == 200 and options != "fault=html")
    without = report(tape, ENVIRONMENT, text=False)
    read(without)
    assert "Atlantis" not in without
    assert "Linux 6.1" in without


async def test_an_error_that_quotes_the_question_is_left_out_with_it() -> None:
    tape = tape_of([(0.3, b'{"error": {"message": "Atlantis is not allowed"}}')])
    tape.status = 400
    assert "Atlantis" in report(tape, ENVIRONMENT)
    assert "Atlantis" not in report(tape, ENVIRONMENT, text=False)


def test_the_first_anomaly_is_where_the_reply_stalled() -> None:
    pieces = [(0.3 + number * 0.02, delta("a")) for number in range(20)]
    pieces += [(4.0, b": keep-alive\n\n"), (9.0, delta("late")), (9.02, END)]
    page = report(tape_of(pieces), ENVIRONMENT)
    assert "First anomaly, at 0.680 s" in page
    assert re.search(r"8\.32 s of silence; usually 20\.0 ms .* meanwhile: 1 \(comment\)", page)
    assert "it stalled" in page
    assert page.count('class="stall"') == 1
    (here,) = re.findall(r"<tr class=here>.*?</tr>", page.partition("<details>")[0])
    assert "late" in here


def test_a_reply_without_fault_has_no_anomaly() -> None:
    pieces = [(0.3 + number * 0.02, delta("a")) for number in range(20)]
    page = report(tape_of([*pieces, (0.8, END)]), ENVIRONMENT)
    assert "First anomaly" not in page
    assert "0.020 s" not in page


def test_a_reply_that_broke_off_says_where() -> None:
    pieces = [(0.3 + number * 0.02, delta("a")) for number in range(20)]
    tape = tape_of(pieces, "lost")
    tape.why = "the connection was lost"
    page = report(tape, ENVIRONMENT)
    assert "The response broke off: the connection was lost." in page
    assert 'class="verdict fail"' in page


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example.com/v1", "api.example.com"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("http://localhost:8000/v1", "localhost:8000"),
        ("http://gpu-box:8000/v1", "private-host:8000"),
        ("http://gpu.lan/v1", "private-host"),
        ("http://192.168.1.20:11434/api/chat", "private-host:11434"),
    ],
)
def test_the_names_of_a_private_network_are_replaced(url: str, shown: str) -> None:
    tape = tape_of([(0.3, END)], url=url)
    tape.headers = (("Host", url.split("/")[2]),)
    tape.connection = TapeConnection(proxy="http://proxy.corp:3128")
    found = without_private_hosts(tape)
    assert found.url.split("/")[2] == shown
    assert found.headers == (("Host", shown),)
    assert found.connection.proxy == "http://private-host"


def test_this_computers_home_and_name_are_private() -> None:
    import os
    import socket

    private = this_environment().private
    assert os.path.expanduser("~") in private  # noqa: PTH111
    assert socket.gethostname() in private or socket.gethostname() == "localhost"
    assert not {"/", "~"} & set(this_environment().system)
