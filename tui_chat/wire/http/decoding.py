"""Decompress response bodies that are compressed without having been asked for, in small pieces and with a limit on the
output."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

MAX_CODINGS: Final = 2
_SLICE: Final = 64 * 1024
"""Maximum bytes that a layer returns at once."""

_SLICES: Final = 8
"""Number of pieces after which the event loop gets a turn."""

_MUCH: Final = 64 * 1024 * 1024
_RATIO: Final = 2000
"""A body of more than `_MUCH` bytes that grows by more than this factor is not text: deflate reaches 1,032, so it
was compressed twice to do harm."""

_WINDOWS: Final = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_GZIP: Final = b"\x1f\x8b"
_UNMARKED_GZIP: Final = b"\x1f\x8b\x08"
_UNMARKED_ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""The first bytes of compressed data; no JSON, event stream or text in UTF-8 begins like this."""
_SIGNATURE: Final = max(len(_UNMARKED_GZIP), len(_UNMARKED_ZSTD))
_NO_CODINGS: Final = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit", "chunked", "aws-chunked"})
"""Values of Content-Encoding that name no compression: the standard's own, and mistakes of hand-written servers."""


class DecodingError(Exception):
    """The body cannot be decompressed. The text is a clause that says why."""


def codings_in(content_encoding: str) -> list[str]:
    """The codings of a Content-Encoding in the order of their application, without those that are none."""
    named = (coding.strip().lower() for coding in content_encoding.split(","))
    return [coding for coding in named if coding not in _NO_CODINGS]


def cannot_undo(codings: Sequence[str]) -> str:
    """The names of unsupported codings in `codings`; empty: all are supported."""
    if len(codings) > MAX_CODINGS:
        return ", ".join(codings[: MAX_CODINGS + 1]) + (", …" if len(codings) > MAX_CODINGS + 1 else "")
    return next((coding for coding in codings if coding not in _WINDOWS), "")


async def unpacked(raw: AsyncIterator[bytes], codings: Sequence[str]) -> AsyncIterator[bytes]:
    """Yield the decompressed body in pieces of at most 64 KiB. Data after a compressed body is ignored. Raises
    `DecodingError` for a body that is damaged, incomplete, or grows excessively."""
    layers = [_Layer(coding) for coding in reversed(codings)]
    came = gave = slices = 0
    async for data in raw:
        came += len(data)
        for piece in _through(layers, data):
            slices += 1
            if slices % _SLICES == 0:
                await asyncio.sleep(0)
            gave += len(piece)
            if gave > _MUCH and gave > _RATIO * came:
                raise DecodingError(f"the compressed body unpacks to more than {_RATIO:,} times its size")
            if piece:
                yield piece
        if layers[-1].over:
            return
    if not all(layer.whole for layer in layers):
        raise DecodingError("the compressed body broke off")


async def unmarked(raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body that no header calls compressed, decompressed if its first bytes are those of gzip: some proxies
    compress and lose the header. Raises `DecodingError`, also for zstd, which is not supported."""
    head = b""
    async for piece in raw:
        head += piece
        if len(head) >= _SIGNATURE or not any(sign.startswith(head) for sign in (_UNMARKED_GZIP, _UNMARKED_ZSTD)):
            break
    if head.startswith(_UNMARKED_ZSTD):
        raise DecodingError("the answer is compressed (zstd) in a way that cannot be undone here")
    if head.startswith(_UNMARKED_GZIP):
        async for piece in unpacked(_behind(head, raw), ["gzip"]):
            yield piece
        return
    if head:
        yield head
    async for piece in raw:
        yield piece


async def _behind(head: bytes, raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for piece in raw:
        yield piece


def _through(layers: Sequence[_Layer], data: bytes) -> Iterator[bytes]:
    """Yield what `data` decompresses to through all layers; an empty piece stands for work without output."""
    if not layers:
        yield data
        return
    for piece in layers[0].unpack(data):
        if piece:
            yield from _through(layers[1:], piece)
        else:
            yield b""


class _Layer:
    """One coding. Consecutive gzip members form one body."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflating: zlib._Decompress | None = None
        self._held = b""
        """Bytes too few to recognise what they begin."""
        self._begun = False
        self._plain = False
        """The body is not compressed, although it is said to be: a proxy unpacked it and left the header."""
        self.over = False
        """The end was reached; further data is ignored."""

    @property
    def whole(self) -> bool:
        """Whether the data received so far is complete."""
        return self.over or not self._begun or (self._inflating is None and not self._held)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decompresses to, in pieces that may be empty. Raises `DecodingError`."""
        data = self._held + data
        self._held = b""
        while not self.over and (data or self._inflating is not None):
            if self._inflating is None and not self._plain and not self._begins(data):
                return
            if self._plain:
                yield data
                return
            inflating = self._inflating
            if inflating is None:
                return
            before = inflating.copy()
            try:
                piece = inflating.decompress(data, _SLICE)
            except zlib.error:
                yield from _up_to_the_damage(before, data)
                raise DecodingError("the compressed body was damaged") from None
            yield piece
            if inflating.eof:
                data = inflating.unused_data
                self._inflating = None
                self.over = not self._coding.endswith("gzip")
                continue
            data = inflating.unconsumed_tail
            if not data and len(piece) < _SLICE:
                return

    def _begins(self, data: bytes) -> bool:
        """Start decompression with `data`; False: it is too short, or follows the end."""
        if len(data) < len(_GZIP):
            self._held = data
            return False
        window = _WINDOWS[self._coding]
        if self._begun and not data.startswith(_GZIP):
            self.over = True  # padding with zeros to the end of a block, for instance
            return False
        if not self._begun and self._coding.endswith("gzip") and not data.startswith(_GZIP):
            self._begun = self._plain = True
            return True
        if self._coding == "deflate" and not _is_zlib(data):
            window = -zlib.MAX_WBITS  # raw deflate, which some servers send
        self._begun = True
        self._inflating = zlib.decompressobj(window)
        return True


def _up_to_the_damage(inflating: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Return the output before the byte at which `data` is damaged, because zlib discards it if given all bytes at
    once."""
    for at in range(len(data)):
        try:
            piece = inflating.decompress(data[at : at + 1])
        except zlib.error:
            return
        yield piece


def _is_zlib(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
