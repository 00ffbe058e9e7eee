"""Moving among messages, replies beside replies, replies that go on, and copying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.find.test_finder import long_chat, opened, rows
from tests.ui.host import Chat
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import CutOff, Failed, Finished, ReasoningDelta, ResponseStarted, TextDelta
from tui_chat.ui import clipboard
from tui_chat.ui.transcript.text.copied_text import as_markdown, code_blocks, text_of
from tui_chat.ui.transcript.view_window import MOST_MOUNTED

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

OPENED = ResponseStarted(200, "http://test.example/v1/chat/completions")
DONE = Finished("stop", "done-sentinel")


async def focused(app: ChatApp, pilot: Pilot[None], text: str) -> None:
    """Wait until the message with this text has the focus, and its first row is in sight."""

    def has_focus() -> bool:
        view = app.chat.pane.focused_view
        return view is not None and view.message.text.startswith(text) and view.region.y >= app.chat.pane.region.y

    await until(pilot, has_focus, f"the focus on {text!r}")
    await until(pilot, lambda: any(row.startswith("▌") for row in rows(app)))


async def answered(app: ChatApp, pilot: Pilot[None], backend: ScriptedBackend, number: int, text: str) -> None:
    """Give the whole reply to question `number`."""
    await until(pilot, lambda: len(backend.model.questions) == number)
    backend.model.say(OPENED, TextDelta(text), DONE)
    await until(pilot, lambda: not app.chat.conversation.replying)


# Moving


async def test_the_focus_walks_over_the_whole_path() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(60), pilot)
        await pilot.press("shift+tab")
        await focused(app, pilot, "answer 59")
        for number in range(58, 20, -1):
            await pilot.press("k")
            await pilot.press("alt+up")
            await focused(app, pilot, f"answer {number}")
            assert len(app.chat.pane.views) <= MOST_MOUNTED
        await pilot.press("j")
        await focused(app, pilot, "question 22")
        await pilot.press("g")
        await focused(app, pilot, "question 0")
        await pilot.press("k")
        await focused(app, pilot, "question 0")
        await pilot.press("G")
        await focused(app, pilot, "answer 59")
        await pilot.press("j")
        await until(pilot, lambda: app.chat.composer.prompt.has_focus)


async def test_letters_are_text_while_the_prompt_has_the_focus() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(3), pilot)
        await pilot.press("j", "g", "G", "n", "[", "k")
        assert app.chat.composer.prompt.text == "jgGn[k"


async def test_moving_the_focus_lets_go_of_the_end_and_jumps_to_it_from_elsewhere() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(200), pilot)
        app.chat.pane.top()
        await until(pilot, lambda: "question 0" in "".join(rows(app)))
        await pilot.press("shift+tab")
        await focused(app, pilot, "answer 199")
        assert not app.chat.pane.following


# Beside one another


async def test_sibling_replies_are_stepped_through_in_place() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("ask")
        await pilot.press("enter")
        await answered(app, pilot, backend, 1, "first answer")
        for number, text in ((2, "second answer"), (3, "third answer")):
            app.chat.composer.prompt.put("/retry")
            await pilot.press("enter")
            await answered(app, pilot, backend, number, text)
        await until(pilot, lambda: any("◆ tiny-model · ‹ 3/3 ›" in row for row in rows(app)))
        await pilot.press("shift+tab")
        await focused(app, pilot, "third answer")
        at = [y for y, row in enumerate(rows(app)) if row.startswith("▌")]
        await pilot.press("[")
        await focused(app, pilot, "second answer")
        await pilot.press("left")
        await focused(app, pilot, "first answer")
        assert [y for y, row in enumerate(rows(app)) if row.startswith("▌")] == at
        assert any("1/3" in row for row in rows(app))
        await pilot.press("[")
        await focused(app, pilot, "first answer")
        await pilot.press("]")
        await focused(app, pilot, "second answer")
        await pilot.press("escape")
        app.chat.composer.prompt.put("/newer")
        await pilot.press("enter")
        await until(pilot, lambda: any("third answer" in row for row in rows(app)))
        assert app.chat.composer.prompt.has_focus


async def test_a_sibling_brings_back_what_followed_it() -> None:
    backend = ScriptedBackend()
    chat = Chat()
    first = chat.answer("ask", "first answer")
    chat.answer("more", "the follow-up")
    question = chat.conversation.path()[0]
    chat.reply = chat.conversation.begin_reply(question, model="m", endpoint="e", at=1000.0)
    chat.tell(TextDelta("other answer"), DONE)
    async with running(backend) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        app.chat.commands.navigation.older_reply()
        await until(pilot, lambda: any("the follow-up" in row for row in rows(app)))
        assert first in chat.conversation.path()
        assert not any("other answer" in row for row in rows(app))


# Going on


async def cut_off(app: ChatApp, pilot: Pilot[None], backend: ScriptedBackend) -> None:
    app.chat.composer.prompt.put("ask")
    await pilot.press("enter")
    backend.model.say(OPENED, TextDelta("It **began** we"), CutOff("the wire broke"))
    await until(pilot, lambda: any("Alt+N continue" in row for row in rows(app)))


@pytest.mark.parametrize("how", ["click", "n", "slash", "shown key"])
async def test_a_reply_that_was_cut_off_goes_on_as_one(how: str) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await cut_off(app, pilot, backend)
        if how == "click":
            at = next((row.index("Alt+N continue"), y) for y, row in enumerate(rows(app)) if "Alt+N continue" in row)
            await pilot.click(offset=(at[0] + 2, at[1] + app.chat.pane.region.y))
        elif how == "n":
            await pilot.press("shift+tab")
            await focused(app, pilot, "It")
            await pilot.press("n")
        elif how == "shown key":
            await pilot.press(*"typed", "alt+n")
            assert app.chat.composer.text == "typed"
        else:
            app.chat.composer.prompt.put("/continue")
            await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        backend.model.say(OPENED, TextDelta("ll and *ended*"))
        await until(pilot, lambda: any("It began well and" in row for row in rows(app)))
        assert not any("Cut off" in row for row in rows(app))
        backend.model.say(TextDelta(" well."), DONE)
        await until(pilot, lambda: any("It began well and ended well." in row for row in rows(app)))
        assert len(app.chat.pane.views) == 2
        assert text_of(app.chat.pane.views[-1].messages) == "It **began** well and *ended* well."


async def test_a_reply_that_goes_on_is_one_when_it_is_opened_again_and_when_the_width_changes() -> None:
    chat = Chat()
    chat.ask("ask")
    chat.tell(TextDelta("```python\nx = 1\n"), CutOff("the wire broke"))
    assert chat.reply is not None
    chat.reply = chat.conversation.begin_reply(chat.reply, model="m", endpoint="e", at=1001.0)
    chat.tell(TextDelta("y = 2\n```\nThe end."), DONE)
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        for width in (100, 60):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: app.chat.pane.region.width == width)  # type: ignore[misc]
            await pilot.pause()
            shown = [row.strip() for row in rows(app) if row.strip()]
            at = shown.index("x = 1")
            assert shown[at : at + 3] == ["x = 1", "y = 2", "The end."]
        assert code_blocks(app.chat.pane.views[-1].messages) == ["x = 1\ny = 2"]


async def test_going_on_with_an_earlier_reply_branches_there() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await cut_off(app, pilot, backend)
        app.chat.composer.prompt.put("next")
        await pilot.press("enter")
        await answered(app, pilot, backend, 2, "the next answer")
        await pilot.press("shift+tab", "k", "k")
        await focused(app, pilot, "It")
        await pilot.press("n")
        await answered(app, pilot, backend, 3, "ll.")
        await until(pilot, lambda: any("It began well." in row for row in rows(app)))
        assert not any("the next answer" in row for row in rows(app))


async def test_a_whole_reply_cannot_be_gone_on_with() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("ask")
        await pilot.press("enter")
        await answered(app, pilot, backend, 1, "all of it")
        app.chat.composer.prompt.put("/continue")
        await pilot.press("enter")
        await pilot.pause()
        assert len(backend.model.questions) == 1


# Copying


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is copied, and what it is called."""
    taken: list[tuple[str, str]] = []

    def copy(_: App[object], text: str, what: str) -> str:
        taken.append((text, what))
        return ""

    monkeypatch.setattr(clipboard, "copy", copy)
    return taken


