from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from urllib.parse import quote

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.endpoint import Endpoint, reach_of


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/", "https://api.openai.com/v1/chat/completions"),
        ("api.openai.com", "https://api.openai.com/v1/chat/completions"),
        (" https://api.openai.com/v1\n", "https://api.openai.com/v1/chat/completions"),
        ("HTTPS://API.OpenAI.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com//v1//", "https://api.openai.com/v1/chat/completions"),
        ("https://api.siliconflow.cn/v1", "https://api.siliconflow.cn/v1/chat/completions"),
        ("https://api.deepseek.com", "https://api.deepseek.com/chat/completions"),
        ("https://api.deepseek.com/v1", "https://api.deepseek.com/v1/chat/completions"),
        ("https://api.perplexity.ai/", "https://api.perplexity.ai/chat/completions"),
        ("https://api.perplexity.ai/chat/completions", "https://api.perplexity.ai/chat/completions"),
        ("openrouter.ai", "https://openrouter.ai/api/v1/chat/completions"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
        ("https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/chat/completions"),
        ("https://api.z.ai/api/paas/v4/", "https://api.z.ai/api/paas/v4/chat/completions"),
        ("https://x.services.ai.azure.com/models", "https://x.services.ai.azure.com/models/chat/completions"),
        ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1/chat/completions"),
        ("localhost:11434", "http://localhost:11434/v1/chat/completions"),
        ("localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/v1/chat/completions"),
        ("0.0.0.0:11434", "http://0.0.0.0:11434/v1/chat/completions"),
        ("192.168.1.5:1234/v1", "http://192.168.1.5:1234/v1/chat/completions"),
        ("gpu-box:8000", "http://gpu-box:8000/v1/chat/completions"),
        ("[::1]:8080", "http://[::1]:8080/v1/chat/completions"),
        ("::1", "http://[::1]/v1/chat/completions"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
        ("https://proxy.example.com/llm", "https://proxy.example.com/llm/chat/completions"),
        ("https://proxy.example.com/v1/models", "https://proxy.example.com/v1/chat/completions"),
        ("https://proxy.example.com/v1/completions", "https://proxy.example.com/v1/chat/completions"),
        ('"https://proxy.example.com/v1"', "https://proxy.example.com/v1/chat/completions"),
        ("'https://proxy.example.com/v1' ", "https://proxy.example.com/v1/chat/completions"),
        ("<https://proxy.example.com/v1>", "https://proxy.example.com/v1/chat/completions"),
        ("http://[FE80::1%25Eth0]:8080/v1", "http://[fe80::1%Eth0]:8080/v1/chat/completions"),
        ("[fe80::1%25]:8080", "http://[fe80::1%25]:8080/v1/chat/completions"),
        ("fe80::1%eth0", "http://[fe80::1%eth0]/v1/chat/completions"),
    ],
)
def test_the_base_url_is_taken_as_people_write_it(written: str, asked: str) -> None:
    assert Endpoint(written).url("/chat/completions") == asked


