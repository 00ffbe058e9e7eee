"""The frame of all dialogs: its size, its keys, its last row, and how it is closed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Static

from tests.ui.scripted import until
from tui_chat.ui.dialogs.dialog import ROWS_FOR_BLANKS, Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.themes import THEMES, ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Key
    from textual.pilot import Pilot

DARK, ANSI = THEMES[0].name, "ansi-dark"


class Form(Dialog[str]):
    """A dialog with an input and two actions, which notes what it did."""

    TITLE = "A form"
    HINTS: ClassVar[Sequence[Hint]] = (Hint("ctrl+s", "save", "note('save')"), Hint("f2", "rename", "note('rename')"))
    KEYS: ClassVar[Mapping[str, str]] = {"ctrl+e": "note('edit')", "f2": "note('nothing')"}

    def __init__(self) -> None:
        super().__init__()
        self.input = DialogInput(self.keys)
        self.done: list[str] = []

    def compose_content(self) -> ComposeResult:
        yield self.input

    def action_note(self, what: str) -> None:
        self.done.append(what)


class WideForm(Form):
    """The same in a wide panel."""

    WIDE = True


class TextDialog(Dialog[None]):
    """A dialog with a text in five rows."""

    HINTS: ClassVar[Sequence[Hint]] = (Hint("down", "scroll", "scroll", scrolls=True), Hint("f2", "more", "more"))

    def __init__(self) -> None:
        super().__init__()
        self.text = Static("one\ntwo")
        self.box = VerticalScroll(self.text)

    def compose_content(self) -> ComposeResult:
        self.box.styles.height = 5
        yield self.box

    def on_mount(self) -> None:
        self.hint_at_scrolling_of(self.box)


class Filled(Dialog[None]):
    """A dialog with as much content as there may be."""

    def __init__(self) -> None:
        super().__init__()
        self.content = Static("row\n" * 300)

    def compose_content(self) -> ComposeResult:
        self.content.styles.height = self.rows_for_content(self.app.size.height)
        yield self.content


class DialogHost(ThemedApp):
    """An app that notes the keys that no dialog has taken."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.left: list[str] = []

    def on_key(self, event: Key) -> None:
        self.left.append(event.key)


@asynccontextmanager
async def hosted(size: tuple[int, int] = (80, 24), theme: str = DARK) -> AsyncIterator[tuple[DialogHost, Pilot[None]]]:
    app = DialogHost()
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await pilot.pause()
        yield app, pilot


async def opened(app: DialogHost, pilot: Pilot[None], dialog: Dialog[str] | Dialog[None]) -> list[object]:
    """Open a dialog; returns the list of its results."""
    results: list[object] = []
    app.push_screen(dialog, results.append)
    await until(pilot, lambda: app.screen is dialog and dialog.hint_row.region, "the dialog")
    return results


def last_row(dialog: Form | TextDialog) -> str:
    return dialog.hint_row.render().plain.split("\n")[-1]


# Its size


@pytest.mark.parametrize(
    ("kind", "window", "panel"), [(Form, 120, 76), (WideForm, 120, 92), (WideForm, 80, 72), (Form, 40, 36)]
)
async def test_its_panel_is_as_wide_as_its_kind_but_leaves_a_tenth_of_the_window(
    kind: type[Form], window: int, panel: int
) -> None:
    async with hosted((window, 24)) as (app, pilot):
        dialog = kind()
        await opened(app, pilot, dialog)
        await until(pilot, lambda: dialog.query_one(".panel").region.width == panel, f"{panel} cells")


@pytest.mark.parametrize("theme", [DARK, ANSI])
@pytest.mark.parametrize("height", [10, ROWS_FOR_BLANKS - 1, ROWS_FOR_BLANKS, 24, 60])
async def test_all_rows_for_its_content_fit_and_fill_nine_tenths_of_the_window(height: int, theme: str) -> None:
    async with hosted((80, height), theme) as (app, pilot):
        dialog = Filled()
        await opened(app, pilot, dialog)
        panel = dialog.query_one(".panel")
        parts = (dialog.title_row, dialog.content, dialog.hint_row)

        def fits() -> bool:
            return panel.region.height == height * 9 // 10 and all(
                part.region and panel.content_region.contains_region(part.region) for part in parts
            )

        await until(pilot, fits, "a full panel")
        assert dialog.content.region.height == dialog.rows_for_content(height)
        assert dialog.title_row.region.bottom <= dialog.content.region.y
        assert dialog.content.region.bottom <= dialog.hint_row.region.y


