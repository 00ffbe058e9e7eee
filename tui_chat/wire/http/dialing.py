"""Open a TCP connection to a host, and say how long its name and the connection took.

Like "happy eyeballs" (RFC 8305): the addresses of a name are tried one after the other, each a moment after the one
before it, and the first that connects wins. httpcore's own way does the same but does not tell the times apart.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_chat.wire.http.light_httpx import httpcore

if TYPE_CHECKING:
    from collections.abc import Sequence

DELAY: Final = 0.25
"""Seconds that an address has before the next one is tried too."""


class Dialed(NamedTuple):
    """An open connection, and how long its steps took in seconds."""

    stream: httpcore.AsyncNetworkStream
    dns: float | None
    """Looking the name up; `None`: the host is an address."""
    connect: float


async def dial(
    backend: httpcore.AsyncNetworkBackend,
    host: str,
    port: int,
    seconds: float | None,
    *,
    local_address: str | None = None,
    options: Sequence[httpcore.SOCKET_OPTION] | None = None,
) -> Dialed:
    """Connect within `seconds`. Raises `httpcore.ConnectError` and `httpcore.ConnectTimeout`."""
    began = monotonic()
    try:
        async with asyncio.timeout(seconds):
            if _is_address(host):
                stream = await backend.connect_tcp(host, port, None, local_address, options)
                return Dialed(stream, None, monotonic() - began)
            addresses = await _look_up(host, port)
            known = monotonic()
            stream = await _first(backend, addresses, port, local_address, options)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    return Dialed(stream, known - began, monotonic() - known)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def _look_up(host: str, port: int) -> list[str]:
    """The addresses of a name: the first, then the first of the other family, then the rest, in the system's order."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    families = {str(address[0]): family for family, _, _, _, address in found}
    addresses = list(families)
    other = next((each for each in addresses if families[each] != families[addresses[0]]), None)
    if other is not None:
        addresses.remove(other)
        addresses.insert(1, other)
    return addresses


async def _first(
    backend: httpcore.AsyncNetworkBackend,
    addresses: Sequence[str],
    port: int,
    local_address: str | None,
    options: Sequence[httpcore.SOCKET_OPTION] | None,
) -> httpcore.AsyncNetworkStream:
    """Connect to the first address that can be reached."""
    if len(addresses) == 1:
        return await backend.connect_tcp(addresses[0], port, None, local_address, options)
    waiting = deque(addresses)
    pending: set[asyncio.Task[httpcore.AsyncNetworkStream]] = set()
    failures: list[Exception] = []
    won: httpcore.AsyncNetworkStream | None = None
    try:
        while waiting or pending:
            if waiting:
                connecting = backend.connect_tcp(waiting.popleft(), port, None, local_address, options)
                pending.add(asyncio.create_task(connecting))
            done, _ = await asyncio.wait(
                pending, timeout=DELAY if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if isinstance(error := task.exception(), Exception):
                    failures.append(error)
                    pending.discard(task)
                elif won is None:
                    won = task.result()
                    pending.discard(task)
            if won is not None:
                return won
    finally:
        for task in pending:
            task.cancel()
        for late in await asyncio.gather(*pending, return_exceptions=True):
            if not isinstance(late, BaseException):
                await late.aclose()
    raise httpcore.ConnectError("All connection attempts failed") from ExceptionGroup("connecting failed", failures)
