"""The styles of messages: answers, questions, reasoning, and everything around the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.style import Style as TextualStyle

from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.ui.markdown.styles import MarkdownStyles
from tui_chat.ui.roles import readable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Marks:
    """The styles of everything around the text."""

    text: Style
    muted: Style
    strong: Style
    warning: Style
    error: Style
    link: Style
    focus: Style
    """The header of the focused message."""
    found: Style
    """All search matches."""
    found_here: Style
    """The current match."""
    selected: Style
    """Selected text; it overrides the other styles."""

    @classmethod
    def of(cls, styles: MarkdownStyles, variables: Mapping[str, str], *, ansi: bool) -> Marks:
        """Create the styles from those of the text and a theme's variables; `ansi` themes use the terminal's own
        colours."""
        text = styles.text.rich_style
        bold = Style(bold=True)
        if ansi:
            warning, error, focus = Style(color="yellow"), Style(color="red"), Style(reverse=True)
            found = Style(color="yellow", bold=True, underline=True)
            found_here = Style(color="yellow", bold=True, reverse=True)
            selected = Style(color="default", bgcolor="default", reverse=True, dim=False)
        else:
            warning, error = _ink(variables["text-warning"]), _ink(variables["text-error"])
            background = styles.text.background or Color.parse(variables["background"])
            ink, mark = styles.text.foreground or background.inverse, Color.parse(variables["warning"])
            primary = Color.parse(variables["primary"])
            focus = _over(background.blend(primary, 0.35), ink)
            found = _over(background.blend(mark, 0.4), ink)
            found_here = _over(mark, background, bold=True)
            selected = _over(background.blend(primary, 0.5), ink)
        return cls(
            text=text,
            muted=(styles.text + styles.muted).rich_style,
            strong=text + bold,
            warning=text + warning + bold,
            error=text + error + bold,
            link=(styles.text + styles.link).rich_style,
            focus=text + focus + bold,
            found=found,
            found_here=found_here,
            selected=selected,
        )


def _over(background: Color, ink: Color, *, bold: bool | None = None) -> Style:
    """A style for text on a background, in the colour nearest to `ink` that is readable there."""
    return Style(color=readable(ink, background).rich_color, bgcolor=background.rich_color, bold=bold)


def _ink(colour: str) -> Style:
    return Style(color=Color.parse(colour).rich_color)


def _asked(styles: MarkdownStyles, *, ansi: bool) -> MarkdownStyles:
    """The style of the user's messages: tinted if the theme has colours, bold if it uses the terminal's own."""
    text = styles.text
    if ansi or text.background is None or text.foreground is None:
        return replace(styles, text=text + TextualStyle(bold=True))
    return replace(styles, text=text + TextualStyle(background=text.background.blend(text.foreground, 0.07)))


def _quiet(styles: MarkdownStyles) -> MarkdownStyles:
    """The style of reasoning and tool calls."""
    return replace(styles, text=styles.text + styles.muted)


@dataclass(frozen=True, slots=True)
class MessageStyles:
    """All styles of messages in one theme."""

    answer: MarkdownStyles
    asked: MarkdownStyles
    quiet: MarkdownStyles
    marks: Marks

    @classmethod
    def of(cls, variables: Mapping[str, str], *, dark: bool, ansi: bool) -> MessageStyles:
        """Create the styles for a Textual theme, given its `App.theme_variables`; `ansi` themes use the terminal's own
        colours."""
        styles = MarkdownStyles.of(variables, dark, ansi)
        return cls(styles, _asked(styles, ansi=ansi), _quiet(styles), Marks.of(styles, variables, ansi=ansi))
