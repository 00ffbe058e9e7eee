"""The place of toasts on the screen of the chat and in its dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.widget import Widget


def keep_toasts_over(screen: Screen[None], widget: Widget) -> None:
    """Show the toasts of a screen over a widget from now on, so that they hide nothing below it."""
    rows_below = 0

    def lift(_: object) -> None:
        nonlocal rows_below
        region = widget.region
        if region and (below := screen.size.height - region.bottom) != rows_below:
            rows_below = below
            screen.query("ToastRack").set_styles(margin=(0, 0, below, 0))

    screen.screen_layout_refresh_signal.subscribe(screen, lift, immediate=True)


def show_toasts_as(screen: DOMNode, below: Screen[object]) -> None:
    """Show the toasts of a dialog where the screen below it, which keeps drawing its own, shows them."""
    for rack in below.query("ToastRack"):
        screen.query("ToastRack").set_styles(margin=rack.styles.margin)
