"""The attachments that the composer shows, as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import toasts

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x05\x00\x00\x00\x02\xd0\x08\x02\x00\x00\x00"


def chips(app: ChatApp) -> str:
    return " | ".join(" ".join(chip.plain for chip in row) for row in app.chat.composer.chips._rows(200))


def names(app: ChatApp) -> list[str]:
    return [each.name for each in app.chat.composer.attachments]


def is_said(app: ChatApp, *words: str) -> bool:
    return any(all(word in sentence for word in words) for sentence in toasts(app).splitlines())
