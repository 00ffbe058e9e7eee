"""The number of colours, from what the environment says of the terminal."""

from __future__ import annotations

import pytest

from tui_chat.terminal.colour_depth import colour_depth


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "screen", "COLORTERM": " 24BIT "}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "yes"}, "256"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "rxvt-unicode-256color"}, "256"),
        ({"TERM": "screen.xterm-256color"}, "256"),
        ({"TERM": "alacritty"}, "truecolor"),
        ({"TERM": "foot-extra"}, "truecolor"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-ghostty"}, "truecolor"),
        ({"TERM": "tmux-direct"}, "truecolor"),
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "screen"}, "standard"),
        ({"TERM": "vt220", "COLORTERM": ""}, "standard"),
        ({"TERM": "dumb"}, None),
        ({"TERM": ""}, None),
        ({}, None),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, None),
    ],
    ids=str,
)
def test_the_depth_is_what_terminals_say_of_themselves(environ: dict[str, str], depth: str | None) -> None:
    assert colour_depth(environ) == depth
