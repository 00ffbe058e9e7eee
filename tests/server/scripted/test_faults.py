"""Every fault over a real socket, read by our own client."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, Grown, Stopped, TextDelta
from tui_chat.chat.turn import Question, Turn
from tui_chat.server.formats import ENCODERS
from tui_chat.server.scripted.faults import FAULTS
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.server.conftest import Accesses
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.server.embedded import EmbeddedServer
    from tui_chat.server.testing import ChatEndpoint

QUESTION = "count to 6"
WHOLE = "1 2 3 4 5 6"
BEGUN = "1 2 3"
IDLE = 0.3
"""Seconds of silence after which the client gives up here."""

EMOJI = "An emoji in two halves: 😀, one with an empty event between: 🚀, and half of one: \ud83d."


@dataclass(frozen=True)
class Outcome:
    """The reply as the client sees it."""

    text: str
    ending: type[Finished | CutOff | Failed]
    says: str = ""
    """Text contained in the problem or in the reason for the cut, or the finish reason."""
    kind: str = ""
    """The kind of a failure."""


WELL = Outcome(WHOLE, Finished, "stop")
ERROR = Outcome(BEGUN, Failed, "The server reported an error: This is the error that was asked for.", "server")

OUTCOMES = {
    "400": Outcome("", Failed, "The server refused the request (400 Bad Request)", "request"),
    "401": Outcome("", Failed, "The server refused the key (401 Unauthorized)", "key"),
    "404": Outcome("", Failed, "There is no chat API at this address (404 Not Found)", "request"),
    "429?retry=7": Outcome("", Failed, "The server asks to slow down (rate limit)", "rate-limit"),
    "429?code=insufficient_quota": Outcome("", Failed, "The account's quota is used up", "rate-limit"),
    "500": Outcome("", Failed, "The server failed (500 Internal Server Error)", "server"),
    "529": Outcome("", Failed, "The server is overloaded or still loading (529)", "server"),
    "599?message=Strange": Outcome("", Failed, "The server failed (599): Strange.", "server"),
    "redirect": Outcome("", Failed, "The server redirects to http://127.0.0.1:9/somewhere-else", "request"),
    "html": Outcome("", Failed, "The server answered with a web page titled “Log in”", "request"),
    "empty": Outcome("", Failed, "The server's answer was empty.", "server"),
    "no-answer": Outcome("", Failed, "closed the connection without an answer", "network"),
    "not-http": Outcome("", Failed, "does not answer in HTTP", "network"),
    "slow?wait=0.1": WELL,
    "silent": Outcome("", Failed, "sent nothing for 0.3 s", "network"),
    "refuses-usage": WELL,  # asked again without it
    "document": WELL,
    "wrong-type": WELL,
    "wrong-type?type=text/html": WELL,
    "error": ERROR,
    "error-event": ERROR,
    "error-chunk": ERROR,
    "error-string": ERROR,
    "error-line": ERROR,
    "error?after=0": Outcome("", Failed, "The server reported an error", "server"),
    "cut": Outcome(BEGUN, CutOff, "the connection closed before the answer was complete"),
    "cut?after=0": Outcome("", Failed, "The server's answer was empty.", "server"),
    "cut?bytes=500": Outcome("1 2", CutOff, "the connection closed before the answer was complete"),
    "drop": Outcome(BEGUN, CutOff, "the connection was lost"),
    "reset": Outcome(BEGUN, CutOff, "the connection was lost"),
    "drop?after=0": Outcome("", Failed, "No answer came: the connection was lost.", "network"),
    "no-end": WELL,
    "hang": Outcome(BEGUN, CutOff, "the server fell silent"),
    "stall?pause=0.1": WELL,
    "garbage": WELL,
    "bad-json": Outcome(BEGUN, Failed, "The server sent an event that is not JSON", "server"),
    "long-line?size=17000000": Outcome(BEGUN, CutOff, "an event is larger than 16 MiB, and was not read any further"),
    "surrogates": Outcome(EMOJI, Finished, "stop"),
    "escapes": Outcome(
        "one \x1b]0;A title\x07two \x1b[2J\x1b[Hthree \x1b]52;c;cm0gLXJm\x07four \x1b[?1049h\x1b[?1000hfive \x9b31m"
        "six \u202eseven \reight \x1b[31mnine \x08\x7f\U000e0041\x07ten",  # exactly; what is shown of it is cleaned
        Finished,
        "stop",
    ),
}
"""By the fault's name in the model; for chat completions. `endless` has its own test."""

