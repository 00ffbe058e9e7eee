"""Recognise responses that are files, and choose safe names for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from tui_chat.chat.clean import in_place
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOKED_AT: Final = 4096
"""Maximum characters of a header that are examined."""

LONGEST_NAME: Final = 200
"""Maximum bytes of a file name; file systems allow 255, and suffixes are added to it."""

_NO_NAME: Final = "download"
_ANSWERS: Final = re.compile(r"text/|application/([^+]{0,100}\+)?(json|x-ndjson|ndjson|jsonl|xml)\b", re.IGNORECASE)
"""Content types of API answers. Google's APIs mark their JSON as an attachment without a file name."""

_PARAMETER: Final = re.compile(
    r""";\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<plain>[^\s;"]*))"""
)
_UNSAFE: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
"""Characters with a special meaning to some file system or shell."""

_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
"""Names of devices on Windows, with any suffix."""


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """The file that a response contains."""

    name: str
    """A name that is safe in any folder."""
    size: int | None
    """The size in bytes; `None`: unknown."""


def offered_file(headers: Mapping[str, str], url: str) -> OfferedFile | None:
    """The file that a response is; `None`: it is not a file. `headers` has lower-case names."""
    disposition = headers.get("content-disposition", "")
    if disposition.partition(";")[0].strip().lower() != "attachment":
        return None
    named = name_in(disposition)
    if not named and _ANSWERS.match(headers.get("content-type", "")[:_LOOKED_AT]):
        return None
    return OfferedFile(file_name(headers, url), size_in(headers))


def file_name(headers: Mapping[str, str], url: str) -> str:
    """The name to save a response as: the server's name, or one from the URL."""
    named = name_in(headers.get("content-disposition", ""))
    return safe_name(named) or safe_name(unquote(urlsplit(url).path)) or _NO_NAME


def size_in(headers: Mapping[str, str]) -> int | None:
    """Bytes of the whole decoded body; `None`: unknown."""
    length = headers.get("content-length", "")
    return int(length) if re.fullmatch(r"\d{1,18}", length) and not _is_encoded(headers) else None


def _is_encoded(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}


def name_in(disposition: str) -> str:
    """The file name in a Content-Disposition, unchanged (RFC 6266): the extended form is preferred, because it can
    hold any text. Empty: there is none."""
    found: dict[str, str] = {}
    for parameter in _PARAMETER.finditer(disposition[:_LOOKED_AT]):
        quoted = parameter["quoted"]
        value = parameter["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        found.setdefault(parameter["name"].lower(), value)
    charset, _, rest = found.get("filename*", "").partition("'")
    encoded = rest.partition("'")[2]
    if encoded and charset.lower() in {"utf-8", "iso-8859-1"}:
        return unquote_to_bytes(encoded).decode(charset, "replace")
    name = found.get("filename", "")
    try:
        return name.encode("latin-1").decode("utf-8")  # many servers send unencoded UTF-8
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name


def safe_name(name: str) -> str:
    """The last part of `name`, without characters that could change the folder, hide the file, or control a
    terminal. Empty: nothing is left."""
    last = re.split(r"[/\\]", name)[-1].translate(in_place()).replace("\ufffd", "_")
    last = _UNSAFE.sub("_", last)
    last = " ".join(last.split()).strip(". ")
    if last.startswith(("-", "~")) or _DEVICES.match(last):
        last = f"_{last}"
    return _shortened(last)


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if dot and len(ending.encode()) <= 20 else ""
    kept = (stem if ending else name).encode()[: LONGEST_NAME - len(ending.encode())]
    return kept.decode("utf-8", "ignore").rstrip(". ") + ending
