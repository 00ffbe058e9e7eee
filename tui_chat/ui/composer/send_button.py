"""The button beside the prompt: Send, or Stop while a reply runs."""

from __future__ import annotations

from textual.widgets import Button


class SendButton(Button, inherit_css=False):
    """A button of one row with few styles: to parse those of Textual's takes a fiftieth of the program's start."""

    DEFAULT_CSS = """
    SendButton {
        width: 8; height: 1; line-pad: 1; text-align: center; pointer: pointer;
        text-style: bold; color: $button-foreground; background: $surface;
        &:hover { background: $surface-darken-1; }
        &:focus { text-style: $button-focus-text-style; background-tint: $foreground 5%; }
        &:ansi { background: ansi_default; }
        &:ansi:hover { text-style: bold reverse; }
        &.stop { background: $error; color: $background; }
        &:ansi.stop { background: ansi_red; color: ansi_bright_white; }
    }
    """

    @property
    def stops(self) -> bool:
        """Whether it is the Stop button."""
        return self.has_class("stop")

    def show_stop(self, stops: bool) -> None:
        """Be the Stop button, or else the Send button."""
        self.label = "Stop" if stops else "Send"
        self.set_class(stops, "stop")
