"""The row of figures keeps its clock going."""

from __future__ import annotations

from time import monotonic

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import ResponseStarted, TextDelta
from tui_chat.chat.inspection.replay_control import ReplayControl
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


async def test_a_small_screen_says_how_much_text_is_below_as_far_as_there_is_room() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(40, 12)) as (app, pilot):
        app.chat.sender.submit("hello")
        backend.model.say(ResponseStarted(200, "http://test.example", at=monotonic()), TextDelta("one", at=monotonic()))
        await until(pilot, lambda: app.chat.conversation.replying)
        status = app.chat.query_one(StatusBar)
        status.show_below("26 lines below")
        shown: set[str] = set()
        for width in range(20, 100):
            row = status._row(width).plain
            assert len(row) <= width
            shown.update(words for words in ("▼ 26 lines below", "▼ 26  ", "▼  ") if words in row)
            assert ("▼" in row) or width < 37
            assert "Esc stop" in row or width < 36
        assert shown == {"▼ 26 lines below", "▼ 26  ", "▼  "}


async def test_a_paused_replay_is_no_silent_server_and_the_keys_of_a_replay_are_named() -> None:
    backend = ScriptedBackend()
    backend.replay = ReplayControl()
    async with running(backend) as (app, pilot):
        app.chat.sender.submit("hello")
        backend.model.say(ResponseStarted(200, "http://test.example", at=monotonic()), TextDelta("one", at=monotonic()))
        await until(pilot, lambda: app.chat.conversation.replying)
        status = app.chat.query_one(StatusBar)
        await until(pilot, lambda: "F9 pause" in str(status.render()))
        assert "paused" not in str(status.render())
        backend.replay.pause(paused=True)
        await until(pilot, lambda: "Replay paused" in str(status.render()))
        assert " ".join(str(status.render()).split()).endswith("F10 step F9 go on Esc stop")


async def test_a_running_reply_is_counted_once() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.sender.submit("hello")
        texts = [TextDelta("x", at=monotonic()) for _ in range(7)]
        backend.model.say(ResponseStarted(200, "http://test.example", at=monotonic()), *texts)
        await until(pilot, lambda: (reply := app.chat.conversation.last_reply) is not None and reply.deltas == 7)
        app.chat.connections.show_header()
        assert "Chat ~7 tokens" in app.chat.query_one(StatusBar)._row(100).plain
