"""The options for a reply: pace, style and faults, as one value.

The same options can be given as flags of `tui-chat serve`, in the request header `X-TUI-Chat`, and after a model's
name. For each option, the last in this order wins:

    tui-chat serve --usage every --keep-alive 5
    X-TUI-Chat: end=empty&newline=crlf
    {"model": "long?rate=200&first=0&fault=cut&after=50"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl

from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.server.formats.style import PLAIN, EventLines, Newline, Style, UsageTelling
from tui_chat.server.scripted.fault_kinds import Fault
from tui_chat.server.scripted.faults import FAULTS, kind_of
from tui_chat.server.scripted.pacing import Pace

HEADER = "X-TUI-Chat"
"""The request header that may contain options."""

FAULTY = "fault:"
"""Prefix of the names of models that only produce a fault."""


class OptionError(ValueError):
    """An unknown option or an invalid value; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class ResponseOptions:
    """The pace, style and fault of a reply."""

    pace: Pace = Pace()
    style: Style = PLAIN
    pieces: int = 0
    """Size of the pieces in which a body is sent, in bytes; 0: one piece for each event."""
    fault: Fault | None = None

    def with_query(self, options: str) -> ResponseOptions:
        """A copy with the options of a query string. Raises `OptionError`."""
        response_options = self
        for name, text in parse_qsl(options, keep_blank_values=True):
            response_options = response_options.with_option(name, text)
        return response_options

    def with_option(self, name: str, text: str) -> ResponseOptions:
        """A copy with one option changed. Raises `OptionError`."""
        if name == "fault":
            return self._with_fault(text)
        if name in FAULT_OPTIONS:
            return self._with_fault_option(name, text)
        option = OPTIONS.get(name)
        if option is None:
            known = ", ".join(f"`{each}`" for each in OPTIONS)
            raise OptionError(f"There is no option `{name}`; there are {known}.")
        value = option.read(name, text)
        match option.part:
            case "pace":
                return replace(self, pace=replace(self.pace, **{option.field: value}))
            case "style":
                return replace(self, style=replace(self.style, **{option.field: value}))
            case _:
                return replace(self, pieces=value)

    def _with_fault(self, text: str) -> ResponseOptions:
        name, _, options = text.partition("?")
        if name == "none":
            return replace(self, fault=None)
        try:
            kind_of(name)
        except KeyError:
            known = ", ".join(["400 to 599", *FAULTS])
            raise OptionError(f"There is no fault `{name}`; there are {known}.") from None
        return replace(self, fault=Fault(name)).with_query(options)

    def _with_fault_option(self, name: str, text: str) -> ResponseOptions:
        if self.fault is None:
            raise OptionError(f"The option `{name}` belongs to a fault, and none is asked for.")
        allowed = (*kind_of(self.fault.name).options, "times", "wait")
        if name not in allowed:
            raise OptionError(f"The fault `{self.fault.name}` has no option `{name}`; it has {', '.join(allowed)}.")
        return replace(self, fault=replace(self.fault, **{name: FAULT_OPTIONS[name](name, text)}))


def split_model(model: str, response_options: ResponseOptions) -> tuple[str, ResponseOptions]:
    """Split a model's name into the name and its options, added to `response_options`; the name is empty for a model
    that only produces a fault. Raises `OptionError`."""
    name, _, options = model.partition("?")
    if name.startswith(FAULTY):
        response_options, name = response_options.with_option("fault", name.removeprefix(FAULTY)), ""
    return name, response_options.with_query(options)


# ---- values

Reader: TypeAlias = Callable[[str, str], Any]
"""Takes an option's name and text, and returns its value. Raises `OptionError`."""


def _number(most: float) -> Reader:
    def read(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:  # not a number compares as false
            raise OptionError(f"The option `{name}` has to be a number from 0 to {most:.0f}, not `{text}`.")
        return value

    return read


def _whole(most: int) -> Reader:
    def read(name: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= most):
            raise OptionError(f"The option `{name}` has to be a whole number from 0 to {most}, not `{text}`.")
        return int(text)

    return read


def _rate(name: str, text: str) -> float | None:
    return _number(1_000_000)(name, text) or None


def _one_of(words: tuple[str, ...]) -> Reader:
    def read(name: str, text: str) -> str:
        if text not in words:
            raise OptionError(f"The option `{name}` has to be {' or '.join(words)}, not `{text}`.")
        return text

    return read


def _yes_or_no(name: str, text: str) -> bool:
    return bool(_one_of(("yes", "no"))(name, text) == "yes")


def _text(name: str, text: str) -> str:
    if not text.isprintable():
        raise OptionError(f"The option `{name}` holds characters that cannot be printed.")
    return text


def _header(name: str, text: str) -> str:
    """A text that is valid as a header's value. Raises `OptionError`."""
    if not text.isascii():
        raise OptionError(f"The option `{name}` holds characters that are not ASCII.")
    return _text(name, text)


@dataclass(frozen=True, slots=True)
class Option:
    """One option for replies."""

    part: Literal["pace", "style", ""]
    field: str
    read: Reader
    value: str
    """The expected value, for help texts."""
    about: str


def _chosen(field: str, words: object, about: str) -> Option:
    values = get_args(words)
    return Option("style", field, _one_of(values), "|".join(values), about)


OPTIONS: Mapping[str, Option] = {
    "rate": Option("pace", "rate", _rate, "N", "deltas a second; 0: as fast as the client reads"),
    "first": Option("pace", "first", _number(86400), "SECONDS", "the silence before the first delta"),
    "jitter": Option("pace", "jitter", _number(1), "0..1", "how uneven the gaps between deltas are"),
    "keep-alive": Option("pace", "keep_alive", _number(86400), "SECONDS", "the silence after which a comment is sent"),
    "seed": Option("style", "seed", _text, "TEXT", "the same text gives the same ids, times and jitter again"),
    "usage": _chosen(
        "usage", UsageTelling, "token counts: as the request asks, in the last event, in every one, or not"
    ),
    "finish": _chosen("finish", Literal["given", "never"], "whether a finish reason is given"),
    "end": _chosen("end", Literal["done", "empty", "none"], "what ends a stream: [DONE], an empty `data:`, or nothing"),
    "newline": _chosen("newline", Newline, "what ends a line; own: as the API does it"),
    "space": Option("style", "space", _yes_or_no, "yes|no", "whether a space follows `data:`"),
    "event": _chosen("event", EventLines, "`event:` lines: the API's own, `message` as Go's Gin writes, or none"),
    "pieces": Option("", "pieces", _whole(1_000_000), "BYTES", "send bodies in pieces of this many bytes"),
}
"""By name. In addition there are `fault` and the options of faults."""

FAULT_OPTIONS: Mapping[str, Reader] = {
    "times": _whole(1_000_000),
    "wait": _number(86400),
    "after": _whole(1_000_000_000),
    "bytes": _whole(1_000_000_000),
    "size": _whole(1_000_000_000),
    "pause": _number(86400),
    "retry": _header,
    "message": _text,
    "type": _header,
    "code": _text,
}
