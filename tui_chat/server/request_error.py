"""The error for a request that cannot be answered."""

from __future__ import annotations


class RequestError(Exception):
    """A request that cannot be answered; its text is sent to the client."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
