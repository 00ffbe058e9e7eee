"""Clients and a server written in Go with Gin, by other people: built from `../shared/brief` (or TUI_CHAT_BRIEF)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(os.environ.get("TUI_CHAT_BRIEF", Path(__file__).parents[3] / "shared" / "brief"))

GOPATH = Path(os.environ.get("TUI_CHAT_GOPATH", "/usr/share/gocode"))
"""The folder of the Go sources that Debian's packages install."""

GIN_TEXT = "服务。请问有什么可以帮您的吗?那我先退下了。"
"""The answer of the server's `/chat`."""

BUILD_WAIT = 600.0
"""Seconds that a build may take."""


def reason_to_skip(*, gin: bool) -> str:
    """The reason why the programs cannot be built here; empty if they can."""
    if not (FOLDER / "go").is_dir():
        return f"the Go programs are not at {FOLDER} (TUI_CHAT_BRIEF names another folder)"
    if shutil.which("go") is None:
        return "no Go here (Debian: apt-get install golang-go)"
    if gin and not (GOPATH / "src" / "github.com" / "gin-gonic" / "gin").is_dir():
        return "no Gin here (Debian: apt-get install golang-github-gin-gonic-gin-dev)"
    return ""


def built(name: str, folder: Path) -> Path:
    """Build a program into `folder` and return its path; skips the test if it cannot be built."""
    if why := reason_to_skip(gin=name == "server"):
        pytest.skip(why)
    target = folder / name
    if not target.exists():
        subprocess.run(
            ["go", "build", "-o", str(target), str(FOLDER / "go" / name / "main.go")],
            env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(folder / "cache")},
            check=True,
            timeout=BUILD_WAIT,
        )
    return target


@contextmanager
def gin_server(program: Path, folder: Path, *, end: str, newline: str) -> Iterator[str]:
    """The Gin server with that end of its streams and those line ends (`n` or `rn`); gives `http://HOST:PORT`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    (folder / "large-file.txt").write_text("A line of a large file.\n" * 50_000, encoding="utf-8")
    process = subprocess.Popen(
        [program],
        cwd=folder,
        env={**os.environ, "ADDR": address, "END": end, "NL": newline},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            _wait_for(address)
            yield f"http://{address}"
        finally:
            process.kill()


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    late = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert monotonic() < late, "the server does not come up"
            sleep(0.02)
        else:
            return
