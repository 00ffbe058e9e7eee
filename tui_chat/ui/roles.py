"""The roles of the screen's colours, and the colours that each theme gives them.

A role is a variable for style sheets and content: `$role-muted`, for example. Our own themes name all of them; for
Textual's other themes they are derived, so that they can be read on every surface.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from textual.color import Color

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.theme import Theme

INKS = (
    "text", "muted", "faint", "accent", "user", "assistant", "success", "warning", "error", "code-ink",
)  # fmt: skip
"""The roles of text."""

SURFACES = ("bg", "raised", "code", "overlay", "selection")
"""The roles of what text stands on; `bg` is the page itself."""

ROLES = (*INKS, "line", *SURFACES)
"""All roles; `line` is for frames and rules."""

WELL_READABLE = 4.5
"""The least contrast of text, as defined by WCAG."""

READABLE_WITH_REST = 5.5
"""The contrast of a theme's text on a selection: what is muted can be read there and still is another colour."""

READABLE = 3.0
"""The least contrast of large text, of lines, and of what may be missed."""

_TERMINAL = {
    "text": "ansi_default",
    "muted": "ansi_default",
    "faint": "ansi_default",
    "line": "ansi_default",
    "dim-style": "dim",
    "bg": "ansi_default",
    "raised": "ansi_default",
    "code": "ansi_default",
    "overlay": "ansi_default",
    "selection": "ansi_default",
    "selection-style": "reverse",
    "pick": "ansi_default",
}
_TERMINAL_DARK = {
    "accent": "ansi_bright_blue",
    "user": "ansi_bright_cyan",
    "assistant": "ansi_bright_magenta",
    "success": "ansi_bright_green",
    "warning": "ansi_bright_yellow",
    "error": "ansi_bright_red",
    "code-ink": "ansi_yellow",
}
_TERMINAL_LIGHT = {
    "accent": "ansi_blue",
    "user": "ansi_blue",
    "assistant": "ansi_magenta",
    "success": "ansi_default",
    "warning": "ansi_magenta",
    "error": "ansi_red",
    "code-ink": "ansi_red",
}
"""On white, the green, yellow and cyan of most terminals cannot be read."""
_SAME_WEIGHT = {"dim-style": "not dim", "selection-style": "not reverse"}

MUTED: Final = "$role-muted $role-dim-style"
"""The style of content that is read second."""

PICKED: Final = "on $role-selection $role-selection-style"
"""The style of the row that is picked, to be put below that of its content."""


def as_variables(roles: Mapping[str, str]) -> dict[str, str]:
    """The variables of a theme for its roles: `role-text` for `text`, and so on. Where a theme has colours of its own,
    muted text is not dim and a selection is not reversed. `role-pick` is the accent where it stands on a selection:
    reversed, a colour of the terminal would be a block."""
    filled = {**_SAME_WEIGHT, "pick": roles["accent"], **roles}
    return {f"role-{name}": value for name, value in filled.items()}


def role_variables(theme: Theme) -> Mapping[str, str]:
    """The role variables of any theme: its own ones, those of the terminal's sixteen colours, or derived ones.

    Besides a variable for each role there are `role-pick` (see `as_variables`) and two for text styles:
    `role-dim-style` belongs to muted, faint and line, and `role-selection-style` to the selection. They say
    something in the terminal's own colours only.
    """
    if "role-text" in theme.variables:
        return theme.variables
    if theme.ansi:
        return as_variables(_TERMINAL | (_TERMINAL_DARK if theme.dark else _TERMINAL_LIGHT))
    return _derived(
        theme.dark,
        theme.background or ("#121212" if theme.dark else "#efefef"),
        theme.foreground or ("#e0e0e0" if theme.dark else "#1f1f1f"),
        theme.primary,
        theme.secondary or theme.primary,
        theme.accent or theme.primary,
        theme.success or theme.secondary or theme.primary,
        theme.warning or theme.primary,
        theme.error or theme.secondary or theme.primary,
    )


@lru_cache(maxsize=32)
def _derived(dark: bool, background: str, foreground: str, *named: str) -> Mapping[str, str]:
    """The roles of a theme with these colours: each ink is made lighter or darker until it can be read everywhere."""
    page, ink = Color.parse(background), Color.parse(foreground)
    overlay = page.blend(ink, 0.09 if dark else 0.07)
    primary, secondary, accent, success, warning, error = map(Color.parse, named)
    selection = _selection(page, overlay, primary)
    grounds = (page, overlay, selection)
    text = readable(readable(ink, overlay), selection, READABLE_WITH_REST)
    inks = {
        "accent": primary,
        "user": secondary,
        "assistant": accent,
        "success": success,
        "warning": warning,
        "error": error,
        "code-ink": warning.blend(text, 0.25),
    }
    roles = {name: _of_its_hue(colour, grounds, dark=dark) for name, colour in inks.items()}
    roles["muted"] = _towards(text.blend(page, 0.3), text, grounds, WELL_READABLE)
    roles["faint"] = _towards(text.blend(page, 0.45), text, grounds, READABLE)
    roles["line"] = _towards(text.blend(page, 0.6), text, (page,), READABLE)
    roles |= {"text": text, "bg": page, "overlay": overlay, "selection": selection}
    roles |= {"raised": page.blend(ink, 0.05), "code": page.blend(ink, 0.03)}
    return as_variables({name: colour.hex for name, colour in roles.items()})


def _selection(page: Color, overlay: Color, primary: Color) -> Color:
    """The page, tinted with the theme's main colour until it is seen well, even beside a dialog's surface."""
    tints = [page.blend(primary, part / 20) for part in range(3, 13)]
    return next((tint for tint in tints if contrast(tint, page) >= 1.4 and contrast(tint, overlay) >= 1.25), tints[-1])


def _of_its_hue(ink: Color, grounds: tuple[Color, ...], *, dark: bool) -> Color:
    """The ink, made lighter (`dark`: the theme is dark) or darker until it can be read on all grounds. It keeps its
    hue: the error of a theme with pale text would look like text."""
    hue, saturation, lightness = ink.hsl
    end = 1.0 if dark else 0.0
    steps = (Color.from_hsl(hue, saturation, lightness + (end - lightness) * step / 20) for step in range(21))
    return next(each for each in steps if all(contrast(each, ground) >= WELL_READABLE for ground in grounds))


def _towards(ink: Color, text: Color, grounds: tuple[Color, ...], least: float) -> Color:
    steps = (ink.blend(text, step / 10) for step in range(11))
    return next((step for step in steps if all(contrast(step, ground) >= least for ground in grounds)), text)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours as defined by WCAG, from 1 (the same) to 21 (black and white)."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(ink: Color, ground: Color, least: float = WELL_READABLE) -> Color:
    """The colour, or the nearest to it towards black or white that can be read on a ground."""
    extreme = max((Color(0, 0, 0), Color(255, 255, 255)), key=lambda colour: contrast(colour, ground))
    steps = (ink.blend(extreme, step / 10) for step in range(11))
    return next((colour for colour in steps if contrast(colour, ground) >= least), extreme)
