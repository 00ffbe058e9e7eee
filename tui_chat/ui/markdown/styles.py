"""The styles of rendered Markdown, created once per theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import Color
from textual.style import Style

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.ui.signs import Signs

BOLD, ITALIC, UNDERLINE = Style(bold=True), Style(italic=True), Style(underline=True)


@dataclass(frozen=True, slots=True, eq=False)
class MarkdownStyles:
    """`text` and `code_block` have a background and apply to whole rows; the others are combined with them."""

    signs: Signs
    text: Style
    muted: Style
    faint: Style
    """For what may be missed: the number of a block of code."""
    strong: Style
    emphasis: Style
    strike: Style
    code: Style
    code_block: Style
    code_mark: str
    """Begins each row of code where it has no background of its own."""
    link: Style
    target: Style
    quote: Style
    math: Style
    rule: Style
    bar: Style
    """The bar of a quote, or of a question."""
    bar_sign: str
    table_head: Style
    headings: tuple[Style, ...]
    """By level, from 1 to 6; they have a background too."""
    tokens: Mapping[str, Style]
    """By the name of a Pygments token type such as `Name.Function`; a missing type uses its parent's style."""

    @classmethod
    def of(cls, roles: Mapping[str, str], *, ansi: bool, signs: Signs = UNICODE) -> MarkdownStyles:
        """The styles for a theme's role variables.

        `ansi` themes keep the terminal's own colours; their code has a mark instead of a background, since no colour is
        known to be close to the terminal's.
        """

        def ink(role: str) -> Style:
            return Style(foreground=Color.parse(roles[f"role-{role}"]))

        def ground(role: str) -> Style:
            return Style(background=Color.parse(roles[f"role-{role}"]))

        dim = Style(dim=True) if ansi else Style.null()
        text = ground("bg") + ink("text")
        muted, faint, line = ink("muted") + dim, ink("faint") + dim, ink("line") + dim
        accent = ink("accent")
        code = ink("code-ink") + (BOLD if ansi else ground("code"))
        return cls(
            signs=signs,
            text=text,
            muted=muted,
            faint=faint,
            strong=BOLD,
            emphasis=ITALIC,
            strike=Style(strike=True),
            code=code,
            code_block=ground("code") + ink("text"),
            code_mark=f"{signs.code} " if ansi else "",
            link=accent + UNDERLINE,
            target=muted,
            quote=text + muted,
            math=ITALIC,
            rule=line,
            bar=line,
            bar_sign=signs.bar,
            table_head=BOLD,
            headings=(
                text + accent + BOLD,
                text + accent + BOLD,
                text + BOLD,
                text + muted + BOLD,
                *[text + muted] * 2,
            ),
            tokens={
                "Comment": muted + ITALIC,
                "Keyword": accent,
                "Literal.String": ink("success"),
                "Literal.Number": ink("warning"),
                "Name.Function": BOLD,
                "Name.Class": BOLD,
                "Name.Decorator": accent,
                "Name.Tag": accent,
                "Name.Attribute": ink("code-ink"),
                "Generic.Deleted": ink("error"),
                "Generic.Inserted": ink("success"),
                "Generic.Heading": BOLD,
            },
        )
