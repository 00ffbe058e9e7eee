"""Every role of a colour can be read on every surface, in every theme."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.content import Content
from textual.style import Style
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Static

from tui_chat.ui.roles import INKS, READABLE, ROLES, SURFACES, WELL_READABLE, as_variables, contrast, role_variables
from tui_chat.ui.themes import THEMES, ThemedApp

ALL = [*THEMES, *BUILTIN_THEMES.values()]
COLOURED = [theme for theme in ALL if not theme.ansi]
BUILT_IN = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]

# The roles of our themes: the least contrast on the page, and on the worst surface.
TABLE = {
    "tui-chat-dark": {
        "text": (13.9, 8.7), "muted": (8.0, 5.0), "faint": (5.6, 3.5), "accent": (8.5, 5.3),
        "user": (10.1, 6.3),
        "assistant": (8.7, 5.5), "success": (10.4, 6.5), "warning": (9.9, 6.2),
        "error": (8.2, 5.1), "code-ink": (10.3, 6.4), "line": (3.4, 2.2),
    },
    "tui-chat-light": {
        "text": (14.5, 10.4), "muted": (6.9, 4.9), "faint": (4.7, 3.4), "accent": (6.6, 4.8),
        "user": (6.7, 4.8),
        "assistant": (6.7, 4.8), "success": (6.5, 4.7), "warning": (7.1, 5.1),
        "error": (6.4, 4.6), "code-ink": (7.2, 5.2), "line": (3.7, 2.7),
    },
    "tui-chat-contrast": {
        "text": (21.0, 13.7), "muted": (14.4, 9.4), "faint": (11.2, 7.3), "accent": (11.8, 7.7),
        "user": (15.0, 9.8),
        "assistant": (12.7, 8.2), "success": (14.7, 9.6), "warning": (15.1, 9.8),
        "error": (11.0, 7.2), "code-ink": (13.9, 9.1), "line": (9.7, 6.3),
    },
}  # fmt: skip


def roles_of(theme: Theme) -> dict[str, Color]:
    variables = role_variables(theme)
    return {name: Color.parse(variables[f"role-{name}"]) for name in ROLES}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_our_themes_have_the_contrasts_of_the_table(theme: Theme) -> None:
    roles = roles_of(theme)
    for name, (page, worst) in TABLE[theme.name].items():
        assert round(contrast(roles[name], roles["bg"]), 1) == page, name
        assert round(min(contrast(roles[name], roles[surface]) for surface in SURFACES), 1) == worst, name


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_can_be_read_on_every_surface_of_our_themes(theme: Theme) -> None:
    roles = roles_of(theme)
    least = 7.0 if theme.name == "tui-chat-contrast" else WELL_READABLE
    for ink in INKS:
        for surface in SURFACES:
            wanted = READABLE if ink == "faint" else least
            assert contrast(roles[ink], roles[surface]) >= wanted, (ink, surface)
    assert contrast(roles["line"], roles["bg"]) >= READABLE


@pytest.mark.parametrize("theme", BUILT_IN, ids=lambda theme: theme.name)
def test_text_can_be_read_on_every_surface_of_textuals_themes(theme: Theme) -> None:
    roles = roles_of(theme)
    for ink in INKS:
        for surface in SURFACES:
            wanted = READABLE if ink == "faint" else WELL_READABLE
            assert contrast(roles[ink], roles[surface]) >= wanted, (ink, surface)
    assert contrast(roles["line"], roles["bg"]) >= READABLE


@pytest.mark.parametrize("theme", BUILT_IN, ids=lambda theme: theme.name)
def test_a_colour_of_textuals_themes_keeps_its_hue_where_it_is_made_readable(theme: Theme) -> None:
    roles = roles_of(theme)
    own = {"accent": theme.primary, "success": theme.success, "warning": theme.warning, "error": theme.error}
    for name, colour in own.items():
        if colour is not None:
            before, after = Color.parse(colour).hsl, roles[name].hsl
            apart = abs(before.h - after.h)
            assert min(apart, 1 - apart) < 0.03, name
            assert after.s > before.s - 0.1, name
    assert contrast(roles["text"], roles["muted"]) > 1.1


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_a_pick_is_told_apart_from_the_surface_of_a_dialog(theme: Theme) -> None:
    roles = roles_of(theme)
    apart = max(abs(one - other) for one, other in zip(roles["selection"].rgb, roles["overlay"].rgb, strict=True))
    assert apart >= 15
    assert contrast(roles["selection"], roles["bg"]) >= 1.25


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_every_theme_has_every_role(theme: Theme) -> None:
    variables = role_variables(theme)
    assert {f"role-{name}" for name in (*ROLES, "dim-style", "selection-style")} <= variables.keys()
    assert {f"role-{name}" for name in ROLES} <= as_variables(dict.fromkeys(ROLES, "red")).keys()


class RoleApp(ThemedApp):
    CSS = """
    #muted { color: $role-muted; text-style: $role-dim-style; background: $role-overlay; }
    #pick { color: $role-text; background: $role-selection; text-style: bold $role-selection-style; }
    """

    def compose(self):  # type: ignore[no-untyped-def]
        yield Static("muted", id="muted")
        yield Static("pick", id="pick")
        yield Static(Content.styled("faint", "$role-faint $role-dim-style"), id="faint")


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
async def test_roles_can_be_used_in_style_sheets_and_content(theme: Theme) -> None:
    app = RoleApp()
    async with app.run_test(size=(20, 3)) as pilot:
        app.theme = theme.name
        await pilot.pause()
        muted, pick, faint = (app.query_one(f"#{name}").render_line(0) for name in ("muted", "pick", "faint"))
        styles = [next(iter(strip)).style for strip in (muted, pick, faint)]
        assert [bool(style.dim) for style in styles if style] == [theme.ansi, False, theme.ansi]
        assert bool(styles[1] and styles[1].reverse) == theme.ansi
        assert isinstance(app.query_one("#muted").visual_style, Style)


async def test_without_colour_every_theme_is_the_terminals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = RoleApp()
    async with app.run_test(size=(20, 3)) as pilot:
        for theme in ("tui-chat-light", "nord", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
            for strip in app.screen._compositor.render_strips():
                for _, style, _ in strip:
                    assert style is None or all(
                        colour is None or colour.is_default for colour in (style.color, style.bgcolor)
                    )
        assert app.theme == "ansi-dark"
