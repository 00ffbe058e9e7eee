"""The commands that move in the conversation, and from a message to its other versions, and compare these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.transcript import Transcript


class NavigationCommands:
    """Moves the focus among the messages of the shown branch, switches branches, and folds."""

    def __init__(self, pane: Transcript, focus_prompt: Callable[[], None], notify: Notify) -> None:
        """`focus_prompt` gives the focus back to the prompt."""
        self._pane = pane
        self._focus_prompt = focus_prompt
        self._notify = notify
        self.focus_start: Callable[[], bool] = lambda: False
        """Gives the focus to the list that an empty chat shows; False if there is none."""

    def previous_message(self) -> None:
        """Focus the message before the focused one; from elsewhere the last."""
        self._focus(max(0, self._focused_index - 1))

    def next_message(self) -> None:
        """Focus the message after the focused one; after the last, go back to the prompt."""
        index = self._focused_index + 1
        if index < len(self._pane.path.entries):
            self._focus(index)
        else:
            self._focus_prompt()

    def first_message(self) -> None:
        """Focus the first message."""
        self._focus(0)

    def last_message(self) -> None:
        """Focus the last message."""
        self._focus(-1)

    @property
    def _focused_index(self) -> int:
        """The place of the focused message on the path; behind the last if none is focused."""
        path, view = self._pane.path, self._pane.focused_view
        index = path.index_of(view.messages[0]) if view is not None else None
        return len(path.entries) if index is None else index

    def _focus(self, index: int) -> None:
        if entries := self._pane.path.entries:
            self._pane.reveal(entries[index], focus=True)
        else:
            self.focus_start()

    def older_reply(self) -> None:
        """Show the alternative before the focused message, or before the last reply."""
        self._show_sibling(-1)

    def newer_reply(self) -> None:
        """Show the alternative after the focused message, or after the last reply."""
        self._show_sibling(1)

    def _show_sibling(self, by: int) -> None:
        """Show an alternative of the focused message, else of the last that has some."""
        pane, view = self._pane, self._pane.focused_view
        entry = pane.path.entry_of(view.message) if view is not None else pane.path.last_with_siblings()
        if entry is None:
            self._notify("There is no other reply here: r on a message asks again.", bad=True)
            return
        siblings, index = pane.path.siblings(entry)
        if not 0 <= index + by < len(siblings):
            there = "older" if by < 0 else "newer"
            alone = "There is no other version of this."
            self._notify(f"There is no {there} one." if len(siblings) > 1 else alone, bad=True)
            return
        shown = pane.view_of(entry)
        offset = pane.offset_of(shown) if shown is not None else None
        pane.conversation.select(pane.path.newest_below(siblings[index + by]))
        pane.reveal(siblings[index + by], focus=view is not None, offset=offset)

    def fold(self) -> None:
        """Fold or unfold the focused message, or the last reply."""
        reply = self._pane.conversation.last_reply
        view = self._pane.focused_view or (self._pane.view_of(reply) if reply else None)
        if view is None or not view.toggle_fold():
            self._notify("There is no reasoning to fold here.", bad=True)


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

        title = f"Changes: version {old + 1} to {new + 1}"
        self._screen.app.push_screen(VersionDiff(title, siblings[old].shown, siblings[new].shown))
