"""The styles of messages in every theme: what can be read, and what is told apart from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tui_chat.ui.roles import READABLE, contrast, role_variables
from tui_chat.ui.signs import ASCII, UNICODE
from tui_chat.ui.themes import THEMES
from tui_chat.ui.transcript.message_styles import HEAT, MessageStyles

if TYPE_CHECKING:
    from rich.style import Style
    from textual.theme import Theme

    from tui_chat.ui.signs import Signs

COLOURED = [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.ansi]
TERMINAL = [BUILTIN_THEMES["ansi-dark"], BUILTIN_THEMES["ansi-light"]]


def styles_of(theme: Theme) -> MessageStyles:
    return MessageStyles.of(role_variables(theme), ansi=theme.ansi)


def ground(style: Style) -> Color:
    assert style.bgcolor is not None
    return Color.from_rich_color(style.bgcolor)


def ratio(style: Style) -> float:
    assert style.color is not None
    return contrast(Color.from_rich_color(style.color), ground(style))


def apart(one: Color, other: Color) -> int:
    """The difference of two colours in the part where it is largest."""
    return max(abs(part - another) for part, another in zip(one.rgb, other.rgb, strict=True))


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_style_of_a_message_can_be_read(theme: Theme) -> None:
    styles = styles_of(theme)
    marks, text = styles.marks, styles.answer.text.rich_style
    for name in (
        "strong",
        "muted",
        "faint",
        "accent",
        "assistant",
        "asked",
        "warning",
        "error",
        "link",
        "found",
        "selected",
    ):
        assert ratio(text + getattr(marks, name)) >= READABLE, name
    assert ratio(marks.found_here) >= READABLE
    for name, token in styles.answer.tokens.items():
        assert ratio((styles.answer.code_block + token).rich_style) >= READABLE, name
    for style in (
        *styles.answer.headings,
        styles.answer.text + styles.answer.code,
        styles.answer.text + styles.answer.quote,
    ):
        assert ratio(style.rich_style) >= READABLE


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_what_is_selected_is_told_apart_from_what_is_not(theme: Theme) -> None:
    styles = styles_of(theme)
    selected = ground(styles.marks.selected)
    for under in (styles.answer.text, styles.asked.text, styles.answer.code_block):
        assert under.background is not None
        assert contrast(selected, under.background) >= 1.15
        assert apart(selected, under.background) >= 20


def test_selected_text_in_the_terminals_own_colours_is_reversed() -> None:
    styles = styles_of(BUILTIN_THEMES["ansi-dark"])
    for under in (styles.marks.found_here, styles.answer.text.rich_style, styles.marks.muted):
        over = under + styles.marks.selected
        assert over.reverse
        assert (over.color, over.bgcolor) == (RichColor.parse("default"), RichColor.parse("default"))
        assert not over.dim


def test_what_is_found_in_dim_text_is_not_dim_in_the_terminals_own_colours() -> None:
    marks = styles_of(BUILTIN_THEMES["ansi-dark"]).marks
    for found in (marks.found, marks.found_here):
        assert not (marks.muted + found).dim


@pytest.mark.parametrize("theme", [*COLOURED, *TERMINAL], ids=lambda theme: theme.name)
def test_the_current_match_is_told_apart_from_the_others(theme: Theme) -> None:
    marks = styles_of(theme).marks
    assert marks.found.bold
    assert marks.found.underline
    assert marks.found_here.bold
    assert marks.found_here.underline
    if theme.ansi:
        assert (bool(marks.found.reverse), bool(marks.found_here.reverse)) == (False, True)
    else:
        assert apart(ground(marks.found), ground(marks.found_here)) >= 20


@pytest.mark.parametrize("theme", [*COLOURED, *TERMINAL], ids=lambda theme: theme.name)
def test_a_question_has_a_surface_of_its_own_or_is_bold_where_no_colour_is_known(theme: Theme) -> None:
    styles, roles = styles_of(theme), role_variables(theme)
    user, raised = Color.parse(roles["role-user"]), Color.parse(roles["role-raised"])
    assert styles.asked.bar.foreground == user
    assert not styles.marks.asked_bar.dim
    assert styles.marks.asked_bar.color == user.rich_color
    assert not styles.answer.text.bold
    assert bool(styles.asked.text.bold) == theme.ansi
    assert styles.asked.text.background == (styles.answer.text.background if theme.ansi else raised)
    if not theme.ansi:
        assert ground(styles.marks.asked) == ground(styles.marks.asked_bar) == raised


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_what_stands_around_a_text_has_the_ground_of_the_page_and_the_focus_none(theme: Theme) -> None:
    marks, page = styles_of(theme).marks, Color.parse(role_variables(theme)["role-bg"])
    for name in (
        "text",
        "muted",
        "faint",
        "strong",
        "accent",
        "assistant",
        "success",
        "warning",
        "error",
        "link",
        "line",
    ):
        assert ground(getattr(marks, name)) == page, name
    assert marks.focus.bgcolor is None


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_heat_grows_away_from_the_page_and_can_be_read(theme: Theme) -> None:
    heat, page = styles_of(theme).marks.heat, Color.parse(role_variables(theme)["role-bg"])
    assert len(heat) == len(HEAT)
    assert [ratio(style) >= READABLE for style in heat] == [True] * len(heat)
    warm, warmer, hot, hotter = (apart(ground(style), page) for style in heat)
    assert 0 < warm < warmer
    assert 0 < hot < hotter
    assert len({ground(style).rgb for style in heat}) == len(heat)


@pytest.mark.parametrize("theme", TERMINAL, ids=lambda theme: theme.name)
def test_heat_in_the_terminals_own_colours_is_told_apart_by_ink_line_and_reversal(theme: Theme) -> None:
    marks = styles_of(theme).marks
    looks = [(style.color, bool(style.underline), bool(style.reverse)) for style in marks.heat]
    warm, hot = marks.warning.color, marks.error.color
    assert looks == [(warm, False, False), (warm, True, False), (hot, True, False), (hot, False, True)]
    assert [style.bgcolor for style in marks.heat] == [None] * len(marks.heat)


@pytest.mark.parametrize("signs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_reasoning_is_quiet_behind_a_bar_that_differs_from_that_of_a_quotation(signs: Signs) -> None:
    styles = MessageStyles.of(role_variables(THEMES[0]), ansi=False, signs=signs)
    assert (styles.quiet.bar_sign, styles.answer.bar_sign, styles.asked.bar_sign) == (
        signs.thought,
        signs.bar,
        signs.bar,
    )
    assert styles.quiet.text == styles.answer.quote != styles.answer.text
    assert styles.marks.signs is signs
