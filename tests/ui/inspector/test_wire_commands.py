"""The inspector in the chat: opened and closed by keys, beside it or over it, with the requests of this chat alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.canaries import leaks
from tests.ui.inspector.wires import DONE, KEY, Clock, Response, delta
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.wire.tape.tape import ConnectionFacts

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.chat.message import Message
    from tui_chat.ui.app import ChatApp
    from tui_chat.ui.inspector.inspector import Inspector


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def text(app: ChatApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def said(app: ChatApp) -> str:
    return " ".join(each.message for each in app._notifications)


def inspector(app: ChatApp) -> Inspector | None:
    return app.chat.commands.wire.inspector


async def asked(app: ChatApp, pilot: Pilot[None], backend: ScriptedBackend, clock: Clock, words: str) -> Message:
    """Ask, and have the reply come over the tape too."""
    await pilot.press(*words, "enter")
    await until(pilot, lambda: app.chat.conversation.replying)
    question, reply = app.chat.conversation.path()[-2:]
    reply.timing.asked = clock.now
    clock.now += 1
    assert backend.recording.tape is not None
    response = Response(backend.recording.tape, clock, question.id)
    for word in ("to ", words):
        response.say(delta(word))
        backend.model.say(TextDelta(word))
    response.say(DONE)
    response.end()
    backend.model.say(Finished("stop", "done-sentinel"))
    await until(pilot, lambda: not app.chat.conversation.replying)
    return reply


async def test_f12_opens_and_closes_it_and_gives_the_prompt_back(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: '"to "' in text(app))
        width = app.chat.pane.size.width
        assert width < 70
        await pilot.press("f12")
        await until(pilot, lambda: inspector(app) is None and app.chat.pane.size.width > width)
        assert app.chat.composer.prompt.has_focus


async def test_esc_closes_its_filter_then_itself_and_never_stops_the_reply(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press(*"more", "enter")
        await until(pilot, lambda: app.chat.conversation.replying)
        await pilot.press("f12")
        await until(pilot, lambda: '"to "' in text(app))
        opened = inspector(app)
        assert opened is not None
        await pilot.press("/", "x")
        await until(pilot, lambda: opened.filter_row.display)
        app.chat._esc_ignored_until = 0.0
        await pilot.press("escape")
        await until(pilot, lambda: not opened.filter_row.display)
        app.chat._esc_ignored_until = 0.0
        await pilot.press("escape")
        await until(pilot, lambda: inspector(app) is None)
        assert app.chat.conversation.replying
        assert backend.model.cancelled == 0


async def test_it_covers_a_narrow_chat_and_moves_aside_when_there_is_room(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(80, 24)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: '"to "' in text(app))
        opened = inspector(app)
        assert opened is not None
        assert opened.region.size == app.size
        await pilot.resize_terminal(120, 30)
        await until(pilot, lambda: opened.region.x > 50)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: opened.region.size == app.size)


async def test_it_shows_the_requests_of_this_chat_and_those_of_the_run_when_asked(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "first")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.conversation.messages)
        await pilot.press("f12")
        await until(pilot, lambda: "Nothing has been sent yet." in text(app))
        await pilot.press("a")
        await until(pilot, lambda: '"first"' in text(app))


async def test_w_on_a_message_shows_its_first_frame(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        for words in ("one", "two"):
            await asked(app, pilot, backend, clock, words)
        await pilot.press("shift+tab", "alt+up", "alt+up")
        await until(pilot, lambda: app.chat.pane.focused_view is not None)
        await pilot.press("w")
        await until(pilot, lambda: inspector(app) is not None and '"one"' in text(app))
        opened = inspector(app)
        assert opened is not None
        assert opened.frames.frame is not None
        assert opened.frames.frame.shown == '"to "'


async def test_replies_that_were_asked_at_once_have_their_own_requests(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "one")
        question = app.chat.conversation.path()[0]
        first = app.chat.conversation.begin_reply(question, model="a", endpoint="h", at=clock.now)
        second = app.chat.conversation.begin_reply(question, model="b", endpoint="h", at=clock.now)
        assert backend.recording.tape is not None
        for reply, sent in ((second, 7.0), (first, 8.0)):
            response = Response(backend.recording.tape, clock, question.id)
            response.taped.exchange.connection = ConnectionFacts(sent=sent)
            reply.timing.sent = sent
            response.end()
        commands = app.chat.commands.wire
        assert [each.number for each in commands._exchanges_of(first)] == [3]
        assert [each.number for each in commands._exchanges_of(second)] == [2]
        app.chat.conversation.apply(first, Finished("stop", "eof"))
        app.chat.conversation.apply(second, Finished("stop", "eof"))


async def test_a_reply_of_an_earlier_run_has_no_request_to_show(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await pilot.press(*"hi", "enter")
        await until(pilot, lambda: app.chat.conversation.replying)
        backend.model.say(TextDelta("x"), Finished("stop", "done-sentinel"))
        await until(pilot, lambda: not app.chat.conversation.replying)
        await pilot.press("shift+tab", "w")
        await until(pilot, lambda: "no longer kept" in said(app))
        assert inspector(app) is None


async def test_page_keys_move_in_the_frames_while_these_have_the_focus(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 20)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: '"to "' in text(app))
        opened = inspector(app)
        assert opened is not None
        await pilot.press("ctrl+home")
        await until(pilot, lambda: opened.frames.pick == 0)
        await pilot.press("pagedown")
        await until(pilot, lambda: opened.frames.pick > 0)


async def test_enter_opens_a_frame_as_json_and_x_shows_its_bytes(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: "[DONE]" in text(app))
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: 'content: "hello"' in text(app))
        await pilot.press("x", "x")
        await until(pilot, lambda: "00000000  64 61 74 61" in text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_s_saves_in_the_chosen_format(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def saved(suffix: str) -> list[Path]:
        return list(tmp_path.glob(f"*{suffix}"))

    monkeypatch.chdir(tmp_path)
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: "[DONE]" in text(app))
        for form, suffix in (("har", ".har"), ("csv", ".csv"), ("tape", ".tape"), ("curl", ".sh"), ("bare", ".html")):
            await pilot.press("s")
            await until(pilot, lambda: app.screen is not app.chat and app.screen.is_mounted)
            await pilot.press(*form, "enter")
            await until(pilot, partial(saved, suffix))
    assert [leaks(KEY, path.read_text()) for path in saved("")] == [[]] * 5


def pages(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.iterdir()]


async def test_wire_share_saves_a_report_of_the_last_request(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await pilot.press(*"/wire share", "enter")
        await until(pilot, lambda: "No request of this chat" in said(app))
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press(*"/wire share", "enter")
        await until(pilot, lambda: "Saved as wire-" in said(app))
        assert inspector(app) is None
    (page,) = pages(tmp_path)
    assert "<svg" in page
    assert leaks(KEY, page) == []


async def test_y_copies_the_request_as_curl_without_its_key(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def copy(app: object, words: str, what: str) -> str:
        copied.append(words)
        return f"Copied {what}."

    monkeypatch.setattr("tui_chat.ui.clipboard.copy", copy)
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await asked(app, pilot, backend, clock, "hello")
        await pilot.press("f12")
        await until(pilot, lambda: "[DONE]" in text(app))
        await pilot.press("y")
        await until(pilot, lambda: copied)
    assert "curl -sS" in copied[0]
    assert leaks(KEY, copied[0]) == []


async def slow(app: ChatApp, pilot: Pilot[None], backend: ScriptedBackend, clock: Clock) -> None:
    """Ask, and have the reply's third word come late."""
    await pilot.press(*"go", "enter")
    await until(pilot, lambda: app.chat.conversation.replying)
    question, reply = app.chat.conversation.path()[-2:]
    reply.timing.asked = clock.now
    clock.now += 1
    assert backend.recording.tape is not None
    response = Response(backend.recording.tape, clock, question.id)
    for word in ["one", "**two**", "three", "four", "five", "six"]:
        response.say(delta(f"{word} "), after=3.0 if word == "three" else 0.02)
        backend.model.say(TextDelta(f"{word} "))
    response.end()
    backend.model.say(Finished("stop", "done-sentinel"))
    await until(pilot, lambda: not app.chat.conversation.replying and "six" in text(app))


