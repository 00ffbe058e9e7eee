"""What a server says is on a real terminal to its last word, and nothing without a glyph gets there."""

from __future__ import annotations

import asyncio
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import answer, program, quit_in_order, seen, until
from tests.screen.test_kept_in_a_terminal import folders
from tests.ui.visible_words import missing
from tui_chat.chat.clean import CONTEXTUAL, DECISIONS, code_points

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [
    "The total is:\n\n4711",
    "alpha[^1] <tag beta> [gamma](/delta 'epsilon')\n\n[^1]: zeta\n[eta]: /theta\n\n"
    "| iota | kappa |\n|--|--|\n| lambda | mu | nu |",
    "````text omicron\n```pi\nrho\n```\n````\n\n1. sigma\n3. tau\n\n- [ ] upsilon\n\n```\nphi\n| chi",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
async def test_every_word_is_there_at_once_at_another_width_and_after_reopening(text: str, tmp_path: Path) -> None:
    last = text.split()[-1 if text[-1] != "|" else -2]

    async with ByteServer(lambda _: answer(text), quiet_head=True) as server:
        with program(server.url, **folders(tmp_path)) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("question\r")
            await until(terminal, lambda: not missing(text, terminal.text.split("\n")), f"all up to {last}")
            terminal.resize(64, 30)
            await until(terminal, lambda: not missing(text, terminal.text.split("\n")), f"all up to {last}, narrower")
            await quit_in_order(terminal)
        env = {**folders(tmp_path), "TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "tiny"}
        with Terminal([sys.executable, "-m", "tui_chat", "-c"], env, columns=71) as terminal:
            await until(terminal, lambda: not missing(text, terminal.text.split("\n")), f"all up to {last}, reopened")
            await quit_in_order(terminal)


WRITTEN = [ranges for ranges, _, _ in DECISIONS] + [ranges for ranges, _ in CONTEXTUAL]
GLYPHLESS = {chr(codes[0]) for ranges in WRITTEN for codes in code_points(ranges)}
GLYPHLESS = {char for char in GLYPHLESS if unicodedata.category(char) not in ("Cc", "Cs")}


def hidden_in(raw: bytes) -> list[str]:
    """The characters without a glyph in what a program wrote to its terminal."""
    return [hex(ord(char)) for char in sorted(GLYPHLESS & set(raw.decode("utf-8", "replace")))]


async def test_characters_without_a_glyph_do_not_reach_the_terminal(tmp_path: Path) -> None:
    text = "begin " + "".join(f"a{char}b " for char in sorted(GLYPHLESS)) + "end"
    named = "ti\u200bny\u2060\u00ad\u3164"

    async with ByteServer(lambda _: answer(text), quiet_head=True) as server:
        env = {**folders(tmp_path), "TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": named}
        with Terminal([sys.executable, "-m", "tui_chat"], env) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("\x1b[200~que\u200bstion\u00ad \u2063\U000e0041here\x1b[201~")
            await seen(terminal, "here")
            terminal.send("\r")
            await seen(terminal, "end")
            terminal.send("\x13")  # the list of chats, with its title
            await seen(terminal, "Search titles")
            terminal.send("\x1b")
            await quit_in_order(terminal)
            assert hidden_in(bytes(terminal.raw)) == []
        for words, shown in (
            (["ask", "que\u200bstion"], "end"),
            (["chats"], "question"),
            (["search", "question"], "question"),
        ):
            with Terminal([sys.executable, "-m", "tui_chat", *words], env) as terminal:
                await seen(terminal, shown)
                assert await asyncio.to_thread(terminal.wait) == 0
                assert hidden_in(bytes(terminal.raw)) == [], words
        with Terminal([sys.executable, "-m", "tui_chat", "plain"], env) as terminal:
            await seen(terminal, "You:")
            terminal.send("question\r")
            await seen(terminal, "end")
            terminal.send("exit\r")
            assert await asyncio.to_thread(terminal.wait) == 0
            assert hidden_in(bytes(terminal.raw)) == []
