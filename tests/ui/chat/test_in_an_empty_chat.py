"""Commands that have nothing to do in an empty chat say so in a sentence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.commands import COMMANDS, by_id

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp

SAYS = {
    "retry": "There is nothing to ask again right now.",
    "continue": "There is nothing to continue.",
    "edit": "There is no question to edit yet.",
    "older_reply": "There is no other reply here",
    "newer_reply": "There is no other reply here",
    "diff": "There is no other version",
    "duplicate": "There is nothing to copy yet.",
    "delete": "There is nothing to delete.",
    "undelete": "There is nothing to restore.",
    "export": "There is nothing to export yet.",
    "compact": "There is nothing to compact yet.",
    "copy_reply": "There is no text to copy yet.",
    "copy_code": "The last reply has no code block.",
    "copy_chat": "The chat is empty.",
    "compare": "Name 2 to 4 models",
    "persona": "There are no personas",
    "set": "No options set",
    "usage": "Nothing is saved in this run",
    "preview": "Nothing is attached",
    "open_paste": "No folded paste is in the prompt.",
    "fold": "There is no reasoning to fold here.",
    "queue": "Nothing is queued.",
    "queue_order": "Nothing is queued.",
    "queue_first": "Nothing is queued.",
    "replay_step": "Nothing is replayed here",
    "replay_pause": "Nothing is replayed here",
    "interrupt": "again to quit",
}
"""The sentence, or its beginning or end, of each command that cannot do what it is for."""

SILENT = {"stop", "new", "page_up", "page_down", "top", "bottom", "previous_message", "next_message", "repaint"}
"""What is wanted is already so: no reply runs, the chat is new, the first and the last row are shown."""

WORKS = {
    "chats",
    "rename",
    "model",
    "system",
    "effort",
    "connect",
    "attach",
    "paste_image",
    "editor",
    "history_search",
    "find",
    "wire",
    "heat",
    "mouse",
    "wide",
    "theme",
    "suspend",
    "history_previous",
    "history_next",
    "help",
    "palette",
    "quit",
}


def said(app: ChatApp, sentence: str) -> bool:
    return any(sentence in each for each in notices(app))


def notices(app: ChatApp) -> list[str]:
    return [each.message for each in app._notifications]


def test_of_every_command_it_is_known_what_it_does_in_an_empty_chat() -> None:
    with_words = {command.id for command in COMMANDS if command.words}
    assert {*SAYS} | SILENT | WORKS == with_words
    assert len(SAYS) + len(SILENT) + len(WORKS) == len(with_words)


async def test_what_cannot_be_done_is_said() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await app.chat.mount_late_parts()
        for name, sentence in SAYS.items():
            app.clear_notifications()
            app.chat.composer.put(f"/{by_id(name).slash}")
            await pilot.press("enter")
            await until(pilot, partial(said, app, sentence), f"{name}: {sentence}")
            assert app.screen is app.chat, name
            assert app.chat.composer.prompt.has_focus, name
            assert not app.chat.conversation.messages, name
        app.clear_notifications()
        for name in sorted(SILENT):
            app.chat.composer.put(f"/{by_id(name).slash}")
            await pilot.press("enter")
            await until(pilot, lambda: not app.chat.composer.text, name)
            assert app.screen is app.chat, name
            assert notices(app) == [], name
