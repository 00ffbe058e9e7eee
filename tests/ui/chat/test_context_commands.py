"""`/compact`, and the offer of it when the context is nearly full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import toasts
from tests.ui.scripted import ScriptedBackend, answered, running, until
from tui_chat.chat.events import CutOff, Failed, Finished, TextDelta, Usage, UsageReport
from tui_chat.chat.memory_history import MemoryHistory
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat_manager.compaction import REQUEST
from tui_chat.commands import by_slash
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

DONE = Finished("stop", "done-sentinel")


async def run(app: ChatApp, word: str, argument: str = "") -> None:
    """Run a slash command."""
    command = by_slash(word)
    assert command is not None
    await app.chat.run_command(command, argument)


async def ask(pilot: Pilot[None], backend: ScriptedBackend, usage: Usage) -> None:
    """One exchange."""
    app: ChatApp = pilot.app  # type: ignore[assignment]
    asked = len(backend.model.questions)
    app.chat.composer.prompt.put("why?")
    await pilot.press("enter")
    await until(pilot, lambda: len(backend.model.questions) > asked)
    backend.model.say(TextDelta("because"), UsageReport(usage), DONE)
    await until(pilot, lambda: answered(app))


async def test_compact_goes_on_from_the_summary_and_is_offered_once() -> None:
    backend = ScriptedBackend()
    backend.facts = {"tiny-model": ModelInfo("tiny-model", 1000)}
    async with running(backend) as (app, pilot):
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        await ask(pilot, backend, Usage(100, 10))
        assert said == []
        await ask(pilot, backend, Usage(900, 20))
        await until(pilot, lambda: len(said) == 1)
        await ask(pilot, backend, Usage(910, 20))
        assert [text.partition(".")[0] for text in said] == ["The context is 92 % full"]
        app.chat.show_notice("The context is 92 % full.", seconds=600)
        await until(pilot, lambda: "92 %" in toasts(app))
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 4)
        assert toasts(app) == ""
        backend.model.say(TextDelta("In short."), UsageReport(Usage(950, 30)), DONE)
        await until(pilot, lambda: [m.text for m in app.chat.conversation.path()] == [REQUEST, "In short."])
        await until(pilot, lambda: len(said) == 2)


async def test_esc_stops_compacting_and_the_chat_stays() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        before = app.chat.conversation.path()
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        await until(pilot, lambda: "● Compacting the chat" in str(app.chat.status.render()))
        assert "Esc stop" in str(app.chat.status.render())
        await pilot.press("escape")
        await until(pilot, lambda: backend.model.cancelled == 1)
        assert app.chat.conversation.path() == before


async def test_an_empty_chat_and_one_with_a_running_reply_cannot_be_compacted() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        await run(app, "compact")
        assert said == ["There is nothing to compact yet."]
        await ask(pilot, backend, Usage(100, 10))
        app.chat.composer.prompt.put("and?")
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        await run(app, "compact")
        assert said[1:] == ["A reply is running: wait for it, or stop it with Esc."]


async def test_a_summary_that_fails_leaves_the_chat_and_says_why() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        before = app.chat.conversation.path()
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        await run(app, "compact")
        assert said == ["Compacting the chat; Esc stops that and leaves the chat unchanged."]
        backend.model.say(Failed("The server is overloaded.", "Wait.", "server"))
        await until(pilot, lambda: len(said) == 2)
        assert said[1] == "No summary came, so the chat is unchanged. The server is overloaded."
        assert app.chat.conversation.path() == before


async def test_what_is_sent_while_a_chat_is_compacted_is_asked_behind_the_summary() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        for text in ("and then?", "and last?"):
            app.chat.composer.prompt.put(text)
            await pilot.press("enter")
        session = app.chat.session
        assert session is not None
        await until(pilot, lambda: [each.text for each in session.queue] == ["and then?", "and last?"])
        await pilot.press("enter")  # an empty prompt asks nothing meanwhile
        assert len(backend.model.questions) == 3
        backend.model.say(TextDelta("In short."), DONE)
        await until(pilot, lambda: len(backend.model.questions) == 4)
        asked = backend.model.questions[-1].messages
        assert [message.text for message in asked] == [REQUEST, "In short.", "and then?"]
        backend.model.say(TextDelta("so"), DONE)
        await until(pilot, lambda: len(backend.model.questions) == 5 and not session.queue)


async def test_what_is_sent_waits_if_the_chat_is_not_compacted_after_all() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        app.chat.composer.prompt.put("and then?")
        await pilot.press("enter")
        backend.model.say(TextDelta("In sh"), CutOff("the line was cut"))
        await until(pilot, lambda: said)
        assert said == ["No summary came, so the chat is unchanged. It was cut off: the line was cut."]
        assert app.chat.session is not None
        assert [each.text for each in app.chat.session.queue] == ["and then?"]
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 4)
        assert backend.model.questions[-1].messages[-1].text == "and then?"


async def test_a_chat_that_is_left_while_it_is_compacted_gets_its_summary(tmp_path: Path) -> None:
    store = Store(tmp_path)
    backend = ScriptedBackend(history=store)
    async with running(backend) as (app, pilot):
        for _ in range(2):
            await ask(pilot, backend, Usage(100, 10))
        chat = app.chat.conversation.id
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        await run(app, "compact")
        await until(pilot, lambda: len(backend.model.questions) == 3)
        await run(app, "new")
        await until(pilot, lambda: app.chat.conversation.id != chat)
        backend.model.say(TextDelta("In short."), DONE)
        await until(pilot, lambda: said)
        assert said[0].startswith("“why?”: The chat continues from the summary.")
    store.close()
    kept = Store(tmp_path)
    assert [message.text for message in kept.open(chat).path()] == [REQUEST, "In short."]
    kept.close()


async def test_compacting_is_offered_again_when_the_context_has_filled_again() -> None:
    backend = ScriptedBackend()
    backend.facts = {"tiny-model": ModelInfo("tiny-model", 1000)}
    async with running(backend) as (app, pilot):
        said: list[str] = []
        app.chat.commands.context._notify = lambda text, **_: said.append(text)
        for used in (900, 950, 100, 910):
            await ask(pilot, backend, Usage(used, 10))
        await until(pilot, lambda: len(said) == 2)
        assert [text.partition(".")[0] for text in said] == ["The context is 91 % full", "The context is 92 % full"]


async def test_usage_needs_a_history_and_a_grouping_that_exists() -> None:
    async with running(ScriptedBackend()) as (app, _):
        said: list[str] = []
        commands = app.chat.commands.context
        commands._notify = lambda text, **_: said.append(text)
        history, commands.history = commands.history, None
        await run(app, "usage")
        commands.history = history or MemoryHistory()
        await run(app, "usage", "colour")
        assert said == [
            "Nothing is saved in this run, so there is nothing to add up.",
            "Type /usage day, /usage model or /usage endpoint.",
        ]
