from __future__ import annotations

import os
import sys

from tests.pty_terminal import Terminal

PROGRAM = (sys.executable, "-m", "tui_chat")


def screen(*arguments: str, **variables: str) -> Terminal:
    return Terminal(arguments, {**os.environ, "TERM": "xterm-256color", **variables})


def test_a_prompt_on_the_command_line_opens_the_screen_and_is_asked() -> None:
    with screen(*PROGRAM, "-m", "echo", "ping pong") as terminal:
        terminal.until(lambda: terminal.text.count("ping pong") == 3, "title, question and echo")
        terminal.send("\x11")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == []


def test_piped_text_is_the_prompt_and_the_keys_come_from_the_terminal() -> None:
    with screen("sh", "-c", f"echo piped words | {sys.executable} -m tui_chat -m echo") as terminal:
        terminal.until(lambda: terminal.text.count("piped words") == 3, "title, question and echo")
        terminal.send("typed words\r")
        terminal.until(lambda: terminal.text.count("typed words") == 2, "question and echo")
        terminal.send("\x11")
        assert terminal.wait() == 0


def test_a_bad_setting_closes_the_screen_and_prints_its_line() -> None:
    with screen(*PROGRAM, TUI_CHAT_MODLE="x") as terminal:
        assert terminal.wait() == 2
        terminal.until_text("tui-chat: TUI_CHAT_MODLE: there is no such setting; did you mean TUI_CHAT_MODEL?")
        assert terminal.modes_left_on() == []
