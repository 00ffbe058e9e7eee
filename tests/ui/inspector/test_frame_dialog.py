"""All of a frame or of a text in a dialog: what is said of it, the ways to look at it, and its height."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.host import until
from tui_chat.chat.inspection.wire_ports import WireFrame
from tui_chat.ui.inspector.frame_dialog import FrameDialog, TextDialog
from tui_chat.ui.inspector.virtual_list import LEAD
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = (100, 30)
EVENT = b'event: delta\ndata: {"a": [1, 2]}\n\n'
AS_JSON = ["▾ {1}", "▾ a: [2]", "0: 1", "1: 2"]
AS_TEXT = ["event: delta", 'data: {"a": [1, 2]}']


def dialog_of(raw: bytes, event: str = "") -> FrameDialog:
    return FrameDialog(WireFrame(1.2346, 0.0202, "text", event, 10, 10 + len(raw), ""), raw, lambda _: None)


class Host(ThemedApp):
    """An app whose screen is covered by a dialog."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, dialog: TextDialog) -> None:
        super().__init__()
        self.dialog = dialog

    def on_mount(self) -> None:
        self.push_screen(self.dialog)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def rows(self) -> list[str]:
        """The rows of the upper dialog that have text, without the sign of the picked one and without indentation."""
        if not isinstance(self.screen, TextDialog):
            return []
        x, y, width, height = self.screen.view.region
        rows = [line[x + LEAD : x + width].strip() for line in self.lines()[y : y + height]]
        return [row for row in rows if row]

    def keys(self) -> str:
        """The last row of the dialog: its keys, and the note."""
        return self.lines()[self.dialog.hint_row.region.bottom - 1]

    def shows(self, rows: list[str]) -> Callable[[], bool]:
        return lambda: self.rows() == rows

    def begins_with(self, text: str) -> Callable[[], bool]:
        return lambda: any(row.startswith(text) for row in self.rows()[:1])

    def has_height(self, rows: int) -> Callable[[], bool]:
        return lambda: self.dialog.view.size.height == rows


@pytest.mark.parametrize(("event", "title"), [("", "text at 1235 ms"), ("delta", "text delta at 1235 ms")])
def test_the_title_tells_kind_and_time_and_the_words_beside_it_size_and_gap(event: str, title: str) -> None:
    dialog = dialog_of(bytes(2_048), event)
    assert (dialog.title, dialog.sub_title) == (title, "2.0 kB, 20 ms after the one before")


async def test_a_document_is_shown_as_json_then_as_text_then_as_bytes_and_again() -> None:
    app = Host(dialog_of(EVENT))
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(2):
            await until(app.shows(AS_JSON), "JSON")
            await until(lambda: app.keys().rstrip().endswith("JSON"))
            await pilot.press("x")
            await until(app.shows(AS_TEXT), "text")
            await until(lambda: app.keys().rstrip().endswith("text"))
            await pilot.press("x")
            await until(app.begins_with("00000000  65 76 65 6e 74"), "bytes")
            await until(lambda: app.keys().rstrip().endswith("bytes"))
            await pilot.press("x")


@pytest.mark.parametrize(
    ("raw", "ways"),
    [
        (b"data: [DONE]\n\n", ["data: [DONE]", "00000000  64", "data: [DONE]"]),
        (b'data: {"a": "\xff"}', ["00000000  64", 'data: {"a": "\ufffd"}', "00000000  64"]),
    ],
    ids=["no document", "not UTF-8"],
)
async def test_what_is_no_json_has_two_ways_and_what_is_no_text_begins_with_its_bytes(
    raw: bytes, ways: list[str]
) -> None:
    app = Host(dialog_of(raw))
    async with app.run_test(size=SIZE) as pilot:
        for way in ways:
            await until(app.begins_with(way), way)
            await pilot.press("x")


async def test_a_frame_that_is_no_longer_kept_says_so_in_every_way() -> None:
    app = Host(dialog_of(b""))
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.keys().rstrip().endswith("no longer kept"))
        await pilot.press("x")
        await until(lambda: app.dialog.view.count == 0, "no bytes")
        assert app.keys().rstrip().endswith("no longer kept")


async def test_the_keys_of_the_last_row_can_be_clicked() -> None:
    app = Host(dialog_of(EVENT))
    async with app.run_test(size=SIZE) as pilot:
        await until(app.shows(AS_JSON), "JSON")
        row = app.dialog.hint_row.region.bottom - 1
        await pilot.click(offset=(app.keys().index("fold"), row))
        await until(app.shows(["▸ {1}"]), "folded")
        row = app.dialog.hint_row.region.bottom - 1  # the dialog has become lower
        await pilot.click(offset=(app.keys().index("JSON, text"), row))
        await until(app.shows(AS_TEXT), "text")


