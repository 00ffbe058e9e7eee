"""The test of an endpoint: what works is measured, and what fails says what to change in which field."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, head, whole
from tests.patience import PATIENCE
from tui_chat.backend import endpoint_test
from tui_chat.backend.backend import AppBackend
from tui_chat.chat.endpoint_ports import EndpointDraft, TestReport
from tui_chat.server.scripted.faults import FAULTS
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from tests.byte_server import Request, Step

PATHS = {
    "openai-chat": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "anthropic-messages": "/v1/messages",
    "gemini": "/v1beta",
    "ollama-chat": "/api/chat",
}
"""The path that names each API."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ChatEndpoint]:
    with ChatEndpoint() as endpoint:
        yield endpoint


@asynccontextmanager
async def loaded() -> AsyncIterator[AppBackend]:
    backend = AppBackend({})
    backend.load()
    try:
        yield backend
    finally:
        await backend.close()


async def reports_of(url: str, key: str = "", model: str = "") -> list[TestReport]:
    """The reports of a test."""
    draft = EndpointDraft(url, "typed" if key else "none", key, model)
    async with loaded() as backend, asyncio.timeout(PATIENCE):
        return [report async for report in backend.manager.test(draft)]


async def last_of(url: str, key: str = "", model: str = "") -> TestReport:
    reports = await reports_of(url, key, model)
    assert [report.done for report in reports] == [False] * (len(reports) - 1) + [True]
    return reports[-1]


def root(endpoint: ChatEndpoint) -> str:
    return endpoint.base_url.removesuffix("/v1")


@pytest.mark.parametrize("dialect", PATHS)
async def test_each_api_lists_its_models_and_gives_a_measured_reply(dialect: str, endpoint: ChatEndpoint) -> None:
    url = root(endpoint) + PATHS[dialect]
    several = await last_of(url, endpoint.key)
    assert several.choose
    assert several.models
    report = await last_of(url, endpoint.key, "count?rate=100")
    assert report.works, report
    assert report.models == several.models
    assert report.first_token is not None
    assert report.pace is None or report.pace > 0
    assert not report.estimated


@pytest.mark.parametrize("dialect", PATHS)
@pytest.mark.parametrize("key", ["", "wrong-key"])
async def test_a_key_that_is_wrong_or_missing_is_the_keys_field(dialect: str, key: str, endpoint: ChatEndpoint) -> None:
    report = await last_of(root(endpoint) + PATHS[dialect], key, "count")
    assert (report.field, report.works) == ("key", False)
    assert ("refused the key" if key else "wants a key") in report.problem
    assert report.advice == (
        "Check the key, and that it belongs to this server." if key else "Enter the key of this endpoint."
    )


STATUSES = ("400", "401", "402", "403", "404", "408", "413", "429", "500", "502", "503")
GOOD = {"refuses-usage", "document", "wrong-type", "endless", "surrogates", "escapes", "slow", "long-line"}
"""Faults in spite of which a reply comes."""


@pytest.mark.parametrize("dialect", PATHS)
@pytest.mark.parametrize(
    "fault", [*FAULTS, "400", "401", "402", "403", "404", "408", "413", "429", "500", "502", "503"]
)
async def test_each_fault_is_explained_in_bounded_time(
    dialect: str, fault: str, endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_test, "REPLY_WAIT", 0.3 if fault == "silent" else PATIENCE)
    monkeypatch.setattr(endpoint_test, "READ_FOR", 0.3)
    options = "?wait=0.1" if fault == "slow" else "?pause=0.1" if fault == "stall" else ""
    report = await last_of(root(endpoint) + PATHS[dialect], endpoint.key, f"fault:{fault}{options}")
    assert report.models, "the list itself has no fault"
    if report.works:
        assert report.first_token is not None
        return
    assert fault not in GOOD, report
    assert report.problem.endswith(".")
    assert report.advice or report.field == "", report
    assert "\n" not in report.problem + report.advice
    assert "is kept" not in report.advice, "a test keeps nothing"
    fields = {"401": "key", "403": "key", "404": "url", "html": "url", "redirect": "url", "empty": "model"}
    if fault in fields:
        assert report.field == fields[fault], report
    if fault == "429":
        assert report.advice.startswith("The key was taken.")


async def test_a_stopped_test_leaves_no_connection_open(endpoint: ChatEndpoint) -> None:
    draft = EndpointDraft(endpoint.base_url, "typed", endpoint.key, "fault:silent")
    async with loaded() as backend:
        asking = asyncio.Event()

        async def run() -> None:
            async for report in backend.manager.test(draft):
                if "short reply" in report.doing:
                    asking.set()

        before = len(endpoint.requests)
        task = asyncio.create_task(run())
        async with asyncio.timeout(PATIENCE):
            await asking.wait()
            while len(endpoint.requests) < before + 2:  # noqa: ASYNC110 - its list tells nobody
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.requests[-1].ended)
        assert endpoint.requests[-1].outcome == "hang-up"


