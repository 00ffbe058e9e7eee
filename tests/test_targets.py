from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat import config
from tui_chat.chat.ports import SetupError
from tui_chat.house import host_of
from tui_chat.keys import Key, KeyCommand
from tui_chat.providers import PROVIDERS
from tui_chat.targets import Target, Targets, UndecidedError

if TYPE_CHECKING:
    from pathlib import Path

OWN_KEYS = [(provider.variable, provider.speaking("auto")[0]) for provider in PROVIDERS]


def target(**flags: str) -> Target | None:
    return Targets(config.load(flags), host_of).chosen()


def key_for(**flags: str) -> str:
    chosen = target(**flags)
    assert chosen is not None
    return chosen.key.value if isinstance(chosen.key, Key) else ""


def in_file(home: Path, text: str) -> Path:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_set_is_the_demo() -> None:
    assert target() is None


@pytest.mark.parametrize(("variable", "url"), OWN_KEYS)
def test_one_key_and_no_url_is_that_providers_endpoint(
    variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "secret-1")
    provider = next(provider for provider in PROVIDERS if provider.variable == variable)
    assert target() == Target(provider.endpoint, url, provider.native, Key("secret-1", variable))


def test_several_keys_and_no_url_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "a")
    monkeypatch.setenv("OPENAI_API_KEY", "b")
    with pytest.raises(UndecidedError, match="OPENAI_API_KEY, GROQ_API_KEY: several keys"):
        target()


def test_a_key_for_no_url_is_never_the_demo_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", "a")
    with pytest.raises(SetupError, match=r"^TUI_CHAT_API_KEY: no base URL says whose key this is"):
        target()


@pytest.mark.parametrize(("variable", "url"), OWN_KEYS)
def test_a_providers_key_goes_to_its_own_host_alone(variable: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS:
        monkeypatch.setenv(provider.variable, f"key of {provider.name}".replace(" ", "-"))
    name = next(provider.name for provider in PROVIDERS if provider.variable == variable)
    assert key_for(base_url=url) == f"key-of-{name}"
    host = host_of(url)
    assert key_for(base_url=f"https://eu.{host}/v1") == f"key-of-{name}"
    for elsewhere in (
        f"https://{host}.evil.example/v1",
        f"https://evil.example/{host}/v1",
        f"https://evil.example/?x=://{host}/v1",
        f"https://evil.example#://{host}",
        f"evil.example/?x=https://{host}",
        f"https://not{host}/v1",
        "http://localhost:8080",
    ):
        assert key_for(base_url=elsewhere) == "", elsewhere


def test_the_openai_key_follows_the_openai_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    assert key_for() == "sk"
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "https://other.example/v1")
    assert key_for() == ""


def test_our_own_key_wins_over_a_foreign_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "foreign")
    monkeypatch.setenv("TUI_CHAT_API_KEY", "own")
    assert key_for(base_url="https://api.openai.com/v1") == "own"


def test_a_key_beside_a_url_is_not_sent_to_another_url_from_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = in_file(home, 'base_url = "https://one.example/v1"\napi_key = "for-one"')
    assert key_for() == "for-one"
    assert key_for(base_url="https://one.example/other/path") == "for-one"
    elsewhere = target(base_url="https://two.example/v1")
    assert elsewhere is not None
    assert elsewhere.key is None
    assert elsewhere.notices == (f"The key of api_key in {path} is for one.example; it is not sent to two.example.",)
    monkeypatch.setenv("TUI_CHAT_API_KEY", "anywhere")
    assert key_for(base_url="https://two.example/v1") == "anywhere"


def test_a_key_is_taken_without_the_line_end_that_pasting_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", " gsk-1\n")
    assert key_for() == "gsk-1"


@pytest.mark.parametrize("key", ["gsk 1", "gsk\x071", "gsk…"])
def test_a_key_that_cannot_stand_in_a_header_is_named_and_not_quoted(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", key)
    with pytest.raises(SetupError, match=r"^GROQ_API_KEY: holds characters") as caught:
        target()
    assert key not in str(caught.value)


def test_a_url_that_cannot_be_used_names_where_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "ftp://x")
    with pytest.raises(SetupError, match=r"^TUI_CHAT_BASE_URL: .*ftp"):
        target()


def test_a_key_is_not_in_what_is_printed_of_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    assert "gsk-secret" not in repr(target())
