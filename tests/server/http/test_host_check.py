"""Hosts under which a server without a key answers requests."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.testing import ChatEndpoint


def _status(base_url: str, host: str, key: str = "") -> int:
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
    headers = {"Host": host} | ({"Authorization": f"Bearer {key}"} if key else {})
    connection.request("GET", "/v1/models", headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8484", "app.localhost", "LOCALHOST", ""])
def test_names_of_this_machine_are_answered(host: str) -> None:
    with ChatEndpoint(key=None) as server:
        assert _status(server.base_url, host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[::1"])
def test_a_name_that_somebody_points_here_is_refused(host: str) -> None:
    with ChatEndpoint(key=None) as server:
        assert _status(server.base_url, host) == 421


def test_with_a_key_any_name_will_do() -> None:
    server = EmbeddedServer()
    server.start()
    try:
        assert _status(server.base_url, "chat.example", server.key) == 200
    finally:
        server.stop()


def _posted(base_url: str, origin: str, key: str = "") -> int:
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
    headers = {"Content-Type": "text/plain"} | ({"Origin": origin} if origin else {})
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    body = '{"model": "echo", "messages": [{"role": "user", "content": "hi"}]}'
    connection.request("POST", "/v1/chat/completions", body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", "file://"])
def test_what_a_page_of_another_site_sends_is_refused(origin: str) -> None:
    with ChatEndpoint(key=None) as server:
        assert _posted(server.base_url, origin) == 403


def test_programs_own_pages_and_allowed_origins_may_send() -> None:
    with EmbeddedServer(key=None, cors=["https://good.example"]) as server:
        own = f"http://{urlsplit(server.base_url).netloc}"
        for origin in ("", own, "https://good.example", "https://GOOD.example"):
            assert _posted(server.base_url, origin) == 200, origin
        assert _posted(server.base_url, "https://evil.example") == 403
    with EmbeddedServer(key=None, cors=["*"]) as server:
        assert _posted(server.base_url, "https://any.example") == 200


def test_with_a_key_the_origin_does_not_matter() -> None:
    with ChatEndpoint(key="sk-test") as server:
        assert _posted(server.base_url, "https://other.example", "sk-test") == 200
