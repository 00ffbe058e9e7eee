"""The styles of rendered Markdown, created once per theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import Color
from textual.style import Style

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.roles import READABLE, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT = Color.parse("ansi_default")


@dataclass(frozen=True, slots=True, eq=False)
class MarkdownStyles:
    """`text` and `code_block` have a background and apply to whole rows; the others are combined with them."""

    text: Style
    muted: Style
    strong: Style
    emphasis: Style
    strike: Style
    code: Style
    code_block: Style
    link: Style
    target: Style
    quote: Style
    math: Style
    rule: Style
    table_head: Style
    headings: tuple[Style, ...]
    """By level, from 1 to 6; they have a background too."""
    tokens: Mapping[str, Style]
    """By the name of a Pygments token type such as `Name.Function`; a missing type uses its parent's style."""

    @classmethod
    def of(cls, theme_variables: Mapping[str, str], dark: bool, ansi: bool) -> MarkdownStyles:
        """The styles for a Textual theme, given its `App.theme_variables`.

        `ansi` themes keep the terminal's own colours; their code blocks have no background, since no colour is known to
        be close to the terminal's.
        """
        return _native() if ansi else _coloured(theme_variables, dark)


def _native() -> MarkdownStyles:
    def ink(name: str) -> Style:
        return Style(foreground=Color.parse(f"ansi_{name}"))

    text = Style(background=_DEFAULT, foreground=_DEFAULT)
    tokens = {
        "Comment": Style(dim=True, italic=True),
        "Keyword": ink("magenta"),
        "Literal.String": ink("green"),
        "Literal.Number": ink("cyan"),
        "Name.Function": ink("blue"),
        "Name.Class": ink("yellow"),
        "Name.Decorator": ink("yellow"),
        "Name.Builtin": ink("cyan"),
        "Name.Tag": ink("magenta"),
        "Name.Attribute": ink("blue"),
        "Generic.Deleted": ink("red"),
        "Generic.Inserted": ink("green"),
        "Generic.Heading": Style(bold=True),
    }
    return _styles(text, text, Style(dim=True), ink("blue"), ink("yellow"), tokens)


def _coloured(variables: Mapping[str, str], dark: bool) -> MarkdownStyles:
    background = _colour(variables, "background", "#121212" if dark else "#e0e0e0")
    foreground = _colour(variables, "foreground", "#e0e0e0" if dark else "#1f1f1f")
    block = Style(background=background.blend(foreground, 0.06), foreground=foreground)
    primary = _colour(variables, "text-primary", "#57a5e2" if dark else "#002d4f")
    secondary = _colour(variables, "text-secondary", "#5684a5" if dark else "#004f8b")
    accent = _colour(variables, "text-accent", "#ffc473" if dark else "#a86d1c")
    success = _colour(variables, "text-success", "#8ad4a1" if dark else "#337e4a")
    warning = _colour(variables, "text-warning", "#ffc473" if dark else "#a86d1c")
    error = _colour(variables, "text-error", "#d17e92" if dark else "#7a273c")
    faint = foreground.blend(background, 0.4)
    primary, secondary, accent, success, warning, error, faint = (
        readable(ink, block.background or background, READABLE)
        for ink in (primary, secondary, accent, success, warning, error, faint)
    )
    text = Style(background=background, foreground=foreground)
    tokens = {
        "Comment": Style(foreground=faint, italic=True),
        "Keyword": Style(foreground=primary),
        "Literal.String": Style(foreground=success),
        "Literal.Number": Style(foreground=warning),
        "Name.Function": Style(foreground=secondary, bold=True),
        "Name.Class": Style(foreground=accent, bold=True),
        "Name.Decorator": Style(foreground=accent),
        "Name.Builtin": Style(foreground=secondary),
        "Name.Tag": Style(foreground=primary),
        "Name.Attribute": Style(foreground=secondary),
        "Generic.Deleted": Style(foreground=error),
        "Generic.Inserted": Style(foreground=success),
        "Generic.Heading": Style(bold=True),
    }
    return _styles(
        text,
        block,
        Style(foreground=faint),
        Style(foreground=primary),
        Style(foreground=accent, background=block.background),
        tokens,
    )


def _styles(
    text: Style, block: Style, muted: Style, ink: Style, code: Style, tokens: Mapping[str, Style]
) -> MarkdownStyles:
    bold, italic, underline = Style(bold=True), Style(italic=True), Style(underline=True)
    return MarkdownStyles(
        text=text,
        muted=muted,
        strong=bold,
        emphasis=italic,
        strike=Style(strike=True),
        code=code,
        code_block=block,
        link=ink + underline,
        target=muted,
        quote=text + muted + italic,
        math=italic,
        rule=muted,
        table_head=bold,
        headings=(
            text + ink + bold + underline,
            text + ink + bold,
            text + bold,
            text + bold + italic,
            text + italic,
            text + muted + italic,
        ),
        tokens=tokens,
    )


def _colour(variables: Mapping[str, str], name: str, otherwise: str) -> Color:
    """A theme's colour; relative ones (`auto 87%`) are replaced by `otherwise`."""
    value = variables.get(name, otherwise)
    return Color.parse(otherwise if value.startswith("auto") else value)
