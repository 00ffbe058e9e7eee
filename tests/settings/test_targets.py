from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.backend.target_endpoints import host_of
from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.keys import Key, KeyCommand
from tui_chat.settings.loading import load
from tui_chat.settings.providers import PROVIDERS
from tui_chat.settings.targets import Target, Targets, UndecidedError

if TYPE_CHECKING:
    from pathlib import Path

OWN_KEYS = [(provider.variable, provider.speaking("auto")[0]) for provider in PROVIDERS]


def target(**flags: str) -> Target | None:
    return Targets(load(flags), host_of).chosen()


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
    with pytest.raises(UndecidedError, match="OPENAI_API_KEY, GROQ_API_KEY: several keys are set"):
        target()


def test_a_key_for_no_url_is_never_the_demo_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", "a")
    with pytest.raises(SetupError, match=r"^TUI_CHAT_API_KEY: there is no base URL that this key belongs to"):
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


# ---- endpoints by name

TWO = """
[endpoints.work]
base_url = "https://work.example/v1"
key = "for-work"
model = "big"
headers = { X-Team = "a" }
[endpoints.home]
base_url = "http://box.local:8000"
"""


def targets(**flags: str) -> Targets:
    return Targets(load(flags), host_of)


def named(name: str, **flags: str) -> Target:
    found = targets(**flags).named(name)
    assert found is not None
    return found


def secret(found: Target | None) -> str:
    assert found is not None
    key = found.with_key().key
    return key.value if isinstance(key, Key) else ""


def test_an_endpoint_is_chosen_by_flag_then_variable_then_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def name(**flags: str) -> str:
        chosen = target(**flags)
        return chosen.name if chosen else "demo"

    in_file(home, 'endpoint = "work"' + TWO + '[endpoints.third]\nbase_url = "third.example"')
    assert name() == "work"
    monkeypatch.setenv("TUI_CHAT_ENDPOINT", "home")
    assert name() == "home"
    assert name(endpoint="third") == "third"
    assert name(endpoint="demo") == "demo"
    assert name(base_url="http://else.example") == "else.example"


def test_the_only_endpoint_needs_no_choice_and_of_several_one_must_be_made(home: Path) -> None:
    path = in_file(home, '[endpoints.only]\nbase_url = "https://one.example"')
    only = target()
    assert only is not None
    assert (only.name, only.named) == ("only", True)
    in_file(home, TWO)
    with pytest.raises(UndecidedError, match=rf"^endpoints in {path}: several endpoints \(work, home\)"):
        target()


