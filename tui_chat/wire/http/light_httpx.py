"""Imports httpx and httpcore without what they name at their top and this program does not use: cookies, the proxies of
the operating system, mail headers, httpx's own command line, and the blocking half of httpcore.

Seen with httpx 0.28.1 and httpcore 1.0.9. Whoever uses those parts of httpx in the same process gets them, because they
are imported when they are used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from tui_chat.late_modules import StandIn, stand_ins

_COMMAND_LINE = "httpx._main"


class _LateRequest:
    """Stands for `urllib.request.Request`, of which httpx derives a class, and becomes it with the first instance."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        request: Any = import_module("urllib.request").Request
        type(self).__bases__ = (request,)
        request.__init__(self, *arguments, **options)


_UNUSED = (
    StandIn("urllib.request", on_parent=True, Request=_LateRequest),
    StandIn("email.message", on_parent=True),
    StandIn("http.cookiejar"),
    StandIn("httpcore._sync"),
    StandIn("httpcore._sync.connection_pool"),
    StandIn("httpcore._backends.sync"),
)

# httpx imports its command line if click and rich are installed, as other packages require: 2 MB of memory.
# `None` makes Python treat the module as missing, which httpx handles.
sys.modules.setdefault(_COMMAND_LINE, None)  # type: ignore[arg-type]
with stand_ins(_UNUSED):
    try:  # as httpx 0.28 does; another version may need the module
        import httpx as httpx
    except ImportError:
        del sys.modules[_COMMAND_LINE]
        import httpx as httpx
    import httpcore as httpcore
