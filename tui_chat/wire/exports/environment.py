"""The facts that a report gives about the computer it was made on, and those that it hides."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.tape_file import TapeFile

PRIVATE_HOST: Final = "private-host"
_LOCAL_ENDINGS: Final = (".local", ".lan", ".internal", ".home", ".corp", ".intranet", ".home.arpa", ".localdomain")


@dataclass(frozen=True, slots=True)
class Environment:
    """The computer on which a report was made."""

    system: str
    """The operating system and its version, as `Linux 6.1`."""
    python: str
    private: tuple[str, ...] = ()
    """The words that must not be in the report: the home folder and the computer's name."""


def this_environment() -> Environment:
    """Return the environment of this process."""
    home = os.path.expanduser("~")  # noqa: PTH111 - a text to look for, not a path
    return Environment(
        f"{platform.system()} {platform.release()} {platform.machine()}",
        platform.python_version(),
        tuple(each for each in (home, socket.gethostname()) if len(each) > 1 and each != "localhost"),
    )


def without_private_hosts(tape: TapeFile) -> TapeFile:
    """Return the tape with the name of its server replaced, if it is one of a private network, and without its proxy's
    name."""
    connection = tape.connection
    if connection.proxy:
        scheme = urlsplit(connection.proxy).scheme
        tape = replace(tape, connection=replace(connection, proxy=f"{scheme}://{PRIVATE_HOST}"))
    host = urlsplit(tape.url).hostname or ""
    if not _is_private(host):
        return tape
    pattern = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", re.IGNORECASE)

    def hidden(text: str) -> str:
        return pattern.sub(PRIVATE_HOST, text)

    return replace(
        tape,
        url=hidden(tape.url),
        headers=tuple((name, hidden(value)) for name, value in tape.headers),
        response_headers=tuple((name, hidden(value)) for name, value in tape.response_headers),
        why=hidden(tape.why),
    )


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host != "localhost" and bool(host) and ("." not in host or host.lower().endswith(_LOCAL_ENDINGS))
    return address.is_private and not address.is_loopback
