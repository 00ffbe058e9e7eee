"""The name by which a person can start this program again."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def called() -> str:
    """Return the command that starts this program: its name if the shell finds it, otherwise the path it was started
    with."""
    name, started = "tui-chat", sys.argv[0]
    found = shutil.which(name)
    if Path(started).stem != name or (found is not None and Path(found).resolve() == Path(started).resolve()):
        return name
    return shlex.quote(started)
