"""What belongs to the whole process."""

from __future__ import annotations

import pytest
from textual.events import Paste

from tests.ui.scripted import CANARY, ScriptedBackend, until
from tui_chat.ui.app import ChatApp


async def test_a_bad_setting_closes_the_screen_and_is_there_to_be_printed() -> None:
    app = ChatApp(ScriptedBackend(error="TUI_CHAT_THEME: there is no theme purple"))
    async with app.run_test() as pilot:
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 2
    assert str(app.setup_error) == "TUI_CHAT_THEME: there is no theme purple"


async def test_a_theme_that_does_not_exist_is_a_bad_setting() -> None:
    app = ChatApp(ScriptedBackend(theme="purple"))
    async with app.run_test() as pilot:
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 2
    assert str(app.setup_error).startswith("theme: there is no 'purple'; there are ansi-dark")


async def test_keys_typed_before_the_settings_are_there_are_kept() -> None:
    backend = ScriptedBackend()
    app = ChatApp(backend)
    async with app.run_test() as pilot:
        await pilot.press("h", "i", "enter")
        await until(pilot, lambda: backend.model.questions)
        assert [message.text for message in backend.model.questions[0].messages] == ["hi"]


async def test_a_paste_before_the_settings_are_there_is_kept() -> None:
    app = ChatApp(ScriptedBackend())
    async with app.run_test() as pilot:
        app.post_message(Paste("one\ntwo"))
        await until(pilot, lambda: app.chat.composer.prompt.text == "one\ntwo")


async def test_a_crash_prints_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    app = ChatApp(ScriptedBackend())

    def crash() -> None:
        secret = "-".join(["sk", "local", "variable"])
        error = RuntimeError(f"about {len(secret)} characters of {CANARY}")
        error.add_note(f"noted {CANARY}")
        raise error

    async def run() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.chat.ready)
            app.call_later(crash)
            await until(pilot, lambda: not app.is_running)

    with pytest.raises(RuntimeError, match="about 17 characters"):
        await run()
    printed = capsys.readouterr().err
    assert "about 17 characters" in printed
    assert "sk-local-variable" not in printed
    assert "noted [masked]" in printed
    assert CANARY not in printed