async def test_a_long_text_of_a_frame_opens_above_it_and_q_closes_one_after_the_other() -> None:
    text = "many words " * 30
    app = Host(dialog_of(f'{{"a": "{text}"}}'.encode()))
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.focused is app.dialog.view)
        below = app.screen_stack[0]
        await pilot.press("down", "enter")
        await until(lambda: app.screen is not app.dialog and app.focused is not None, "the text")
        assert isinstance(app.screen, TextDialog)
        assert app.screen.title == "Text"
        await until(lambda: "".join("".join(app.rows()).split()).count("manywords") == 30, "all of it")
        await pilot.press("q")
        await until(lambda: app.screen is app.dialog)
        await pilot.press("q")
        await until(lambda: app.screen is below)


async def test_keys_move_in_a_text_at_once() -> None:
    app = Host(TextDialog("Text", "\n".join(f"line {number}" for number in range(100))))
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.focused is app.dialog.view)
        await pilot.press("end")
        await until(lambda: app.rows()[-1:] == ["line 99"])


@pytest.mark.parametrize(("lines", "height"), [(1, 2), (5, 5), (100, None)])
async def test_it_is_as_high_as_its_text_where_there_is_room(lines: int, height: int | None) -> None:
    app = Host(TextDialog("Text", "\n".join(["line"] * lines)))
    async with app.run_test(size=SIZE) as pilot:
        for window in (SIZE[1], 20, 40):
            await pilot.resize_terminal(SIZE[0], window)
            most = app.dialog.rows_for_content(window)
            assert 5 < most < 100
            await until(app.has_height(height or most), f"{window} rows")


async def test_its_height_follows_the_way_in_which_a_frame_is_shown() -> None:
    app = Host(dialog_of(b'{"a": [1, 2, 3, 4, 5]}'))
    async with app.run_test(size=SIZE) as pilot:
        await until(app.has_height(7), "JSON")
        await pilot.press("x")
        await until(app.has_height(2), "one line of text")


async def test_frames_are_gone_through_in_the_way_that_was_chosen() -> None:
    frames = [b'data: {"a": 1}\n\n', b"data: [DONE]\n\n", b'data: {"b": 2}\n\n']
    at = 0

    def neighbour(by: int) -> tuple[WireFrame, bytes] | None:
        nonlocal at
        if not 0 <= at + by < len(frames):
            return None
        at += by
        return WireFrame(at, 0.01, "text", f"n{at}", 0, len(frames[at]), ""), frames[at]

    app = Host(FrameDialog(WireFrame(0.0, 0.0, "text", "n0", 0, 9, ""), frames[0], neighbour))
    async with app.run_test(size=SIZE) as pilot:
        await until(app.shows(["▾ {1}", "a: 1"]))
        await pilot.press("x")
        await until(app.shows(['data: {"a": 1}']))
        await pilot.press("right")
        await until(app.shows(["data: [DONE]"]))
        assert "n1" in str(app.dialog.title)
        await pilot.press("right", "right", "right")
        await until(app.shows(['data: {"b": 2}']))
        await pilot.press("left")
        await until(app.shows(["data: [DONE]"]))


async def test_the_text_of_a_frame_is_copied_and_nothing_is_folded_but_json(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def copy(_app: object, text: str, _what: str) -> str:
        copied.append(text)
        return "Copied."

    monkeypatch.setattr("tui_chat.ui.clipboard.copy", copy)
    app = Host(dialog_of(EVENT))
    async with app.run_test(size=SIZE) as pilot:
        await until(app.shows(AS_JSON))
        await until(lambda: app.keys().count("fold"))
        await pilot.press("x", "y")
        await until(lambda: copied == [EVENT.decode()])
        await until(lambda: not app.keys().count("fold"))


async def test_the_height_follows_the_width() -> None:
    app = Host(TextDialog("Text", "x" * 300))
    async with app.run_test(size=(100, 40)) as pilot:
        await until(lambda: app.dialog.view.count == app.dialog.view.size.height > 2)
        await pilot.resize_terminal(50, 40)
        await until(lambda: app.dialog.view.count == app.dialog.view.size.height > 6)
        await pilot.resize_terminal(100, 40)
        await until(lambda: app.dialog.view.count == app.dialog.view.size.height < 6)
