"""What is sent in place of a frame leaves a terminal as the frame would have."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

import pyte
import pytest
from textual.geometry import Size

from tui_chat.terminal.frame_diff import FrameDiff

COLUMNS, ROWS = 16, 8

Pieces: TypeAlias = "dict[int, str]"
"""A row as Textual writes it: texts by column."""

STYLES = ("", "1", "38;2;1;2;3;48;2;22;24;29", "7;2")
CHARACTERS = "ab漢字─é1"
"""One cell and two; only such whose width this terminal and Rich see alike."""


class Pair:
    """Two terminals: one gets everything, the other what is left of it."""

    def __init__(self) -> None:
        self.painted = FrameDiff()
        self.screens = [pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)]
        self.streams = [pyte.Stream(screen) for screen in self.screens]
        self.sent = ""

    def write(self, data: str) -> None:
        screen = self.screens[0]
        self.sent = self.painted.reduced(data, Size(screen.columns, screen.lines))
        for stream, text in zip(self.streams, (data, self.sent), strict=True):
            stream.feed(text.replace("\n", "\r\n"))

    def resize(self, rows: int, columns: int) -> None:
        for screen in self.screens:
            screen.resize(rows, columns)

    def check(self) -> None:
        textual, ours = self.screens
        for row in range(textual.lines):
            for column in range(textual.columns):
                assert ours.buffer[row][column] == textual.buffer[row][column], (row, column)
        assert (ours.cursor.y, ours.cursor.x) == (textual.cursor.y, textual.cursor.x)


def frame(rows: dict[int, Pieces], cursor: tuple[int, int] = (1, 1)) -> str:
    """As Textual writes it."""
    written = [
        "".join(f"\x1b[{row};{column}H{text}" for column, text in sorted(pieces.items()))
        for row, pieces in sorted(rows.items())
    ]
    return "\n".join(written) + "\x1b[{};{}H".format(*cursor)


def whole(rows: dict[int, Pieces]) -> str:
    """As Textual writes a whole screen: each row in one go."""
    return frame({row: {1: "".join(text for _, text in sorted(pieces.items()))} for row, pieces in rows.items()})


def styled(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


def line(text: str, bar: str = "|") -> Pieces:
    """A row with a scrollbar at its right."""
    return {1: styled(text.ljust(COLUMNS - 1), STYLES[2]), COLUMNS: styled(bar, STYLES[1])}


class Painter:
    """Paints at random, but few things, so that they come again."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pair = Pair()
        self.rows: dict[int, Pieces] = {}
        """What it wrote last."""
        self.resize(COLUMNS, ROWS)

    def step(self) -> None:
        """One frame, or whatever else may be written."""
        chosen = self.random.choice([self.move, self.move, self.patch, self.patch, self.paint, self.disturb])
        chosen()

    def resize(self, columns: int, height: int) -> None:
        """Another size, and a whole screen for it."""
        self.columns, self.height = columns, height
        self.pool = [self.pieces() for _ in range(5)]
        self.pair.resize(height, columns)
        self.paint()

    def paint(self) -> None:
        """A whole screen."""
        self.rows = {row: self.random.choice(self.pool) for row in range(1, self.height + 1)}
        self.pair.write(whole(self.rows))

    def move(self) -> None:
        """Rows that go up or down, and others in their place; the last column may stay as it is."""
        top, bottom = sorted(self.random.choices(range(1, self.height + 1), k=2))
        by = self.random.randint(-4, 4)
        written = {
            row: self.rows[row + by] if top <= row + by <= bottom else self.random.choice(self.pool)
            for row in range(top, bottom + 1)
        }
        self.rows |= written
        if self.random.random() < 0.5:
            written = {row: {1: pieces[1]} for row, pieces in written.items()}
        self.pair.write(frame(written, (self.random.randint(1, 3), 1)))

    def patch(self) -> None:
        """Something over some rows, cutting through what stands there."""
        written = {}
        for row in self.random.sample(range(1, self.height + 1), self.random.randint(1, self.height)):
            start = self.random.randint(1, self.columns)
            written[row] = {start: self.text(self.random.randint(1, self.columns + 1 - start))}
        self.pair.write(frame(written))

    def disturb(self) -> None:
        """What is not a frame."""
        if self.random.random() < 0.3:
            self.resize(*self.random.choice([(12, 10), (COLUMNS, ROWS), (20, 5)]))
        else:
            self.pair.write(self.random.choice(["\x07", "\x1b[2J", "\x1b[3;3Hab", "\x1b[1;1H\x1b[1mab\x1b[0m\x1b[K"]))

    def pieces(self) -> Pieces:
        """A row, cut as it is with a scrollbar, or with a popup over it."""
        cuts = self.random.choice([(1,), (1, self.columns), (1, 4, 9), (1, 4, self.columns)])
        ends = (*cuts[1:], self.columns + 1)
        return {start: self.text(end - start) for start, end in zip(cuts, ends, strict=True)}

    def text(self, cells: int) -> str:
        """So many cells, in runs of a few styles."""
        written = ""
        while cells:
            character = self.random.choice(CHARACTERS if cells > 1 else "ab")
            size = 2 if character in "漢字" else 1
            times = min(self.random.randint(1, 6), cells // size)
            written += styled(character * times, self.random.choice(STYLES))
            cells -= size * times
        return written


@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 2000), marks=pytest.mark.slow)])
def test_the_screen_is_the_same_after_any_frames(seeds: range) -> None:
    for seed in seeds:
        painter = Painter(seed)
        for _ in range(12):
            painter.step()
            painter.pair.check()


