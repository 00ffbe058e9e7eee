"""Write a recorded request as a curl command for a POSIX shell."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, Final

from tui_chat.chat.secrets import MASK
from tui_chat.wire.exports.redaction import redacted

if TYPE_CHECKING:
    from tui_chat.tape_file import TapeFile

_KEY: Final = "API_KEY"
_KEY_HEADERS: Final = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
_NOT_IN_VARIABLES: Final = re.compile(r"[^A-Z0-9_]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that a terminal would obey, or a shell cannot hold."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The characters of a header's name."""
_BY_CURL: Final = frozenset({"host", "content-length", "connection", "transfer-encoding", "expect"})
"""Headers that curl writes itself."""
_LONGEST_ARGUMENT: Final = 100_000
"""Bytes of a body that is written as an argument; Linux takes 128 KiB. A longer one becomes a here document."""


def curl_command(tape: TapeFile) -> str:
    """Return the command that sends the request of a tape again. Keys are shell variables, which its first lines name.
    The body of a request that is shorter than 100 KB is sent byte for byte; a longer one with a line end more."""
    tape = redacted(tape)
    variables: dict[str, None] = {}

    def quoted(text: str, variable: str) -> str:
        """Quote text for the shell, with a variable in place of each mask."""
        pieces = _CONTROL.sub("", text).split(MASK)
        if len(pieces) > 1:
            variables[variable] = None
        return f'"${{{variable}}}"'.join(quote(piece) if piece else "" for piece in pieces) or "''"

    words = [f"curl -sS -N -g -X {quote(tape.method)} --url {quoted(tape.url, _KEY)}"]
    codings = ""
    for name, value in tape.headers:
        lower = name.lower()
        if lower in _BY_CURL or not _TOKEN.fullmatch(name):  # a name such as @FILE would have curl read a file
            continue
        if lower == "accept-encoding":
            codings = value
        if lower == "authorization" and value == MASK:
            value = f"Bearer {MASK}"
        variable = _KEY if lower in _KEY_HEADERS else _NOT_IN_VARIABLES.sub("_", name.upper())
        words.append(f"-H {quoted(f'{name}: {value}' if value else f'{name};', variable)}")
    if codings not in {"", "identity"}:
        words.append("--compressed")
    document = ""
    if tape.body:
        if len(tape.body.encode("utf-8", "surrogatepass")) <= _LONGEST_ARGUMENT:
            words.append(f"--data-raw {quoted(tape.body, _KEY)}")
        else:
            mark = _unused(tape.body)
            words.append(f"--data-binary @- <<'{mark}'")
            document = f"\n{tape.body}\n{mark}"
    notes = [f"# Set {name} to the value that is masked here." for name in variables]
    return "\n".join([*notes, " \\\n  ".join(words) + document, ""])


def _unused(text: str) -> str:
    """A line that does not occur in the text."""
    mark, number = "END", 1
    while mark in text:
        number += 1
        mark = f"END{number}"
    return mark
