"""The list of a dialog at several widths, with foreign names, and with very many rows."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import until
from tui_chat.ui.dialogs.row_list import Column, Heading, ListRow, RowList, Sentence, excerpt_line
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_chat.ui.dialogs.row_list import ListItem

COLUMNS = (Column(leaves=2), Column("right", leaves=1))
FOREIGN = [
    "[bold red]not markup[/] [link=http://x]l[/]",
    "\x1b[2J\x1b]52;c;evil\x07control",
    "海" * 200,
    "x" * 500,
    "\u202eright to left",
    "line\nbreak\ttab",
    "",
    "👩‍👩‍👧" * 60,
]


class ListApp(ThemedApp):
    """An app with one list."""

    def __init__(self, items: Sequence[ListItem]) -> None:
        super().__init__()
        self.list = RowList(COLUMNS, lambda screen: screen.height)
        self.given = items

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.show(self.given)


def lines(app: ListApp) -> list[str]:
    return app.list.render().plain.split("\n")


@pytest.mark.parametrize("width", [4, 12, 36, 76, 92, 180])
async def test_foreign_names_are_cleaned_cut_and_never_read_as_markup(width: int) -> None:
    items: list[ListItem] = [
        Heading(FOREIGN[0], FOREIGN[1]),
        *(ListRow(name, (name, name), below=((name, False), (name, True))) for name in FOREIGN),
        Sentence(FOREIGN[0]),
    ]
    async with ListApp(items).run_test(size=(width, 40)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        await pilot.pause()
        content = app.list.render()
        assert all(line.cell_length <= width for line in content.split("\n"))
        assert not {"\x1b", "\x07", "\u202e", "\t"} & set(content.plain)
        if width >= 76:
            assert "[bold red]not markup" in content.plain
            assert "…" in content.plain


@pytest.mark.parametrize(("width", "told"), [(76, ["/slash", "Ctrl+K"]), (30, ["Ctrl+K"]), (20, [])])
async def test_what_does_not_fit_goes_whole_in_the_columns_order(width: int, told: list[str]) -> None:
    async with ListApp([ListRow("A fitting name", ("/slash", "Ctrl+K"))]).run_test(size=(width, 5)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        await until(pilot, lambda: "A fitting name" in lines(app)[0])
        assert [note for note in ("/slash", "Ctrl+K") if note in lines(app)[0]] == told


async def test_the_pick_moves_over_rows_only_and_is_always_visible() -> None:
    items: list[ListItem] = []
    for group in range(30):
        items += [Heading(f"Group {group}"), ListRow(f"first {group}", value=group), ListRow(f"second {group}")]
    async with ListApp(items).run_test(size=(60, 9)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        for by in (1, 1, 5, 40, -3, 1000, -1000, 7):
            app.list.move(by)
            await pilot.pause()
            assert app.list.picked is not None
            assert next(line for line in lines(app) if line.startswith("▸")).split()[1:2] != []
        app.list.move(-1000)
        await pilot.pause()
        assert "Group 0" in lines(app)[0]


async def test_fifty_thousand_rows_are_as_quick_as_the_visible_ones() -> None:
    items = [ListRow(f"model-{number}", ("provider", "128k"), number) for number in range(50_000)]
    async with ListApp(items).run_test(size=(100, 30)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        begin = monotonic()
        for _ in range(100):
            app.list.move(331)
            app.list.render()
        assert monotonic() - begin < 10
        assert app.list.picked == items[33_100]


async def test_a_list_without_rows_has_no_pick() -> None:
    async with ListApp([Sentence("Nothing here")]).run_test(size=(40, 9)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        app.list.move(1)
        app.list.page(1)
        await pilot.pause()
        assert app.list.picked is None
        assert "Nothing here" in lines(app)[0]


def test_an_excerpt_shows_its_first_hit_in_one_clean_line() -> None:
    pieces = (("x " * 200, False), ("the\nneedle", True), ("\x1b]52;c;x\x07 tail " * 50, False))
    line = excerpt_line(pieces, 60, "bold")
    assert line.cell_length <= 60
    assert "the needle" in line.plain
    assert line.plain.startswith("…")
    assert "\x1b" not in line.plain


async def test_a_long_name_takes_the_room_of_notes_that_its_row_does_not_have() -> None:
    name = "a-long-name-of-a-model-that-goes-on-and-on-and-ends-here"
    rows = [ListRow(name), ListRow(name, ("", "$1")), ListRow(name, ("128k", "$1"))]
    async with ListApp([*rows, ListRow("short", ("note of another row", "$1.23"))]).run_test(size=(76, 6)) as pilot:
        app = pilot.app
        assert isinstance(app, ListApp)
        await until(pilot, lambda: "short" in lines(app)[3])
        plain = lines(app)
        assert name in plain[0]
        assert name not in plain[2]
        assert len(plain[1].partition("…")[0]) > len(plain[2].partition("…")[0])
        assert [line.rstrip()[-2:] for line in plain[1:3]] == ["$1", "$1"]
        assert all(len(line) == 76 for line in plain)
