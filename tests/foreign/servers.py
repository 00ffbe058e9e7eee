"""nginx, tinyproxy, llama.cpp, a mock of many APIs and LiteLLM's proxy, each in a folder and on ports of its own.

nginx and tinyproxy are Debian's packages. The engines are started by scripts in `../shared/prototypes/realserver`
(TUI_CHAT_REALSERVERS names another folder); what they need is named in `why_missing`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCRIPTS = Path(
    os.environ.get("TUI_CHAT_REALSERVERS", Path(__file__).parents[3] / "shared" / "prototypes" / "realserver")
)
PATIENCE = 90.0
"""Seconds until a server has to be up."""

ENGINE_PYTHON = os.environ.get("TUI_CHAT_ENGINE_PYTHON", "")
"""A Python with the packages xllamacpp and gguf."""
AIMOCK_FOLDER = os.environ.get("TUI_CHAT_AIMOCK", "")
"""Where `npm install @copilotkit/aimock` was run."""
LITELLM = os.environ.get("TUI_CHAT_LITELLM", "")
"""The command `litellm` of an environment with the package litellm[proxy]."""

LITELLM_KEY = "sk-for-tests-of-this-machine-alone-0123456789"
"""It refuses to start without one."""

_NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host localhost;
  ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
  server {{ listen 127.0.0.1:{plain}; listen 127.0.0.1:{tls} ssl;
    location /v1/ {{ proxy_pass {upstream}; {extra} }}
  }}
  server {{ listen 127.0.0.1:{other}; location / {{ return {redirect}; }} }}
}}
"""


def free_port() -> int:
    """A TCP port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def why_missing(name: str) -> str:
    """Why a server cannot be had here; empty where it can."""
    match name:
        case "nginx" | "tinyproxy":
            found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
            return "" if found else f"no {name} here (Debian: apt-get install {name})"
        case "llama.cpp":
            if not (SCRIPTS / "llamacpp_xllamacpp.py").exists():
                return f"no scripts at {SCRIPTS} (TUI_CHAT_REALSERVERS)"
            return "" if ENGINE_PYTHON else "TUI_CHAT_ENGINE_PYTHON names no Python with xllamacpp and gguf"
        case "aimock":
            if not (SCRIPTS / "aimock.py").exists():
                return f"no scripts at {SCRIPTS} (TUI_CHAT_REALSERVERS)"
            return "" if AIMOCK_FOLDER else "TUI_CHAT_AIMOCK names no folder with @copilotkit/aimock"
        case _:
            return "" if LITELLM else "TUI_CHAT_LITELLM names no litellm command"


@contextmanager
def running(command: Sequence[str], port: int, folder: Path, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """A server, from the moment it takes connections on the port."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(env or {})}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            late = monotonic() + PATIENCE
            while not _listens(port):
                assert process.poll() is None, (folder / "server.log").read_text(errors="replace")[-2000:]
                assert monotonic() < late, f"{command[0]} does not come up"
                sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def make_certificate(folder: Path, name: str = "127.0.0.1") -> Path:
    """A certificate that nobody has signed but itself, for an address of this machine."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=IP:{name}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


class Nginx:
    """nginx in front of an endpoint: `plain`, `tls` and `redirecting` are its base URLs."""

    def __init__(self, folder: Path, upstream: str, extra: str = "", redirect: str = "") -> None:
        """`extra`: directives of the location; `redirect`: `CODE URL` of the second server, with `{plain}` and `{tls}`
        for the two ports of the first."""
        self._folder = folder
        self._ports = {name: free_port() for name in ("plain", "tls", "other")}
        self.certificate = make_certificate(folder)
        target = redirect.format(**self._ports) or "404"
        text = _NGINX.format(folder=folder, upstream=upstream, extra=extra, redirect=target, **self._ports)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")

    @property
    def plain(self) -> str:
        return f"http://127.0.0.1:{self._ports['plain']}/v1"

    @property
    def tls(self) -> str:
        return f"https://127.0.0.1:{self._ports['tls']}/v1"

    @property
    def redirecting(self) -> str:
        return f"http://127.0.0.1:{self._ports['other']}/v1"

    @contextmanager
    def running(self) -> Iterator[Nginx]:
        nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
        command = [nginx, "-p", str(self._folder), "-c", str(self._folder / "nginx.conf")]
        with running(command, self._ports["plain"], self._folder):
            yield self


@contextmanager
def tinyproxy(folder: Path, password: str = "") -> Iterator[int]:
    """tinyproxy on the port that is given; with a password it wants the user `me`."""
    port = free_port()
    login = f"BasicAuth me {password}\n" if password else ""
    text = f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogLevel Error\nAllow 127.0.0.1\n{login}"
    (folder / "tinyproxy.conf").write_text(text, encoding="utf-8")
    with running(["tinyproxy", "-d", "-c", str(folder / "tinyproxy.conf")], port, folder):
        yield port


@contextmanager
def llama_cpp(folder: Path, brake: int = 0) -> Iterator[str]:
    """llama.cpp's own server with a tiny model; gives its base URL. `brake`: the width of a layer that computes for
    nothing, so that the model writes at a person's pace."""
    port = free_port()
    command = [ENGINE_PYTHON, str(SCRIPTS / "llamacpp_xllamacpp.py"), str(port)]
    if brake:
        model = str(folder / "slow.gguf")
        making = [ENGINE_PYTHON, str(SCRIPTS / "tinymodel.py"), "gguf", model, "--ff", str(brake)]
        subprocess.run(making, check=True, capture_output=True)
        command += ["--model", model]
    with running(command, port, folder):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def aimock(folder: Path) -> Iterator[str]:
    """A mock of several APIs; gives the base URL of its chat completions."""
    port = free_port()
    command = [sys.executable, str(SCRIPTS / "aimock.py"), str(port), "--dir", AIMOCK_FOLDER]
    with running(command, port, folder):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def litellm(folder: Path, upstream: str) -> Iterator[str]:
    """LiteLLM's proxy in front of an endpoint, under the model name `through`; gives its base URL."""
    port = free_port()
    (folder / "config.yaml").write_text(
        "model_list:\n- model_name: through\n  litellm_params:\n"
        f"    model: openai/markdown\n    api_base: {upstream}\n    api_key: none\n",
        encoding="utf-8",
    )
    env = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "LITELLM_MASTER_KEY": LITELLM_KEY,
        "NO_PROXY": "*",
    }
    command = [LITELLM, "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, port, folder, env):
        yield f"http://127.0.0.1:{port}/v1"