async def test_a_failure_before_the_first_word_is_copied_as_it_was_told(copied: list[tuple[str, str]]) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("ask")
        await pilot.press("enter")
        backend.model.say(Failed("No route to the host.", hint="Is the network up?", url="http://10.0.0.1/v1"))
        await until(pilot, lambda: any("No route" in row for row in rows(app)))
        app.chat.commands.copying.copy_reply()
        assert copied == [("No route to the host.\nIs the network up?\nhttp://10.0.0.1/v1", "the last reply")]


async def test_a_click_above_a_block_of_code_copies_it_as_far_as_it_has_come(copied: list[tuple[str, str]]) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("ask")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(OPENED, TextDelta("```sh\none\n```\n\n```\ntwo\nthr"))
        await until(pilot, lambda: any("2 copy" in row for row in rows(app)))
        y = next(y for y, row in enumerate(rows(app)) if "2 copy" in row)
        await pilot.click(offset=(rows(app)[y].index("copy") + 1, y + app.chat.pane.region.y))
        await until(pilot, lambda: copied == [("two\nthr", "code block 2 of 2")])
        assert app.chat.composer.prompt.has_focus


async def test_code_blocks_are_copied_also_of_a_message_that_has_no_view(copied: list[tuple[str, str]]) -> None:
    chat = long_chat(100)
    whole = Chat()
    whole.conversation = chat
    whole.answer("code?", "```sh\none\n```\n\n1. do:\n   ```\n   two\n   ```\n")
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat, pilot)
        app.chat.pane.top()
        await until(pilot, lambda: "question 0" in "".join(rows(app)))
        app.chat.commands.copying.copy_code()
        app.chat.commands.copying.copy_code("1")
        assert copied == [("two", "code block 2 of 2"), ("one", "code block 1 of 2")]
        copied.clear()
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.chat.pane.focused_view is not None)
        await pilot.press("c", "c", "c")
        assert [text for text, _ in copied] == ["one", "two", "one"]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("```python\n\tdef f():\n\n\t\treturn 1   \n  end\n```\n\nMore", ["\tdef f():\n\n\t\treturn 1   \n  end"]),
        ("```\none\ntwo", ["one\ntwo"]),
        ("1. do:\n   ```sh\n   a\n     b\n   ```\n", ["a\n  b"]),
        ("````md\n```\nx\n```\n````\nafter", ["```\nx\n```"]),
        ("text\n\n    indented\n", ["indented"]),
        ("`no block`", []),
    ],
)
def test_code_is_copied_exactly(text: str, blocks: list[str]) -> None:
    assert code_blocks([Chat().answer("?", text)]) == blocks


def test_a_chat_is_copied_with_who_speaks() -> None:
    chat = Chat()
    chat.answer("why?", "because")
    chat.ask("and?")
    chat.tell(ReasoningDelta("hm"), TextDelta("so "), CutOff("x"))
    assert chat.reply is not None
    first = chat.reply
    chat.reply = chat.conversation.begin_reply(first, model="tiny-1", endpoint="e", at=1.0)
    chat.tell(TextDelta("it is"), DONE)
    *path, before, last = chat.conversation.path()
    copied = as_markdown([*([message] for message in path), [before, last]])
    assert copied == "## You\n\nwhy?\n\n## tiny-1\n\nbecause\n\n## You\n\nand?\n\n## tiny-1\n\nso it is\n"


# Over a network


@pytest.mark.parametrize(("remote", "frames"), [(False, 30), (True, 15)])
async def test_half_as_many_frames_are_painted_over_ssh(
    monkeypatch: pytest.MonkeyPatch, remote: bool, frames: int
) -> None:
    if remote:
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 50000 10.0.0.1 22")
    else:
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
    async with running(ScriptedBackend()) as (app, _):
        assert app.chat.pane.clock.frames_per_second == frames
