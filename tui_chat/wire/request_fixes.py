"""Changes to later requests that a client has learned from refusals."""

from __future__ import annotations

from typing import Any

from tui_chat.chat.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class RequestFix:
    """One change to a request's JSON: a field is removed, renamed, or set to an accepted value."""

    field: str
    """The name of the field; dots lead into objects: `reasoning.summary`."""
    rename: str = ""
    """The new name; empty: the name stays."""
    value: object = None
    """The new value; `None` (without a new name): the field is removed."""

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with this change, or the body itself if it does not have the field."""
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
