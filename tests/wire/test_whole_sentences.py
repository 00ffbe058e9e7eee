"""Failures are complete sentences, whatever a server sends."""

from __future__ import annotations

import json
import re
import socket
import ssl
from typing import TYPE_CHECKING

import httpcore
import pytest

from tui_chat.chat.events import CutOff, Failed
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.failures.errors import NO_SECRETS, of_coding, of_page, unfinished
from tui_chat.wire.failures.statuses import of_refusal, of_status
from tui_chat.wire.framing import Frame
from tui_chat.wire.http.connect_errors import ConnectErrors
from tui_chat.wire.http.connections import HeadTimeoutError, HeadTooLargeError, NotHttpError
from tui_chat.wire.http.exchange import Exchange
from tui_chat.wire.http.proxy import Proxy
from tui_chat.wire.http.redirects import Redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://h.example/v1/chat/completions"
SAID = [
    "",
    "Model not found",
    "Model not found.",
    "Model not found. ",
    "Model not found\n",
    "Model not found:",
    "Model not found;",
    "Model not found, ",
    "Model not found!",
    "Is there a model?",
    "Model “x” (y)",
    "Model 'x.'",
    "模型不存在。",
    "模型不存在",
    "context length exceeded.",
    "x" * 5000,
    "x. " * 5000,
    " . ",
]
PROXY = Proxy("http://p.example:3128", "HTTPS_PROXY")

HALF = re.compile(r"(?<!\.)\.\.(?!\.)|[,;:] *[.;,]|\.[;,]|[。！？…]\.|: *$|: +\.")
"""Two ends, none, or an end behind a sign that promises more."""


def causes() -> Iterator[Exception]:
    for said in SAID:
        for kind in (
            httpcore.ConnectTimeout,
            httpcore.ReadTimeout,
            httpcore.WriteTimeout,
            HeadTimeoutError,
            httpcore.ProxyError,
            httpcore.ConnectError,
            httpcore.ReadError,
            NotHttpError,
            HeadTooLargeError,
            httpcore.RemoteProtocolError,
            httpcore.LocalProtocolError,
            httpcore.UnsupportedProtocol,
        ):
            yield kind(said)
        verification = ssl.SSLCertVerificationError(said)
        verification.verify_message = said
        verification.verify_code = 10
        broken = ssl.SSLError(1, said)
        broken.reason = said
        for cause in (socket.gaierror(-2, said), verification, broken, OSError(113, said), OSError(said)):
            error = httpcore.ConnectError(str(cause))
            error.__cause__ = cause
            yield error
    for denied in ("407 Proxy Authentication Required", "502 ", "503 Service Unavailable."):
        yield httpcore.ProxyError(denied)


def of_everything(said: str) -> Iterator[Failed]:
    bodies = [
        said.encode(),
        json.dumps({"error": {"message": said, "code": said, "type": said}}).encode(),
        json.dumps({"detail": said}).encode(),
        f"<html><title>{said}</title>".encode(),
    ]
    for body in bodies:
        for status in (400, 401, 402, 403, 404, 405, 407, 408, 413, 422, 429, 499, 500, 502, 503, 529, 599, 700):
            for proxy in (None, PROXY):
                yield of_status(status, {}, body, url=URL, model="m", proxy=proxy)
                yield of_refusal(status, {"retry-after": "60"}, body, url=URL, proxy=proxy)
        yield of_page(body, url=URL, status=200, seconds=5)
    yield of_coding(said.strip(" .") or "br", url=URL, status=200)
    for location in (said, f"https://other.example/{said}", "/v1/chat/completions/"):
        for has_key in (False, True):
            yield Redirect(302, location).failure(URL, base_url="https://h.example/v1", has_key=has_key)


@pytest.mark.parametrize("said", SAID, ids=lambda said: repr(said[:20]))
def test_what_a_server_says_stands_in_whole_sentences(said: str) -> None:
    for failed in of_everything(said):
        check(failed.problem)
        check(failed.problem + unfinished(3))
        if " set the base URL to http" not in failed.hint:
            check(failed.hint)


@pytest.mark.parametrize("proxy", [None, PROXY, Proxy("socks5://p.example", "ALL_PROXY")])
def test_so_does_why_none_answered(proxy: Proxy | None) -> None:
    unanswered = ConnectErrors(proxy, 10, 300, 30, NO_SECRETS)
    for error in causes():
        if proxy is None and isinstance(error, httpcore.ProxyError):
            continue
        failed = unanswered.failure(error, URL, Exchange(sent=1.0, secured="h.example")).failed
        check(failed.problem)
        check(failed.hint)


@pytest.mark.parametrize("api", DIALECTS)
@pytest.mark.parametrize("said", SAID, ids=lambda said: repr(said[:20]))
def test_so_does_what_is_said_in_the_midst_of_a_stream(api: str, said: str) -> None:
    for data in (
        json.dumps({"error": {"message": said}, "type": "error"}),
        json.dumps({"error": said}),
        f'{{"{said}',
    ):
        for kind in ("data", "error"):
            dialect = DIALECTS[api]()
            events = [*dialect.decode(Frame(kind, data)), *([] if dialect.over else dialect.close("it was lost"))]
            for event in events:
                if isinstance(event, Failed):
                    check(event.problem)
                elif isinstance(event, CutOff):
                    check(f"The reply was cut off: {event.why}.")


def check(sentence: str) -> None:
    assert HALF.search(sentence) is None, sentence[:400]
    assert sentence.rstrip("\"'”’»)]}」』").endswith((".", "!", "?", "…", "。")), sentence[-80:]
