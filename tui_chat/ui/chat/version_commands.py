"""The command that compares a message with its previous version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.app import App

    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.transcript import Transcript


class VersionScreen(Protocol):
    """The part of the screen that the command uses."""

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...


class VersionCommands:
    """Shows what changed between the versions of a message."""

    def __init__(self, screen: VersionScreen, pane: Transcript, notify: Notify) -> None:
        self._screen = screen
        self._pane = pane
        self._notify = notify

    def compare(self) -> None:
        """Compare the focused message, or else the last one with versions, with the version before it; the first one
        with the second."""
        pane, view = self._pane, self._pane.focused_view
        entry = pane.path.entry_of(view.message) if view is not None else pane.path.last_with_siblings()
        siblings, index = pane.path.siblings(entry) if entry is not None else ([], 0)
        if len(siblings) < 2:
            self._notify("There is no other version to compare this with: r asks again, e edits.", bad=True)
            return
        old, new = (index - 1, index) if index else (0, 1)
        if not siblings[new].settled or not siblings[old].settled:
            self._notify("A version is still being written: compare when it has ended.", bad=True)
            return
        from tui_chat.ui.dialogs.version_diff import VersionDiff

        title = f"Version {new + 1} compared with version {old + 1}"
        self._screen.app.push_screen(VersionDiff(title, siblings[old].shown, siblings[new].shown))
