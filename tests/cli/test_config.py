from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from tui_chat.cli.main import main
from tui_chat.settings.config import EndpointSettings, Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_config_shows_values_sources_and_paths_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "https://gateway.example/v1?key=urlsecret")
    monkeypatch.setenv("TUI_CHAT_API_KEY", "sk-0123456789abcdefWXYZ")
    monkeypatch.setenv("TUI_CHAT_HEADERS", '{"X-Pass": "headersecret"}')
    monkeypatch.setenv("TUI_CHAT_SYSTEM", "be \x1b[31mred")
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert 'api_key = "••••WXYZ"   (TUI_CHAT_API_KEY)' in out
    assert "max_retries = 2   (default)" in out
    assert "gateway.example" in out
    assert str(home / ".config/tui-chat/config.toml") in out
    for secret in ("0123456789", "urlsecret", "headersecret", "\x1b"):
        assert secret not in out


def test_config_shows_the_settings_although_they_do_not_go_together(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a")
    monkeypatch.setenv("GROQ_API_KEY", "b")
    assert main(["config"]) == 2
    out, err = capsys.readouterr()
    assert "none: the settings contradict one another" in out
    assert "several keys" in err


def test_config_says_whom_a_lone_key_makes_us_ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-0123456789abcdefWXYZ")
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert "https://api.deepseek.com   (the provider of DEEPSEEK_API_KEY)" in out
    assert "key = ••••WXYZ   (DEEPSEEK_API_KEY)" in out


def test_config_shows_endpoints_with_masked_keys_and_what_flags_change(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        'endpoint = "work"\n'
        '[endpoints.work]\nbase_url = "https://work.example/v1?token=urlsecret"\nkey = "sk-0123456789abcdefWXYZ"\n'
        'headers = { X-Pass = "headersecret" }\n'
        '[endpoints.home]\nbase_url = "http://box.local"\nkey_command = "echo commandsecret"\n'
    )
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert '        key = "••••WXYZ"\n' in out
    assert f"    key = ••••WXYZ   (endpoints.work.key in {path})\n" in out
    assert "    endpoint = work\n" in out
    assert main(["config", "-e", "home", "-m", "other"]) == 0
    changed = capsys.readouterr().out
    assert 'endpoint = "home"   (--endpoint)\n' in changed
    assert "    endpoint = home\n" in changed
    assert "    model = other   (--model)\n" in changed
    assert f"    key = what echo prints; it is not run here   (endpoints.home.key_command in {path})\n" in changed
    for secret in ("0123456789", "urlsecret", "headersecret", "commandsecret"):
        assert secret not in out + changed


ALL = """
endpoint = "work"
base_url = ""
api_key = "sk-0123456789abcdefWXYZ"
model = "m"
api = "auto"
system = "Be brief."
theme = "tui-chat-light"
width = "full"
signs = "ascii"
motion = "reduced"
max_retries = 1
connect_timeout = 5
idle_timeout = 60
head_timeout = 5
max_reply = 4
send_unfinished = false
effort = "low"
persona = "editor"
serve_key = "serve-key-0123456789"
allow_insecure_key = true
record = ""
wire_memory = 1
history = false
titles = "model"
renderer = "textual"
window_title = false
window_progress = "off"
hyperlinks = "off"
notify = "off"
log_level = "debug"
context_window = 4096
prices = { input = 1.0, output = 2.0 }
[keys]
new = ["ctrl+b", "f5"]
[headers]
X-Pass = "headersecret"
[query]
key = "querysecret"
[extra_body]
nested = { deep = [1, true] }
[options]
temperature = 0.5
[personas.editor]
system = "You correct grammar."
options = { temperature = 0 }
[models.m]
context_window = 8192
prices = { input = 0.5, output = 1 }
[endpoints.work]
base_url = "https://user:urlsecret@gateway.example/v1"
api = "openai-chat"
key = "sk-9876543210abcdefWXYZ"
model = "m"
headers = { X-Other = "othersecret" }
query = { token = "tokensecret" }
extra_body = { a = 1 }
options = { top_p = 0.5 }
send_unfinished = true
context_window = 1024
prices = { input = 3, output = 4 }
[endpoints.work.models.m]
context_window = 2048
[endpoints.by_variable]
base_url = "http://localhost:1"
key_env = "WORK_KEY"
[endpoints.by_command]
base_url = "http://localhost:2"
key_command = "pass show commandsecret"
"""
"""Every setting, and every setting of an endpoint."""


def test_config_shows_every_setting_whatever_it_holds(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    given = tomllib.loads(ALL)
    assert given.keys() == Settings.model_fields.keys()
    assert set().union(*given["endpoints"].values()) == EndpointSettings.model_fields.keys()
    file = home / ".config/tui-chat/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(ALL)
    main(["config"])
    out = capsys.readouterr().out
    assert 'personas = {"editor": {"system": "You correct grammar.", "options": {"temperature": 0}}}' in out
    assert 'models = {"m": {"context_window": 8192' in out
    assert all(f"\n{name} = " in f"\n{out}" for name in given.keys() - {"endpoints"})
    for secret in (
        "0123456789",
        "9876543210",
        "headersecret",
        "querysecret",
        "urlsecret",
        "othersecret",
        "tokensecret",
        "commandsecret",
    ):
        assert secret not in out
