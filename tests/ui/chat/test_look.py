"""The width of the column, the signs, and the pace of clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.kept import exchange
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.backend_ports import DisplaySettings

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

WORDS = "words " * 60


async def answered(app: ChatApp, pilot: Pilot[None]) -> None:
    """Ask, and get an answer with a long line, a quotation and a list."""
    await exchange(pilot, app, "ask", f"{WORDS}\n\n> quoted\n\n- item")


def rows(app: ChatApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def text_rows(app: ChatApp) -> list[str]:
    return [row.rstrip() for row in rows(app) if "words words" in row]


def left_of(app: ChatApp, text: str) -> int:
    return next(row.index(text) for row in rows(app) if text in row)


async def test_the_column_stands_in_the_middle_of_a_wide_window() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(160, 40)) as (app, pilot):
        await answered(app, pilot)
        await until(pilot, lambda: text_rows(app))
        assert left_of(app, "words words") == 30 + 2
        assert max(map(len, text_rows(app))) <= 30 + 98
        assert left_of(app, "▎ ask") == left_of(app, "╭") == 30


async def test_another_width_of_the_window_moves_the_column_and_renders_nothing_again() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(160, 40)) as (app, pilot):
        await answered(app, pilot)
        await until(pilot, lambda: text_rows(app))
        before = [row.strip() for row in text_rows(app)]
        view = app.chat.pane.views[-1]
        kept = view._body.row(0)[1].strip
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: left_of(app, "words words") == 10 + 2)
        assert [row.strip() for row in text_rows(app)] == before
        assert view._body.row(0)[1].strip is kept


async def test_wide_text_is_as_wide_as_the_window_and_narrow_again() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(160, 40)) as (app, pilot):
        await app.chat.mount_late_parts()
        await answered(app, pilot)
        app.chat.composer.prompt.put("/wide")
        await pilot.press("enter")
        await until(pilot, lambda: text_rows(app) and len(text_rows(app)[0]) > 150)
        assert left_of(app, "▎ ask") == 0
        await until(pilot, lambda: left_of(app, "╭") == 0)
        app.chat.composer.prompt.put("/wide")
        await pilot.press("enter")
        await until(pilot, lambda: left_of(app, "words words") == 32 and left_of(app, "╭") == 30)


async def test_a_width_of_ones_own() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(160, 40)) as (app, pilot):
        await answered(app, pilot)
        app.chat.commands.display.set_look(DisplaySettings(width=60))
        await until(pilot, lambda: left_of(app, "words words") == 50 + 2)


async def test_signs_of_ascii_take_the_place_of_those_of_ambiguous_width() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(80, 40)) as (app, pilot):
        app.chat.commands.display.set_look(DisplaySettings(signs="ascii"))
        await answered(app, pilot)
        await until(pilot, lambda: any("* tiny-model" in row for row in rows(app)))
        assert any(row.startswith("| ask") for row in rows(app))
        assert any(row.strip() == "* item" for row in rows(app))
        assert any(row.startswith("+-") for row in rows(app))
        assert not set("▎◆•▌╭│╰") & set("".join(rows(app)))
