"""Mask what is left of secrets in a tape before it is exported, such as in a tape that was edited by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tui_chat.chat.secrets import MASK, Secrets, in_headers, in_url
from tui_chat.wire.tape.masking import StreamMask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.tape_file import Headers, TapeFile

SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"}
)
"""Headers whose values are keys, in lower case."""


def redacted(tape: TapeFile, others: Iterable[str] = ()) -> TapeFile:
    """Return the tape with the values of its secret headers and of its URL masked wherever they occur, and so are
    `others`."""
    found = [
        value
        for headers in (tape.headers, tape.response_headers)
        for name, header in headers
        if name.lower() in SECRET_HEADERS
        for value in in_headers({name: header})
    ]
    secrets = Secrets(value for value in [*found, *in_url(tape.url), *others] if MASK not in value)
    if not secrets.values:
        return tape
    masked = secrets.masked

    def in_pairs(headers: Headers) -> Headers:
        return tuple((name, masked(value)) for name, value in headers)

    mask = StreamMask(secrets)
    pieces = [(at, shown) for at, data in tape.pieces if (shown := mask.feed(data))]
    if rest := mask.close():
        pieces.append((tape.pieces[-1][0], rest))
    return replace(
        tape,
        url=masked(tape.url),
        headers=in_pairs(tape.headers),
        body=masked(tape.body),
        response_headers=in_pairs(tape.response_headers),
        connection=replace(tape.connection, proxy=masked(tape.connection.proxy)),
        pieces=pieces,
        why=masked(tape.why),
    )
