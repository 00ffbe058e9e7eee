"""Read numbers from a URL's query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.server.request_error import RequestError

if TYPE_CHECKING:
    from starlette.requests import Request


def number(request: Request, name: str, default: float, *, least: float, most: float) -> float:
    """A number from `least` to `most`, or `default` if missing. Raises `RequestError`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:  # not a number compares as false
        raise RequestError(f"`{name}` has to be a number from {least:.15g} to {most:.15g}, not `{text[:80]}`.")
    return value


def whole_number(request: Request, name: str, default: int, *, most: int) -> int:
    """A whole number from 1 to `most`, or `default` if missing. Raises `RequestError`."""
    value = number(request, name, default, least=1, most=most)
    if value != int(value):
        raise RequestError(f"`{name}` has to be a whole number.")
    return int(value)
