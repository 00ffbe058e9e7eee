"""The prompt in an editor, with scripts in place of one."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from tests.ui.composer.test_composer import composing
from tests.ui.scripted import until
from tui_chat.ui.composer.external_editor import edit_prompt

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_an_editor_gives_its_text_to_the_prompt_or_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "%s, edited" "$(cat "$1")" > "$1"\n')
    script.chmod(0o755)
    async with composing() as (app, composer, pilot):
        await pilot.press(*"typed", "ctrl+g")
        await until(pilot, lambda: app.posted == [("EditorWanted",)])
        composer.open_editor()
        await until(pilot, lambda: app.posted == [("EditorWanted",)] * 2)
        monkeypatch.setattr(app, "suspend", nullcontext)
        monkeypatch.setenv("VISUAL", str(script))
        assert await edit_prompt(app, composer.prompt) == ""
        assert composer.text == "typed, edited"
        monkeypatch.setenv("VISUAL", "false")
        assert "false ended with status 1" in await edit_prompt(app, composer.prompt)
        assert composer.text == "typed, edited"
