"""Error responses for requests that get no reply, in the shape of the API that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from tui_chat.server.answer import json_response
from tui_chat.server.formats.anthropic_messages import anthropic_error
from tui_chat.server.formats.gemini import gemini_error
from tui_chat.server.formats.openai_chat import openai_error
from tui_chat.server.http.access_log import access_of
from tui_chat.server.request_error import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from tui_chat.server.formats.writing import Json

_ANTHROPIC = {401: "authentication_error", 404: "not_found_error", 413: "request_too_large"}
_GOOGLE = {401: "UNAUTHENTICATED", 404: "NOT_FOUND"}
"""Each API's error type for an HTTP status."""


def error_body(request: Request, problem: str, status: int, code: str | None = None) -> Json:
    """An error body in the shape of the API that was called."""
    path = str(request.scope["path"])  # the URL may hold a host that cannot be read
    if path.startswith(("/v1beta/", "/v1/models/")):
        return gemini_error(problem, status, _GOOGLE.get(status, "INVALID_ARGUMENT"))
    if path.startswith("/api/"):
        return {"error": problem}
    if path == "/v1/messages":
        return anthropic_error(problem, _ANTHROPIC.get(status, "invalid_request_error"))
    return openai_error(problem, code=code)


def _request_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 (the table of handlers says so)
    return json_response(error_body(request, str(error), error.status, error.code), error.status)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (the table of handlers says so)
    problem = f"{error.detail}: {request.method} {request.scope['path']}"
    return json_response(error_body(request, problem, error.status_code), error.status_code, dict(error.headers or {}))


def _hung_up(request: Request, _error: Exception) -> Response:
    access_of(request.scope).outcome = "hang-up"
    return Response(status_code=400)  # the client is gone


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Response]] = {
    HTTPException: _http_error,
    RequestError: _request_error,
    ClientDisconnect: _hung_up,
}
"""Starlette's exception handlers, by exception type."""
