"""Damages a file of the start cache in the ways in which it must not be trusted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HARMS = ("cut", "changed", "other-python", "writable", "link", "folder", "empty", "pipe")


def harm(path: Path, kind: str) -> None:
    """Damage or replace the file in the way that `kind` names."""
    data = path.read_bytes()
    if kind == "writable":
        path.chmod(0o666)
        return
    path.unlink()
    match kind:
        case "cut":
            path.write_bytes(data[:-10])
        case "changed":
            path.write_bytes(data[:-50] + bytes([data[-50] ^ 1]) + data[-49:])
        case "other-python":
            path.write_bytes(data.replace(b"3.", b"4.", 1))
        case "link":
            path.with_name("elsewhere").write_bytes(data)
            path.symlink_to("elsewhere")
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
        case "pipe":
            os.mkfifo(path)
        case _:
            raise ValueError(kind)
