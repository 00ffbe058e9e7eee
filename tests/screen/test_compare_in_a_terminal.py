"""The real program on a real terminal asks two real servers side by side."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer, chunked, head
from tests.cli.test_ask import DONE, end, text
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import quit_in_order, seen, until
from tests.screen.test_kept_in_a_terminal import folders
from tui_chat.chat.endings import outcome_of
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Step


async def test_two_servers_stream_at_once_one_is_kept_and_quitting_keeps_both_replies(tmp_path: Path) -> None:
    gates = [asyncio.Event(), asyncio.Event()]

    def script(side: int) -> list[Step]:
        begun = [head(), *chunked([text(f"begin{side} ")])]
        return [*begun, gates[side], *chunked([text(f"middle{side} ")]), *chunked([text("end"), end(), DONE])]

    async with (
        ByteServer(lambda _: script(0), quiet_head=True) as left,
        ByteServer(lambda _: script(1), quiet_head=True) as right,
    ):
        environment = {**folders(tmp_path), "TERM": "xterm-256color"}
        config = tmp_path / "config" / "tui-chat" / "config.toml"
        await asyncio.to_thread(config.parent.mkdir, parents=True)
        lines = ['endpoint = "left"']
        for name, server in (("left", left), ("right", right)):
            lines.append(f'[endpoints.{name}]\nbase_url = "{server.url}"\nmodel = "m-{name}"\napi = "openai-chat"')
        await asyncio.to_thread(config.write_text, "\n".join(lines))
        with Terminal([sys.executable, "-m", "tui_chat"], environment, columns=120) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("/compare @left @right\r")
            await seen(terminal, "Next question side by side: m-left (left), m-right (right)")
            terminal.send("Which?\r")
            await until(terminal, lambda: "begin0" in terminal.text and "begin1" in terminal.text, "both replies")
            assert any("begin0" in row and "begin1" in row for row in terminal.text.split("\n"))
            terminal.resize(70, 24)
            await until(terminal, lambda: "[1 m-left ●] [2 m-right ●]" in terminal.text, "tabs")
            gates[1].set()
            await until(terminal, lambda: "[1 m-left ●] [2 m-right]" in terminal.text, "the end of one")
            terminal.resize(120, 30)
            await until(terminal, lambda: "begin0" in terminal.text and "middle1 end" in terminal.text, "columns")
            terminal.send("2")
            await until(terminal, lambda: "m-right · right" in terminal.text and "‹ 2/2 ›" in terminal.text, "the chat")
            await quit_in_order(terminal)
    with closing(Store(tmp_path / "data" / "tui-chat")) as history:
        (chat,) = history.chats()
        conversation = history.open(chat.id)
        question, *replies = conversation.messages.values()
        assert [(reply.text, outcome_of(reply)) for reply in replies] == [
            ("begin0 ", "stopped"),
            ("begin1 middle1 end", "whole"),
        ]
        assert {reply.parent for reply in replies} == {question.id}
        assert conversation.leaf is not None
        assert conversation.leaf.id == replies[1].id
        assert conversation.recipient is not None
        assert conversation.recipient.name == "right"