@pytest.mark.parametrize(
    ("dialect", "written", "root"),
    [
        ("openai-responses", "https://api.openai.com", "https://api.openai.com/v1"),
        ("openai-responses", "https://api.openai.com/v1/responses", "https://api.openai.com/v1"),
        ("openai-responses", "openrouter.ai", "https://openrouter.ai/api/v1"),
        ("anthropic-messages", "https://api.anthropic.com", "https://api.anthropic.com/v1"),
        ("anthropic-messages", "https://api.anthropic.com/v1/", "https://api.anthropic.com/v1"),
        ("anthropic-messages", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"),
        ("anthropic-messages", "https://api.deepseek.com", "https://api.deepseek.com/anthropic/v1"),
        ("anthropic-messages", "https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic/v1"),
        ("anthropic-messages", "localhost:8080", "http://localhost:8080/v1"),
        ("gemini", "generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta"),
        ("gemini", "https://generativelanguage.googleapis.com/v1", "https://generativelanguage.googleapis.com/v1"),
        (
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
            "https://generativelanguage.googleapis.com/v1beta",
        ),
        (
            "gemini",
            "https://aiplatform.googleapis.com/v1/publishers/google/models",
            "https://aiplatform.googleapis.com/v1/publishers/google",
        ),
        ("ollama-chat", "localhost:11434", "http://localhost:11434/api"),
        ("ollama-chat", "localhost:11434/v1", "http://localhost:11434/api"),
        ("ollama-chat", "http://localhost:11434/api/", "http://localhost:11434/api"),
        ("ollama-chat", "http://localhost:11434/api/chat", "http://localhost:11434/api"),
        ("ollama-chat", "https://box.example/ollama/api/tags", "https://box.example/ollama/api"),
    ],
)
def test_every_api_has_its_own_root(dialect: str, written: str, root: str) -> None:
    endpoint = Endpoint(written, dialect=dialect)
    assert (endpoint.base_url, endpoint.query) == (root, {})
    assert replace(endpoint, name="again").base_url == root


@pytest.mark.parametrize(
    ("written", "dialect", "guessed"),
    [
        ("https://api.openai.com/v1", "openai-chat", False),
        ("https://openrouter.ai/api/v1", "openai-chat", False),
        ("https://api.deepseek.com", "openai-chat", False),
        ("https://api.anthropic.com", "anthropic-messages", False),
        ("https://generativelanguage.googleapis.com", "gemini", False),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "openai-chat", False),
        ("https://ollama.com", "ollama-chat", False),
        ("https://x.openai.azure.com/openai/deployments/d", "openai-chat", False),
        ("https://box.example/v1/messages", "anthropic-messages", False),
        ("https://api.deepseek.com/anthropic", "anthropic-messages", False),
        ("https://box.example/v1/responses", "openai-responses", False),
        ("https://box.example/v1/chat/completions", "openai-chat", False),
        ("https://box.example/api/chat", "ollama-chat", False),
        ("https://box.example/api", "ollama-chat", True),
        ("localhost:11434", "ollama-chat", True),
        ("localhost:11434/v1", "openai-chat", True),
        ("https://box.example/v1", "openai-chat", True),
        ("localhost:8080", "openai-chat", True),
    ],
)
def test_the_url_tells_the_api(written: str, dialect: str, guessed: bool) -> None:
    endpoint = Endpoint(written, dialect="auto")
    assert (endpoint.dialect, endpoint.guessed) == (dialect, guessed)
    assert bool(list(endpoint.alternatives())) is guessed


def test_the_alternatives_are_the_same_server_in_other_apis() -> None:
    endpoint = Endpoint("http://box:8080/v1", key="sk-1", query={"a": "b"}, dialect="auto")
    assert {other.dialect: other.base_url for other in endpoint.alternatives()} == {
        "ollama-chat": "http://box:8080/api",
        "anthropic-messages": "http://box:8080/v1",
        "openai-responses": "http://box:8080/v1",
        "gemini": "http://box:8080/v1beta",
    }
    assert all(other.key == "sk-1" and other.query == {"a": "b"} for other in endpoint.alternatives())


def test_a_path_with_a_query_of_its_own_keeps_it() -> None:
    assert Endpoint("localhost:1/v1").url("/m?alt=sse") == "http://localhost:1/v1/m?alt=sse"
    assert Endpoint("localhost:1/v1", query={"a": "b"}).url("/m?alt=sse") == "http://localhost:1/v1/m?alt=sse&a=b"


def test_a_query_in_the_url_and_one_beside_it_go_with_each_request() -> None:
    endpoint = Endpoint(
        "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", query={"a": "b c"}
    )
    assert endpoint.url("/chat/completions") == (
        "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1&a=b+c"
    )
    assert endpoint.url("/models") == "https://x.openai.azure.com/openai/deployments/d/models?api-version=1&a=b+c"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("ftp://example.com", "must be http:// or https://"),
        ("socks5://example.com", "must be http:// or https://"),
        ("https://", "no host"),
        ("https:/example.com", "should begin with https://"),
        ("http://localhost:port/v1", "cannot be read"),
        ("http://localhost:99999", "cannot be read"),
        ("http://[::1", "cannot be read"),
        ("http://exa mple.com", "white space"),
        ("http:localhost", "should begin with http://"),
        (r"http:\\localhost", "should begin with http://"),
    ],
)
def test_a_bad_url_is_told_in_one_line(written: str, says: str) -> None:
    with pytest.raises(SetupError, match=says) as raised:
        Endpoint(written)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("localhost", "loopback"),
        ("app.localhost", "loopback"),
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.0.1", "private"),
        ("169.254.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fe80::1%eth0", "private"),
        ("fd00::1", "private"),
        ("gpu-box", "private"),
        ("nas.local", "private"),
        ("llm.internal", "private"),
        ("8.8.8.8", "public"),
        ("172.32.0.1", "public"),
        ("api.openai.com", "public"),
        ("localhost.evil.com", "public"),
        ("10.evil.com", "public"),
    ],
)
def test_how_far_a_request_travels(host: str, reach: str) -> None:
    assert reach_of(host) == reach


