"""Mask secrets in a stream of bytes, wherever the stream is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.secrets import MASK

if TYPE_CHECKING:
    from tui_chat.chat.secrets import Secrets

_MASK = MASK.encode()


class StreamMask:
    """Replaces each secret in a stream by a mask. The beginning of what may become a secret is held back until the next
    piece."""

    def __init__(self, secrets: Secrets) -> None:
        self._spellings = [spelling.encode("utf-8", "surrogatepass") for spelling in secrets.spellings]
        """The secrets in all their spellings, the longest first."""
        self._longest = len(self._spellings[0]) if self._spellings else 0
        prefixes = {spelling[:length] for spelling in self._spellings for length in range(1, len(spelling))}
        self._prefixes: dict[int, list[bytes]] = {}
        """Beginnings of secrets by their last byte, longest first."""
        for prefix in sorted(prefixes, key=len, reverse=True):
            self._prefixes.setdefault(prefix[-1], []).append(prefix)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown by now."""
        if not self._spellings:
            return data
        data = self._held + data
        cut = self._first_uncertain(data)
        if len(data) - cut > 4 * self._longest:  # text that repeats a secret's beginning is not held for ever
            cut = len(data)
        self._held = data[cut:]
        return self._masked(data[:cut])

    def close(self) -> bytes:
        """Return what was held back."""
        data, self._held = self._masked(self._held), b""
        return data

    def _masked(self, data: bytes) -> bytes:
        for spelling in self._spellings:
            data = data.replace(spelling, _MASK)
        return data

    def _first_uncertain(self, data: bytes) -> int:
        """The place at which an incomplete secret may begin; no complete secret is cut by it."""
        if not data:
            return 0
        cut = len(data) - next((len(each) for each in self._prefixes.get(data[-1], ()) if data.endswith(each)), 0)
        if cut == len(data):
            return cut
        moved = True
        while moved:
            moved = False
            for spelling in self._spellings:
                start = data.find(spelling, max(0, cut - len(spelling) + 1), min(len(data), cut + len(spelling) - 1))
                if 0 <= start < cut:
                    cut, moved = start, True
        return cut
