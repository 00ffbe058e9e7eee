"""The flags of the command line that concern the requests of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The flags of the command line that concern this run's requests."""

    flags: Mapping[str, str]
    """The settings that were given on the command line, by their names."""
    stream: bool = True
    """Whether to request streamed replies."""
    rest: float = 0.0
    """Seconds between two reads of a reply that arrives in faster pieces."""
    options: Mapping[str, object] | None = None
    """Sampling options that override those of the settings."""
    remembers: bool = True
    """Whether anything may be written to disk."""
    patient: bool = False
    """Whether silence never ends a reply: a recorded one may be paused for as long as a person likes."""
