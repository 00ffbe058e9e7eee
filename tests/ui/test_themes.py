"""Everything on the screen can be read in every theme, what is selected too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.events import AppFocus
from textual.geometry import Offset
from textual.selection import Selection
from textual.theme import BUILTIN_THEMES
from textual.widgets.text_area import Selection as BoxSelection

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, ResponseStarted, TextDelta
from tui_chat.terminal.background import BackgroundReported
from tui_chat.ui.roles import INKS, READABLE, ROLES, SURFACES, WELL_READABLE, contrast, readable, role_variables
from tui_chat.ui.themes import AUTO, THEMES, THEMES_OF_256, ThemedApp

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.theme import Theme

    from tui_chat.ui.app import ChatApp

COLOURED = [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.name.startswith("ansi")]
FAINT = 2.0
"""The contrast of hints and lines: less than text has, and yet to be seen."""
RULES = "─│▎▌━▁▔█▐ "

ANSWER = "words and `code`, [a link](http://x)\n\n# Heading\n\n```python\ndef f(x):  # why\n    return 'text', 1\n```\n"


@pytest.mark.parametrize(
    "palette",
    [
        {"ansi_red": "#cd0000", "ansi_blue": "#0000ee", "ansi_magenta": "#cd00cd"},  # xterm
        {"ansi_red": "#990000", "ansi_blue": "#0000b2", "ansi_magenta": "#b200b2"},  # Terminal of macOS
        {"ansi_red": "#cc0000", "ansi_blue": "#3465a4", "ansi_magenta": "#75507b"},  # GNOME's
        {"ansi_red": "#cd3131", "ansi_blue": "#0451a5", "ansi_magenta": "#bc05bc"},  # VS Code
    ],
    ids=("xterm", "macos", "gnome", "vscode"),
)
def test_the_terminals_own_colours_can_be_read_on_white(palette: dict[str, str]) -> None:
    roles = role_variables(BUILTIN_THEMES["ansi-light"])
    for name in INKS:
        colour = {"ansi_default": "#000000", **palette}[roles[f"role-{name}"]]
        assert contrast(Color.parse(colour), Color.parse("#ffffff")) >= WELL_READABLE, name


def test_a_colour_that_can_be_read_stays() -> None:
    ink, background = Color.parse("#dddddd"), Color.parse("#222222")
    assert readable(ink, background) == ink
    assert contrast(readable(background, background), background) >= READABLE


async def test_the_whole_screen_can_be_read_in_every_theme() -> None:
    backend = ScriptedBackend()
    async with running(backend, size=(90, 40)) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.press("q", "enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(
            ResponseStarted(200, "http://t"), TextDelta(ANSWER, at=1.0), Finished("stop", "done-sentinel", at=2.0)
        )
        await until(pilot, lambda: not app.chat.conversation.replying)
        for theme in COLOURED:
            app.theme = theme.name
            for typed in ("/s", "some words typed"):
                app.chat.composer.prompt.put(typed)
                app.chat.composer.prompt.selection = BoxSelection((0, 5), (0, 10))
                views = [view for view in map(app.chat.pane.view_of, app.chat.conversation.path()) if view is not None]
                app.chat.selections = {view: Selection(Offset(0, 0), None) for view in views}
                await until(pilot, partial(_menu_follows, app))
                await pilot.pause()
                unreadable = await _unreadable(app, pilot)
                assert unreadable == [], theme.name


def _menu_follows(app: ChatApp) -> bool:
    return app.chat.composer.menu.open == (app.chat.composer.prompt.text == "/s")


async def test_what_is_selected_in_the_box_is_reversed_in_the_terminals_own_colours() -> None:
    async with running(ScriptedBackend(), size=(60, 12)) as (app, pilot):
        for theme in ("ansi-dark", "ansi-light"):
            app.theme = theme
            app.chat.composer.prompt.put("select these words")
            app.chat.composer.prompt.selection = BoxSelection((0, 7), (0, 12))
            await until(pilot, partial(_reversed, app, "these"), theme)


def _reversed(app: ChatApp, text: str) -> bool:
    for strip in app.screen._compositor.render_strips():
        for part, style, _ in strip:
            if part == text and style is not None:
                colours = {colour.is_default for colour in (style.color, style.bgcolor) if colour is not None}
                return bool(style.reverse) and colours <= {True}
    return False


async def _unreadable(app: ChatApp, pilot: Pilot[None]) -> list[tuple[str, float]]:
    await pilot.pause()
    found = []
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if text.strip(RULES) and style is not None and style.color is not None and style.bgcolor is not None:
                colours = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
                this = contrast(*map(Color.from_rich_color, colours))
                if this < FAINT:
                    found.append((text, round(this, 2)))
    return found


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_the_stop_button_is_white_on_red_in_the_terminals_own_colours(theme: str) -> None:
    async with running(ScriptedBackend(), size=(60, 20)) as (app, pilot):
        app.theme = theme
        await pilot.press("q", "enter")
        await until(pilot, partial(_stands_on_red, app, "Stop"))


def _stands_on_red(app: ChatApp, text: str) -> bool:
    for strip in app.screen._compositor.render_strips():
        for part, style, _ in strip:
            if text in part and style is not None and style.color is not None and style.bgcolor is not None:
                return (style.color.number, style.bgcolor.number) == (15, 1)
    return False


@pytest.mark.parametrize("theme", THEMES_OF_256, ids=lambda theme: theme.name)
def test_all_can_be_read_in_256_colours_and_no_surface_is_shown_as_another(theme: Theme) -> None:
    roles = role_variables(theme)
    shown = {role: RichColor.parse(roles[f"role-{role}"]).downgrade(ColorSystem.EIGHT_BIT) for role in ROLES}
    assert min(colour.number or 0 for colour in shown.values()) >= 16, "the first 16 are as the terminal's settings say"
    assert len({shown[surface].number for surface in SURFACES}) == len(SURFACES)
    colours = {role: Color.from_rich_color(colour) for role, colour in shown.items()}
    for ink in INKS:
        least = READABLE if ink == "faint" else WELL_READABLE
        for surface in SURFACES:
            assert contrast(colours[ink], colours[surface]) >= least, (ink, surface)
    assert contrast(colours["line"], colours["bg"]) >= READABLE


def test_the_themes_of_both_depths_have_the_same_names() -> None:
    assert [(theme.name, theme.dark) for theme in THEMES_OF_256] == [(theme.name, theme.dark) for theme in THEMES]


@pytest.mark.parametrize(
    ("term", "system", "background", "own"),
    [
        ("xterm-256color", "256", "#121212", False),
        ("alacritty", "truecolor", "#15171c", False),
        ("xterm", "standard", "ansi_default", True),
    ],
)
async def test_the_colours_of_a_theme_are_those_that_the_terminal_shows(
    term: str, system: str, background: str, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", term)
    async with running(ScriptedBackend()) as (app, _):
        assert app.console.color_system == system
        assert app.get_css_variables()["role-bg"] == background
        assert app.native_ansi_color is own
        app.theme = "tui-chat-light"
        assert app.current_theme.dark is False


async def test_auto_takes_on_the_theme_of_the_background_and_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[None] = []
    monkeypatch.setattr(ThemedApp, "ask_for_background", lambda self: asked.append(None))
    async with running(ScriptedBackend(theme=AUTO)) as (app, pilot):
        await until(pilot, lambda: len(asked) == 1)
        assert (app.theme, app.chosen_theme) == ("tui-chat-dark", AUTO)
        for dark, theme in ((False, "tui-chat-light"), (True, "tui-chat-dark")):
            app.post_message(BackgroundReported(dark=dark))
            await until(pilot, partial(_shows, app, theme))
        app.post_message(AppFocus())
        await until(pilot, lambda: len(asked) == 2)


async def test_a_chosen_theme_stays_whatever_the_background_is() -> None:
    async with running(ScriptedBackend(theme="nord")) as (app, pilot):
        await until(pilot, partial(_shows, app, "nord"))
        app.post_message(BackgroundReported(dark=False))
        await pilot.pause()
        assert (app.theme, app.chosen_theme) == ("nord", "nord")


def _shows(app: ChatApp, theme: str) -> bool:
    return app.theme == theme


def test_the_first_theme_is_the_last_one_if_there_is_such_a_theme() -> None:
    assert [ThemedApp(name).theme for name in ("nord", "no-such-theme", "")] == ["nord", THEMES[0].name, THEMES[0].name]


async def test_the_letter_below_the_cursor_can_be_read_in_every_theme() -> None:
    async with running(ScriptedBackend(), size=(60, 20)) as (app, pilot):
        app.chat.composer.prompt.put("letters")
        app.chat.composer.prompt.move_cursor((0, 3))
        for theme in COLOURED:
            app.theme = theme.name
            await pilot.pause()
            cursor = app.chat.composer.prompt.get_component_rich_style("text-area--cursor")
            assert cursor.color is not None
            assert cursor.bgcolor is not None
            assert contrast(*map(Color.from_rich_color, (cursor.color, cursor.bgcolor))) >= WELL_READABLE, theme.name
