"""Sizes as a person reads them."""

from __future__ import annotations


def readable_size(size: float) -> str:
    """A number of bytes: `512 B`, `4.2 kB`, `128 MB` (decimal units)."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 99.95 else f"{size:.1f} {unit}"
