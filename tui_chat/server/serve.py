"""`tui-chat serve`: run only the endpoint, in the foreground."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import re
import shlex
import socket
import sys
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError
from tui_chat.signals import BY_SIGNAL, stopping_on_signals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.server.scripted.replies import Replies

DEFAULT_PORT = 8484


def run(
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    key: str | None = None,
    replies: Replies | None = None,
    file: Path | None = None,
    cors: Sequence[str] = (),
    ready_fd: int | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status: 130 or 143.

    Prints the base URL and a command to try it on stdout, and a log line for each request on stderr. `port`: 0 uses any
    free one. `replies`: the models. `file`: the large file to download. `cors`: origins whose pages may use the
    endpoint from a browser, `*` for all. `ready_fd`: a file descriptor that receives the base URL and is closed once
    connections are accepted. Replies that are still running at the end receive an error.

    Raises `SetupError` if the address is not available, if other machines can reach it and there is no `key`, or if the
    file or an origin is invalid.
    """
    if file is not None and not file.is_file():
        raise SetupError(f"serve: --file {file}: there is no such file.")
    origins = [_origin(text) for text in cors]
    listening = _listen(host, port, guarded=bool(key))
    base_url = _base_url(listening)
    _log_to_stderr()
    _announce(base_url, key)
    if ready_fd is not None:
        with os.fdopen(ready_fd, "w", encoding="utf-8") as ready:
            ready.write(f"{base_url}\n")

    async def until_signalled() -> int:
        from tui_chat.server.app import EndpointApp
        from tui_chat.server.http.uvicorn_server import serve

        closing = asyncio.Event()
        caught: list[int] = []

        def close(number: int) -> None:
            caught.append(number)
            closing.set()

        # Not SIGHUP: whoever starts it with `nohup` wants it to stay.
        with stopping_on_signals(close, ("SIGINT", "SIGTERM")):
            await serve(EndpointApp(closing, key=key or None, replies=replies, file=file, cors=origins), listening)
        return BY_SIGNAL + caught[0]

    return asyncio.run(until_signalled())


def _origin(text: str) -> str:
    """An origin in the form that browsers send: scheme, host and port. Raises `SetupError`."""
    origin = text.rstrip("/").lower()
    if origin not in {"*", "null"} and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+", origin):
        raise SetupError(f"serve: --cors {text}: an origin looks like https://example.com or http://localhost:3000.")
    return origin


def _listen(host: str, port: int, *, guarded: bool) -> socket.socket:
    where = f"{host}:{port}"
    if not 0 <= port <= 65535:  # getaddrinfo would take it modulo 65536
        raise SetupError(f"serve: {port} is not a port; they go from 0 (any free one) to 65535.")
    try:
        # The first address of a name is the one that is used.
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise SetupError(f"serve: {where} is not an address of this machine ({error}).") from error
    if not guarded and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise SetupError(f"serve: other machines can reach {where}, so it needs a key: set TUI_CHAT_SERVE_KEY.")
    try:
        return socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        raise SetupError(f"serve: cannot listen on {where}: {os.strerror(error.errno or 0)}.") from error


def _base_url(listening: socket.socket) -> str:
    """A URL that works on this machine, even if the socket listens on all addresses."""
    host, port = listening.getsockname()[:2]
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    return f"http://{f'[{here}]' if ':' in here else here}:{port}/v1"


def _announce(base_url: str, key: str | None) -> None:
    with_key = "TUI_CHAT_API_KEY=… " if key else ""
    try_it = f"Try it: TUI_CHAT_BASE_URL={shlex.quote(base_url)} {with_key}tui-chat -m demo"
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(f"{base_url}\n{try_it}\nIn a browser: {base_url.removesuffix('v1')}\n")
        sys.stdout.flush()
    except OSError as error:
        raise SetupError(f"serve: standard output cannot be written: {error.strerror}") from error


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name, level in (("tui_chat.server", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
