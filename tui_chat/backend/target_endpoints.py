"""Turns a target of the settings into an endpoint of the wire, and finds the host that is asked.

Imported before the first frame, so what parses URLs is imported on use.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.recipient import host_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.settings.targets import Target
    from tui_chat.wire.endpoint import Endpoint


def host_of(url: str) -> str:
    """Return the host that a request to `url` goes to. Raises `SetupError` for an unusable URL."""
    from urllib.parse import urlsplit

    from tui_chat.wire.endpoint import Endpoint

    return urlsplit(Endpoint(url, dialect="auto").base_url).hostname or ""


def address_of(url: str) -> str:
    """Return the host and port that a request to `url` goes to. Raises `SetupError` for an unusable URL."""
    from tui_chat.wire.endpoint import Endpoint

    return host_in(Endpoint(url, dialect="auto").base_url)


def endpoint_of(target: Target, *, insecure_key: bool = False) -> Endpoint:
    """Build the endpoint of a target, part by part, so that an error names the setting it comes from. Raises
    `SetupError`."""
    from tui_chat.settings.keys import Key
    from tui_chat.wire.endpoint import Endpoint

    origins = target.origins
    with _naming(origins["base_url"]):
        endpoint = Endpoint(
            target.base_url,
            name=target.name if target.named else "",
            dialect=target.api,
            query=target.query,
            extra_body=target.extra_body,
            send_unfinished=target.send_unfinished,
        )
    with _naming(origins.get("headers", "headers")):
        endpoint = replace(endpoint, headers=target.headers)
    if isinstance(target.key, Key):
        with _naming(target.key.origin):
            endpoint = replace(endpoint, key=target.key.value, allow_insecure_key=insecure_key)
    return endpoint


@contextmanager
def _naming(origin: str) -> Iterator[None]:
    try:
        yield
    except SetupError as error:
        raise SetupError(f"{origin}: {error}") from error
