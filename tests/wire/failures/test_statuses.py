"""Each status outside 2xx says what happened and what to try."""

from __future__ import annotations

import pytest

from tui_chat.wire.failures.statuses import of_status


@pytest.mark.parametrize(
    ("status", "body", "kind", "problem", "hint"),
    [
        (400, b'{"error":{"message":"bad value"}}', "request", "bad value", "change"),
        (400, b'{"error":{"message":"maximum context length is 4096 tokens"}}', "request", "too long", "new chat"),
        (400, b'{"error":{"message":"prompt is too long: 9 > 8"}}', "request", "too long", "new chat"),
        (401, b"", "key", "refused the key", "Check the key"),
        (402, b"", "key", "credit", "Top up"),
        (403, b"", "key", "may not", "account"),
        (404, b'{"error":{"message":"The model `x` does not exist"}}', "request", "model x", "another model"),
        (404, b"Not Found", "request", "no chat API at this address", "base URL"),
        (405, b"", "request", "no chat API at this address", "base URL"),
        (400, b'{"error":{"message":"Your credit balance is too low"}}', "key", "credit", "Top up"),
        (403, b"<html><title>Just a moment...</title>", "key", "“Just a moment...”", "firewall"),
        (404, b'{"error":{"message":"No endpoints found for a/b."}}', "request", "model x", "another model"),
        (408, b"", "server", "did not finish", "Try again"),
        (413, b"", "request", "too large", "send less"),
        (429, b"", "rate-limit", "rate limit", "Wait"),
        (500, b"", "server", "failed", "log"),
        (502, b"<html><title>502 Bad Gateway</title>", "server", "“502 Bad Gateway”", "model's server"),
        (503, b'{"error":{"message":"Loading model"}}', "server", "Loading model", "Wait"),
        (504, b"", "server", "gateway", "runs"),
        (599, b"", "server", "(599)", "log"),
    ],
)
def test_each_status_says_what_happened_and_what_to_try(
    status: int, body: bytes, kind: str, problem: str, hint: str
) -> None:
    failed = of_status(status, {}, body, url="http://h/v1", model="x")
    assert failed.kind == kind
    assert problem in failed.problem
    assert str(status) in failed.problem
    assert hint in failed.hint
    assert failed.problem.count("\n") == 0
    assert "<" not in failed.problem
    assert (failed.status, failed.url) == (status, "http://h/v1")


def test_a_key_that_is_wanted_and_not_set_is_told_so() -> None:
    assert "none is set" in of_status(401, {}, b"", url="", key_sent=False).problem


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error":{"message":"Forbidden"}}'])
def test_what_is_forbidden_without_a_key_blames_no_key(body: bytes) -> None:
    failed = of_status(403, {}, body, url="", key_sent=False)
    assert "nobody without a key (403 Forbidden)" in failed.problem
    assert (failed.kind, "Set the key" in failed.hint) == ("key", True)


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://h/chat/completions", "Check the base URL: most end in /v1."),
        ("https://h/v1/chat/completions", "Check the base URL: /v1/chat/completions was asked for."),
        ("https://h/paas/v4/chat/completions", "Check the base URL: /paas/v4/chat/completions was asked for."),
        ("http://h:11434/api/chat", "Check the base URL: /api/chat was asked for."),
        ("https://h/vault/chat/completions", "Check the base URL: most end in /v1."),
    ],
)
def test_a_url_that_ends_in_a_version_is_not_told_to(url: str, hint: str) -> None:
    assert of_status(404, {}, b"Not Found", url=url).hint == hint


def test_a_password_that_is_wanted_is_told_with_where_it_is_written() -> None:
    failed = of_status(401, {"www-authenticate": 'Basic realm="x"'}, b"", url="", key_sent=False)
    assert "user and a password" in failed.problem
    assert "user:password@" in failed.hint


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
        b"Client sent an HTTP request to an HTTPS server.\n",
    ],
)
def test_plain_http_where_tls_is_spoken_says_so(body: bytes) -> None:
    failed = of_status(400, {}, body, url="http://example.com")
    assert failed.problem.startswith("The server speaks TLS on this port (400 Bad Request)")
    assert failed.hint == "Begin the base URL with https://."
