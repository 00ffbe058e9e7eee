"""Single values as columns hold them: exact text, and small values as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.events import CutOff, Failed, Finished, Skipped, Stopped, Usage
from tui_chat.chat.message import Timing

if TYPE_CHECKING:
    from tui_chat.chat.events import Ending

Column: TypeAlias = "str | bytes"

_ENDINGS: Final[dict[str, type[Finished | CutOff | Failed | Stopped]]] = {
    "finished": Finished,
    "cut-off": CutOff,
    "failed": Failed,
    "stopped": Stopped,
}
_WORDS: Final = {kind: word for word, kind in _ENDINGS.items()}
_LARGEST: Final = 2**63 - 1
_SECRETS: Final = re.compile(r"(?<=://)[^/?#]*@|[?#].*", re.DOTALL)


def column(text: str) -> Column:
    """A text as a column takes it: itself, or bytes where it has lone surrogates, which SQLite's text cannot have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text(value: Column) -> str:
    """The exact text of a column."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def json_column(value: object) -> Column:
    """A value as JSON. Characters stand as they are: written as escapes, two surrogates that a server sent apart would
    come back as one character."""
    return column(json.dumps(value, ensure_ascii=False))


def from_json(held: Column) -> Any:
    """The value again."""
    return json.loads(text(held))


def address(url: str) -> str:
    """A URL as it may be kept: without user and password, and without its query, where keys may stand."""
    return _SECRETS.sub("", url) if "://" in url else url


def number_column(number: int) -> int | str:
    """A whole number of any size; those beyond SQLite's are text."""
    return number if -_LARGEST <= number <= _LARGEST else str(number)


def usage_json(usage: Usage | None) -> str | None:
    """The counts that were reported."""
    if usage is None:
        return None
    return json.dumps({name: count for name, count in asdict(usage).items() if count is not None})


def usage_from(held: str | None) -> Usage | None:
    """Token counts again."""
    return None if held is None else Usage(**json.loads(held))


def timing_json(timing: Timing) -> str | None:
    """What has happened so far."""
    seconds = {name: at for name, at in asdict(timing).items() if at is not None}
    return json.dumps(seconds) if seconds else None


def timing_from(held: str | None) -> Timing:
    """The same again."""
    return Timing(**json.loads(held)) if held is not None else Timing()


def ending_json(ending: Ending | None, skipped: Skipped | None = None) -> Column | None:
    """An ending by the word for its kind, with what it says, and with what was skipped of the stream before it."""
    if ending is None:
        return None
    said = asdict(ending)
    if isinstance(ending, Failed):
        said["url"] = address(ending.url)
    if skipped is not None:
        said["skipped"] = [skipped.events, skipped.bytes]
    return json_column({"ended": _WORDS[type(ending)], **said})  # a failure has a `kind` of its own


def ending_from(held: Column | None) -> Ending | None:
    """The same again."""
    if held is None:
        return None
    fields: dict[str, Any] = from_json(held)
    fields.pop("skipped", None)
    return _ENDINGS[fields.pop("ended")](**fields)


def skipped_from(held: Column | None) -> Skipped | None:
    """What was skipped before an ending."""
    skipped = from_json(held).get("skipped") if held is not None else None
    return None if skipped is None else Skipped(*skipped)