def test_a_key_never_goes_to_a_public_host_over_plain_http() -> None:
    with pytest.raises(SetupError, match="plain http"):
        Endpoint("http://api.example.com/v1", key="sk-secret")
    assert Endpoint("http://api.example.com/v1", key="sk-secret", allow_insecure_key=True).notices
    assert Endpoint("http://api.example.com/v1").notices == ()


def test_a_key_goes_to_a_private_host_over_plain_http_with_a_notice_and_to_loopback_without() -> None:
    assert "192.168.1.5:8000" in Endpoint("http://192.168.1.5:8000", key="sk-secret").notices[0]
    assert Endpoint("http://localhost:8000", key="sk-secret").notices == ()
    assert Endpoint("https://api.example.com", key="sk-secret").notices == ()


def test_no_secret_stands_in_the_repr() -> None:
    endpoint = Endpoint("https://h.example", key="sk-123", headers={"X-Key": "hidden"}, query={"token": "hush"})
    assert "sk-123" not in repr(endpoint)
    assert "hidden" not in repr(endpoint)
    assert "hush" not in repr(endpoint)


@pytest.mark.parametrize("key", ["sk-a b", "sk-a\nb", "ключ", "sk-“quoted”"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SetupError) as raised:
        Endpoint("https://h.example", key=key)
    assert key not in str(raised.value)


def test_white_space_around_a_key_is_not_part_of_it() -> None:
    assert Endpoint("https://h.example", key=" sk-1\n").key == "sk-1"


def test_a_header_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(SetupError, match="X-Odd"):
        Endpoint("https://h.example", headers={"X-Odd": "a\r\nb"})


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Connection", "Upgrade"])
def test_a_header_that_would_break_the_request_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match=f"{name}.*cannot be set"):
        Endpoint("http://localhost", headers={name: "3"})


def test_the_label_is_the_name_or_the_host() -> None:
    assert Endpoint("localhost:11434").label == "localhost:11434"
    assert Endpoint("localhost:11434", name="Ollama").label == "Ollama"


@pytest.mark.parametrize(
    ("written", "credentials"),
    [
        ("https://me:s3cret-word@example.com/v1", "me:s3cret-word"),
        ("me:s3cret%40word@localhost:8000", "me:s3cret@word"),
        ("https://token-alone@example.com", "token-alone:"),
        ("https://me:a/b@example.com", None),
    ],
)
def test_a_user_and_password_in_the_url_are_sent_and_not_shown(written: str, credentials: str | None) -> None:
    if credentials is None:  # the slash ends the host: who means it writes %2F
        with pytest.raises(SetupError) as raised:
            Endpoint(written)
        assert "a/b" not in str(raised.value)
        return
    endpoint = replace(Endpoint(written, dialect="auto"), key="sk-123456")
    header = endpoint.own_headers["Authorization"]
    assert b64decode(header.removeprefix("Basic ")).decode() == credentials
    password = credentials.strip(":").rpartition(":")[2]
    for shown in (endpoint.base_url, endpoint.url("/chat/completions"), endpoint.label, endpoint.host, repr(endpoint)):
        assert password not in shown
        assert "@" not in shown
    for text in (header, password, quote(password)):
        assert endpoint.secrets.masked(text) != text
    assert all(other.own_headers == endpoint.own_headers for other in endpoint.alternatives())


def test_a_header_that_was_set_wins_over_the_urls_password() -> None:
    endpoint = Endpoint("https://me:secret@example.com", headers={"authorization": "Bearer x"})
    assert endpoint.own_headers == {"authorization": "Bearer x"}


def test_a_password_does_not_go_to_a_public_host_in_plain_http() -> None:
    with pytest.raises(SetupError, match="password would go to example"):
        Endpoint("http://me:secret@example.com")
    assert "password" in Endpoint("http://me:secret@192.168.0.7").notices[0]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("https://h.example/v1/chat/completions/", "https://h.example/v1/chat/completions/"),
        ("https://h.example/v1/chat/completions", "https://h.example/v1/chat/completions"),
        ("https://h.example/v1/", "https://h.example/v1/chat/completions"),
        ("https://h.example/v1/chat/completions/?a=b", "https://h.example/v1/chat/completions/?a=b"),
    ],
)
def test_a_slash_at_the_end_of_a_whole_path_is_kept(written: str, asked: str) -> None:
    assert replace(Endpoint(written), key="sk-123456").url("/chat/completions") == asked
