"""The row above the prompt while a question is edited."""

from __future__ import annotations

import pytest

from tests.ui.scripted import ScriptedBackend, running, until


@pytest.mark.parametrize(
    ("size", "row"),
    [
        ((80, 24), "Editing your question   Enter ask beside the old one   Esc cancel"),
        ((40, 12), "Editing your question   Esc cancel"),
    ],
)
async def test_it_says_which_keys_end_the_edit(size: tuple[int, int], row: str) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        await app.chat.mount_late_parts()
        composer = app.chat.composer
        composer.begin_edit(app.chat.conversation.add_question("old"))
        await until(pilot, lambda: composer.editing_line.size.width and str(composer.editing_line.render()) == row)


async def test_it_shows_the_keys_of_the_settings() -> None:
    async with running(ScriptedBackend(keys={"send": ("ctrl+s",)}), size=(80, 24)) as (app, pilot):
        await app.chat.mount_late_parts()
        composer = app.chat.composer
        composer.begin_edit(app.chat.conversation.add_question("old"))
        await until(pilot, lambda: "Ctrl+S ask beside the old one" in str(composer.editing_line.render()))