# ---- what is not a chat endpoint


def serving(answer: Sequence[Step]) -> ByteServer:
    server = ByteServer()
    server.script = lambda request: answer
    return server


@pytest.mark.parametrize(
    ("answer", "field", "words"),
    [
        (whole(b"<html><title>Log in</title>", content_type="text/html"), "url", "web page"),
        (whole(b"not found", 404, "text/plain"), "url", "no chat API at this address"),
        (whole(b"", 405), "url", "no chat API at this address"),
        (whole(b'{"hello": "world"}'), "url", ""),
        (whole(b"", 204), "model", "empty"),
        (whole(b'{"error": {"message": "region not allowed"}}', 403), "key", "region not allowed"),
        (whole(b'{"error": {"message": "Slow down"}}', 429), "", "Slow down"),
        ([head(301, Location="https://elsewhere.example/"), b"0\r\n\r\n"], "url", ""),
        ([b"SSH-2.0-OpenSSH_9\r\n"], "url", "does not answer in HTTP"),
    ],
)
async def test_what_is_no_chat_endpoint_is_named(answer: list[Step], field: str, words: str) -> None:
    async with serving(answer) as server:
        report = await last_of(f"{server.url}/v1", "sk-" + "k" * 20, "m")
    assert not report.works
    assert words in report.problem
    assert report.field == field, report
    assert report.problem


async def test_a_model_that_the_server_does_not_know_is_the_models_field() -> None:
    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "a"}, {"id": "b"}]}')
        return whole(b'{"error": {"message": "The model `c` does not exist", "code": "model_not_found"}}', 404)

    async with ByteServer() as server:
        server.script = script
        report = await last_of(f"{server.url}/v1", model="c")
    assert (report.field, report.advice) == ("model", "Choose another model.")
    assert [model.name for model in report.models or ()] == ["a", "b"]


async def test_a_server_without_a_list_is_asked_all_the_same() -> None:
    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b"", 404)
        body = b'data: {"choices": [{"index": 0, "delta": {"content": "one"}, "finish_reason": "stop"}]}\n\n'
        return [head(chunked=False, Content_Length=str(len(body))) + body]

    async with ByteServer() as server:
        server.script = script
        report = await last_of(f"{server.url}/v1", model="m")
    assert report.works, report
    assert report.models is None


async def test_a_server_without_any_model_says_so() -> None:
    async with serving(whole(b'{"data": []}')) as server:
        report = await last_of(f"{server.url}/v1")
    assert (report.field, "no models yet" in report.problem) == ("model", True)


async def test_the_only_model_is_taken() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "only"}]}') if request.method == "GET" else whole(b"", 500)

    async with ByteServer() as server:
        server.script = script
        report = await last_of(f"{server.url}/v1")
    assert (report.model, report.choose) == ("only", False)


async def test_where_nothing_listens_the_urls_field_is_to_be_changed() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        report = await last_of(f"http://127.0.0.1:{free.getsockname()[1]}/v1", model="m")
    assert (report.field, report.advice) == ("url", "Start the server, or check the port.")


async def test_tls_that_fails_is_the_urls_field() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        report = await last_of(url, "sk-" + "k" * 20, "m")
    assert (report.field, bool(report.advice)) == ("url", True)


async def test_plain_http_to_a_tls_port_is_the_urls_field() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        report = await last_of(f"http://127.0.0.1:{port}/v1", model="m")
    assert report.field == "url"


@pytest.mark.parametrize(
    ("draft", "field", "words"),
    [
        (EndpointDraft(""), "url", "The base URL is empty."),
        (EndpointDraft("https://a b"), "url", "white space"),
        (EndpointDraft("ftp://h/v1"), "url", "must be http:// or https://"),
        (EndpointDraft("https://h.example/v1", "typed", "two words"), "key", "characters that no key has"),
        (EndpointDraft("https://h.example/v1", "typed", "https://h.example"), "key", "This is a URL"),
        (EndpointDraft("http://h.example/v1", "typed", "sk-12345678"), "url", "over plain http"),
        (EndpointDraft("https://h.example/v1", "variable", "NOT_SET"), "key", "NOT_SET is not set"),
        (EndpointDraft("https://h.example/v1", "variable", ""), "key", "has no name"),
        (EndpointDraft("https://h.example/v1", "command", "'"), "key", "command cannot be read"),
        (EndpointDraft("https://h.example/v1", "command", "/no/such/program"), "key", "cannot be run"),
        (EndpointDraft("https://h.example/v1", "command", "false"), "key", "ended with status 1"),
    ],
)
async def test_what_cannot_be_asked_says_why_without_asking(draft: EndpointDraft, field: str, words: str) -> None:
    async with loaded() as backend:
        reports = [report async for report in backend.manager.test(draft)]
    assert words in reports[-1].problem
    assert (reports[-1].field, reports[-1].done) == (field, True)
