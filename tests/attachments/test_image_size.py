"""The size of a picture is read from its header; damaged headers have none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.attachments.image_size import image_size

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 1280, 720)
GIF = b"GIF89a" + struct.pack("<HH", 320, 200)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\x03"
WEBP = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (1919).to_bytes(3, "little") + (1079).to_bytes(3, "little")
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14)
LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 800, 600)
KNOWN = [
    (PNG, (1280, 720)),
    (GIF, (320, 200)),
    (JPEG, (640, 480)),
    (WEBP, (1920, 1080)),
    (LOSSLESS, (100, 50)),
    (LOSSY, (800, 600)),
]


@pytest.mark.parametrize(("data", "size"), KNOWN)
def test_the_size_is_in_the_header(data: bytes, size: tuple[int, int]) -> None:
    assert image_size(data) == size
    assert image_size(data + b"\0" * 100) == size
    for cut in range(len(data)):
        image_size(data[:cut])


@given(st.sampled_from([data[:20] for data, _ in KNOWN]), st.binary(max_size=300))
def test_no_damage_is_an_error(start: bytes, rest: bytes) -> None:
    image_size(start + rest)
