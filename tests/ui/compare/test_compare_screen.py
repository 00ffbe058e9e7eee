"""The screen of a comparison: columns and tabs, keys, stopping, keeping one, and leaving in the midst of it."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from textual.events import Key

from tests.ui.compare.side_by_side import SideBySide, comparing, replies, shown
from tests.ui.kept import KeptHistory, toasts
from tests.ui.scripted import press_at_once, until
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    ResponseStarted,
    Stopped,
    TextDelta,
    Usage,
    UsageReport,
)
from tui_chat.ui.compare import compare_screen
from tui_chat.ui.compare.compare_screen import CompareScreen
from tui_chat.ui.dialogs.version_diff import VersionDiff

DONE = Finished("stop", "done-sentinel")
ENDINGS = (Finished, CutOff, Failed, Stopped)


async def say(it: SideBySide, side: int, *texts: str) -> None:
    """Let a model say something, and wait until it is on the screen or behind a tab."""
    before = it.replies()[side].text
    it.models[side].say(*(TextDelta(text, at=monotonic()) for text in texts))
    await until(it.pilot, lambda: it.replies()[side].text == before + "".join(texts))


async def on_screen(it: SideBySide, *texts: str) -> None:
    await until(it.pilot, lambda: all(text in it.shown() for text in texts), f"{texts} on the screen")


def outcomes(it: SideBySide) -> list[str | None]:
    return [outcome_of(reply) for reply in replies(it.app)]


async def back_in_the_chat(it: SideBySide) -> None:
    await until(it.pilot, lambda: it.app.screen is it.app.chat, "the chat")


async def test_two_columns_stand_side_by_side_with_their_models_texts_and_figures() -> None:
    async with comparing(size=(100, 30)) as it:
        it.models[1].say(ResponseStarted(200, "https://two.example"))
        await say(it, 0, "left ", "words")
        await say(it, 1, "right words")
        it.models[0].say(UsageReport(Usage(23, 197, 220)), DONE)
        await on_screen(it, "↓197 out", "● Writing")
        rows = it.shown().splitlines()
        (heads,) = [row.split() for row in rows if "◆" in row]
        assert " ".join(heads) == "◆ model-1 · one │ ◆ model-2 · two"
        assert any("left words" in row and "right words" in row for row in rows)
        assert any("↓197 out" in row and "Writing" in row for row in rows)
        assert "Which?" in rows[0]
        assert rows[-1].split()[:3] == ["1", "2", "keep"]
        assert rows[-1].endswith("Esc stop both  ")
        assert "┴" in rows[-2]
        assert rows[-2].index("┴") == next(row.index("│") for row in rows if "│" in row)


@pytest.mark.parametrize(
    ("width", "count", "columns"), [(99, 2, 1), (149, 3, 1), (150, 3, 3), (199, 4, 1), (200, 4, 4)]
)
async def test_each_column_needs_room_and_else_there_are_tabs(width: int, count: int, columns: int) -> None:
    async with comparing(count, size=(width, 24)) as it:
        await on_screen(it, "◆ model-1")
        shown_columns = sum(f"◆ model-{number} · " in it.shown() for number in range(1, count + 1))
        assert shown_columns == columns
        assert ("[1 model-1 ●] [2 model-2 ●]" in it.shown()) == (columns == 1)


async def test_behind_tabs_the_other_replies_go_on_and_are_there_when_they_are_looked_at() -> None:
    async with comparing(size=(60, 16)) as it:
        await say(it, 0, "left words")
        await say(it, 1, "right words")
        await on_screen(it, "left words", "[1 model-1 ●] [2 model-2 ●]")
        assert "right words" not in it.shown()
        it.models[1].say(DONE)
        await on_screen(it, "[1 model-1 ●] [2 model-2]")
        await it.pilot.press("tab")
        await on_screen(it, "right words")
        assert "left words" not in it.shown()
        await it.pilot.press("shift+tab")
        await on_screen(it, "left words")


async def test_long_names_are_shortened_so_that_all_tabs_are_seen() -> None:
    async with comparing(4, size=(40, 12)) as it:
        await on_screen(it, "[1 m", "[2 m", "[3 m", "[4 m")
        (row,) = [row for row in it.shown().splitlines() if "[1 m" in row]
        assert row.count("]") == 4
        assert "…" in row


async def test_a_window_that_changes_its_size_while_both_stream_shows_all_of_both() -> None:
    async with comparing(size=(120, 30)) as it:
        for number in range(12):
            for side in (0, 1):
                it.models[side].say(TextDelta(f"word{side}x{number} ", at=monotonic()))
            await it.pilot.resize_terminal(*((120, 30), (70, 20), (40, 12), (100, 24))[number % 4])
            await it.pilot.pause()
        it.models[0].say(DONE)
        await it.pilot.resize_terminal(120, 30)
        await on_screen(it, *(f"word{side}x{number}" for side in (0, 1) for number in range(12)))
        await it.pilot.resize_terminal(40, 14)
        await on_screen(it, "word0x11")
        await it.pilot.press("tab")
        await on_screen(it, "word1x11")


async def test_a_number_keeps_that_side_and_the_chat_goes_on_with_its_model() -> None:
    async with comparing() as it:
        await say(it, 0, "left words")
        await say(it, 1, "right words")
        it.models[0].say(DONE)
        it.models[1].say(DONE)
        await on_screen(it, "Esc close")
        await it.pilot.press("2")
        await back_in_the_chat(it)
        chat = it.app.chat
        assert chat.conversation.leaf is it.replies()[1]
        await until(it.pilot, lambda: "right words" in it.shown() and "2/2" in it.shown())
        await until(it.pilot, lambda: chat.session is not None and chat.session.recipient.host == "two.example")
        assert not chat.session.changes_host  # type: ignore[union-attr]
        await it.pilot.press(*"more", "enter")
        await until(it.pilot, lambda: len(it.models[1].questions) == 2)
        assert [message.text for message in it.models[1].questions[1].messages] == ["Which?", "right words", "more"]
        assert len(it.models[0].questions) == 1


async def test_the_side_that_the_chat_showed_below_is_whole_when_it_is_kept() -> None:
    async with comparing() as it:
        await say(it, 0, "left ")
        await say(it, 0, "words ")
        await say(it, 0, "to the end")
        it.models[0].say(UsageReport(Usage(23, 197, 220)), DONE)
        await on_screen(it, "↓197 out")
        await it.pilot.press("1")
        await back_in_the_chat(it)
        await until(it.pilot, lambda: "left words to the end" in it.shown() and "1/2" in it.shown())
        assert "↓197 out" in it.shown()


async def test_one_that_still_runs_goes_on_in_the_chat_and_the_other_is_stopped() -> None:
    async with comparing() as it:
        await say(it, 0, "left")
        await say(it, 1, "right")
        await it.pilot.press("tab", "enter")
        await back_in_the_chat(it)
        await until(it.pilot, lambda: outcomes(it) == ["stopped", None])
        await say(it, 1, " and more")
        await until(it.pilot, lambda: "right and more" in it.shown())
        assert "Esc stop" in it.shown()
        await until(it.pilot, lambda: it.app.chat.session is not None and it.app.chat.session.busy)
        it.app.chat._esc_ignored_until = 0.0
        await it.pilot.press("escape")
        await until(it.pilot, lambda: outcomes(it) == ["stopped", "stopped"])
        assert it.models[1].cancelled == 1


async def test_esc_stops_all_and_then_closes_and_everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with comparing(3) as it:
        await say(it, 1, "half")
        await it.pilot.press("escape")
        await until(it.pilot, lambda: outcomes(it) == ["stopped"] * 3)
        await it.pilot.press("escape")
        assert it.app.screen is it.screen  # a held key does not close it too
        monkeypatch.setattr(it.screen, "_esc_ignored_until", 0.0)
        await it.pilot.press("escape")
        await back_in_the_chat(it)
        assert [reply.text for reply in it.replies()] == ["", "half", ""]
        assert "kept as versions" in toasts(it.app)


async def test_without_a_choice_the_chat_shows_the_first_whole_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_screen, "DEAF_AFTER_STOPPING", 0.0)
    async with comparing() as it:
        it.models[0].say(Failed("Gone", kind="network"))
        it.models[1].say(TextDelta("fine"), DONE)
        await on_screen(it, "fine", "Esc close")
        await it.pilot.press("escape")
        await back_in_the_chat(it)
        assert it.app.chat.conversation.leaf is it.replies()[1]


async def test_keys_that_are_pressed_fast_choose_once_and_close_nothing_else() -> None:
    async with comparing() as it:
        for key in ("1", "2", "enter", "escape", "tab", "escape", "d", "s"):
            it.app.post_message(Key(key, None))
        await back_in_the_chat(it)
        await until(it.pilot, lambda: it.app.chat.conversation.leaf is it.replies()[0])
        assert it.app.is_running


async def test_the_program_is_quit_in_the_midst_and_each_reply_has_one_ending() -> None:
    history = KeptHistory()
    endings: list[str] = []
    async with comparing(3, history=history) as it:
        await say(it, 0, "left")
        it.app.chat.conversation.subscribe(
            lambda _, message, change: endings.append(message.id) if message and isinstance(change, ENDINGS) else None
        )
        found = it.replies()
        await it.pilot.press("ctrl+q")
        await until(it.pilot, lambda: not it.app.is_running)
    assert sorted(endings) == sorted(reply.id for reply in found)
    assert [outcome_of(reply) for reply in found] == ["stopped"] * 3
    (chat,) = history.chats()
    assert not chat.live


async def test_differences_are_shown_when_both_have_ended() -> None:
    async with comparing() as it:
        await say(it, 0, "the red fox")
        it.models[0].say(DONE)
        await it.pilot.press("d")
        await until(it.pilot, lambda: "still being written" in toasts(it.app))
        await say(it, 1, "the quick fox")
        it.models[1].say(DONE)
        await on_screen(it, "Esc close")
        await it.pilot.press("d")
        await until(it.pilot, lambda: isinstance(it.app.screen, VersionDiff))
        await until(it.pilot, lambda: "quick" in shown(it.app) and "model-2 compared with model-1" in shown(it.app))
        await it.pilot.press("escape")
        await until(it.pilot, lambda: it.app.screen is it.screen)


async def test_a_failed_side_says_why_and_is_asked_again_alone() -> None:
    async with comparing() as it:
        it.models[0].say(Failed("Rate limited (429)", kind="rate-limit", status=429))
        await on_screen(it, "✗ Rate limited", "✗ Failed (429)", "r retry")
        await it.pilot.press("r")
        await until(it.pilot, lambda: len(it.models[0].questions) == 2)
        it.models[0].say(TextDelta("now it works"), DONE)
        await on_screen(it, "now it works")
        assert "Rate limited" not in it.shown()
        assert len(it.models[1].questions) == 1
        assert len(it.replies()) == 3
        await it.pilot.press("1")
        await back_in_the_chat(it)
        assert it.app.chat.conversation.leaf is it.replies()[2]


async def test_both_are_scrolled_together_or_each_by_itself() -> None:
    async with comparing(size=(100, 20)) as it:
        for side in (0, 1):
            it.models[side].say(*(TextDelta(f"line {number}\n\n") for number in range(60)), DONE)
        await on_screen(it, "line 59", "Esc close")
        left, right = (column.pane for column in it.screen._columns)
        await it.pilot.press("home")
        await until(it.pilot, lambda: left.scroll_y == 0 and right.scroll_y > 0)
        await it.pilot.press("end", "s")
        await until(it.pilot, lambda: left.scroll_y == left.max_scroll_y and right.scroll_y == right.max_scroll_y)
        await it.pilot.press(*["up"] * 5)
        await until(it.pilot, lambda: left.scroll_y == right.scroll_y < left.max_scroll_y)
        await it.pilot.press("home")
        await until(it.pilot, lambda: left.scroll_y == right.scroll_y == 0)
        await it.pilot.press("s", "pagedown")
        await until(it.pilot, lambda: left.scroll_y > 0)
        assert right.scroll_y == 0


async def test_keys_in_one_write_scroll_as_far_as_one_after_the_other() -> None:
    async with comparing(size=(100, 20)) as it:
        it.models[0].say(*(TextDelta(f"line {number}\n\n") for number in range(60)), DONE)
        await on_screen(it, "line 59")
        pane = it.screen._columns[0].pane
        await until(it.pilot, lambda: pane.scroll_y == pane.max_scroll_y)
        press_at_once(it.app, ["up"] * 5)
        await until(it.pilot, lambda: pane.scroll_y == pane.max_scroll_y - 5)
        press_at_once(it.app, ["up", "pageup", "home"])
        await until(it.pilot, lambda: pane.scroll_y == 0)
        await it.pilot.pause()
        assert pane.scroll_y == 0


async def test_what_comes_is_followed_unless_a_person_has_scrolled_up() -> None:
    async with comparing(size=(100, 20)) as it:
        for side in (0, 1):
            it.models[side].say(*(TextDelta(f"line {number}\n\n") for number in range(60)))
        await on_screen(it, "line 59")
        await it.pilot.press("pageup")
        left, right = (column.pane for column in it.screen._columns)
        await until(it.pilot, lambda: " lines below" in it.screen._columns[0].figures.below)
        at = left.scroll_y
        for side in (0, 1):
            it.models[side].say(*(TextDelta(f"line {number}\n\n") for number in range(60, 90)))
        await on_screen(it, "line 89", "lines below")
        assert left.scroll_y == at
        assert right.scroll_y == right.max_scroll_y


async def test_a_click_focuses_a_side_and_letters_do_nothing_of_the_chat() -> None:
    async with comparing() as it:
        await say(it, 1, "right words")
        await on_screen(it, "right words")
        await it.pilot.click(offset=place_of(it, "right words"))
        await until(it.pilot, lambda: it.screen._focused == 1)
        await it.pilot.press("e", "b", "u", "n")
        assert it.app.screen is it.screen
        assert len(it.app.chat.conversation.messages) == 3
        assert it.screen.focused is None


def place_of(it: SideBySide, text: str) -> tuple[int, int]:
    """The column and the row of a text on the screen."""
    for y, row in enumerate(it.shown().splitlines()):
        if text in row:
            return row.index(text), y
    raise AssertionError(f"{text} is not on the screen")


async def test_tabs_and_keys_can_be_clicked() -> None:
    async with comparing(size=(80, 24)) as it:
        await say(it, 1, "right words")
        await it.pilot.click(offset=place_of(it, "[2 model-2"))
        await on_screen(it, "right words")
        await it.pilot.click(offset=place_of(it, "Esc stop both"))
        await until(it.pilot, lambda: outcomes(it) == ["stopped", "stopped"])
        await on_screen(it, "r retry")
        await it.pilot.click(offset=place_of(it, "1 2 keep"))
        await back_in_the_chat(it)
        assert it.app.chat.conversation.leaf is it.replies()[1]


async def test_reasoning_folds_with_a_key() -> None:
    async with comparing() as it:
        it.models[0].say(ReasoningDelta("secret thought"), TextDelta("answer"), DONE)
        await on_screen(it, "answer", "Thought")
        assert "secret thought" not in it.shown()
        await it.pilot.press("ctrl+t")
        await on_screen(it, "secret thought")


async def test_nothing_that_models_say_controls_the_screen() -> None:
    async with comparing() as it:
        await say(it, 0, "a\x1b]0;owned\x07\x9b")
        await on_screen(it, "a\ufffd]0;owned\ufffd\ufffd")
        assert "\x1b" not in it.shown()


async def test_ctrl_c_stops_and_does_not_quit() -> None:
    async with comparing() as it:
        await it.pilot.press("ctrl+c")
        await until(it.pilot, lambda: outcomes(it) == ["stopped", "stopped"])
        assert it.app.is_running
        assert isinstance(it.app.screen, CompareScreen)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "ending",
    [
        Failed("There is no such model.", hint="Choose another model; `tui-chat models` lists what the server has."),
        Failed("No model is chosen.", hint="Choose one: -m NAME or TUI_CHAT_MODEL."),
        CutOff("the connection was closed"),
    ],
    ids=["other model", "no model", "cut off"],
)
async def test_a_reply_that_did_not_come_whole_offers_only_what_can_be_done_side_by_side(
    ending: Failed | CutOff,
) -> None:
    async with comparing() as it:
        await say(it, 0, "left words")
        it.models[0].say(ending)
        it.models[1].say(DONE)
        await on_screen(it, "Alt+R retry")
        for words in ("Ctrl+O", "Alt+N", "continue"):
            assert words not in it.shown()
        assert isinstance(ending, CutOff) or "in the chat." in it.shown()