async def test_a_low_window_has_no_blank_rows() -> None:
    async with hosted() as (app, pilot):
        dialog = Form()
        await opened(app, pilot, dialog)
        panel = dialog.query_one(".panel")
        await until(pilot, lambda: panel.region.height == 7, "the title, the input, the keys and the blanks")
        await pilot.resize_terminal(80, ROWS_FOR_BLANKS - 1)
        await until(pilot, lambda: panel.region.height == 3, "the title, the input and the keys")
        await pilot.resize_terminal(80, ROWS_FOR_BLANKS)
        await until(pilot, lambda: panel.region.height == 7, "the blanks again")


# Its keys


@pytest.mark.parametrize("in_input", [True, False])
async def test_its_keys_run_their_actions_in_its_inputs_and_beside_them(*, in_input: bool) -> None:
    async with hosted() as (app, pilot):
        dialog = Form()
        await opened(app, pilot, dialog)
        dialog.set_focus(dialog.input if in_input else None)
        await pilot.press("ctrl+s", "ctrl+e", "f2", "f9")
        await until(pilot, lambda: app.left == ["f9"], "the key that is not the dialog's")
        await until(pilot, lambda: dialog.done == ["save", "edit", "rename"], "the actions")


async def test_keys_that_come_later_are_shown_and_work_beside_the_others() -> None:
    async with hosted() as (app, pilot):
        dialog = Form()
        await opened(app, pilot, dialog)
        assert last_row(dialog).split() == ["Ctrl+S", "save", "F2", "rename"]
        dialog.set_hints([Hint("f3", "send", "note('send')")])
        assert last_row(dialog).split() == ["F3", "send"]
        await pilot.press("f3", "ctrl+s")
        await until(pilot, lambda: dialog.done == ["send", "save"], "both actions")


# Its last row


async def test_keys_for_scrolling_are_shown_only_while_there_is_more_than_is_visible() -> None:
    async with hosted() as (app, pilot):
        dialog = TextDialog()
        await opened(app, pilot, dialog)
        assert last_row(dialog).split() == ["F2", "more"]
        dialog.text.update("row\n" * 50)
        await until(pilot, lambda: last_row(dialog).split() == ["↓", "scroll", "F2", "more"], "the key")
        dialog.text.update("row")
        await until(pilot, lambda: last_row(dialog).split() == ["F2", "more"], "no key")


async def test_a_note_and_a_notice_are_said_and_what_is_wrong_looks_so() -> None:
    async with hosted() as (app, pilot):
        dialog = Form()
        await opened(app, pilot, dialog)
        dialog.set_note("5 of 9")
        assert last_row(dialog).endswith("   5 of 9")
        for bad, style in ((True, "$role-warning"), (False, "$role-text")):
            dialog.set_notice("It is [b]so[/b].", bad=bad)
            row = dialog.hint_row.render()
            assert row.plain.split("\n")[0].strip() == "It is [b]so[/b]."
            assert style in [str(span.style) for span in row.spans]
        dialog.set_notice("")
        assert not dialog.hint_row.render().plain.split("\n")[0].strip()


# Closing


async def test_esc_closes_it_without_a_result_even_in_an_input() -> None:
    async with hosted() as (app, pilot):
        dialog = Form()
        results = await opened(app, pilot, dialog)
        await until(pilot, lambda: dialog.input.has_focus, "the focus")
        await pilot.press("x", "escape")
        await until(pilot, lambda: results == [None] and app.screen is not dialog, "its end")


async def test_a_dialog_that_is_closed_twice_has_one_result_and_closes_nothing_else() -> None:
    async with hosted() as (app, pilot):
        lower, upper = Form(), Form()
        of_lower = await opened(app, pilot, lower)
        of_upper = await opened(app, pilot, upper)
        upper.dismiss("first")
        await upper.dismiss("second")
        await until(pilot, lambda: of_upper == ["first"] and not upper.is_attached, "the end of the upper one")
        assert app.screen is lower
        assert of_lower == []
        lower.dismiss("last")
        await until(pilot, lambda: of_lower == ["last"] and len(app.screen_stack) == 1, "the end of the lower one")


async def test_only_the_upper_of_two_dialogs_dims_what_is_below() -> None:
    async with hosted() as (app, pilot):
        lower, upper = Form(), Form()
        await opened(app, pilot, lower)
        await until(pilot, lambda: lower.styles.background.a > 0, "the dim screen")
        await opened(app, pilot, upper)
        await until(pilot, lambda: lower.styles.background.a == 0 < upper.styles.background.a, "the upper one alone")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lower and lower.styles.background.a > 0, "the lower one again")
