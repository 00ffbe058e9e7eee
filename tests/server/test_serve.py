from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.chat.model_ports import SetupError
from tui_chat.server.serve import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "a-key-nobody-should-see"


@contextmanager
def serving(arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`run` in a process of its own, and the URL it gave to its `ready_fd`."""
    reader, writer = os.pipe()
    program = f"from tui_chat.server.serve import run; raise SystemExit(run(port=0, ready_fd={writer}, {arguments}))"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[writer],
    )
    os.close(writer)
    with process:
        try:
            with os.fdopen(reader) as ready:
                yield process, ready.read().strip()
        finally:
            process.kill()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order_and_tells_the_reply_under_way(number: signal.Signals, status: int) -> None:
    with serving(f"key={KEY!r}") as (process, url):
        asked = {"model": "long", "stream": True, "messages": [{"role": "user", "content": "a secret"}]}
        with httpx.stream(
            "POST",
            f"{url}/chat/completions?key=in-the-query",
            json=asked,
            headers={"Authorization": f"Bearer {KEY}"},
            trust_env=False,
            timeout=PATIENCE,
        ) as response:
            lines = response.iter_lines()
            assert '"content"' in next(lines)
            process.send_signal(number)
            assert '"shutting_down"' in [line for line in lines if line][-1]
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert out.splitlines()[0] == url
    assert f"TUI_CHAT_BASE_URL={url} TUI_CHAT_API_KEY=… tui-chat -m demo" in out
    assert err.count("\n") == 1
    assert "POST /v1/chat/completions 200 model='long'" in err
    assert "shutdown after" in err
    for secret in (KEY, "a secret", "in-the-query"):
        assert secret not in out + err


def test_without_a_key_it_asks_for_none_on_loopback() -> None:
    with serving("") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/models", trust_env=False).status_code == 200
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert "API_KEY" not in out


def test_the_url_of_all_addresses_works_from_here() -> None:
    with serving(f"host='0.0.0.0', key={KEY!r}") as (process, url):
        assert httpx.get(f"{url}/models", trust_env=False).status_code == 401
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
@pytest.mark.parametrize("key", [None, ""])
def test_another_address_than_loopback_needs_a_key(host: str, key: str | None) -> None:
    with pytest.raises(SetupError, match=r"^serve: other machines can reach .* needs a key: set TUI_CHAT_SERVE_KEY\.$"):
        run(host=host, port=0, key=key)


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            SetupError, match=rf"^serve: cannot listen on 127\.0\.0\.1:{port}: Address already in use\.$"
        ):
            run(port=port)


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70000), ("127.0.0.1", -1), ("", 0), ("a" * 300, 0)]
)
def test_an_address_that_is_none_is_one_line(host: str, port: int) -> None:
    with pytest.raises(SetupError, match=r"^serve: .+") as raised:
        run(host=host, port=port)
    assert "\n" not in str(raised.value)


def test_the_command_line_gives_the_file_and_the_origins(tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(b"0123456789")
    words = ["serve", "--port", "0", "--file", str(file), "--cors", "https://a.example/", "--cors", "http://b:3000"]
    with subprocess.Popen(
        [sys.executable, "-m", "tui_chat", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            *_, page = (process.stdout.readline() for _ in range(3))
            root = page.removeprefix("In a browser: ").strip()
            for origin in ("https://a.example", "http://b:3000"):
                answer = httpx.get(f"{root}download-large-file", headers={"Origin": origin}, trust_env=False)
                assert answer.content == b"0123456789"
                assert answer.headers["access-control-allow-origin"] == origin
        finally:
            process.terminate()


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(SetupError, match=r"^serve: --file .*: there is no such file\.$"):
            run(port=0, file=path)


@pytest.mark.parametrize(
    "origin", ["example.com", "https://", "https://a.example/path", "https://a.example?x", "https://u@a.example", ""]
)
def test_what_is_no_origin_is_one_line(origin: str) -> None:
    with pytest.raises(SetupError, match=r"^serve: --cors .*an origin looks like https://example\.com"):
        run(port=0, cors=[origin])
