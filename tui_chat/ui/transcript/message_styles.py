"""The styles of messages: answers, questions, reasoning, and everything around the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.style import Style as TextualStyle

from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.ui.markdown.styles import BOLD, MarkdownStyles
from tui_chat.ui.roles import readable
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.ui.signs import Signs


HEAT = (("warning", 0.16), ("warning", 0.34), ("error", 0.42), ("error", 0.7))
"""The colours of the levels of heat: a role, and how much of it is blended with the page."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The styles of everything around the text. All have the page's background, but for `asked` and what is found or
    selected."""

    signs: Signs
    text: Style
    muted: Style
    faint: Style
    strong: Style
    accent: Style
    assistant: Style
    """The sign of a reply."""
    success: Style
    warning: Style
    error: Style
    link: Style
    line: Style
    asked: Style
    """The style of the words beside a question, on its surface."""
    asked_bar: Style
    focus: Style
    """The bar of the focused message, without a background."""
    found: Style
    """The style of all search matches."""
    found_here: Style
    """The style of the current match."""
    heat: tuple[Style, ...]
    """Levels of heat of text, the lowest first."""
    selected: Style
    """Selected text; it overrides the other styles."""

    @classmethod
    def of(cls, styles: MarkdownStyles, roles: Mapping[str, str], *, ansi: bool) -> Marks:
        """Create the styles from those of the text and a theme's role variables; `ansi` themes use the terminal's own
        colours."""
        text = styles.text.rich_style

        def ink(role: str) -> Style:
            return Style(color=Color.parse(roles[f"role-{role}"]).rich_color)

        def ground(role: str) -> Style:
            return Style(bgcolor=Color.parse(roles[f"role-{role}"]).rich_color)

        muted, faint, line = ((styles.text + style).rich_style for style in (styles.muted, styles.faint, styles.rule))
        found = Style(bold=True, underline=True)
        if ansi:
            found += ink("warning") + Style(dim=False)
            found_here = found + Style(reverse=True)
            warm, hot = ink("warning"), ink("error")
            heat: tuple[Style, ...] = (
                warm,
                warm + Style(underline=True),
                hot + Style(underline=True),
                hot + Style(reverse=True),
            )
            selected = Style(color="default", bgcolor="default", reverse=True, dim=False)
            asked = muted
        else:
            selection = Color.parse(roles["role-selection"])
            chosen = readable(Color.parse(roles["role-text"]), selection).rich_color
            selected = Style(color=chosen, bgcolor=selection.rich_color, reverse=False)
            found += selected
            found_here = Style(bold=True, underline=True) + _over(roles["role-warning"], roles["role-bg"])
            asked = muted + ground("raised")
            page = Color.parse(roles["role-bg"])
            heat = tuple(
                _over(page.blend(Color.parse(roles[f"role-{role}"]), share).hex, roles["role-text"])
                for role, share in HEAT
            )
        return cls(
            signs=styles.signs,
            text=text,
            muted=muted,
            faint=faint,
            strong=text + Style(bold=True),
            accent=text + ink("accent"),
            assistant=text + ink("assistant"),
            success=text + ink("success"),
            warning=text + ink("warning"),
            error=text + ink("error"),
            link=(styles.text + styles.link).rich_style,
            line=line,
            asked=asked,
            asked_bar=asked + Style(dim=False) + ink("user"),
            focus=ink("accent") + Style(bold=True, dim=False),
            found=found,
            found_here=found_here,
            heat=heat,
            selected=selected,
        )


def _over(ground: str, ink: str) -> Style:
    """A style for text on a coloured ground, in the colour nearest to `ink` that can be read there."""
    background = Color.parse(ground)
    return Style(color=readable(Color.parse(ink), background).rich_color, bgcolor=background.rich_color)


@dataclass(frozen=True, slots=True)
class MessageStyles:
    """All styles of messages in one theme."""

    answer: MarkdownStyles
    asked: MarkdownStyles
    """Questions: on a surface of their own with a bar beside them; bold where no colour is known for the surface."""
    quiet: MarkdownStyles
    """Reasoning and the arguments of tools, behind a broken line."""
    marks: Marks

    @classmethod
    def of(cls, roles: Mapping[str, str], *, ansi: bool, signs: Signs = UNICODE) -> MessageStyles:
        """Create the styles for a theme's role variables; `ansi` themes use the terminal's own colours."""
        styles = MarkdownStyles.of(roles, ansi=ansi, signs=signs)
        user = TextualStyle(foreground=Color.parse(roles["role-user"]))
        raised = TextualStyle(background=Color.parse(roles["role-raised"]))
        return cls(
            answer=styles,
            asked=replace(styles, text=styles.text + (BOLD if ansi else raised), bar=user),
            quiet=replace(styles, text=styles.quote, bar_sign=signs.thought),
            marks=Marks.of(styles, roles, ansi=ansi),
        )