def grounds(app: ChatApp, row: str) -> dict[str, str]:
    """The background of each word of a row of the transcript."""
    for strip in app.screen._compositor.render_strips():
        if row in strip.text:
            return {
                word: str(segment.style.bgcolor)
                for segment in strip
                if segment.style is not None
                for word in segment.text.split()
            }
    raise AssertionError(f"{row!r} is not on the screen")


async def test_heat_tints_what_came_late_and_nothing_else(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await slow(app, pilot, backend, clock)
        before = grounds(app, "one two three")
        assert len(set(before.values())) == 1
        await pilot.press(*"/heat", "enter")
        await until(pilot, lambda: len(set(grounds(app, "one two three").values())) == 2)
        after = grounds(app, "one two three")
        assert [word for word in after if after[word] != before["one"]] == ["three"]
        await pilot.press(*"/heat off", "enter")
        await until(pilot, lambda: len(set(grounds(app, "one two three").values())) == 1)


async def test_a_reply_that_ends_while_heat_is_on_is_tinted_too(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await pilot.press(*"/heat gap", "enter")
        await until(pilot, lambda: app.chat.pane.maker.tints.heat_of is not None)
        await slow(app, pilot, backend, clock)
        await until(pilot, lambda: len(set(grounds(app, "one two three").values())) == 2)


async def test_heat_of_a_server_without_probabilities_tints_nothing(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await slow(app, pilot, backend, clock)
        await pilot.press(*"/heat logprob", "enter")
        await until(pilot, lambda: "how unlikely" in said(app))
        assert len(set(grounds(app, "one two three").values())) == 1


async def test_o_marks_the_text_of_a_frame_in_the_reply(clock: Clock) -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(120, 30)) as (app, pilot):
        await slow(app, pilot, backend, clock)
        await pilot.press("f12")
        await until(pilot, lambda: '"four "' in text(app))
        while (frame := app.chat.commands.wire.inspector.frames.frame) is None or frame.shown != '"four "':  # type: ignore[union-attr]
            await pilot.press("up")
        await pilot.press("o")
        await until(pilot, lambda: len(set(grounds(app, "one two three").values())) > 1)
        words = grounds(app, "one two three")
        assert words["four"] != words["three"] == words["five"]


async def test_it_is_told_how_to_keep_the_wire_where_nothing_is_kept() -> None:
    backend = ScriptedBackend()
    backend.recording.memory = 0
    async with running(backend, size=(120, 30)) as (app, pilot):
        await pilot.press("f12")
        await until(pilot, lambda: "wire_memory" in said(app))
