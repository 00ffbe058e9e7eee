"""Whether a shell can take the terminal and give it back."""

from __future__ import annotations

import os


def has_shell() -> bool:
    """Whether this program was started from its own terminal session, by a shell or by what a shell started.

    Where it leads the session itself (a window that runs nothing else), its process group is orphaned (POSIX), SIGTSTP
    does nothing, and nobody would continue it.
    """
    try:
        return os.getsid(os.getppid()) == os.getsid(0)
    except OSError:  # the parent has ended, or is in a session that may not be looked into
        return False
