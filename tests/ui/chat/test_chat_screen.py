"""The screen as a person uses it: send, stop, queue, retry, the ladders of Esc and Ctrl+C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key
from textual.widgets.text_area import Selection

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ResponseStarted,
    Retrying,
    Stopped,
    TextDelta,
    Usage,
    UsageReport,
)

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

OPENED = ResponseStarted(200, "http://test.example/v1/chat/completions")
DONE = Finished("stop", "done-sentinel")


async def ask(pilot: Pilot[None], text: str) -> None:
    for character in text:
        await pilot.press("space" if character == " " else "slash" if character == "/" else character)
    await pilot.press("enter")


def texts(app: ChatApp) -> list[str]:
    return [message.text for message in app.chat.conversation.path()]


async def test_a_question_is_answered_as_the_deltas_come() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        assert app.chat.composer.prompt.text == ""
        assert str(app.chat.composer.button.label) == "Stop"
        backend.model.say(OPENED, TextDelta("Hel"))
        await until(pilot, lambda: texts(app) == ["hi", "Hel"])
        backend.model.say(TextDelta("lo"), UsageReport(Usage(3, 2, 5)), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert texts(app) == ["hi", "Hello"]
        assert str(app.chat.composer.button.label) == "Send"
        assert "Chat 5 tokens" in app.chat.status.render().plain


async def test_escape_stops_the_reply_and_keeps_its_text() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        backend.model.say(OPENED, TextDelta("partial"))
        await until(pilot, lambda: texts(app) == ["hi", "partial"])
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.conversation.replying)
        reply = app.chat.conversation.last_reply
        assert reply is not None
        assert (reply.text, reply.ending) == ("partial", Stopped())
        assert backend.model.cancelled == 1
        assert "■ Stopped" in app.chat.status.render().plain


@pytest.mark.parametrize("how", ["escape", "button", "slash", "ctrl+c"])
async def test_every_way_to_stop_works_before_the_first_byte(how: str) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        if how == "button":
            await pilot.click("#send-stop")
        elif how == "slash":
            await ask(pilot, "/stop")
        else:
            await pilot.press(how)
        await until(pilot, lambda: backend.model.cancelled == 1)
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert app.is_running


async def test_what_is_sent_during_a_reply_waits_and_can_be_taken_back() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "one")
        await until(pilot, lambda: backend.model.questions)
        await ask(pilot, "two")
        await ask(pilot, "three")
        assert app.chat.composer.queue_bar.display
        assert "two" in app.chat.composer.queue_bar.render().plain
        await pilot.press("alt+q")
        assert app.chat.composer.prompt.text == "three"
        backend.model.say(OPENED, TextDelta("first"), DONE)
        await until(pilot, lambda: len(backend.model.questions) == 2)
        assert texts(app)[:3] == ["one", "first", "two"]
        assert app.chat.composer.prompt.text == "three"


async def test_after_a_stop_the_queue_is_held_until_enter() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "one")
        await until(pilot, lambda: backend.model.questions)
        await ask(pilot, "two")
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert "Queue paused · Enter sends the first" in app.chat.composer.queue_bar.render().plain
        assert len(backend.model.questions) == 1
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        assert not app.chat.composer.queue_bar.display


@pytest.mark.parametrize(
    "ending", [Failed("The connection was refused.", hint="Is the server running?"), CutOff("the connection ended")]
)
async def test_retry_asks_again_and_keeps_the_old_reply_beside_the_new(ending: Failed | CutOff) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        backend.model.say(OPENED, TextDelta("half"), ending)
        await until(pilot, lambda: not app.chat.conversation.replying and texts(app) == ["hi", "half"])
        await ask(pilot, "/retry")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        backend.model.say(OPENED, TextDelta("whole"), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert texts(app) == ["hi", "whole"]
        assert len(app.chat.conversation.messages) == 3


async def test_a_failed_reply_shows_what_happened_and_what_to_try() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        failure = Failed("The connection was refused.", hint="Is the server running?", url="http://test.example/v1")
        backend.model.say(failure)
        await until(pilot, lambda: not app.chat.conversation.replying)
        await pilot.pause()
        picture = app.export_screenshot()
        for words in ("connection&#160;was&#160;refused", "Is&#160;the&#160;server", "http://test.example/v1", "retry"):
            assert words in picture


async def test_the_typed_text_survives_a_stop_and_a_failure() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        await pilot.press("d", "r", "a", "f", "t")
        backend.model.say(Failed("no"))
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert app.chat.composer.prompt.text == "draft"


async def test_ctrl_c_clears_the_box_and_undo_brings_it_back_and_only_twice_quits() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await pilot.press("a", "b")
        await pilot.press("ctrl+c")
        assert app.chat.composer.prompt.text == ""
        await pilot.press("alt+z")
        assert app.chat.composer.prompt.text == "ab"
        await pilot.press("ctrl+c", "ctrl+c")
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)
    assert backend.closed


async def test_escape_first_brings_a_reader_back_to_the_prompt() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        backend.model.say(OPENED, TextDelta("x"))
        await until(pilot, lambda: texts(app) == ["hi", "x"])
        await pilot.press("alt+up")
        assert app.chat.pane.focused_view is not None
        await pilot.press("escape")
        assert app.chat.composer.prompt.has_focus
        assert app.chat.conversation.replying
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.conversation.replying)


async def test_slash_words_are_completed_and_an_unknown_one_stays_in_the_box() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await pilot.press("slash", "r", "e", "t")
        await until(pilot, lambda: app.chat.composer.menu.open)
        await pilot.press("tab")
        assert app.chat.composer.prompt.text == "/retry"
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.composer.menu.open)
        app.chat.composer.prompt.put("/nonsense")
        await pilot.press("enter")
        assert app.chat.composer.prompt.text == "/nonsense"
        assert backend.model.questions == []


@pytest.mark.parametrize("word", ["/modle", "/Modle gpt", "/MODLE"])
async def test_a_mistyped_slash_word_is_asked_back_and_not_sent(word: str) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put(word)
        await pilot.press("enter")
        await until(pilot, lambda: any("did you mean /model?" in each.message for each in app._notifications))
        assert app.chat.composer.prompt.text == word
        assert backend.model.questions == []


@pytest.mark.parametrize("word", ["/q", "/exit", "/quit", "/Q"])
async def test_every_word_of_leaving_leaves(word: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        for character in word:
            app.post_message(Key("slash" if character == "/" else character, character))
        app.post_message(Key("enter", "\r"))
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize("words", ["temprature 9", "top-p 1", "temperature hot", "temperature true"])
async def test_an_option_that_is_mistyped_or_no_number_is_refused(words: str) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put(f"/set {words}")
        await pilot.press("enter")
        await until(pilot, lambda: len(app._notifications))
        assert app.chat.session is not None
        assert app.chat.session.options == {}
        app.chat.composer.prompt.put("/set my_own_option 9")
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.session and app.chat.session.options == {"my_own_option": 9})


@pytest.mark.parametrize("key", ["ctrl+underscore", "ctrl+slash", "ctrl+shift+minus", "alt+z"])
async def test_undo_and_redo_in_the_box(key: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        app.chat.composer.prompt.put("typed")
        app.chat.composer.prompt.put("")
        app.post_message(Key(key, "z" if key == "alt+z" else None))
        await until(pilot, lambda: app.chat.composer.prompt.text == "typed")
        await pilot.press("ctrl+y")
        await until(pilot, lambda: app.chat.composer.prompt.text == "")


async def test_a_theme_that_was_chosen_is_kept() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        assert backend.kept_theme == ""
        app.chat.composer.prompt.put("/theme nord")
        await pilot.press("enter")
        await until(pilot, lambda: backend.kept_theme == "nord")
        assert app.theme == "nord"


async def test_a_path_is_sent_as_text() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/usr/bin is what?")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        assert texts(app)[0] == "/usr/bin is what?"


async def test_the_model_and_the_system_prompt_are_those_of_the_next_question() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "/model other")
        await ask(pilot, "/system be brief")
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        assert backend.model.questions[0].model == "other"
        assert backend.model.questions[0].system == "be brief"
        assert "other · test.example" in app.chat.composer.frame.recipient


async def test_a_paste_never_sends_and_brings_no_controls() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        from textual.events import Paste

        app.post_message(Paste("one\r\ntwo\rthree\x1b]52;c;x\x07"))
        await until(pilot, lambda: app.chat.composer.prompt.text)
        assert app.chat.composer.prompt.text == "one\ntwo\nthree\ufffd]52;c;x\ufffd"
        assert backend.model.questions == []


async def test_what_is_typed_after_enter_in_the_same_breath_is_the_next_text() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for key in "first":
            app.post_message(Key(key, key))
        app.post_message(Key("enter", "\r"))
        for key in "second":
            app.post_message(Key(key, key))
        await until(pilot, lambda: backend.model.questions and app.chat.composer.prompt.text == "second")
        assert [message.text for message in backend.model.questions[0].messages] == ["first"]


@pytest.mark.parametrize(
    "key", ["shift+enter", "alt+enter", "ctrl+enter", "alt+ctrl+shift+enter", "super+enter", "ctrl+j"]
)
async def test_enter_with_a_modifier_is_a_new_line_in_place_of_what_is_selected(key: str) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("one two")
        app.chat.composer.prompt.selection = Selection((0, 3), (0, 4))
        await pilot.press(key)
        assert app.chat.composer.prompt.text == "one\ntwo"
        assert backend.model.questions == []


async def test_up_and_down_go_through_earlier_prompts() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "one")
        backend.model.say(OPENED, DONE)
        await until(pilot, lambda: backend.model.questions and not app.chat.conversation.replying)
        await pilot.press("d")
        await pilot.press("up")
        assert app.chat.composer.prompt.text == "one"
        await pilot.press("down")
        assert app.chat.composer.prompt.text == "d"


async def test_a_new_chat_is_empty_and_the_next_question_knows_nothing_of_the_old() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "one")
        backend.model.say(OPENED, TextDelta("x"), DONE)
        await until(pilot, lambda: texts(app) == ["one", "x"] and not app.chat.conversation.replying)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: texts(app) == [])
        await ask(pilot, "two")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        assert [message.text for message in backend.model.questions[1].messages] == ["two"]


async def test_the_demo_says_so_and_looks_for_servers_only_when_asked() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        await until(pilot, lambda: "talking&#160;to&#160;the&#160;built-in&#160;demo" in app.export_screenshot())
        assert backend.looked == 0


async def test_a_prompt_from_the_command_line_is_sent_at_once() -> None:
    backend = ScriptedBackend()
    async with running(backend, prompt="from outside") as (app, pilot):
        await until(pilot, lambda: backend.model.questions)
        assert texts(app)[0] == "from outside"


async def test_what_stands_in_the_box_at_the_end_is_there_at_the_next_start(tmp_path: Path) -> None:
    backend = ScriptedBackend(state_folder=tmp_path)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("not sent yet")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    async with running(ScriptedBackend(state_folder=tmp_path)) as (app, pilot):
        await pilot.press("up")
        assert app.chat.composer.prompt.text == "not sent yet"


async def test_help_and_palette_open_and_close() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await pilot.press("f1")
        await until(pilot, lambda: app.screen is not app.chat)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.chat)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_the_connection_is_opened_once_while_the_first_words_are_typed() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (_, pilot):
        assert backend.warmed == 0
        await pilot.press("h", "i")
        await until(pilot, lambda: backend.warmed == 1)
        await pilot.press("enter", "a", "g", "a", "i", "n")
        await until(pilot, lambda: backend.model.questions)
        assert backend.warmed == 1


async def test_new_chats_in_quick_succession_leave_one_welcome() -> None:
    backend = ScriptedBackend(demo=True)
    async with running(backend) as (app, pilot):
        for _ in range(4):
            app.chat.call_later(app.chat.commands.chats.new)
        await until(pilot, lambda: app.chat.query("#welcome"))
        await pilot.pause()
        await pilot.pause()
        assert len(app.chat.query("#welcome")) == 1


async def test_an_earlier_question_can_be_asked_again_from_its_message() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for number, word in enumerate(("one", "two"), 1):
            await ask(pilot, word)
            backend.model.say(OPENED, TextDelta(f"reply {word}"), DONE)
            await until(pilot, lambda: not app.chat.conversation.replying)
            await until(pilot, lambda count=2 * number: len(texts(app)) == count)  # type: ignore[misc]
        for _ in range(3):
            await pilot.press("alt+up")
        await until(pilot, lambda: (view := app.chat.pane.focused_view) and view.message.text == "reply one")
        await pilot.press("r")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        backend.model.say(OPENED, TextDelta("another reply one"), DONE)
        await until(pilot, lambda: texts(app) == ["one", "another reply one"])
        assert len(app.chat.conversation.messages) == 5


async def test_sampling_options_are_those_of_the_next_question_until_they_are_removed() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "/set temperature 0.2")
        await ask(pilot, "/set stop END")
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        assert backend.model.questions[0].options == {"temperature": 0.2, "stop": "END"}
        await ask(pilot, "/set stop")
        backend.model.say(OPENED, DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        await ask(pilot, "again")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        assert backend.model.questions[1].options == {"temperature": 0.2}


async def test_enter_in_an_empty_box_hurries_a_waiting_retry_and_escape_ends_it() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await ask(pilot, "hi")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(Retrying(1, 3, 60.0, "Too many requests."))
        await until(pilot, lambda: "(1 of 3)" in app.chat.status.render().plain)
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions[0].retry_now.is_set())
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.conversation.replying)
        reply = app.chat.conversation.last_reply
        assert reply is not None
        assert reply.ending == Stopped()
