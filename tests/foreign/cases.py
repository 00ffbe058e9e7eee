"""What is tried with each server; each case gives a line that says what happened, or fails with one."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.foreign.program import Asked, ask, models, stop_in_the_midst
from tests.foreign.servers import LITELLM_KEY, Nginx, aimock, litellm, llama_cpp, tinyproxy
from tui_chat.server.scripted import showcase
from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One thing that is tried."""

    server: str
    tried: str
    run: Callable[[Path], str]
    """Given an empty folder; gives what happened. Raises `AssertionError` where that is wrong."""


CASES: list[Case] = []


def case(server: str, tried: str) -> Callable[[Callable[[Path], str]], Callable[[Path], str]]:
    """Puts a function into the table."""

    def add(run: Callable[[Path], str]) -> Callable[[Path], str]:
        CASES.append(Case(server, tried, run))
        return run

    return add


@contextmanager
def behind_nginx(folder: Path, extra: str = "", redirect: str = "", options: str = "") -> Iterator[Nginx]:
    """The built-in endpoint, with options of its own, behind nginx."""
    with (
        ChatEndpoint(options, key=None) as endpoint,
        Nginx(folder, endpoint.root_url, extra, redirect).running() as nginx,
    ):
        yield nginx


def whole(asked: Asked, text: str = showcase.MARKDOWN) -> str:
    """The reply came whole."""
    assert (asked.code, asked.outcome) == (0, "finished"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    assert asked.text == text, f"another text: {asked.text[:80]!r}"
    usage = asked.result.get("usage") or {}
    return f"whole, {len(asked.text)} characters, {usage.get('output')} tokens told"


def refused(asked: Asked, code: int, *words: str) -> str:
    """It failed with that exit status and these words."""
    assert asked.code == code, f"exit {asked.code} in place of {code}: {asked.error}"
    missing = [word for word in words if word.lower() not in asked.error.lower()]
    assert not missing, f"{missing} not in: {asked.error}"
    return f"exit {code}: {asked.error}"


# ---- nginx


@case("nginx", "buffers the stream")
def _buffering(folder: Path) -> str:
    with behind_nginx(folder, "proxy_buffering on;") as nginx:
        return whole(ask(folder, nginx.plain))


@case("nginx", "compresses all it can")
def _gzip(folder: Path) -> str:
    extra = "gzip on; gzip_proxied any; gzip_min_length 1; gzip_types *; gzip_http_version 1.0;"
    with behind_nginx(folder, extra) as nginx:
        return whole(ask(folder, nginx.plain))


@case("nginx", "gives up on a silent server after 2 s, before the head")
def _slow_head(folder: Path) -> str:
    with behind_nginx(folder, "proxy_read_timeout 2s;") as nginx:
        return refused(ask(folder, nginx.plain, model="fault:slow?wait=8"), 5, "504")


@case("nginx", "gives up on a silent server after 2 s, in mid-stream")
def _stalled(folder: Path) -> str:
    with behind_nginx(folder, "proxy_read_timeout 2s;") as nginx:
        asked = ask(folder, nginx.plain, "count to 20", "count?fault=stall&pause=8")
    assert (asked.code, asked.outcome) == (6, "cut-off"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    assert asked.text.startswith("1 2 3"), asked.text
    return f"exit 6, cut off after {asked.text!r}"


@case("nginx", "its server is down")
def _down(folder: Path) -> str:
    with Nginx(folder, "http://127.0.0.1:9").running() as nginx:
        return refused(ask(folder, nginx.plain), 5, "502")


@case("nginx", "takes no large requests")
def _large(folder: Path) -> str:
    with behind_nginx(folder, "client_max_body_size 1k;") as nginx:
        return refused(ask(folder, nginx.plain, "word " * 2000), 1, "413")


_LOGIN = 'auth_basic "here"; auth_basic_user_file {folder}/users;'


def _with_login(folder: Path) -> str:
    (folder / "users").write_text("me:{PLAIN}open sesame\n", encoding="utf-8")
    return _LOGIN.format(folder=folder)


@case("nginx", "basic auth, nothing given")
def _no_login(folder: Path) -> str:
    with behind_nginx(folder, _with_login(folder)) as nginx:
        return refused(ask(folder, nginx.plain), 3, "401")


@case("nginx", "basic auth, user and password in the URL")
def _login(folder: Path) -> str:
    with behind_nginx(folder, _with_login(folder)) as nginx:
        asked = ask(folder, nginx.plain.replace("://", "://me:open%20sesame@"))
    assert "sesame" not in str(asked.result) + asked.stderr, "the password is shown"
    return whole(asked)


@case("nginx", "redirects with the same port's other path (308)")
def _redirected(folder: Path) -> str:
    with behind_nginx(folder, redirect="308 http://127.0.0.1:{plain}$request_uri") as nginx:
        return refused(ask(folder, nginx.redirecting), 1, "308", f"{nginx.plain}")


@case("nginx", "redirects http to https on the same host")
def _upgraded(folder: Path) -> str:
    with behind_nginx(folder, redirect="308 https://127.0.0.1:{tls}$request_uri") as nginx:
        trusted = {"SSL_CERT_FILE": str(nginx.certificate)}
        asked = ask(folder, nginx.redirecting, **trusted)
        if asked.code == 0:
            return whole(asked)
        said = refused(asked, 1, "308", nginx.tls)
        whole(ask(folder, nginx.tls, **trusted))  # the URL that it names works
        return said


@case("nginx", "own certificate, not trusted")
def _untrusted(folder: Path) -> str:
    with behind_nginx(folder) as nginx:
        return refused(ask(folder, nginx.tls), 5, "certificate", "SSL_CERT_FILE")


@case("nginx", "own certificate in SSL_CERT_FILE")
def _trusted(folder: Path) -> str:
    with behind_nginx(folder) as nginx:
        return whole(ask(folder, nginx.tls, SSL_CERT_FILE=str(nginx.certificate)))


@case("nginx", "TLS asked of a plain port")
def _plain_port(folder: Path) -> str:
    with behind_nginx(folder) as nginx:
        return refused(ask(folder, nginx.plain.replace("http:", "https:")), 5, "TLS")


@case("nginx", "plain HTTP asked of a TLS port")
def _tls_port(folder: Path) -> str:
    with behind_nginx(folder) as nginx:
        return refused(ask(folder, nginx.tls.replace("https:", "http:")), 1, "begin the base URL with https")


# ---- tinyproxy


@contextmanager
def endpoint_by_name() -> Iterator[str]:
    """The built-in endpoint under a name that is not known to be this machine's, so that a proxy is asked."""
    with ChatEndpoint(key="test-key") as endpoint:
        yield endpoint.base_url.replace("127.0.0.1", socket.gethostname())


@case("tinyproxy", "no password")
def _proxy(folder: Path) -> str:
    with tinyproxy(folder) as port, endpoint_by_name() as url:
        return whole(ask(folder, url, HTTP_PROXY=f"http://127.0.0.1:{port}", TUI_CHAT_API_KEY="test-key"))


@case("tinyproxy", "a password, given")
def _proxy_login(folder: Path) -> str:
    with tinyproxy(folder, "sesame") as port, endpoint_by_name() as url:
        asked = ask(folder, url, HTTP_PROXY=f"http://me:sesame@127.0.0.1:{port}", TUI_CHAT_API_KEY="test-key")
        return whole(asked)


@case("tinyproxy", "a password, not given")
def _proxy_refuses(folder: Path) -> str:
    with tinyproxy(folder, "sesame") as port, endpoint_by_name() as url:
        asked = ask(folder, url, HTTP_PROXY=f"http://127.0.0.1:{port}", TUI_CHAT_API_KEY="test-key")
    assert asked.code != 0
    for word in ("password", "HTTP_PROXY"):
        assert word in asked.error, f"{word} not in: {asked.error}"
    return f"exit {asked.code}: {asked.error}"


# ---- engines


@case("llama.cpp", "Markdown")
def _engine(folder: Path) -> str:
    with llama_cpp(folder) as url:
        asked = ask(folder, url, "#md", "")
    assert (asked.code, asked.outcome) == (0, "finished"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    assert "```" in asked.text, asked.text
    usage = asked.result["usage"]
    assert usage["output"], usage
    return f"whole, {len(asked.text)} characters, {usage['output']} tokens told"


@case("llama.cpp", "characters of several tokens")
def _engine_utf8(folder: Path) -> str:
    with llama_cpp(folder) as url:
        asked = ask(folder, url, "#utf8", "")
    assert asked.code == 0, asked.error
    assert "\ufffd" not in asked.text, asked.text
    return f"whole: {asked.text[:30]!r}"


@case("llama.cpp", "stopped in the midst")
def _engine_stopped(folder: Path) -> str:
    with llama_cpp(folder) as url:
        asked = stop_in_the_midst(folder, url, "#long", "")
    assert (asked.code, asked.outcome) == (130, "stopped"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    assert asked.text
    return f"exit 130, {len(asked.text)} characters kept"


@case("llama.cpp", "its list of models")
def _engine_models(folder: Path) -> str:
    with llama_cpp(folder) as url:
        names = models(folder, url)
    assert names == ["tiny-scripted"], names
    return f"lists {', '.join(names)}"


@case("llama.cpp", "a question longer than its context")
def _engine_overflow(folder: Path) -> str:
    with llama_cpp(folder) as url:
        return refused(ask(folder, url, "word " * 20_000, ""), 1, "context size", "new chat")


@case("aimock", "Markdown")
def _mock(folder: Path) -> str:
    with aimock(folder) as url:
        asked = ask(folder, url, "#md", "m")
    assert (asked.code, asked.outcome) == (0, "finished"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    return f"whole, {len(asked.text)} characters"


@case("aimock", "reasoning")
def _mock_reasoning(folder: Path) -> str:
    with aimock(folder) as url:
        asked = ask(folder, url, "#think", "m")
    assert asked.result["reasoning"], asked.result
    assert asked.text == "The result is 4.", asked.text
    return f"reasoning of {len(asked.result['reasoning'])} characters apart from the text"


@case("aimock", "a reply that is cut short")
def _mock_cut(folder: Path) -> str:
    with aimock(folder) as url:
        asked = ask(folder, url, "#cut", "m")
    assert (asked.code, asked.outcome) == (6, "cut-off"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    return f"exit 6, cut off after {len(asked.text)} characters"


@case("aimock", "a connection that is dropped")
def _mock_drop(folder: Path) -> str:
    with aimock(folder) as url:
        asked = ask(folder, url, "#drop", "m")
    assert (asked.code, asked.outcome) == (6, "cut-off"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
    return f"exit 6, cut off after {len(asked.text)} characters"


@case("aimock", "a rate limit")
def _mock_limit(folder: Path) -> str:
    with aimock(folder) as url:
        return refused(ask(folder, url, "#429", "m"), 4, "rate limit", "3 s")


@case("LiteLLM", "in front of the built-in endpoint")
def _gateway(folder: Path) -> str:
    with ChatEndpoint(key=None) as endpoint, litellm(folder, endpoint.base_url) as url:
        return whole(ask(folder, url, "hello", "through", TUI_CHAT_API_KEY=LITELLM_KEY))


@case("LiteLLM", "a model that it does not have")
def _gateway_model(folder: Path) -> str:
    with ChatEndpoint(key=None) as endpoint, litellm(folder, endpoint.base_url) as url:
        asked = ask(folder, url, "hello", "nobody", TUI_CHAT_API_KEY=LITELLM_KEY)
    assert asked.code != 0
    assert "nobody" in asked.error, asked.error
    return f"exit {asked.code}: {asked.error}"


@case("LiteLLM", "stopped in the midst")
def _gateway_stopped(folder: Path) -> str:
    with ChatEndpoint("rate=20", key=None) as endpoint, litellm(folder, endpoint.base_url) as url:
        asked = stop_in_the_midst(folder, url, "hello", "through", TUI_CHAT_API_KEY=LITELLM_KEY)
        assert (asked.code, asked.outcome) == (130, "stopped"), f"exit {asked.code}, {asked.outcome}: {asked.error}"
        endpoint.wait_until(lambda: endpoint.requests[-1].ended, 30)
        return (
            f"exit 130, {len(asked.text)} characters kept; the endpoint behind it saw: {endpoint.requests[-1].outcome}"
        )
