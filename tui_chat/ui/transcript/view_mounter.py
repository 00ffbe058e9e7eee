"""Mounts and removes message views until the transcript holds those of its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.ui.transcript.scroll_anchor import MatchTarget, ScrollTarget
from tui_chat.ui.transcript.view_window import GAP

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui_chat.ui.transcript.branch_path import BranchPath
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.scroll_anchor import ScrollAnchor
    from tui_chat.ui.transcript.view_window import ViewWindow

Where: TypeAlias = "Literal['end', 'top'] | ScrollTarget | MatchTarget"


class ViewMounter:
    """Moves the window to where the reader is, and mounts and removes views in one frame."""

    def __init__(self, pane: Widget, path: BranchPath, window: ViewWindow, anchor: ScrollAnchor) -> None:
        """`pane`: the scrolled widget that receives the views."""
        self._pane = pane
        self._path = path
        self._window = window
        self._anchor = anchor
        self.jumping: Where | None = None
        """The place to which the next update moves the window, if the reader goes to a distant one."""

    async def update(self, width: int, height: int) -> None:
        """Mount and remove views until they match the window, in one frame."""
        window = self._window
        jumping, self.jumping = self.jumping, None
        if jumping == "end":
            window.open_at(len(self._path.entries))
            window.extend(width, 2 * height, up=True)
        elif jumping == "top":
            window.open_at(0)
            window.extend(width, 2 * height, up=False)
        else:
            if jumping is not None and (index := self._path.index_of(jumping.entry)) is not None:
                window.open_around(index, width, height)
            if self.short_above():
                window.extend(width, height, up=True)
            if self.short_below():
                window.extend(width, height, up=False)
            window.trim(self.in_sight(), from_top=self._anchor.following)
            if jumping is None:
                window.remove_far_rows(self.in_sight(), width, height)
        await self._mount(jumping)

    async def _mount(self, where: Where | None) -> None:
        pane = self._pane
        runs, gone = self._window.moves()
        if where == "top" and (views := self._window.views):
            self._anchor.anchor_to(views[0], ScrollTarget(views[0].messages[0], focus=False, offset=0), None, height=0)
        if not runs and not gone and not isinstance(where, ScrollTarget | MatchTarget):
            return
        with pane.app.batch_update():
            for new, before in runs:
                await pane.mount_all(new, before=before)
            if gone:
                await pane.remove_children(gone)
            if (
                isinstance(where, ScrollTarget | MatchTarget)
                and (view := self._window.view_of(where.entry)) is not None
            ):
                self.hold(view, where)

    def hold(self, view: MessageView, target: ScrollTarget | MatchTarget) -> None:
        """Scroll to a target in a mounted view at the next layout, and keep it in place."""
        pane = self._pane
        top = self._anchor.top_of(view)
        before = None if top is None else top - round(pane.scroll_y)
        self._anchor.anchor_to(view, target, before, pane.size.height)
        if isinstance(target, ScrollTarget) and target.focus:
            pane.screen.set_focus(view, scroll_visible=False)  # at once: focus() takes effect after the next key
        pane.refresh(layout=True)

    def short_above(self) -> bool:
        """Whether more messages must be mounted above what is visible."""
        return self._window.above > 0 and self._pane.scroll_y < self._pane.size.height

    def short_below(self) -> bool:
        """Whether more messages must be mounted below what is visible."""
        return self._window.below > 0 and self._anchor.bottom - self._pane.scroll_y < 2 * self._pane.size.height

    def short(self) -> bool:
        """Whether more messages must be mounted at either end."""
        return self.short_above() or self.short_below()

    def below(self, y: float, height: int) -> tuple[int, int]:
        """The amount below the last visible row, if row `y` is the first and `height` rows are visible: rows, and
        messages that are not mounted."""
        if self.jumping == "end":  # whatever it is, the next frame shows it
            return 0, 0
        return max(0, self._anchor.bottom - GAP - round(y) - height), self._window.below

    def in_sight(self) -> list[MessageView]:
        """The views of which some part is visible."""
        return self._anchor.in_sight(self._pane.scroll_y, self._pane.size.height)
