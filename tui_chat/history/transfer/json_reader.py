"""Reads and validates the lines of a JSON export; every value is checked, because a file may come from anywhere."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, get_args

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.choices.effort import EFFORTS
from tui_chat.chat.conversation import Origin
from tui_chat.chat.events import EndSignal, FailureKind, Skipped, Usage
from tui_chat.chat.message import (
    Attachment,
    CitationPart,
    ImagePart,
    Message,
    OpaquePart,
    PartKind,
    Purpose,
    Role,
    TextPart,
    Timing,
    ToolCall,
)
from tui_chat.chat.prices import Cost, CostSource
from tui_chat.history.transfer.json_format import FORMAT, OUTCOMES, VERSION, ChatHead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Part

_Value = TypeVar("_Value")
_LARGEST: Final = 2**63 - 1
"""The largest integer SQLite can store."""
_LONGEST_ID: Final = 200


class BadLineError(ValueError):
    """A line does not follow the format. Its text completes a sentence that begins with "the line"."""


def document_from(line: bytes) -> dict[str, Any]:
    """Parse a line as an object. Raises `BadLineError`."""
    try:
        document = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or a number of thousands of digits
        raise BadLineError("is not JSON") from error
    if not isinstance(document, dict):
        raise BadLineError("is not a JSON object")
    return document


def is_first_line(document: dict[str, Any]) -> bool:
    """Whether the object is the first line of an export. Raises `BadLineError` for one that a newer version wrote."""
    if document.get("format") != FORMAT:
        return False
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        word = f"{version!r:.20}" if isinstance(version, int | str | float) else "of no number"
        raise BadLineError(f"says that the file is of version {word} of the format; this program reads {VERSION}")
    return True


def chat_from(value: object) -> ChatHead:
    """Read a `chat` line. Raises `BadLineError`."""
    given = _Fields("a chat", value)
    chat = ChatHead(
        id=given.id("id"),
        created=given.finite("created"),
        changed=given.finite("changed"),
        title=given.text("title", ""),
        system=given.text("system", ""),
        pinned=given.flag("pinned"),
        leaf=given.id("leaf") if "leaf" in given else None,
        messages=given.count("messages"),
        origin=given.one_of("origin", get_args(Origin)) if "origin" in given else "",
        choices=_choices_from(given),
    )
    given.end()
    return chat


def _choices_from(given: _Fields) -> ChatChoices:
    effort = given.one_of("effort", ("", *EFFORTS)) if "effort" in given else ""
    return ChatChoices(given.text("persona", ""), effort, given.mapping("options"))


def message_from(value: object) -> Message:
    """Read a `message` line. Raises `BadLineError`."""
    given = _Fields("a message", value)
    role: Role = given.one_of("role", get_args(Role))
    message = Message(
        id=given.id("id"),
        parent=given.id("parent") if "parent" in given else None,
        role=role,
        created=given.finite("created"),
        model=given.text("model", ""),
        endpoint=given.text("endpoint", ""),
        parts=given.each("parts", _part_from),
        attachments=given.each("attachments", _attachment_from),
        usage=_usage_from(given.take("usage")) if "usage" in given else None,
        timing=_timing_from(given.take("timing")) if "timing" in given else Timing(),
        status=given.small("status") if "status" in given else None,
        url=given.text("url", ""),
        ending=_ending_from(given.take("ending")) if role == "assistant" else None,
        deltas=given.count("deltas"),
        content_bytes=given.count("content_bytes"),
        skipped=_skipped_from(given.take("skipped")) if "skipped" in given else None,
        purpose=given.one_of("purpose", get_args(Purpose)) if "purpose" in given else "",
        cost=_cost_from(given.take("cost")) if "cost" in given else None,
    )
    given.end()
    return message


def _part_from(value: object) -> Part:
    given = _Fields("a part", value)
    kind = given.text("kind")
    part: Part
    match kind:
        case "text" | "reasoning" | "refusal":
            word: PartKind = kind
            text = TextPart(word, given.number("number"), given.text("text"), given.finite("began", 0.0))
            text.ended = given.finite("ended", 0.0)
            part = text
        case "call":
            index = given.number("number")
            part = ToolCall(index, given.text("id", ""), given.text("name", ""), given.text("arguments", ""))
        case "image":
            part = ImagePart(given.text("url"))
        case "citation":
            part = CitationPart(given.text("url"), given.text("title", ""))
        case "opaque":
            part = OpaquePart(given.text("json"))
        case _:
            raise BadLineError("has a part of an unknown kind")
    given.end()
    return part


def _attachment_from(value: object) -> Attachment:
    given = _Fields("an attachment", value)
    try:
        data = base64.b64decode(given.text("data"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadLineError("has an attachment whose data is not Base64") from error
    attachment = Attachment(given.text("name"), given.text("mime"), data)
    given.end()
    return attachment


def _usage_from(value: object) -> Usage:
    given = _Fields("a usage", value)
    counts: dict[str, Any] = {
        name: given.finite(name)
        if name == "cost"
        else given.flag(name) or None
        if name.endswith("_apart")
        else given.number(name)
        for name in _names(Usage)
        if name in given
    }
    given.end()
    return Usage(**counts)


def _cost_from(value: object) -> Cost:
    given = _Fields("a cost", value)
    cost = Cost(given.count("picodollars"), given.one_of("source", get_args(CostSource)), given.flag("estimated"))
    given.end()
    return cost


def _skipped_from(value: object) -> Skipped:
    given = _Fields("a count of what was skipped", value)
    skipped = Skipped(given.count("events"), given.count("bytes"))
    given.end()
    return skipped


def _timing_from(value: object) -> Timing:
    given = _Fields("a timing", value)
    timing = Timing(**{name: given.finite(name) for name in _names(Timing) if name in given})
    given.end()
    return timing


def _ending_from(value: object) -> Ending:
    given = _Fields("an ending", value)
    outcome = given.one_of("outcome", tuple(OUTCOMES))
    kind = OUTCOMES[outcome]
    readers: dict[str, Callable[[str], object]] = {
        "at": given.finite,
        "status": given.small,
        "sign": lambda name: given.one_of(name, get_args(EndSignal)),
        "kind": lambda name: given.one_of(name, get_args(FailureKind)),
    }
    said: dict[str, Any] = {"reason": None} if outcome == "finished" else {}
    said |= {name: readers.get(name, given.text)(name) for name in _names(kind) if name in given}
    given.end()
    try:
        return kind(**said)
    except TypeError as error:  # a required field is missing
        raise BadLineError(f"has an ending that says too little for {outcome!r}") from error


def _names(kind: type[Any]) -> list[str]:
    return [each.name for each in fields(kind)]


class _Fields:
    """The fields of an object, read one by one. All methods raise `BadLineError`."""

    def __init__(self, what: str, value: object) -> None:
        if not isinstance(value, dict):
            raise BadLineError(f"has {what} that is not a JSON object")
        self._what = what
        self._left = dict(value)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, otherwise: object = None) -> object:
        """Remove and return a value of any type."""
        return self._left.pop(name, otherwise)

    def end(self) -> None:
        """Check that no field is left, because it would be lost."""
        for name in self._left:
            raise BadLineError(f"has {self._what} with an unknown field {name!r:.40}")

    def text(self, name: str, otherwise: str | None = None) -> str:
        """Return a string; it is required unless `otherwise` is given."""
        value = self.take(name, otherwise)
        return value if isinstance(value, str) else self._bad(name, "text")

    def id(self, name: str) -> str:
        """Return the id of a chat or a message."""
        value = self.take(name)
        fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isascii() and value.isprintable()
        return str(value) if fits else self._bad(name, "an id")

    def finite(self, name: str, otherwise: float | None = None) -> float:
        """Return a finite number: a time or a sum of money."""
        value = self._amount(name, otherwise)
        return value if math.isfinite(value) else self._bad(name, "a number that is finite")

    def _amount(self, name: str, otherwise: float | None = None) -> float:
        value = self.take(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._bad(name, "a number")
        try:
            return float(value)
        except OverflowError:
            self._bad(name, "a number of that size")

    def number(self, name: str) -> int:
        """Return a whole number of any size; 0 if it is missing."""
        value = self.take(name, 0)
        return value if isinstance(value, int) and not isinstance(value, bool) else self._bad(name, "a whole number")

    def small(self, name: str) -> int:
        """Return a whole number that SQLite can store."""
        value = self.number(name)
        return value if -_LARGEST <= value <= _LARGEST else self._bad(name, "a number of that size")

    def count(self, name: str) -> int:
        """Return a whole number that is not negative and that SQLite can store."""
        value = self.small(name)
        return value if value >= 0 else self._bad(name, "a count")

    def flag(self, name: str) -> bool:
        """Return a Boolean; false if it is missing."""
        value = self.take(name) if name in self else False
        return value if isinstance(value, bool) else self._bad(name, "true or false")

    def mapping(self, name: str) -> dict[str, Any]:
        """Return a JSON object; empty if it is missing."""
        value = self.take(name, {})
        return value if isinstance(value, dict) else self._bad(name, "an object")

    def one_of(self, name: str, words: Sequence[str]) -> Any:
        """Return a value that is one of `words`."""
        value = self.take(name)
        return value if value in words else self._bad(name, f"one of {', '.join(words)}")

    def each(self, name: str, read: Callable[[object], _Value]) -> list[_Value]:
        """Return a list whose items `read` converts; empty if it is missing."""
        values = self.take(name, [])
        return [read(value) for value in values] if isinstance(values, list) else self._bad(name, "a list")

    def _bad(self, name: str, wanted: str) -> NoReturn:
        raise BadLineError(f"has {self._what} whose {name!r} is not {wanted}")
