"""The line above the prompt that names the models of the next question, alone in a small app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.host import until
from tui_chat.keymap import Keymap
from tui_chat.ui.compare.compare_line import CompareLine
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

HOSTS = "All of it goes to two.example now."
MODELS = [f"model-{number}" for number in range(40)]
"""More than fit into one row of any window here."""
LONGEST_NAME = len("model-39, ")


class LineHost(ThemedApp):
    """An app with this line alone."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widest: int = 0, keys: Mapping[str, tuple[str, ...]] | None = None) -> None:
        super().__init__()
        self.keymap = Keymap(keys)
        self.line = CompareLine(widest)

    def compose(self) -> ComposeResult:
        yield self.line

    def rows(self) -> list[str]:
        """The rows of the screen that are not empty, without the blanks at their ends."""
        strips = self.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips if strip.text.strip()]

    async def show_rows(self, *rows: str) -> None:
        """Wait until the screen has these rows and no others."""
        await until(lambda: [row.strip() for row in self.rows()] == list(rows), f"{rows}")


@pytest.mark.parametrize("tried", [False, True], ids=["before it is sent", "sent already"])
async def test_the_models_are_named_in_their_order_and_no_second_key_is_needed_without_other_hosts(
    tried: bool,
) -> None:
    host = LineHost()
    async with host.run_test(size=(80, 10)) as pilot:
        host.line.show(["two", "one (home)"], "", tried=tried)
        await host.show_rows("Next question side by side: two, one (home)   /compare off takes it back")
        await pilot.pause()
        assert host.line.region.height == 1


@pytest.mark.parametrize("width", range(20, 100, 3))
async def test_the_way_back_is_never_broken_over_two_rows(width: int) -> None:
    host = LineHost()
    async with host.run_test(size=(width, 20)):
        host.line.show(["slow (local)", "think (local)", "cut (local)"], "", tried=False)
        whole = "/compare off takes it back"
        await until(lambda: width < len(whole) + 4 or any(whole in row for row in host.rows()), f"{width} cells")


async def test_other_models_take_the_place_of_those_before() -> None:
    host = LineHost()
    async with host.run_test(size=(80, 10)):
        host.line.show(["one", "two"], HOSTS, tried=True)
        host.line.show(["three", "four"], "", tried=False)
        await host.show_rows("Next question side by side: three, four   /compare off takes it back")


@pytest.mark.parametrize(
    ("keys", "key"), [({}, "Enter"), ({"send": ("ctrl+j",)}, "Ctrl+J")], ids=["usual key", "key of the settings"]
)
async def test_other_hosts_stand_below_and_how_to_send_it_once_it_was_held_back(
    keys: Mapping[str, tuple[str, ...]], key: str
) -> None:
    host = LineHost(keys=keys)
    first = "Next question side by side: one, two   /compare off takes it back"
    async with host.run_test(size=(80, 10)):
        host.line.show(["one", "two"], HOSTS, tried=False)
        await host.show_rows(first, HOSTS)
        host.line.show(["one", "two"], HOSTS, tried=True)
        await host.show_rows(first, f"{HOSTS} {key} once more sends it.")


async def test_other_hosts_have_the_colour_of_a_warning() -> None:
    host = LineHost()
    async with host.run_test(size=(80, 10)):
        host.line.show(["one", "two"], HOSTS, tried=True)
        await until(lambda: len(host.rows()) == 2)
        warning = host.theme_variables["role-warning"]
        strips = host.screen._compositor.render_strips()
        written = [(piece.text, piece.style) for strip in strips for piece in strip if piece.text.strip()]
        in_warning = [
            text
            for text, style in written
            if style is not None and style.color is not None and style.color.get_truecolor().hex == warning
        ]
        assert "".join(in_warning).strip() == f"{HOSTS} Enter once more sends it."


async def test_names_are_text_and_no_markup() -> None:
    host = LineHost()
    async with host.run_test(size=(80, 10)):
        host.line.show(["[b]one[/b]", "[/]two"], "[red]hosts", tried=False)
        await host.show_rows(
            "Next question side by side: [b]one[/b], [/]two   /compare off takes it back", "[red]hosts"
        )


@pytest.mark.parametrize(
    ("window", "widest", "left", "right"),
    [(80, 100, 2, 78), (120, 60, 32, 88), (121, 60, 32, 88), (120, 0, 2, 118)],
)
async def test_it_stands_in_the_column_of_the_text(window: int, widest: int, left: int, right: int) -> None:
    host = LineHost(widest)
    async with host.run_test(size=(window, 30)):
        host.line.show(MODELS, "", tried=False)
        await until(lambda: fills(host, left, right), f"text from {left} to {right}")


async def test_it_follows_the_column_when_the_window_changes() -> None:
    host = LineHost(60)
    async with host.run_test(size=(120, 30)) as pilot:
        host.line.show(MODELS, "", tried=False)
        await until(lambda: fills(host, 32, 88), "text from 32 to 88")
        await pilot.resize_terminal(50, 30)
        await until(lambda: fills(host, 2, 48), "text from 2 to 48")


def fills(host: LineHost, left: int, right: int) -> bool:
    """Whether all rows begin at a cell, and the longest ends before another and leaves no room for one more name."""
    rows = host.rows()
    begins = {len(row) - len(row.lstrip()) for row in rows}
    return len(rows) > 2 and begins == {left} and right - LONGEST_NAME < max(map(len, rows)) <= right
