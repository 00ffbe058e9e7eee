from __future__ import annotations

import struct

import pytest

from tui_chat.chat.message import Attachment
from tui_chat.ui.dialogs import attachment_preview
from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview, shown

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + b"\x08\x06\0\0\0"


@pytest.mark.parametrize(
    ("mime", "data", "text"),
    [
        ("text/plain; charset=utf-8", b"\xef\xbb\xbftwo\nlines", "two\nlines"),
        ("text/plain", b"\x1b[2J\xff", "\ufffd[2J\ufffd"),
        ("image/png", PNG, f"Sent as a picture: image/png, 640 × 480 pixels, {len(PNG)} bytes."),
        ("image/png", b"torn", "Sent as a picture: image/png, 4 bytes."),
        ("application/pdf", b"%PDF-" + b"x" * 1995, "Sent as a PDF file, 2,000 bytes."),
        ("text/plain", b" \n", "This file has no text."),
    ],
)
def test_what_is_sent_of_a_file_is_shown_or_said(mime: str, data: bytes, text: str) -> None:
    assert shown(Attachment("name", mime, data)).plain == text


def test_of_a_long_text_the_beginning_is_shown_and_the_rest_is_said_to_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_preview, "MOST_SHOWN", 10)
    for text, whole in (("a" * 10, True), ("a" * 11, False), ("é" * 10, True), ("é" * 30, False)):
        plain = shown(Attachment("name", "text/plain", text.encode())).plain
        assert plain.startswith(text[:10])
        assert text[:11] not in plain or whole
        assert ("Only its beginning is shown here" in plain) is not whole


class Turned(AttachmentPreview):
    """A preview that notes what it shows and returns."""

    def __init__(self, at: int) -> None:
        super().__init__([Attachment(name, "text/plain", b"x") for name in "abc"], at)
        self.noted: list[int | None] = []

    def _show(self) -> None:
        self.noted.append(self._at)

    def dismiss(self, result: int | None = None) -> None:  # type: ignore[override]
        self.noted.append(result)


@pytest.mark.parametrize(("at", "by", "then"), [(0, 1, 1), (2, 1, 0), (0, -1, 2)])
def test_the_others_are_reached_in_both_directions_and_the_shown_one_is_removed(at: int, by: int, then: int) -> None:
    preview = Turned(at)
    preview.action_turn(by)
    preview.action_remove()
    assert preview.noted == [then, then]
