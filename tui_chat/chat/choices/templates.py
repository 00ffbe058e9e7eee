"""Fill the blanks of a prompt's template: `{{input}}` for what a person typed, and `{{names}}` of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

INPUT: Final = "input"
"""The blank for the text that is given with the template."""
NAME: Final = re.compile(r"[A-Za-z][\w-]{0,60}")
"""The names of templates, which are typed after a slash, and of blanks."""
_BLANK: Final = re.compile(rf"\{{\{{[ \t]{{0,9}}({NAME.pattern})[ \t]{{0,9}}\}}\}}")


def blanks(text: str) -> list[str]:
    """Return the names of a template's blanks, each once, in their order."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a template with its blanks filled; one without a value stays. What is filled in is not looked at again.
    The input follows after a blank line where the template has no `{{input}}`."""
    whole = _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)
    given = values.get(INPUT, "")
    if not given or INPUT in blanks(text):
        return whole
    return f"{whole}{'' if whole.endswith(chr(10)) else chr(10)}\n{given}" if whole else given