def test_rows_that_moved_up_are_not_sent_again() -> None:
    pair = Pair()
    texts = [f"row number {number}" for number in range(20)]
    pair.write(whole({row: line(texts[row]) for row in range(1, ROWS + 1)}))
    for first in range(1, 8):
        pair.write(frame({row: line(texts[first + row]) for row in range(2, ROWS + 1)}))
        pair.check()
    assert texts[7 + ROWS] in pair.sent
    assert texts[6 + ROWS] not in pair.sent
    assert pair.sent.startswith(f"\x1b[2;{ROWS}r")


def test_a_scrollbar_stays_where_it_is_while_rows_move() -> None:
    pair = Pair()
    bars = "|||##|||"
    texts = [f"row number {number}" for number in range(20)]
    pair.write(whole({row: line(texts[row], bars[row - 1]) for row in range(1, ROWS + 1)}))
    for first in range(1, 4):  # a frame that writes no scrollbar, as in a text so long that it does not move
        pair.write(frame({row: {1: line(texts[first + row])[1]} for row in range(2, ROWS + 1)}))
        pair.check()
    assert texts[2 + ROWS] not in pair.sent


def test_rows_of_which_something_is_unknown_do_not_move() -> None:
    pair = Pair()
    texts = [f"row number {number}" for number in range(20)]
    pair.write("\x1b[4;16H#\x1b[1;1H")  # a frame, but the rest of the row is not known
    for first in range(1, 4):
        pair.write(frame({row: {1: line(texts[first + row])[1]} for row in range(2, ROWS + 1)}))
        pair.check()


def test_a_frame_that_changes_nothing_sends_nothing() -> None:
    pair = Pair()
    row = {2: line("the same")}
    pair.write(frame(row))
    pair.write(frame(row))
    assert pair.sent == ""
    pair.write(frame(row, (3, 4)))
    assert pair.sent == "\x1b[3;4H"
    pair.check()


def test_a_whole_screen_is_sent_whole_whatever_stands_there() -> None:
    pair = Pair()
    painting = whole({row: line(f"row {row}") for row in range(1, ROWS + 1)})
    pair.write(painting)
    pair.write(painting)
    assert pair.sent == painting


def test_what_is_right_of_a_character_of_doubtful_width_is_written_after_it() -> None:
    pair = Pair()
    pair.write(frame({2: line("before")}))
    pair.write(frame({2: line("so — what")}))
    assert pair.sent == frame({2: line("so — what")})


def test_modes_and_titles_leave_the_screen_known_and_other_screens_do_not() -> None:
    pair = Pair()
    row = {2: line("the same")}
    pair.write(frame(row))
    for harmless in ("\x1b]0;title\x07", "\x1b[?2048h", "\x1b[?1000l\x1b[?1003l", "\x07"):
        pair.write(harmless)
        assert pair.sent == harmless
    pair.write(frame(row))
    assert pair.sent == ""
    pair.write("\x1b[?1049h")
    pair.write(frame(row))
    assert pair.sent == frame(row)
