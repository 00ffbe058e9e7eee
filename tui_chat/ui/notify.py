"""The interface through which parts of the screen show a sentence to the user."""

from __future__ import annotations

from typing import Protocol


class Notify(Protocol):
    """Shows a sentence for some seconds. `bad`: it is an error."""

    def __call__(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Show `text` for `seconds`."""
        ...
