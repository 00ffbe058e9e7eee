"""Mask secrets (keys, passwords) in text.

Texts that an endpoint reports (errors, reasons, names, URLs) are masked before they are shortened, shown, stored or
logged. Text written by a model is not masked: it is shown and sent back unchanged, and a secret could be split over two
deltas anyway.
"""

from __future__ import annotations

import binascii
import json
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from tui_chat.chat.events import (
    Citation,
    Image,
    KeepAlive,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.quick_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from tui_chat.chat.events import ChatEvent

MASK: Final = "••••"

SHORTEST: Final = 6
"""Characters of the shortest secret that is masked. A shorter one can occur in ordinary words, and masking it would
make messages unreadable; real keys are longer."""

_PLACEHOLDERS: Final = frozenset(
    {"ollama", "lm-studio", "llama.cpp", "local", "not-needed", "no-key", "no-key-required", "sk-no-key-required"}
    | {"dummy", "dummy-key", "api-key", "api_key", "apikey", "token-abc123"}
)
"""Values that people set for a required key that is not needed; they are not secret and occur in ordinary messages."""

_PUBLIC: Final = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-type", "origin"}
    | {"user-agent", "referer", "http-referer", "x-title", "anthropic-version", "anthropic-beta", "openai-beta"}
    | {"api-version", "version", "alt", "model", "deployment", "stream", "format"}
)
"""Headers and query parameters whose values are not secret; any other may contain a key."""

_SCHEMES: Final = frozenset({"basic", "bearer", "token", "key", "apikey", "api-key", "digest"})

_CONTENT: Final = frozenset(
    {TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, Citation, Image, Opaque, UsageReport, KeepAlive}
)
"""Events written by the model, and events without text."""

_OUR_WORDS: Final = frozenset({"kind", "sign"})
"""Fields with fixed values that code compares."""

_Value = TypeVar("_Value")


class Secrets:
    """A set of secret values, each in every spelling that a server or a library may repeat."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Take the secret values; those shorter than `SHORTEST` and well-known placeholders are ignored."""
        kept = {value for value in values if len(value) >= SHORTEST and value.lower() not in _PLACEHOLDERS}
        self.values: Final = frozenset(kept)
        spellings = {spelling for value in kept for spelling in _spellings(value)}
        self.spellings: Final = tuple(sorted(spellings, key=lambda each: (-len(each), each)))
        """Longest first, because a short secret may be part of a long one."""

    def __or__(self, other: Secrets) -> Secrets:
        return Secrets(self.values | other.values)

    def masked(self, text: str) -> str:
        """Return `text` with each secret replaced by `MASK`."""
        for spelling in self.spellings:
            text = text.replace(spelling, MASK)
        return text

    def masked_event(self, event: ChatEvent) -> ChatEvent:
        """Return `event` with its texts masked, except for text written by the model."""
        return event if type(event) in _CONTENT else self.masked_fields(event)

    def masked_events(self, events: Sequence[ChatEvent]) -> Sequence[ChatEvent]:
        """Mask a batch of events; content events, the majority, are returned unchanged."""
        if not self.spellings or all(type(event) in _CONTENT for event in events):
            return events
        return [self.masked_event(event) for event in events]

    def masked_fields(self, value: _Value) -> _Value:
        """Return a copy of a dataclass instance with slots, all its texts masked."""
        changed: dict[str, Any] = {}
        whole: Any = value
        for name in type(whole).__slots__:
            text = getattr(whole, name)
            if type(text) is str and name not in _OUR_WORDS and (masked := self.masked(text)) != text:
                changed[name] = masked
        made: _Value = replace(whole, **changed) if changed else whole
        return made


def mask_crashes(masked: Callable[[str], str]) -> None:
    """Print the traceback of an exception that ends the program or a thread through `masked`, because an exception's
    text may contain any value."""

    def write(kind: type[BaseException], error: BaseException | None, frames: TracebackType | None) -> None:
        from traceback import format_exception

        if sys.stderr is not None:
            sys.stderr.write(masked("".join(format_exception(kind, error, frames))))

    sys.excepthook = write
    threading.excepthook = lambda crash: write(crash.exc_type, crash.exc_value, crash.exc_traceback)


def in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """The secrets in HTTP headers: whole values, credentials without their scheme, cookies, and the password of a
    Basic header."""
    for name, value in headers.items():
        name, value = name.lower(), value.strip()
        if name in _PUBLIC:
            continue
        yield value
        scheme, _, rest = value.partition(" ")
        if scheme.lower() in _SCHEMES:
            yield rest.strip()
        if scheme.lower() == "basic":
            yield from _in_basic(rest.strip())
        if name == "cookie" or (rest and "authorization" in name):
            for piece in value.replace(",", ";").split(";"):
                yield piece.partition("=")[2].strip().strip('"')


def in_query(query: Mapping[str, str]) -> Iterator[str]:
    """The secrets in a URL's query: all values except those of parameters known to be public."""
    return (value for name, value in query.items() if name.lower() not in _PUBLIC)


def in_user_info(netloc: str) -> Iterator[str]:
    """The secrets in the `user:password@` of a URL: the password or a lone user name, and its encoding in a Basic
    header."""
    info, at, _ = netloc.rpartition("@")
    if not at:
        return
    user, _, password = info.partition(":")
    yield password or user
    yield unquote(password or user)
    yield _base64(info)
    yield _base64(unquote(info))


def in_url(url: str) -> Iterator[str]:
    """The secrets in a whole URL: in its query and in its user and password."""
    parts = urlsplit(url)
    yield from in_user_info(parts.netloc)
    yield from in_query(dict(parse_qsl(parts.query)))


def _in_basic(credentials: str) -> Iterator[str]:
    try:
        yield from in_user_info(binascii.a2b_base64(credentials).decode() + "@")
    except ValueError:  # not Base64, or not text: there is no password in it
        return


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield secret.lower()
    yield secret.upper()
    yield " ".join(secret.split())
    for encoded in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield encoded
        yield _small_hex(encoded)
    plain, escaped = json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]
    for text in (plain, escaped):
        yield text
        yield text.replace("/", "\\/")  # as PHP writes JSON
        yield "".join(f"\\u{ord(each):04x}" if each in "<>&'+" else each for each in text)  # as Go and .NET do
    page = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield page
    yield page.replace('"', "&quot;").replace("'", "&#x27;")
    yield page.replace('"', "&#34;").replace("'", "&#39;")
    yield repr(secret)[1:-1]
    for credentials in (secret, f":{secret}", f"{secret}:"):
        yield _base64(credentials)
        yield _base64(credentials).rstrip("=")


def _base64(text: str) -> str:
    return binascii.b2a_base64(text.encode("utf-8", "surrogatepass"), newline=False).decode()


def _small_hex(encoded: str) -> str:
    head, *rest = encoded.split("%")
    return "".join([head, *(f"%{each[:2].lower()}{each[2:]}" for each in rest)])
