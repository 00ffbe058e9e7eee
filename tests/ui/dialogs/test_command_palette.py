"""The palette finds commands and runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, ResponseStarted, TextDelta
from tui_chat.commands import COMMANDS, by_id
from tui_chat.ui.dialogs.command_groups import OTHERS, group_of, grouped
from tui_chat.ui.dialogs.command_palette import CommandPalette, suggested_for
from tui_chat.ui.dialogs.row_list import ListRow

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.chat.events import ChatEvent
    from tui_chat.ui.app import ChatApp


async def opened(pilot: Pilot[None], app: ChatApp) -> CommandPalette:
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.is_mounted)
    assert isinstance(app.screen, CommandPalette)
    return app.screen


def listed(palette: CommandPalette) -> list[str]:
    return [item.name for item in palette.list.items if isinstance(item, ListRow)]


async def test_a_few_letters_and_enter_run_a_command() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        palette = await opened(pilot, app)
        await pilot.press(*"fin chat")
        await until(pilot, lambda: palette.words == "fin chat")
        assert listed(palette)[0] == by_id("find").title
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.finding.bar.display)


@pytest.mark.parametrize("theme", ["tui-chat-dark", "ansi-dark"])
async def test_slash_words_and_keys_are_shown_from_80_columns(theme: str) -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        app.theme = theme
        palette = await opened(pilot, app)
        await until(pilot, lambda: "Switch model" in palette.list.render().plain)
        row = next(line for line in palette.list.render().plain.split("\n") if "Switch model" in line)
        assert row.split()[:6] == ["▸", "Switch", "model", "/model", "NAME", "Ctrl+O"]


async def test_letters_typed_fast_before_enter_are_waited_for() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        await pilot.press("ctrl+p", *"/find", "enter")
        await until(pilot, lambda: app.chat.finding.bar.display)


async def test_every_command_that_needs_no_message_is_listed_once_besides_the_suggested() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        palette = await opened(pilot, app)
        suggested = suggested_for(app.chat.conversation)
        shown = [command for command in COMMANDS if command.place != "message" and command.id != "palette"]
        assert sorted(listed(palette)[len(suggested) :]) == sorted(command.title for command in shown)


async def test_a_click_runs_a_command_and_a_click_on_esc_closes() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        palette = await opened(pilot, app)
        await pilot.press(*"find in")
        await until(pilot, lambda: listed(palette)[:1] == [by_id("find").title])
        await pilot.click(palette.list, offset=(10, 0))
        await until(pilot, lambda: app.chat.finding.bar.display)
        palette = await opened(pilot, app)
        await pilot.click(palette.title_row, offset=(palette.title_row.size.width - 4, 0))
        await until(pilot, lambda: app.screen is app.chat)


def test_the_programs_own_commands_come_last() -> None:
    assert [title for title, _ in grouped(COMMANDS)][-1] == OTHERS
    assert group_of(by_id("stop")) != OTHERS


@pytest.mark.parametrize(
    ("ending", "first"),
    [
        ((), "stop"),
        ((Finished("stop", "done-sentinel"),), "model"),
        ((CutOff(""),), "continue"),
        ((Failed("no", ""),), "retry"),
    ],
)
def test_what_is_suggested_depends_on_the_last_reply(ending: tuple[ChatEvent, ...], first: str) -> None:
    conversation = Conversation()
    question = conversation.add_question("question")
    reply = conversation.begin_reply(question, model="model", endpoint="example.org", at=0.0)
    for event in (ResponseStarted(200, "http://t"), TextDelta("a"), *ending):
        conversation.apply(reply, event)
    assert suggested_for(conversation)[0] == first
