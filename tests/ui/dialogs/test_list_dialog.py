"""A filter with a list below it: what is shown, which row is picked, and what is chosen."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.ui.scripted import until
from tui_chat.ui.dialogs.dialog import ROWS_FOR_BLANKS
from tui_chat.ui.dialogs.filter_input import OneLine
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Heading, ListRow, Sentence
from tui_chat.ui.themes import THEMES, ThemedApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tui_chat.ui.dialogs.row_list import ListItem

FRUITS = ("apple", "banana", "cherry", "date")


class Fruits(ListDialog[None]):
    """A list of fruits, which notes what it is asked and told."""

    def __init__(self, words: str = "", fruits: Sequence[str] = FRUITS, starts_at: str | None = None) -> None:
        super().__init__(words)
        self.fruits = fruits
        self.starts_at = starts_at
        self.asked: list[str] = []
        """The words that rows were asked for."""
        self.told: list[object] = []
        """The values of the rows that were picked."""
        self.chosen: list[object] = []

    def items(self, words: str) -> Sequence[ListItem]:
        self.asked.append(words)
        rows = [ListRow(fruit, value=fruit) for fruit in self.fruits]
        return (self.matching(rows, words) if words else rows) or [Sentence("There is no such fruit.")]

    def first_pick(self) -> object:
        return self.starts_at

    def picked(self, row: ListRow) -> None:
        self.told.append(row.value)

    def choose(self, row: ListRow | None) -> None:
        self.chosen.append(None if row is None else row.value)


class PickedByClick(Fruits):
    """A list in which a click only picks."""

    CLICK_CHOOSES = False


class Opening(Fruits):
    """A list with a key of its own for Enter."""

    KEYS: ClassVar[Mapping[str, str]] = {"enter": "open", "f2": "rename"}


class WithAnotherBox(Fruits):
    """A list with a second box below it."""

    def __init__(self) -> None:
        super().__init__()
        self.other = OneLine()

    def compose_content(self) -> ComposeResult:
        yield from super().compose_content()
        yield self.other


class ListHost(ThemedApp):
    """An app that opens a dialog."""

    ENABLE_COMMAND_PALETTE = False


@asynccontextmanager
async def opened(
    dialog: Fruits, size: tuple[int, int] = (80, 24), theme: str = THEMES[0].name
) -> AsyncIterator[Pilot[None]]:
    app = ListHost()
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await pilot.pause()
        app.push_screen(dialog)
        await until(pilot, lambda: app.screen is dialog and dialog.list.region and dialog.hint_row.region, "the dialog")
        await until(pilot, lambda: dialog.filter.has_focus, "the focus in the filter")
        yield pilot


def names(dialog: Fruits) -> list[str]:
    return [item.name for item in dialog.list.items if isinstance(item, ListRow)]


def pick(dialog: Fruits) -> object:
    row = dialog.list.picked
    return None if row is None else row.value


# Rows


def test_rows_that_fit_come_best_first_with_their_letters_marked() -> None:
    rows = [ListRow("fruit", also=("apple",)), ListRow("green apple"), ListRow("pear"), ListRow("apple", sign="●")]
    found = ListDialog.matching(rows, "apple")
    assert [(row.name, tuple(row.letters)) for row in found] == [
        ("apple", (0, 1, 2, 3, 4)),
        ("green apple", (6, 7, 8, 9, 10)),
        ("fruit", ()),
    ]
    assert found[0].sign == "●"
    assert rows[1].letters == ()


def test_groups_without_rows_have_no_title() -> None:
    apple, pear = ListRow("apple"), ListRow("pear")
    groups = [("None", ()), ("Some", (apple, pear)), ("No more", ()), ("Again", (apple,))]
    assert ListDialog.in_groups(groups) == [Heading("Some"), apple, pear, Heading("Again"), apple]


# The filter


async def test_all_rows_are_shown_at_first_with_the_pick_where_the_dialog_wants_it() -> None:
    dialog = Fruits(starts_at="cherry")
    async with opened(dialog):
        assert names(dialog) == [*FRUITS]
        assert pick(dialog) == "cherry"
    dialog = Fruits(starts_at="plum")
    async with opened(dialog):
        assert pick(dialog) == "apple"


async def test_the_words_that_it_begins_with_are_in_the_filter_and_filter() -> None:
    dialog = Fruits(" an ")
    async with opened(dialog) as pilot:
        assert (dialog.words, names(dialog)) == ("an", ["banana"])
        await pilot.press("backspace", "p")
        await until(pilot, lambda: names(dialog) == ["apple"], "the other row")
        await pilot.press("space")
        await until(pilot, lambda: dialog.filter.text == "ap ", "the blank")
        assert dialog.words == "ap"


async def test_typing_picks_the_best_row_and_tells_it() -> None:
    dialog = Fruits(starts_at="date")
    async with opened(dialog) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: names(dialog) == ["cherry", "date", "apple"], "what has the letter")
        await pilot.press("down")
        assert pick(dialog) == "date"
        await pilot.press("r")
        await until(pilot, lambda: names(dialog) == ["cherry"], "what has both letters")
        assert dialog.asked[-2:] == ["e", "er"]
        assert dialog.told == ["cherry", "date", "cherry"]


async def test_a_filter_that_nothing_fits_picks_nothing_and_enter_says_so() -> None:
    dialog = Fruits()
    async with opened(dialog) as pilot:
        await pilot.press(*"zz")
        await until(pilot, lambda: dialog.list.items == [Sentence("There is no such fruit.")], "the sentence")
        assert dialog.told == []
        await pilot.press("enter")
        await until(pilot, lambda: dialog.chosen == [None], "the choice of nothing")


async def test_what_is_typed_into_another_box_does_not_filter() -> None:
    dialog = WithAnotherBox()
    async with opened(dialog) as pilot:
        asked = len(dialog.asked)
        dialog.set_focus(dialog.other)
        await pilot.press("z")
        dialog.set_focus(dialog.filter)
        await pilot.press("a")
        await until(pilot, lambda: len(dialog.asked) > asked, "the filter")
        await pilot.pause()
        assert dialog.asked[asked:] == ["a"]
        assert dialog.other.text == "z"


# Rows that change while the dialog is open


async def test_the_pick_stays_on_its_row_or_at_its_place_when_other_rows_come() -> None:
    dialog = Fruits(starts_at="date")
    async with opened(dialog):
        dialog.list.move(-1)
        dialog.fruits = ("apricot", "blackberry", "cherry", *FRUITS[:2])
        dialog.show_items()
        assert (dialog.list.pick, pick(dialog)) == (2, "cherry")
        dialog.fruits = FRUITS[:1] + FRUITS[3:] + ("elderberry", "fig")
        dialog.show_items()
        assert (dialog.list.pick, pick(dialog)) == (2, "elderberry")
        dialog.fruits = FRUITS[:2]
        dialog.show_items()
        assert pick(dialog) == "banana"


async def test_another_row_or_the_first_one_is_picked_where_that_is_asked_for() -> None:
    dialog = Fruits(starts_at="cherry")
    async with opened(dialog):
        dialog.show_items(pick="banana")
        assert pick(dialog) == "banana"
        dialog.show_items(pick="plum")
        assert pick(dialog) == "banana"
        dialog.show_items(keep=False)
        assert pick(dialog) == "apple"


# Keys and the mouse


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (("down",), "banana"),
        (("down", "down", "up"), "banana"),
        (("ctrl+end",), "date"),
        (("ctrl+end", "ctrl+home"), "apple"),
        (("pagedown",), "cherry"),
        (("ctrl+end", "pageup"), "banana"),
    ],
)
async def test_keys_move_the_pick_from_within_the_filter_and_enter_chooses(keys: Sequence[str], row: str) -> None:
    dialog = Fruits()
    async with opened(dialog) as pilot:
        await until(pilot, lambda: dialog.list.size.height == len(FRUITS), "the whole list")
        await pilot.press(*keys)
        await until(pilot, lambda: dialog.told[-1:] == [row], "the pick")
        assert pick(dialog) == row
        await pilot.press("enter")
        await until(pilot, lambda: dialog.chosen == [row], "the choice")


def test_a_dialogs_own_keys_go_before_those_of_the_list() -> None:
    dialog = Opening()
    assert dialog.keys == {**ListDialog.LIST_KEYS, "enter": "open", "f2": "rename"}
    assert dialog.keys["down"] == "move(1)"


@pytest.mark.parametrize(("kind", "clicks"), [(Fruits, 1), (PickedByClick, 2)])
async def test_a_click_chooses_its_row_or_picks_it_for_the_next_one(kind: type[Fruits], clicks: int) -> None:
    dialog = kind()
    async with opened(dialog) as pilot:
        await until(pilot, lambda: dialog.list.size.height == len(FRUITS), "the whole list")
        for number in range(1, clicks + 1):
            await pilot.click(dialog.list, offset=(6, 2))
            wanted = ["cherry"] if number == clicks else []
            await until(pilot, lambda wanted=wanted: dialog.chosen == wanted, "the choice, once it is due")  # type: ignore[misc]
            await until(pilot, lambda: pick(dialog) == "cherry", "the pick")
        assert dialog.told == ["cherry"] * (clicks - 1)


# Its size


@pytest.mark.parametrize("theme", [THEMES[0].name, "ansi-dark"])
@pytest.mark.parametrize("height", [10, ROWS_FOR_BLANKS - 1, ROWS_FOR_BLANKS, 24])
async def test_a_long_list_takes_the_room_of_the_window_and_leaves_that_of_filter_and_keys(
    height: int, theme: str
) -> None:
    dialog = Fruits(fruits=[f"fruit {number}" for number in range(100)])
    async with opened(dialog, (80, height), theme) as pilot:
        panel = dialog.query_one(".panel")
        parts = (dialog.title_row, dialog.filter_line, dialog.list, dialog.hint_row)

        def fits() -> bool:
            return panel.region.height == height * 9 // 10 and all(
                part.region and panel.content_region.contains_region(part.region) for part in parts
            )

        await until(pilot, fits, "a full panel")
        assert dialog.filter_line.region.bottom <= dialog.list.region.y
        assert dialog.list.region.bottom <= dialog.hint_row.region.y
