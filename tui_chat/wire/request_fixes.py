"""What a client learns from refusals: changes to each request to come."""

from __future__ import annotations

from typing import Any

from tui_chat.chat.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change to a request's JSON: a field is left out, renamed, or gets a value the server takes."""

    field: str
    """Dots lead into objects: `reasoning.summary`."""
    rename: str = ""
    """Its other name beside it."""
    value: object = None
    """What it is set to."""

    def amended(self, body: dict[str, Any]) -> dict[str, Any]:
        """A body with this change; the body itself, where the field is not in it."""
        return _amended(body, self.field.split("."), self)


def _amended(body: dict[str, Any], path: list[str], amendment: Amendment) -> dict[str, Any]:
    name, *inner = path
    if name not in body:
        return body
    if inner:
        held = body[name]
        return {**body, name: _amended(held, inner, amendment)} if isinstance(held, dict) else body
    rest = {key: value for key, value in body.items() if key != name}
    if amendment.rename:
        return {**rest, amendment.rename: body[name]}
    return rest if amendment.value is None else {**rest, name: amendment.value}
