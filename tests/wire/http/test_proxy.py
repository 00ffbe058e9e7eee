from __future__ import annotations

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.http.proxy import proxy_for


@pytest.fixture(autouse=True)
def no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "https://api.example.com/v1", None),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://api.example.com/v1", "http://p:3128"),
        ({"https_proxy": "http://p:3128"}, "https://api.example.com/v1", "http://p:3128"),
        ({"HTTPS_PROXY": "p:3128"}, "https://api.example.com/v1", "http://p:3128"),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://api.example.com/v1", None),
        ({"ALL_PROXY": "http://p:3128"}, "https://api.example.com/v1", "http://p:3128"),
        ({"ALL_PROXY": "http://p:3128", "NO_PROXY": ".example.com"}, "https://api.example.com/v1", None),
        ({"ALL_PROXY": "http://p:3128", "NO_PROXY": "*"}, "https://api.example.com/v1", None),
        ({"ALL_PROXY": "http://p:3128", "NO_PROXY": "[::1],other.org"}, "https://api.example.com/v1", "http://p:3128"),
        ({"ALL_PROXY": "http://p:3128"}, "http://localhost:11434/v1", None),
        ({"ALL_PROXY": "nonsense://"}, "http://127.0.0.1:11434/v1", None),
        ({"ALL_PROXY": "http://p:3128"}, "http://[::1]:11434/v1", None),
    ],
)
def test_the_proxy_is_the_one_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(url)
    assert (found and found.url) == proxy
    assert found is None or found.variable in variables


@pytest.mark.parametrize("value", ["socks://p:1", "ftp://p", "http://", "http://p:port", "http://[::1"])
def test_a_bad_proxy_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(SetupError, match=r"^HTTPS_PROXY .*$"):
        proxy_for("https://api.example.com/v1")


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr("tui_chat.wire.http.proxy.find_spec", lambda _: None)
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://p:1080")
    with pytest.raises(SetupError, match=r"^HTTPS_PROXY names a SOCKS proxy.*pip install socksio"):
        proxy_for("https://api.example.com/v1")
    monkeypatch.setattr("tui_chat.wire.http.proxy.find_spec", lambda _: object())
    found = proxy_for("https://api.example.com/v1")
    assert found is not None
    assert found.url == f"{scheme}://p:1080"
