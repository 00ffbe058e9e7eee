"""Names of server-sent events that mean the same on many servers, and words that mark the end of a stream."""

from __future__ import annotations

from typing import Final

END_NAMES: Final = frozenset(
    """end done complete completed finish finished stop stopped eof close closed message_end message_stop stream_end
    end_of_stream""".split()  # noqa: SIM905 (readable)
)
"""Names of events, and values of an object's `type`, that mark the end of a reply."""

ERROR_NAMES: Final = frozenset({"error", "failed", "failure", "exception", "shutdown"})
"""Names of events, and values of an object's `type` or `status`, that mark a failure."""

SIGNIFICANT_NAMES: Final = END_NAMES | ERROR_NAMES
"""Names that have a meaning even without data."""

_DONE_FIELDS: Final = ("done", "finished", "is_end", "is_finished", "is_final", "final", "end", "stop", "eos")


def kind_of_object(document: dict[str, object]) -> str:
    """The lower-case `type` or `event` of a JSON object; empty if it has none."""
    for key in ("type", "event"):
        value = document.get(key)
        if isinstance(value, str) and value:
            return value.lower()
    return ""


def marks_end(document: dict[str, object]) -> bool:
    """Whether a JSON object says that the reply has ended, as in `{"done": true}`."""
    return kind_of_object(document) in END_NAMES or any(document.get(key) is True for key in _DONE_FIELDS)


def is_done(data: str) -> bool:
    """Whether the data of an event is `[DONE]`, perhaps in quotes or with something behind it."""
    word = data.strip(" \t\r\n\"'")[: len("[DONE]")].upper()
    return word in {"[DONE]", "DONE"}
