"""The size of the terminal that counts is the last one."""

from __future__ import annotations

import asyncio
import os
import sys

from tests.conftest import own_renderer
from tests.pty_terminal import Terminal

PROGRAM = """
import fcntl, os, shutil, signal, struct, sys, termios
read = shutil.get_terminal_size

def read_slowly(*arguments):
    size = read(*arguments)
    if size.columns == 70:  # it changes again before anybody is told
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 90, 0, 0))
        os.kill(os.getpid(), signal.SIGWINCH)
    return size

shutil.get_terminal_size = read_slowly
from tui_chat.cli.main import main
sys.exit(main([]))
"""


@own_renderer
async def test_a_size_that_changes_while_it_is_read_is_followed_by_the_new_one() -> None:
    with Terminal([sys.executable, "-c", PROGRAM], os.environ | {"TERM": "xterm-256color"}) as terminal:
        await asyncio.to_thread(terminal.until_text, "● Ready")
        begun = len(terminal.raw)
        terminal.resize(70, 20)
        await asyncio.to_thread(
            terminal.until, lambda: b"\x1b[31;" in terminal.raw[begun:], "the last row of the new size"
        )
        terminal.send("\x11")
        assert await asyncio.to_thread(terminal.wait) == 0
