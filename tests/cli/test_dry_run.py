from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Show = Callable[..., dict[str, Any]]

KEY = "sk-0123456789abcdefWXYZ"
NOWHERE = "http://127.0.0.1:9/v1"
"""Nobody listens there: what is sent after all fails."""
NEVER_SHOWN = ("\x1b", "0123456789", "header-secret", "query-secret")


@pytest.fixture
def show(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Show:
    """Runs `ask --dry-run` and gives the request; nothing else may be told, but for `says`."""
    monkeypatch.setattr(sys, "stdin", None)

    def show(*arguments: str, says: str = "") -> dict[str, Any]:
        assert main(["ask", "--dry-run", "--base-url", NOWHERE, *arguments]) == 0
        out, err = capfd.readouterr()
        assert says in err if says else err == ""
        assert [secret for secret in NEVER_SHOWN if secret in out] == []
        request: dict[str, Any] = json.loads(out)
        return request

    return show


def test_the_request_is_shown_as_it_would_be_sent(show: Show) -> None:
    assert show("--api", "openai-chat", "-m", "m", "-s", "brief", "-o", "seed", "3", "h\x1bi") == {
        "method": "POST",
        "url": f"{NOWHERE}/chat/completions",
        "headers": {"Content-Type": "application/json", "Accept": "text/event-stream"},
        "body": {
            "model": "m",
            "messages": [{"role": "system", "content": "brief"}, {"role": "user", "content": "h\x1bi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "seed": 3,
        },
    }


def test_key_headers_and_query_are_masked(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", KEY)
    monkeypatch.setenv("TUI_CHAT_HEADERS", '{"X-Pass": "header-secret-value-1"}')
    monkeypatch.setenv("TUI_CHAT_QUERY", '{"k": "query-secret"}')
    request = show("-m", "m", "?")
    assert request["url"] == f"{NOWHERE}/chat/completions?k=••••"
    assert request["headers"]["Authorization"] == "Bearer ••••WXYZ"
    assert request["headers"]["X-Pass"] == "••••ue-1"


def test_without_a_model_nobody_is_asked_for_one(show: Show) -> None:
    assert "model" not in show("?", says="no model is chosen")["body"]


@pytest.mark.parametrize(
    ("api", "path", "header"),
    [
        ("openai-responses", "/v1/responses", "Authorization"),
        ("anthropic-messages", "/v1/messages", "x-api-key"),
        ("gemini", "/models/m:streamGenerateContent?alt=sse", "x-goog-api-key"),
        ("ollama-chat", "/api/chat", "Authorization"),
    ],
)
def test_the_api_is_the_one_that_the_flag_says(
    api: str, path: str, header: str, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", KEY)
    request = show("-m", "m", "--api", api, "?")
    assert request["url"].endswith(path)
    assert request["headers"][header].endswith("••••WXYZ")


def test_a_key_command_that_fails_is_told(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setenv("TUI_CHAT_ENDPOINTS", '{"a": {"base_url": "https://a.example", "key_command": "false"}}')
    assert main(["ask", "--dry-run", "?"]) == 2
    assert capfd.readouterr() == (
        "",
        "tui-chat: endpoints.a.key_command in TUI_CHAT_ENDPOINTS: false ended with status 1\n",
    )
