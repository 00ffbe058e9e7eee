"""What to press for a command, as the settings have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tui_chat.keymap import Keymap

if TYPE_CHECKING:
    from textual.app import App


@runtime_checkable
class KeymapApp(Protocol):
    """An app that has a keymap."""

    keymap: Keymap


_DEFAULT = Keymap()


def keymap_of(app: App[object]) -> Keymap:
    """The keymap of an app; the table's own keys if the app has none, as in tests of single widgets."""
    return app.keymap if isinstance(app, KeymapApp) else _DEFAULT


def key_hint(app: App[object], command: str) -> str:
    """What to press for the command with this id, for a hint or a sentence: its key, or its slash word where it has no
    key."""
    return keymap_of(app).hint(command)
