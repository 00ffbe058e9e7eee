"""The course of one request on its connection."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpcore


@dataclass(slots=True)
class Exchange:
    """The course of one request on its connection."""

    sent: float | None = None
    """Monotonic second at which its last byte was passed to the system."""
    reused: bool = False
    """Whether the connection had been open before."""
    begun: bool = False
    """Whether a byte of the response was received."""
    opened: list[httpcore.AsyncNetworkStream] = field(default_factory=list)
    """Connections that were opened for it."""
    secured: str = ""
    """The host of the last TLS handshake, finished or not; empty: there was none."""
    dns: float | None = None
    """Seconds that looking up the name of the host, or of the proxy, took; `None`: it was not looked up."""
    connect: float | None = None
    """Seconds that opening the TCP connection took; `None`: none was opened."""
    tls: float | None = None
    """Seconds that the last TLS handshake took."""

    @property
    def stale(self) -> bool:
        """Whether the received data cannot belong to this request, because of an earlier request on the connection."""
        return self.reused and not self.begun


EXCHANGE: Final[ContextVar[Exchange | None]] = ContextVar("exchange", default=None)
"""The exchange of the request that the current task is sending."""
