"""What a client learns from refusals: changes to each request to come."""

from __future__ import annotations

from typing import Any

from tui_chat.chat.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class RequestFix:
    """One change to a request's JSON: a field is left out, renamed, or gets a value the server takes."""

    field: str
    """Dots lead into objects: `reasoning.summary`."""
    rename: str = ""
    """Its other name beside it."""
    value: object = None
    """What it is set to."""

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        """A body with this change; the body itself, where the field is not in it."""
        return _applied(body, self.field.split("."), self)


def _applied(body: dict[str, Any], path: list[str], fix: RequestFix) -> dict[str, Any]:
    name, *inner = path
    if name not in body:
        return body
    if inner:
        held = body[name]
        return {**body, name: _applied(held, inner, fix)} if isinstance(held, dict) else body
    rest = {key: value for key, value in body.items() if key != name}
    if fix.rename:
        return {**rest, fix.rename: body[name]}
    return rest if fix.value is None else {**rest, name: fix.value}
