"""Templates in the real screen: by slash word, in the menu and in the palette."""

from __future__ import annotations

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.message import Attachment
from tui_chat.ui.dialogs.dialog_rows import HintRow
from tui_chat.ui.dialogs.text_input_screen import LineScreen

TEMPLATES = {
    "tr-1": "Translate to {{language}}:\r\n{{input}}\n",
    "plain": "Be \u202eexact.\n",
    "mail": "Write to {{person}} about {{subject}}.",
}


async def test_a_template_is_filled_and_sent_exactly() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/tr-1 a {{language}}")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.screen.is_mounted, "the blank")
        await pilot.press(*"German", "enter")
        await until(pilot, lambda: backend.model.questions, "the question")
        assert backend.model.questions[0].messages[-1].text == "Translate to German:\r\na {{language}}\n"


async def test_several_blanks_are_counted_and_the_last_one_says_that_it_sends() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/mail")
        await pilot.press("enter")
        for title, number, verb in (("person", "1 of 2", "go on"), ("subject", "2 of 2", "send")):
            await until(pilot, lambda title=title: app.screen.is_mounted and app.screen.title == title, title)  # type: ignore[misc]
            assert app.screen.sub_title == number
            assert f"Enter {verb}" in app.screen.query_one(HintRow).render().plain
            await pilot.press(*title, "enter")
        await until(pilot, lambda: backend.model.questions, "the question")
        assert backend.model.questions[0].messages[-1].text == "Write to person about subject."


async def test_a_template_without_blanks_is_sent_byte_for_byte() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/plain")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions, "the question")
        assert backend.model.questions[0].messages[-1].text == TEMPLATES["plain"]


async def test_what_is_attached_goes_along_with_a_template() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    file = Attachment("note.txt", "text/plain", b"some note")
    async with running(backend) as (app, pilot):
        app.chat.composer.give_back("/plain", [file])
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions, "the question")
        assert backend.model.questions[0].messages[-1].attachments == (file,)
        assert app.chat.composer.attachments == ()


async def test_an_empty_template_sends_nothing_and_says_so() -> None:
    backend = ScriptedBackend(templates={"bare": "\n"})
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/bare")
        await pilot.press("enter")
        await until(pilot, lambda: any("bare is empty" in each.message for each in app._notifications), "the notice")
        assert backend.model.questions == []


async def test_esc_in_a_blank_sends_nothing() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/tr-1 x")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.screen.is_mounted, "the blank")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat, "the chat")
        assert backend.model.questions == []


async def test_the_menu_completes_templates_and_the_palette_lists_them() -> None:
    async with running(ScriptedBackend(templates=TEMPLATES)) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press(*"/tr-")
        await until(pilot, lambda: app.chat.composer.menu.open, "the menu")
        await pilot.press("tab")
        assert app.chat.composer.text == "/tr-1 "
        app.chat.composer.prompt.put("")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.chat and app.screen.is_mounted, "the palette")
        await pilot.press(*"template plain", "enter")
        await until(pilot, lambda: app.chat.conversation.messages, "the question")


async def test_a_mistyped_template_is_seen_through() -> None:
    backend = ScriptedBackend(templates=TEMPLATES)
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("/plian text")
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.composer.text == "/plian text", "the text back")
        assert backend.model.questions == []
