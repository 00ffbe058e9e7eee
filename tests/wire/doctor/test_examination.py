"""The doctor names each fault of a server, and says whose it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import HANG, LAST_CHUNK, ByteServer, chunked, head, whole
from tests.cli.test_ask import DONE, end, text
from tests.wire.tls import tls_server
from tui_chat.server.testing import ChatEndpoint
from tui_chat.wire.client import Client
from tui_chat.wire.doctor.examination import NO_MODEL, Examination
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.tape.tape import Tape

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request, Step
    from tui_chat.wire.doctor.findings import Finding

APIS = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat"]


async def found(
    endpoint: Endpoint, model: str = "count", *, cheap: bool = False, idle_timeout: float = 3.0
) -> dict[str, Finding]:
    """The findings by their checks; of several of one check the worst."""
    tape = Tape()

    def connect(at: Endpoint, on: Tape) -> Client:
        return Client(at, max_retries=0, idle_timeout=idle_timeout, tape=on)

    findings: dict[str, Finding] = {}
    async for finding in Examination(endpoint, model, tape, connect, 10.0).findings(cheap=cheap):
        if finding.check not in findings or finding.verdict in {"fail", "warn"}:
            findings[finding.check] = finding
    return findings


@pytest.mark.parametrize("api", APIS)
async def test_our_own_endpoint_is_in_order_in_every_api(api: str) -> None:
    with ChatEndpoint("rate=200&first=0.05") as server:
        url = server.base_url if api.startswith("openai") else server.root_url
        findings = await found(Endpoint(url, server.key, dialect=api))
    assert {name: each for name, each in findings.items() if each.verdict not in {"ok", "skipped"}} == {}
    assert {"connection", "models", "reply", "streaming", "pace", "usage", "ending", "max_tokens"} <= findings.keys()
    assert {"stopping", "concurrency", "errors", "key"} <= findings.keys()


FAULTS = {
    "fault=html": ("reply", "fail", "you"),
    "fault=empty": ("reply", "fail", "server"),
    "fault=no-answer": ("reply", "fail", "network"),
    "fault=not-http": ("reply", "fail", "network"),
    "fault=silent": ("reply", "fail", "network"),
    "fault=redirect": ("reply", "fail", "you"),
    "fault=401": ("reply", "fail", "you"),
    "fault=404": ("reply", "fail", "you"),
    "fault=429&retry=0": ("reply", "fail", "server"),
    "fault=500": ("reply", "fail", "server"),
    "fault=error&after=3": ("reply", "fail", "server"),
    "fault=cut&after=9": ("ending", "fail", "server"),
    "fault=drop&after=9": ("ending", "fail", "server"),
    "fault=hang&after=9": ("ending", "fail", "server"),
    "fault=no-end": ("ending", "warn", "server"),
    "finish=never": ("ending", "warn", "server"),
    "usage=never": ("usage", "warn", "server"),
    "fault=stall&after=9&pause=1.3": ("pace", "warn", "server"),
    "fault=garbage&after=9": ("format", "warn", "server"),
    "fault=bad-json&after=9": ("reply", "fail", "server"),
    "fault=document": ("streaming", "fail", "server"),
    "rate=0&first=0.3": ("streaming", "fail", "server"),
    "fault=502": ("reply", "fail", "proxy"),
    "fault=503": ("reply", "fail", "server"),
    "fault=504": ("reply", "fail", "proxy"),
    "fault=400": ("reply", "fail", "you"),
    "fault=error-event&after=3": ("reply", "fail", "server"),
    "fault=error-chunk&after=3": ("reply", "fail", "server"),
    "fault=error-string&after=3": ("reply", "fail", "server"),
    "fault=error-line&after=3": ("reply", "fail", "server"),
    "fault=refuses-usage": ("request", "warn", "server"),
    "end=none": ("ending", "warn", "server"),
}


SILENT = {"fault=silent", "fault=hang&after=9"}
"""Those in which several requests wait until the client gives up."""


@pytest.mark.parametrize("options", FAULTS)
async def test_each_fault_is_named_and_blamed(options: str) -> None:
    check, verdict, side = FAULTS[options]
    with ChatEndpoint(options if "rate=" in options else f"rate=200&{options}") as server:
        endpoint = Endpoint(server.base_url, server.key)
        findings = await found(endpoint, idle_timeout=1.0 if options in SILENT else 3.0)
    finding = findings[check]
    assert (finding.verdict, finding.side) == (verdict, side), findings
    assert finding.text.endswith((".", "!", "?"))
    if (check, verdict) == ("reply", "fail"):  # nothing more is asked of who gives no reply
        assert findings.keys().isdisjoint({"stopping", "concurrency", "errors"})


async def test_a_reply_that_was_made_very_fast_is_not_taken_for_one_that_was_kept_back() -> None:
    events = [*(text(f"{number} ") for number in range(30)), end(), DONE]

    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}')
        return [head(), *chunked(events), LAST_CHUNK]

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url), "m")
    assert findings["streaming"].verdict == "skipped", findings["streaming"]


@pytest.mark.parametrize(
    ("status", "body", "verdict", "words"),
    [
        (404, b'{"error": {"message": "no such model"}}', "ok", "refused with 404 and a reason"),
        (500, b'{"error": {"message": "KeyError"}}', "warn", "as if the server were broken"),
        (404, b"", "warn", "without a reason"),
        (200, b"", "warn", "answered all the same"),
    ],
)
async def test_a_model_that_does_not_exist_should_be_refused_with_a_reason(
    status: int, body: bytes, verdict: str, words: str
) -> None:
    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}')
        if NO_MODEL.encode() in request.body and status != 200:
            return whole(body, status)
        return [head(), *chunked([text("one two"), end(), DONE]), LAST_CHUNK]

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url), "m")
    assert findings["errors"].verdict == verdict, findings["errors"]
    assert words in findings["errors"].text


async def test_events_without_blank_lines_between_them_are_named() -> None:
    events = [*(text(f"{number} ") for number in range(30)), end(), DONE]

    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}')
        return [head(), *chunked([event.replace(b"\n\n", b"\n") for event in events]), LAST_CHUNK]

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url), "m")
    assert findings["reply"].verdict == "ok"
    assert (findings["format"].verdict, findings["format"].side) == ("fail", "server")
    assert "blank lines" in findings["format"].text


async def test_a_connection_that_is_reset_fails_the_reply_or_cuts_it_off() -> None:
    with ChatEndpoint("rate=200&fault=reset&after=9") as server:
        findings = await found(Endpoint(server.base_url, server.key))
    assert "fail" in {findings["reply"].verdict, findings["ending"].verdict if "ending" in findings else ""}


async def test_a_server_that_is_not_there_ends_the_examination_with_what_to_do() -> None:
    with ChatEndpoint() as server:
        url = server.base_url
    findings = await found(Endpoint(url))
    assert [*findings] == ["name", "connection"]
    assert (findings["connection"].verdict, findings["connection"].advice) == (
        "fail",
        "Start the server, or check the port.",
    )


async def test_a_name_that_is_not_known_is_yours_to_correct() -> None:
    findings = await found(Endpoint("http://no-such-host.invalid/v1"))
    assert (findings["name"].verdict, findings["name"].side) == ("fail", "you")


async def test_a_port_that_speaks_no_tls_is_named() -> None:
    with ChatEndpoint() as server:
        findings = await found(Endpoint(server.base_url.replace("http:", "https:")))
    assert (findings["certificate"].verdict, findings["certificate"].side) == ("fail", "you")


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_is_said_to_be_trusted_or_what_to_do(
    trusted: bool, own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    async with tls_server(own_certificate) as port:
        findings = await found(Endpoint(f"https://localhost:{port}/v1"), cheap=True)
    finding = findings["certificate"]
    if trusted:
        assert finding.verdict == "ok", finding
        assert "29 more days" in finding.text
    else:
        assert (finding.verdict, finding.side) == ("fail", "server")
        assert "signed by itself" in finding.advice


async def test_an_expired_certificate_is_named_with_whose_it_is_to_renew(
    expired_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(expired_certificate[0]))
    async with tls_server(expired_certificate) as port:
        findings = await found(Endpoint(f"https://localhost:{port}/v1"), cheap=True)
    finding = findings["certificate"]
    assert (finding.verdict, finding.side) == ("fail", "server")
    assert "has expired" in finding.text
    assert "renew" in finding.advice


async def test_a_proxy_that_gathers_the_reply_is_blamed_by_its_name() -> None:
    pieces = b"".join([*(text(f"{number} ") for number in range(30)), end(), DONE])

    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}')
        return [head(Server="nginx/1.22"), 0.1, *chunked([pieces]), LAST_CHUNK]

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url), "m")
    assert (findings["streaming"].verdict, findings["streaming"].side) == ("fail", "proxy")
    assert "proxy_buffering off" in findings["streaming"].advice


async def test_a_server_that_takes_any_model_and_any_key_is_told_of() -> None:
    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}')
        return [head(), *chunked([*(text(f"{number} ") for number in range(30)), end(), DONE]), LAST_CHUNK]

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url, "sk-0123456789"), "m")
    assert findings["errors"].verdict == findings["key"].verdict == "warn"
    assert findings["max_tokens"].verdict == "warn"


async def test_a_cheap_examination_asks_for_no_reply() -> None:
    with ChatEndpoint() as server:
        findings = await found(Endpoint(server.base_url, server.key), cheap=True)
        assert not [request for request in server.requests if request.access.path.endswith("/completions")]
        assert len(server.requests) <= 5
    assert [*findings] == ["name", "connection", "models", "context"]


async def test_an_examination_that_is_given_up_hangs_up() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "m"}]}') if request.method == "GET" else [head(), HANG]

    async with ByteServer(script) as server:
        examining = asyncio.create_task(found(Endpoint(server.url), "m"))
        await server.until(lambda: any(each.target.endswith("/chat/completions") for each in server.requests))
        examining.cancel()
        await server.until(lambda: len(server.hang_ups) == 1)
