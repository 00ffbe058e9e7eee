"""What a person calls this program by."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def called() -> str:
    """What the shell calls this program by: its name where that finds it, else the path it was started with."""
    name, started = "tui-chat", sys.argv[0]
    found = shutil.which(name)
    if Path(started).stem != name or (found is not None and Path(found).resolve() == Path(started).resolve()):
        return name
    return shlex.quote(started)
