"""The row of keys that apply to the focused message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.color import Color

from tests.ui.kept import exchange
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.key_hints import key_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.ui.app import ChatApp


def last_row(app: object) -> str:
    return app.screen._compositor.render_strips()[-1].text  # type: ignore[attr-defined, no-any-return]


async def test_the_keys_of_the_focused_message_take_the_place_of_the_status() -> None:
    async with running(ScriptedBackend(), size=(100, 24)) as (app, pilot):
        await exchange(pilot, app, "ask", "one\n\n```\nx\n```\n")
        await pilot.press("shift+tab")
        await until(pilot, lambda: "y copy  c code 1  r retry" in last_row(app))
        assert "n continue" not in last_row(app)
        await pilot.press("k")
        await until(pilot, lambda: "y copy  e edit  b branch" in last_row(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Ready" in last_row(app))


async def test_what_does_not_fit_is_left_out_whole() -> None:
    async with running(ScriptedBackend(), size=(40, 20)) as (app, pilot):
        await exchange(pilot, app, "ask", "one")
        await pilot.press("shift+tab")
        await until(pilot, lambda: last_row(app).rstrip().endswith("F1 more"))
        hints = last_row(app).split("  ")
        assert {hint.strip() for hint in hints if hint.strip()} <= {
            "y copy", "r retry", "b branch", "d delete", "j next", "k previous", "F1 more"
        }  # fmt: skip


def test_hints_are_left_out_from_the_right_at_every_width() -> None:
    words = [("message_copy", "copy"), ("message_delete", "delete the message"), ("message_retry", "retry")]
    hints = ["y copy", "d delete the message", "r retry"]
    seen = set()
    for width in range(7, 100):
        row = key_row(App(), words, ("help", "more"), width).plain
        *shown, last = [hint.strip() for hint in row.split("  ") if hint.strip()]
        assert (len(row), last, shown) == (width, "F1 more", hints[: len(shown)])
        seen.add(len(shown))
    assert seen == {0, 1, 2, 3}


def colour_of(app: ChatApp, words: str) -> Color | None:
    """The colour of the lowest piece of the screen that is these words."""
    pieces = [
        piece for strip in app.screen._compositor.render_strips() for piece in strip if piece.text.strip() == words
    ]
    colour = pieces[-1].style.color if pieces and pieces[-1].style else None
    return Color.from_rich_color(colour) if colour is not None else None


@pytest.mark.parametrize(
    ("keys", "key", "word"),
    [((), "F1", "help"), (("ctrl+p",), "Enter", "run"), (("ctrl+f",), "Enter", "next"), (("shift+tab",), "y", "copy")],
    ids=["status row", "dialog", "find bar", "focused message"],
)
async def test_a_key_that_can_be_clicked_is_brighter_than_its_word(keys: Sequence[str], key: str, word: str) -> None:
    async with running(ScriptedBackend(), size=(100, 24)) as (app, pilot):
        await exchange(pilot, app, "ask", "one")
        await pilot.press(*keys)
        variables = app.theme_variables
        await until(pilot, lambda: colour_of(app, word) == Color.parse(variables["role-muted"]), "the word")
        assert colour_of(app, key) == Color.parse(variables["role-text"])
