from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def test_the_effort_and_the_persona_go_into_the_request(show: Show, home: Path) -> None:
    config = home / ".config" / "tui-chat" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[personas.strict]\nsystem = "Be strict."\neffort = "low"\noptions = { seed = 3 }\nmodel = "big"\n'
    )
    plain = ("--api", "openai-responses", "-m", "m")
    assert show(*plain, "--effort", "high", "?")["body"]["reasoning"]["effort"] == "high"
    assert "reasoning" not in show(*plain, "--effort", "default", "?")["body"]
    body = show("--api", "openai-responses", "-p", "strict", "?", says="")["body"]
    assert (body["instructions"], body["seed"], body["reasoning"]["effort"]) == ("Be strict.", 3, "low")
    assert show(*plain, "-p", "strict", "-s", "Be kind.", "?")["body"]["instructions"] == "Be kind."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-p", "stict"), "--persona: there is no persona 'stict'; did you mean strict?"),
        (("--effort", "much"), "--effort: should be 'default', 'off', 'low', 'medium' or 'high'"),
    ],
)
def test_a_persona_or_effort_that_does_not_exist_is_one_line(
    arguments: tuple[str, ...],
    says: str,
    home: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    config = home / ".config" / "tui-chat" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[personas.strict]\nsystem = "Be strict."\n')
    assert main(["ask", *arguments, "?"]) == 2
    assert says in capfd.readouterr().err


def test_a_template_makes_the_prompt(show: Show, home: Path) -> None:
    folder = home / ".config" / "tui-chat" / "templates"
    folder.mkdir(parents=True)
    (folder / "tr.md").write_text("To {{language}}: {{input}}")
    (folder / "bare.md").write_text("")
    body = show("--api", "openai-chat", "-m", "m", "-t", "tr", "--set", "language=German", "good day")["body"]
    assert body["messages"][-1]["content"] == "To German: good day"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-t", "tr", "x"), "the template tr needs --set language=TEXT"),
        (("-t", "tr", "--set", "langage=x", "x"), "did you mean language?"),
        (("-t", "tr", "--set", "language", "x"), "write it as BLANK=TEXT"),
        (("-t", "tx", "x"), "there is no template 'tx'"),
        (("-t", "bare"), "the template bare is empty, and there is no prompt"),
        (("--set", "a=b", "x"), "none is given with -t"),
    ],
)
def test_what_is_wrong_with_a_template_is_one_line(
    arguments: tuple[str, ...],
    says: str,
    home: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    folder = home / ".config" / "tui-chat" / "templates"
    folder.mkdir(parents=True)
    (folder / "tr.md").write_text("To {{language}}: {{input}}")
    (folder / "bare.md").write_text("")
    assert main(["ask", *arguments]) == 2
    err = capfd.readouterr().err
    assert says in err
    assert err.count("\n") == 1