ELSEWHERE = {
    "error": ERROR,
    "cut": OUTCOMES["cut"],
    "drop": OUTCOMES["drop"],
    "bad-json": OUTCOMES["bad-json"],
    "surrogates": Outcome(EMOJI, Finished),
}
"""For all other APIs."""


async def asked(
    server: EmbeddedServer, model: str, dialect: str = "openai-chat", *, stream: bool = True, retries: int = 0
) -> Message:
    client = Client(
        Endpoint(server.base_url, key=server.key, dialect=dialect),
        max_retries=retries,
        idle_timeout=IDLE,
        stream=stream,
    )
    conversation = Conversation()
    turn = Turn(conversation, client, Question((conversation.add_question(QUESTION),), "", model))
    async with asyncio.timeout(PATIENCE):
        await turn.take()
    await client.aclose()
    assert turn.reply is not None
    return turn.reply


def matches(reply: Message, outcome: Outcome) -> None:
    assert reply.text == outcome.text
    match reply.ending:
        case Finished(reason):
            said = reason or ""
        case CutOff(why):
            said = why
        case Failed() as failed:
            said = failed.problem
            assert failed.kind == outcome.kind
        case _:
            said = ""
    assert isinstance(reply.ending, outcome.ending), said
    assert outcome.says in said


def test_no_fault_is_left_out() -> None:
    assert {fault.partition("?")[0] for fault in OUTCOMES} >= FAULTS.keys() - {"endless"}


@pytest.mark.parametrize("fault", OUTCOMES)
async def test_a_fault_has_its_outcome(server: EmbeddedServer, accesses: Accesses, fault: str) -> None:
    matches(await asked(server, f"fault:{fault}"), OUTCOMES[fault])
    ended = await asyncio.to_thread(accesses.wait_for, 1)
    assert {access.outcome for access in ended} <= {"fault", "hang-up"}


@pytest.mark.parametrize("dialect", sorted(ENCODERS.keys() - {"openai-chat"}))
@pytest.mark.parametrize("fault", ELSEWHERE)
async def test_a_fault_in_another_api(server: EmbeddedServer, dialect: str, fault: str) -> None:
    matches(await asked(server, f"fault:{fault}", dialect), ELSEWHERE[fault])


@pytest.mark.slow
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("dialect", ENCODERS)
@pytest.mark.parametrize("fault", ["long-line", *OUTCOMES])
async def test_every_fault_in_every_api_ends_the_reply(
    server: EmbeddedServer, dialect: str, fault: str, stream: bool
) -> None:
    reply = await asked(server, f"fault:{fault}", dialect, stream=stream)
    if not isinstance(reply.ending, Finished):
        assert isinstance(reply.ending, CutOff | Failed)
        assert WHOLE.startswith(reply.text)


async def test_an_endless_reply_lasts_until_it_is_stopped(server: EmbeddedServer, accesses: Accesses) -> None:
    client = Client(Endpoint(server.base_url, key=server.key, dialect="openai-chat"))
    conversation = Conversation()
    turn = Turn(conversation, client, Question((conversation.add_question(QUESTION),), "", "fault:endless"))
    enough = asyncio.Event()

    def look(_conversation: Conversation, _message: Message | None, change: Change) -> None:
        if isinstance(change, Grown) and TextDelta(" 2000") in change.deltas:
            enough.set()

    conversation.subscribe(look)
    taking = asyncio.create_task(turn.take())
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    taking.cancel()
    await asyncio.wait({taking})
    assert turn.reply is not None
    assert isinstance(turn.reply.ending, Stopped)
    assert turn.reply.text.startswith(" ".join(map(str, range(1, 2001))))
    await client.aclose()
    assert [access.outcome for access in await asyncio.to_thread(accesses.wait_for, 1)] == ["hang-up"]


