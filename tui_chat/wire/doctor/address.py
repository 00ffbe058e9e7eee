"""Examine the way to a host: its name, the connection, the certificate."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tui_chat.wire.doctor.findings import Finding
from tui_chat.wire.http.certificate_advice import certificate_advice
from tui_chat.wire.http.proxy import proxy_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SLOW_NAME: Final = 0.5
"""Seconds from which looking up a name counts as slow."""
SLOW_CONNECTION: Final = 1.0
_SOON: Final = 14
"""Days before its end from which a certificate gets a warning."""
_PORTS: Final = {"http": 80, "https": 443}


async def examine_address(url: str, wait: float) -> AsyncGenerator[Finding, None]:
    """Look the host of `url` up, connect to it and check its certificate, each within `wait` seconds. If there is a
    proxy, only the way to it is examined; the rest is the proxy's. Raises `SetupError` for bad proxy variables."""
    proxy = proxy_for(url)
    parts = urlsplit(proxy.url if proxy is not None else url)
    if proxy is not None:
        text = f"Requests go through the proxy {proxy.shown}, which {proxy.variable} names."
        yield Finding("proxy", "ok", text)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 1080)
    began = monotonic()
    try:
        async with asyncio.timeout(wait):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        yield Finding("name", "fail", f"The name {host} is not known ({why}).", "you", "Check the host in the URL.")
        return
    except TimeoutError:
        text = f"Looking {host} up took more than {wait:g} s."
        yield Finding("name", "fail", text, "network", "Check the DNS server of this machine.")
        return
    took = monotonic() - began
    addresses = sorted({str(address[4][0]) for address in found})
    shown = ", ".join(addresses[:3]) + (", …" if len(addresses) > 3 else "")
    text = f"{host} is {shown} ({_ms(took)})." if host not in addresses else f"{host} needs no looking up."
    if took > SLOW_NAME:
        yield Finding("name", "warn", text, "network", "Each first connection waits for this: check the DNS server.")
    else:
        yield Finding("name", "ok", text)
    began = monotonic()
    try:
        async with asyncio.timeout(wait):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        why = os.strerror(error.errno) if error.errno else f"nothing within {wait:g} s"
        advice = (
            "Start the server, or check the port."
            if isinstance(error, ConnectionRefusedError)
            else "Check the port, and firewalls in between."
        )
        yield Finding("connection", "fail", f"{host}:{port} cannot be reached ({why}).", "network", advice)
        return
    took = monotonic() - began
    writer.close()
    slow = took > SLOW_CONNECTION
    text = f"Connected to {host}:{port} in {_ms(took)}."
    yield Finding("connection", "warn" if slow else "ok", text, "network" if slow else None)
    if parts.scheme == "https":
        yield await _certificate(host, port, wait)


async def _certificate(host: str, port: int, wait: float) -> Finding:
    began = monotonic()
    try:
        context = await asyncio.to_thread(ssl.create_default_context)
        async with asyncio.timeout(wait):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        text = f"The certificate of {host} is not accepted: {error.verify_message}."
        return Finding("certificate", "fail", text, "server", certificate_advice(error))
    except (OSError, TimeoutError) as error:
        why = getattr(error, "strerror", None) or str(error) or f"nothing within {wait:g} s"
        advice = "Does the URL have to begin with http:// instead?"
        return Finding("certificate", "fail", f"{host}:{port} does not speak TLS ({why}).", "you", advice)
    took = monotonic() - began
    speaks: Any = writer.get_extra_info("ssl_object")
    certificate = speaks.getpeercert() or {}
    version = speaks.version()
    writer.close()
    with suppress(OSError, ssl.SSLError):
        await writer.wait_closed()
    days = int((ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time()) // 86400)
    text = f"{version} in {_ms(took)}; the certificate is valid for {days} more day{'' if days == 1 else 's'}."
    if days < _SOON:
        return Finding("certificate", "warn", text, "server", "It has to be renewed soon.")
    return Finding("certificate", "ok", text)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
