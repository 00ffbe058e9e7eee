"""Interprets the arguments of `tui-chat listen`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_text

if TYPE_CHECKING:
    from argparse import Namespace

MOST_HEADERS: Final = 1_000_000
"""The most bytes of a file with headers; no server accepts nearly as many."""


def headers(given: Namespace) -> dict[str, str]:
    """Return the HTTP headers of the command line. Raises `SetupError`."""
    from tui_chat.wire.endpoint import FRAMING_HEADERS

    found: dict[str, str] = {}
    for text in given.header:
        for line in _lines_of(text[1:]) if text.startswith("@") else [text]:
            name, colon, value = line.partition(":")
            name, value = name.strip(), value.strip()
            if (
                not colon
                or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
                or not re.fullmatch("[\t -~]*", value)
            ):
                raise SetupError(f"-H: {name or 'a header'} cannot be sent: it has to be 'Name: value'")
            if name.lower() in FRAMING_HEADERS:
                raise SetupError(f"-H: {name} cannot be set: it describes the body, and is sent by itself")
            found[name] = value
    return found


def _lines_of(path: str) -> list[str]:
    try:
        return [line for line in read_text(Path(path), MOST_HEADERS).splitlines() if line.strip()]
    except OSError as error:
        raise SetupError(f"-H: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SetupError(f"-H: {path} cannot be read: it is not UTF-8 text") from error


def save_target(given: Namespace) -> tuple[str, tuple[Path, str] | None]:
    """Return the URL, and the folder and file name to save to: an empty name means the server's own, `None` that
    nothing is saved. The value after `--save` may be the URL. Raises `SetupError`."""
    url, save = given.url, given.save
    if save and url is None:
        url, save = save, ""
    if not url:
        raise SetupError("there is no URL (see tui-chat listen --help)")
    if save is None:
        if given.force:
            raise SetupError("--force goes with --save")
        return url, None
    path = Path(save)
    if path.is_dir() or save.endswith(("/", os.sep)):
        folder, name = path, ""
    else:
        folder, name = path.parent, path.name
    if not folder.is_dir():
        raise SetupError(f"--save: there is no folder {folder}")
    return url, (folder, name)