@pytest.mark.parametrize("fault", ["429?retry=0", "500", "no-answer", "529?retry=0"])
async def test_a_fault_that_befalls_two_requests_is_over_with_the_third(
    server: EmbeddedServer, accesses: Accesses, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("tui_chat.wire.client.backoff", lambda _attempt: 0.0)
    sign = "&" if "?" in fault else "?"
    reply = await asked(server, f"fault:{fault}{sign}times=2", retries=2)
    matches(reply, WELL)
    assert [access.outcome for access in accesses.wait_for(3)] == ["fault", "fault", "finished"]


def streaming(
    client: httpx.AsyncClient, model: str, headers: dict[str, str] | None = None
) -> AbstractAsyncContextManager[httpx.Response]:
    asked = {"model": model, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    return client.stream("POST", "/chat/completions", json=asked, headers=headers)


async def test_a_fault_may_stand_in_a_header(client: httpx.AsyncClient) -> None:
    async with streaming(client, "echo", {"X-TUI-Chat": "fault=429&retry=7"}) as response:
        assert (response.status_code, response.headers["retry-after"]) == (429, "7")
        assert "content-length" in response.headers
    async with streaming(client, "echo?fault=none", {"X-TUI-Chat": "fault=429"}) as response:
        assert response.status_code == 200


async def test_a_status_without_a_pause_names_none(client: httpx.AsyncClient) -> None:
    async with streaming(client, "fault:429") as response:
        assert "retry-after" not in response.headers


async def test_a_fault_that_there_is_not_is_a_bad_request(client: httpx.AsyncClient) -> None:
    async with streaming(client, "fault:cot") as response:
        body = (await response.aread()).decode()
    assert response.status_code == 400
    assert "There is no fault `cot`; there are 400 to 599, redirect, html" in body


async def test_a_document_may_come_in_small_pieces_too(client: httpx.AsyncClient) -> None:
    asked = {"model": "count?pieces=7", "messages": [{"role": "user", "content": QUESTION}]}
    async with client.stream("POST", "/chat/completions", json=asked) as response:
        assert int(response.headers["content-length"]) == len(await response.aread())
        assert response.json()["choices"][0]["message"]["content"] == WHOLE


async def test_a_body_in_small_pieces_is_the_same_body(client: httpx.AsyncClient) -> None:
    async def body(model: str) -> tuple[bytes, list[int]]:
        async with streaming(client, model) as response:
            pieces = [piece async for piece in response.aiter_raw()]
        return b"".join(pieces), [*map(len, pieces)]

    whole, _ = await body("cjk?seed=1&pieces=0")
    cut, sizes = await body("cjk?seed=1&pieces=9")
    assert len(cut) == len(whole) > 9 * 1000
    assert cut.count(b"data: ") == whole.count(b"data: ")
    assert max(sizes) == 9  # some may have been cut further on their way


@pytest.mark.parametrize("after", [0, 5])
async def test_after_counts_deltas(client: httpx.AsyncClient, after: int) -> None:
    async with streaming(client, f"count?fault=cut&after={after}") as response:
        body = (await response.aread()).decode()
    assert body.count('"content"') == after


async def test_a_hang_up_during_a_wait_is_noticed(client: httpx.AsyncClient, accesses: Accesses) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.post(
            "/chat/completions",
            json={"model": "fault:500?wait=3600", "messages": [{"role": "user", "content": "?"}]},
            timeout=0.2,
        )
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert (access.outcome, access.status) == ("hang-up", None)


@pytest.mark.parametrize("model", ["fault:hang", "fault:hang?after=0", "fault:silent"])
def test_what_hangs_ends_with_the_server(chat_endpoint: ChatEndpoint, model: str) -> None:
    asked = {"model": model, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    headers = {"Authorization": f"Bearer {chat_endpoint.key}"}
    with ThreadPoolExecutor(1) as pool:
        url = f"{chat_endpoint.base_url}/chat/completions"
        asking = pool.submit(httpx.post, url, json=asked, headers=headers, trust_env=False, timeout=PATIENCE)
        chat_endpoint.wait_until(lambda: bool(chat_endpoint.requests and chat_endpoint.requests[0].body))
        chat_endpoint.stop()
        response = asking.result(PATIENCE)
    assert "shutting_down" in response.text
    assert chat_endpoint.requests[0].outcome == "shutdown"
