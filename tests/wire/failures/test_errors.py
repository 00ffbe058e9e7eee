"""What is read of the body of an error."""

from __future__ import annotations

import pytest

from tui_chat.wire.failures.errors import ServerError, of_page, parse_error, read_body


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"error": {"message": "m", "type": "t", "code": "c"}}, ServerError("m", "t", "c")),  # OpenAI, DeepSeek, Groq
        ({"error": {"message": "m", "code": 401}}, ServerError("m", None, "401")),  # OpenRouter, Perplexity
        ({"error": "m", "code": "c"}, ServerError("m", None, "c")),  # xAI
        ({"detail": "m"}, ServerError("m")),  # Mistral, FastAPI
        ({"detail": [{"type": "missing", "msg": "m"}]}, ServerError("m")),  # FastAPI, vLLM
        ({"type": "error", "error": {"type": "t", "message": "m"}}, ServerError("m", "t")),  # Anthropic
        ([{"error": {"code": 400, "message": "m", "status": "S"}}], ServerError("m", None, "400")),  # Google
        ({"object": "error", "message": "m", "type": "t", "code": 40001}, ServerError("m", "t", "40001")),  # vLLM
        ({"error": "Not Found", "message": "no route"}, ServerError("no route")),  # Spring
        ({"error": "invalid", "error_description": "m"}, ServerError("m")),  # OAuth
        ({"__type": "ValidationException", "Message": "m"}, ServerError("m")),  # Amazon
        ({"title": "m", "status": 400}, ServerError("m")),  # RFC 9457
        ({"error": {"message": '{"error": {"message": "m", "code": 7}}'}}, ServerError("m", None, "7")),  # gateways
        ({"detail": "[1, 2]"}, ServerError("[1, 2]")),
        ({"error": {"message": ""}}, ServerError()),
        ({}, ServerError()),
        (None, ServerError()),
        (3, ServerError()),
    ],
)
def test_an_error_object_is_read_in_every_known_shape(document: object, said: ServerError) -> None:
    assert parse_error(document) == said


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", None),
        (b"slow down\n", "slow down"),
        (b"<html><title>x</title></html>", None),
        (b'\xef\xbb\xbf{"error":"m"}', "m"),
        (b'data: {"error":{"message":"m"}}\n\n', "m"),
        (b'{"error":', None),
        (b'{"fault": {"text": "no route"}}', '{"fault": {"text": "no route"}}'),
        (b'{"error": {"a": [[]], "b": ""}}', None),
        (b"[" * 100_000, None),
        (b"x" * 1000, "x" * 299 + "…"),
    ],
)
def test_the_body_of_an_error_is_read_whatever_it_is(body: bytes, message: str | None) -> None:
    assert read_body(body).message == message


def test_a_page_is_named_by_its_title() -> None:
    assert "“Sign in”" in of_page(b"<title>\n Sign in </title>", url="", status=200).problem
    assert of_page(b"<html>", url="", status=200).problem
