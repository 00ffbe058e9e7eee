from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.geometry import Size

from tests.ui.scripted import until
from tui_chat.ui.dialogs.endpoints.form_fields import Choice, Field, SecretInput
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from textual.app import App, ComposeResult


class Wide(Choice):
    """A choice of 20 cells, outside of any screen."""

    @property
    def size(self) -> Size:
        return Size(20, 1)


def choice(index: int = 0) -> tuple[Choice, list[str]]:
    """A choice of three values, and the values that were said to be chosen."""
    changes: list[str] = []
    made = Wide(["auto", "openai-chat", "a\x1b[2Jb"], index, lambda: changes.append(made.value))
    return made, changes


@pytest.mark.parametrize(("index", "by", "value"), [(0, 1, "openai-chat"), (2, 1, "auto"), (0, -1, "a\x1b[2Jb")])
def test_the_values_go_round_in_both_directions(index: int, by: int, value: str) -> None:
    made, changes = choice(index)
    made.step(by)
    assert (made.value, changes) == (value, [value])


def test_the_same_value_again_is_no_change() -> None:
    made, changes = choice(1)
    made.set(1)
    assert changes == []


@pytest.mark.parametrize(("index", "text"), [(0, "auto"), (1, "openai-chat"), (2, "a\ufffd[2Jb")])
def test_a_value_is_shown_clean_with_the_sign_of_more_at_the_right(index: int, text: str) -> None:
    shown = choice(index)[0].render().plain
    assert shown.startswith(text + " ")
    assert shown.endswith(" ▾")
    assert len(shown) == 19


class Form(ThemedApp):
    """A field with a secret, and one with a choice."""

    def compose(self) -> ComposeResult:
        self.secret = SecretInput({}, "sk-secret")
        self.plain = DialogInput({})
        self.choice, self.changes = Choice(["one", "two", "three"]), list[str]()
        self.opened: list[Choice] = []
        yield Field("Key", self.secret)
        yield Field("URL", self.plain)
        yield Field("API", self.choice, more=True)

    def on_choice_opened(self, event: Choice.Opened) -> None:
        self.opened.append(event.choice)


def rows(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def test_a_secret_is_shown_as_dots_and_gets_into_no_clipboard() -> None:
    app = Form()
    async with app.run_test(size=(60, 10)) as pilot:
        assert not any("secret" in row for row in rows(app))
        assert any("•" * len("sk-secret") in row for row in rows(app))
        app.secret.focus()
        app.secret.select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        assert app.secret.text == "sk-secret"


async def test_arrows_choose_and_enter_asks_for_the_list_and_other_keys_do_nothing() -> None:
    app = Form()
    async with app.run_test(size=(60, 10)) as pilot:
        app.choice.focus()
        await pilot.press("right", "x")
        assert app.choice.value == "two"
        await pilot.press("left", "enter", "space")
        assert (app.choice.value, app.opened) == ("one", [app.choice] * 2)
        await pilot.click(Choice)
        assert len(app.opened) == 3


async def test_a_note_stands_below_its_field_until_it_is_empty_and_the_focused_field_is_marked() -> None:
    app = Form()
    async with app.run_test(size=(60, 10)) as pilot:
        app.secret.focus()
        field = app.query(Field).first()
        field.note("wrong\x1b key", warning=True)
        await pilot.pause()
        assert any(row.startswith("▸ Key") for row in rows(app))
        assert any("wrong\ufffd key" in row for row in rows(app))
        assert field.has_class("-warning")
        field.note("")
        app.choice.focus()
        await pilot.pause()
        assert not any("wrong" in row or row.startswith("▸ Key") for row in rows(app))
        assert any(row.startswith("▸ API") for row in rows(app))
        assert not field.has_class("-warning")


def shown_text(box: DialogInput) -> str:
    return box.render_line(0).text.rstrip()


async def test_a_text_that_does_not_fit_shows_its_beginning_unless_somebody_writes_in_it() -> None:
    app = Form()
    async with app.run_test(size=(40, 10)) as pilot:
        box = app.plain
        box.put("https://api.example.com/a/long/way/to/v1")
        await pilot.pause()
        await until(pilot, lambda: shown_text(box).startswith("https://api"))
        box.focus()
        await until(pilot, lambda: shown_text(box).endswith("/to/v1"))
        await pilot.press("2")
        app.choice.focus()
        await until(pilot, lambda: shown_text(box).startswith("https://api"))
        await pilot.resize_terminal(30, 10)
        await until(pilot, lambda: shown_text(box).startswith("https://"))
        box.focus()
        await until(pilot, lambda: shown_text(box).endswith("/to/v12"))


@pytest.mark.parametrize("theme", ["tui-chat-dark", "ansi-dark", "ansi-light"])
async def test_a_selection_is_seen_in_the_field_with_the_focus_and_in_no_other(theme: str) -> None:
    app = Form()
    async with app.run_test(size=(60, 10)) as pilot:
        app.theme = theme
        app.plain.put("a text")
        app.plain.focus()
        app.plain.select_all()
        await pilot.pause()
        assert len(grounds(app.plain)) > 1
        app.choice.focus()
        await pilot.pause()
        assert app.plain.selected_text == "a text"
        assert len(grounds(app.plain)) == 1


def grounds(box: DialogInput) -> set[object]:
    """The different looks of the cells of a line, but for the cursor's."""
    styles = [segment.style for segment in box.render_line(0) if segment.style and len(segment.text) > 1]
    return {(style.bgcolor, style.reverse) for style in styles}