def test_the_file_wins_over_other_programs_variables(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file(home, '[endpoints.only]\nbase_url = "https://one.example"')
    monkeypatch.setenv("OPENAI_BASE_URL", "https://openai-like.example/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.setenv("OPENAI_MODEL", "gpt")
    only = target()
    assert only is not None
    assert (only.name, only.model, only.key) == ("only", "", None)


def test_two_answers_to_whom_to_ask_in_one_place_are_refused(home: Path) -> None:
    path = in_file(home, 'endpoint = "work"\nbase_url = "https://other.example"' + TWO)
    with pytest.raises(SetupError, match=rf"^endpoint in {path} and base_url in {path}: each chooses an endpoint"):
        target()
    with pytest.raises(SetupError, match=r"^--endpoint and --base-url: "):
        target(endpoint="work", base_url="https://other.example")


@pytest.mark.parametrize(
    ("name", "says"),
    [("wrok", "did you mean work?"), ("groq", "for the provider, set GROQ_API_KEY"), ("x", "there are: work, home")],
)
def test_an_endpoint_that_is_not_there_is_told_with_those_that_are(name: str, says: str, home: Path) -> None:
    in_file(home, TWO)
    with pytest.raises(SetupError) as caught:
        target(endpoint=name)
    assert str(caught.value).startswith(f"--endpoint: there is no endpoint '{name}'")
    assert says in str(caught.value)


def test_what_is_set_for_an_endpoint_wins_over_what_is_set_for_all(home: Path) -> None:
    path = in_file(home, 'model = "small"\noptions = { temperature = 1 }\nsend_unfinished = false' + TWO)
    work, at_home = named("work"), named("home")
    assert (work.model, work.options, work.send_unfinished) == ("big", {"temperature": 1}, False)
    assert (at_home.model, at_home.headers) == ("small", {})
    assert work.origins["model"] == f"endpoints.work.model in {path}"
    assert at_home.origins["model"] == f"model in {path}"


def test_a_flag_wins_over_what_is_set_for_the_endpoint_that_it_chooses(home: Path) -> None:
    in_file(home, TWO)
    work = target(endpoint="work", model="other", api="openai-responses")
    assert work is not None
    assert (work.model, work.api, work.origins["model"]) == ("other", "openai-responses", "--model")


def test_what_was_said_for_this_run_is_not_for_whom_is_chosen_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(home, TWO)
    monkeypatch.setenv("TUI_CHAT_API_KEY", "for-the-start")
    flags = {"endpoint": "work", "model": "other"}
    assert (secret(target(**flags)), secret(named("work", **flags))) == ("for-the-start", "for-the-start")
    assert (secret(named("home", **flags)), named("home", **flags).model) == ("", "")


def test_what_stands_beside_a_url_is_not_for_an_endpoint_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file(home, 'base_url = "https://one.example"\napi_key = "for-one"\nmodel = "m-one"' + TWO)
    assert (secret(named("home")), named("home").model) == ("", "")
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "https://two.example")
    monkeypatch.setenv("TUI_CHAT_API_KEY", "for-two")
    monkeypatch.setenv("TUI_CHAT_HEADERS", '{"Authorization": "for-two"}')
    at_home = target(endpoint="home")
    assert at_home is not None
    assert (secret(at_home), at_home.headers) == ("", {})
    assert secret(target(endpoint="work")) == "for-work"


def test_headers_beside_a_url_are_not_sent_to_another_url_from_elsewhere(home: Path) -> None:
    path = in_file(home, 'base_url = "https://one.example"\nheaders = { Authorization = "secret" }')
    one, two = target(), target(base_url="https://two.example")
    assert one is not None
    assert two is not None
    assert (one.headers, two.headers) == ({"Authorization": "secret"}, {})
    assert two.notices == (f"The headers of headers in {path} are for one.example; they are not sent to two.example.",)


def test_the_key_may_stand_in_a_variable_or_come_from_a_command(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = in_file(
        home,
        '[endpoints.v]\nbase_url = "https://v.example"\nkey_env = "V_KEY"\n'
        '[endpoints.c]\nbase_url = "https://c.example"\nkey_command = "echo from-command"',
    )
    with pytest.raises(SetupError, match=rf"^endpoints.v.key_env in {path}: the variable V_KEY is not set"):
        named("v")
    monkeypatch.setenv("V_KEY", "from-variable")
    assert secret(named("v")) == "from-variable"
    command = named("c")
    assert isinstance(command.key, KeyCommand)
    assert secret(command) == "from-command"


def test_a_key_command_wins_over_a_providers_variable_and_our_own_variable_over_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(home, '[endpoints.g]\nbase_url = "https://api.groq.com/openai/v1"\nkey_command = "echo from-command"')
    monkeypatch.setenv("GROQ_API_KEY", "from-groq")
    assert secret(target()) == "from-command"
    monkeypatch.setenv("TUI_CHAT_API_KEY", "own")
    assert secret(target()) == "own"


def test_a_providers_key_goes_to_an_endpoint_at_its_own_host_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file(home, TWO + '[endpoints.g]\nbase_url = "https://api.groq.com/openai/v1"')
    monkeypatch.setenv("GROQ_API_KEY", "from-groq")
    assert (secret(named("g")), secret(named("home"))) == ("from-groq", "")


def test_our_own_key_and_no_choice_among_several_is_for_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file(home, TWO)
    monkeypatch.setenv("TUI_CHAT_API_KEY", "own")
    with pytest.raises(SetupError, match=r"^TUI_CHAT_API_KEY: there is no base URL that this key belongs to"):
        target()


def test_an_endpoint_without_a_url_is_named(home: Path) -> None:
    path = in_file(home, '[endpoints.bare]\nmodel = "m"')
    with pytest.raises(SetupError, match=rf"^endpoints.bare in {path}: has no base_url"):
        target()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("0.0.0.0:8080", "http://0.0.0.0:8080"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:1", "http://[::1]:1"),
        ("https://ollama.example/base", "https://ollama.example/base"),
    ],
)
def test_ollama_is_where_its_own_variable_says(
    host: str, url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    monkeypatch.setenv("OPENAI_MODEL", "m")
    by_flag = target(api="ollama-chat")
    assert by_flag is not None
    assert by_flag.base_url == url
    in_file(home, '[endpoints.local]\napi = "ollama-chat"')
    assert named("local").base_url == url


def test_everybody_who_can_be_asked_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file(home, 'base_url = "https://one.example/v1"' + TWO)
    monkeypatch.setenv("GROQ_API_KEY", "g")
    monkeypatch.setenv("OPENAI_API_KEY", "o")
    assert targets().names() == ["work", "home", "one.example", "openai", "groq", "demo"]
    with_flag = targets(base_url="https://api.openai.com")
    assert with_flag.names() == ["work", "home", "api.openai.com", "one.example", "groq", "demo"]
    assert with_flag.named("demo") is None
    for name in with_flag.names()[:-1]:
        assert named(name, base_url="https://api.openai.com").name == name


def test_of_several_keys_one_is_chosen_by_the_providers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "g")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a")
    assert secret(target(endpoint="groq")) == "g"
    anthropic = target(api="anthropic-messages")
    assert anthropic is not None
    assert (anthropic.name, secret(anthropic)) == ("anthropic", "a")


def test_a_provider_is_asked_in_the_api_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "g")
    native, compatible = target(), target(api="openai-chat")
    assert native is not None
    assert compatible is not None
    assert (native.api, native.base_url) == ("gemini", "https://generativelanguage.googleapis.com/v1beta")
    assert (compatible.api, compatible.base_url.endswith("/openai")) == ("openai-chat", True)
    with pytest.raises(SetupError, match=r"^--api: anthropic-messages is not supported by the provider"):
        target(api="anthropic-messages")
