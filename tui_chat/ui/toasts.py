"""The place of toasts on the screen of the chat and in its dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.ui.composer.prompt_frame import has_frame

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.widget import Widget

SMALL: Final = "-small"
"""The class of the toasts on a small screen."""


def keep_toasts_over(screen: Screen[None], widget: Widget) -> None:
    """Show the toasts of a screen over a widget from now on, so that they hide nothing below it; on a small one, only
    the newest one, without blank rows."""
    shown_as = (0, False)

    def lift(_: object) -> None:
        nonlocal shown_as
        region = widget.region
        wanted = (screen.size.height - region.bottom, not has_frame(screen.size))
        if region and wanted != shown_as:
            shown_as = wanted
            screen.query("ToastRack").set_styles(margin=(0, 0, wanted[0], 0)).set_class(wanted[1], SMALL)

    screen.screen_layout_refresh_signal.subscribe(screen, lift, immediate=True)


def show_toasts_as(screen: DOMNode, below: Screen[object]) -> None:
    """Show the toasts of a dialog where the screen below it, which keeps drawing its own, shows them."""
    for rack in below.query("ToastRack"):
        screen.query("ToastRack").set_styles(margin=rack.styles.margin).set_class(rack.has_class(SMALL), SMALL)
