"""The theme follows the background of a real terminal, and the next start begins in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer
from tests.screen.test_in_a_terminal import answer, program, quit_in_order, seen, until
from tui_chat.ui.themes import THEMES_OF_256

if TYPE_CHECKING:
    from tests.pty_terminal import Terminal

DARK, LIGHT = (theme.background or "" for theme in THEMES_OF_256[:2])
DARK_PAGE = b"48;5;233"
QUERY = b"\x1b]11;?\x1b\\"


def background(terminal: Terminal) -> str:
    return f"#{terminal._screen.buffer[terminal._screen.lines // 2][0].bg}"


async def test_a_light_terminal_has_the_light_theme_from_the_second_first_frame_on() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url, COLORTERM="") as terminal:
            await seen(terminal, "● Ready")
            assert background(terminal) == DARK
            await until(terminal, lambda: QUERY in terminal.raw, "the question for the background")
            terminal.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
            await until(terminal, lambda: background(terminal) == LIGHT, "the light theme")
            await quit_in_order(terminal)
        with program(server.url, COLORTERM="") as terminal:
            await seen(terminal, "● Ready")
            assert background(terminal) == LIGHT
            assert DARK_PAGE not in terminal.raw, "the dark page was painted before"
            terminal.send("\x1b]11;rgb:0000/0000/0000\x07")
            await until(terminal, lambda: background(terminal) == DARK, "the dark theme")
            await quit_in_order(terminal)


@pytest.mark.parametrize("theme", ["tui-chat-dark", "tui-chat-contrast"])
async def test_a_terminal_is_not_asked_where_the_settings_name_a_theme(theme: str) -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url, TUI_CHAT_THEME=theme) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("why?\r")
            await seen(terminal, "yes")
            await quit_in_order(terminal)
            assert QUERY not in terminal.raw
