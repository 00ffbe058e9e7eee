"""The signs of the screen, and their replacements where a terminal draws some of them two cells wide."""

from __future__ import annotations

from typing import Final, NamedTuple


class Signs(NamedTuple):
    """One character for each sign, but for `sep`, which stands between figures."""

    bar: str = "▎"
    """The bar beside a question, a quotation or an ending."""
    focus: str = "▌"
    """The bar of the message that has the focus."""
    thought: str = "┊"
    """The sign before reasoning."""
    code: str = "│"
    """Code, where it has no surface of its own."""
    rule: str = "─"
    wrap: str = "↪"
    """The sign of a line of code that goes on in the next row."""
    reply: str = "◆"
    state: str = "●"
    unread: str = "○"
    pin: str = "★"
    stopped: str = "■"
    tool: str = "→"
    remove: str = "×"
    sent: str = "↑"
    """The tokens of a request; a number and a word follow."""
    received: str = "↓"
    """The tokens of a reply; a number and a word follow."""
    gauge: str = "━"
    below: str = "▼"
    """The sign of text below the visible part."""
    bullets: str = "•◦▪"
    """The bullets of lists, by depth."""
    sep: str = " · "
    frame: str = "round"
    """The border of the prompt, in Textual's words."""


UNICODE: Final = Signs()
ASCII: Final = Signs(
    bar="|", focus="#", thought=":", code="|", rule="-", wrap=">", reply="*", state="@", unread="o", pin="!",
    stopped="#", tool=">", remove="x", sent="", received="", gauge="=", below="v", bullets="*o+", sep=", ",
    frame="ascii",
)  # fmt: skip
"""For terminals that draw characters of ambiguous width over two cells, as some for Chinese, Japanese and Korean do."""


def signs_of(setting: str) -> Signs:
    """The signs for a value of the setting `signs`: `ascii`, or `unicode`."""
    return ASCII if setting == "ascii" else UNICODE
