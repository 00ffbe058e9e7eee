"""The names of the themes as people write them: `dark` is `tui-chat-dark`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container

_OWN: Final = "tui-chat-"


def full_name(name: str, known: Container[str]) -> str:
    """Return the name under which a theme is `known`; the name as it is, if there is none."""
    written = name.strip().lower().replace("_", "-").replace(" ", "-")
    return next((each for each in (name, written, f"{_OWN}{written}") if each in known), name)


def short_name(name: str) -> str:
    """The name of a theme without the program's own, as lists of names have it."""
    return name.removeprefix(_OWN)
