"""The row of figures keeps its clock going."""

from __future__ import annotations

from time import monotonic

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta
from tui_chat.ui.status_bar import TICK, StatusBar


async def test_the_clock_goes_on_while_a_server_sends_nothing_but_comments() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.sender.submit("hello")
        backend.model.say(ResponseStarted(200, "http://test.example", at=monotonic()), TextDelta("one", at=monotonic()))
        await until(pilot, lambda: app.chat.conversation.replying)
        status = app.chat.query_one(StatusBar)
        before = status._stale_at

        def seen() -> bool:
            reply = app.chat.conversation.last_reply
            assert reply is not None
            reply.timing.last_heard = monotonic()  # as each comment sets it
            return status._stale_at > before + 2 * TICK

        await until(pilot, seen, "a newer clock")
