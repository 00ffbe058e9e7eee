"""One message on the screen: its parts, its ending, folding, selecting, and what must not get through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.host import SIZE, Chat, PaneHost, gone, host_of, position, reply_view, shown, until
from tui_chat.chat.events import (
    Citation,
    CutOff,
    Ending,
    Failed,
    Finished,
    Image,
    ModelNamed,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Retrying,
    Skipped,
    Stopped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.ui.transcript import message_body, message_rows
from tui_chat.ui.transcript.entry import TranscriptEntry
from tui_chat.ui.transcript.frame_clock import FrameClock
from tui_chat.ui.transcript.message_styles import MessageStyles
from tui_chat.ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

# Header and endings


async def test_a_finished_reply_shows_its_numbers_and_no_ending() -> None:
    host = host_of(
        TextDelta("one", at=1000.4),
        TextDelta(" two", at=1001.4),
        UsageReport(Usage(input=23, output=122)),
        Finished("stop", "done-sentinel"),
    )
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "one two")
        await shown(pilot, "◆")
        assert host.rows()[:5] == ["▎ hello", "", "  one two", "", "  ◆ tiny-1 · ↓122 out · 61 tok/s"]
        await until(lambda: not any(host.rows()[5:]))


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (100, "  ◆ tiny-1 · ↑23 in ↓122 out · 61 tok/s · first token 0.4 s · 14:02"),
        (60, "  ◆ tiny-1 · ↓122 out · 61 tok/s"),
        (45, "  ◆ tiny-1 · ↓122 out"),
        (14, "  ◆ tiny-1"),
    ],
)
async def test_figures_that_do_not_fit_are_left_out_whole(width: int, row: str) -> None:
    host = host_of(
        TextDelta("one", at=1000.4),
        TextDelta(" two", at=1001.4),
        UsageReport(Usage(input=23, output=122)),
        Finished("stop", "eof"),
        time_of_day=lambda _: "14:02",
    )
    async with host.run_test(size=(width, 20)) as pilot:
        await shown(pilot, "◆")
        assert next(shown for shown in host.rows() if "◆" in shown) == row


async def test_the_model_that_the_server_named_stands_below_its_reply() -> None:
    host = host_of(TextDelta("so"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "so")
        host.chat.tell(ModelNamed("tiny-1-2026"), TextDelta(" it is"), Finished("stop", "eof"))
        await shown(pilot, "◆ tiny-1-2026")


@pytest.mark.parametrize(
    ("ending", "rows", "keys"),
    [
        (Stopped(at=1003.1), ["▎ ■ Stopped by you after 3.1 s; ~2 tokens kept"], "Alt+R retry   Alt+N continue"),
        (
            CutOff("the connection was closed"),
            ["▎ ✂ Cut off: the connection was closed"],
            "Alt+R retry   Alt+N continue",
        ),
        (
            Finished("length", "done-sentinel"),
            ["▎ ✂ Length limit: the reply reached the most tokens it", "▎ may have"],
            "Alt+R retry   Alt+N continue",
        ),
        (
            Finished("content_filter", "done-sentinel"),
            ["▎ ⊘ Content filter: the provider withheld the rest", "▎ (content_filter)"],
            "Alt+R retry",
        ),
        (Finished(None, "eof"), ["Ended, no reason given"], ""),
        (
            Failed("The key was refused.", hint="Check the key.", url="https://example.org/v1", message="bad key"),
            [
                "▎ ✗ The key was refused",
                "▎ The server said: “bad key”",
                "▎ Check the key.",
                "▎ https://example.org/v1",
            ],
            "Alt+R retry   Alt+N continue   Ctrl+O other model",
        ),
    ],
)
async def test_an_ending_that_is_not_plain_is_told_below_the_text(ending: Ending, rows: list[str], keys: str) -> None:
    host = host_of(TextDelta("so far"), ending)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, rows[0])
        all_rows = [row.strip() for row in host.rows()]
        assert all_rows[all_rows.index("so far") + 2 :][: len(rows)] == rows
        assert any(row.endswith(keys) for row in all_rows)
        assert any("retry" in row for row in all_rows) == bool(keys)


@pytest.mark.parametrize("ending", [Finished("stop", "eof"), CutOff("the wire broke"), Stopped()])
async def test_what_of_the_stream_was_skipped_is_told_below_the_text(ending: Ending) -> None:
    host = host_of(TextDelta("so "), Skipped(1, 2048), TextDelta("far"), ending)
    async with host.run_test(size=(70, 20)) as pilot:
        await shown(pilot, "2,048 bytes of the stream could not be read and were skipped")
        assert any(row.strip() == "so far" for row in host.rows())


async def test_an_empty_answer_is_not_shown_as_if_all_were_well() -> None:
    host = host_of(ResponseStarted(200, "http://example.org"), Finished("stop", "done-sentinel"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "∅ Empty reply   Alt+R retry")


async def test_retry_is_clicked() -> None:
    host = host_of(TextDelta("so far"), CutOff("the wire broke"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "Alt+R retry")
        await pilot.click(offset=host.find("Alt+R retry"))
        await until(lambda: host.retries == [reply_view(host)])


# Waiting


class Seconds:
    """A clock that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def test_the_seconds_are_counted_until_something_comes() -> None:
    chat, now = Chat(), Seconds(1000.2)
    chat.ask("hello")
    host = PaneHost(chat, now=now)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "◆ tiny-1 · connecting to example.org")
        now.now = 1007.9
        await shown(pilot, "◆ tiny-1 · connecting to example.org, 7 s")
        chat.tell(ResponseStarted(200, "http://example.org"))
        await shown(pilot, "◆ tiny-1 · waiting for the first token, 7 s")
        chat.tell(TextDelta("here"))
        await gone(host, "first token")


async def test_a_narrow_window_has_shorter_words_for_waiting() -> None:
    chat = Chat()
    chat.ask("hello")
    chat.tell(ResponseStarted(200, "http://example.org"))
    host = PaneHost(chat, now=Seconds(1007.9))
    async with host.run_test(size=(40, 12)) as pilot:
        await shown(pilot, "◆ tiny-1 · waiting 7 s")


async def test_a_retry_counts_down() -> None:
    chat, now = Chat(), Seconds(1001.0)
    chat.ask("hello")
    chat.tell(Retrying(2, 3, 4.0, "503 Service Unavailable", at=1001.0))
    host = PaneHost(chat, now=now)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "↻ Retrying in 4 s (2 of 3): 503 Service Unavailable")
        now.now = 1003.2
        await shown(pilot, "Retrying in 2 s (2 of 3)")


async def test_the_first_delta_and_the_end_do_not_wait_for_a_frame() -> None:
    chat = Chat()
    chat.ask("hello")
    host = PaneHost(chat, frames_per_second=0.001)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "connecting")
        chat.tell(TextDelta("first"))
        await shown(pilot, "first")
        chat.tell(TextDelta(" second"))
        await pilot.pause()
        assert not any("second" in row for row in host.rows())
        chat.tell(Finished("stop", "eof"))
        await shown(pilot, "first second")


# Folding


async def test_reasoning_is_open_while_it_comes_and_folds_when_the_answer_starts() -> None:
    host = host_of(ReasoningDelta("let me see", at=1000.5))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "▾ Thinking")
        await shown(pilot, "let me see")
        host.chat.tell(ReasoningDelta(" more", at=1003.7))
        await shown(pilot, "▾ Thinking 3.2 s")
        host.chat.tell(TextDelta("the answer"))
        await shown(pilot, "▸ Thought for 3.2 s")
        await gone(host, "let me see")


async def test_reasoning_that_a_person_unfolded_stays_open() -> None:
    host = host_of(ReasoningDelta("let me see"), TextDelta("the"))
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click(offset=await position(pilot, "▸ Thought"))
        await shown(pilot, "let me see")
        host.chat.tell(TextDelta(" answer"), Finished("stop", "eof"))
        await shown(pilot, "the answer")
        await shown(pilot, "let me see")
        await pilot.click(offset=await position(pilot, "▾ Thought"))
        await gone(host, "let me see")


async def test_reasoning_that_a_person_folded_stays_folded_and_costs_no_layout() -> None:
    host = host_of(ReasoningDelta("let me see", at=1000.5))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "let me see")
        assert reply_view(host).toggle_fold()
        await gone(host, "let me see")
        await pilot.pause()
        height = reply_view(host).size.height
        host.chat.tell(ReasoningDelta("\nmuch more" * 1000, at=1002.5))
        await shown(pilot, "▸ Thinking 2.0 s")
        assert reply_view(host).size.height == height
        reply_view(host).toggle_fold()
        await shown(pilot, "much more")


async def test_a_reply_that_was_stopped_while_thinking_keeps_its_reasoning_open() -> None:
    host = host_of(ReasoningDelta("half a thought", at=1000.5), ReasoningDelta("…", at=1001.5), Stopped())
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "half a thought…")
        await shown(pilot, "▾ Thought for 1.0 s")


async def test_a_tool_call_shows_its_name_and_unfolds_its_arguments() -> None:
    host = host_of(TextDelta("Let me look."), ToolCallDelta(0, "id-1", "get_weather", '{"city": "Pa'))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, '→ get_weather {"city": "Pa')
        host.chat.tell(ToolCallDelta(0, arguments='ris", "days": 2}'), Finished("tool_calls", "eof"))
        await shown(pilot, '{"city": "Paris", "days": 2}')
        await pilot.click(offset=await position(pilot, "→ get_weather"))
        await shown(pilot, '┊   "days": 2')


async def test_arguments_nested_without_end_are_shown_as_they_came() -> None:
    host = host_of(ToolCallDelta(0, "id-1", "deep", "[" * 100_000), Finished("tool_calls", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "→ deep [[[")
        reply_view(host).toggle_fold()
        await shown(pilot, "[[[[[[[[[[")


# Text


async def test_a_question_is_shown_as_it_was_typed() -> None:
    host = host_of(question="# not a heading\n  * not a list\n\tindented")
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "# not a heading")
        assert host.rows()[:3] == ["▎ # not a heading", "▎   * not a list", "▎     indented"]


async def test_what_streamed_settles_into_the_rows_of_the_whole_text() -> None:
    text = "# Title\n\n1. one\n\n2. two\n\nsee [there]\n\n```python\nx = 1\n```\n\n[there]: https://example.org\n"
    host = host_of()
    async with host.run_test(size=SIZE) as pilot:
        for at in range(0, len(text), 3):
            host.chat.tell(TextDelta(text[at : at + 3]))
            await pilot.pause()
        host.chat.tell(Finished("stop", "eof"))
        await until(lambda: not host.pane.clock.busy)
        await pilot.pause()
        streamed = reply_view(host)
        assert host.chat.reply is not None
        whole = detached_view(host, host.chat.reply)
        assert whole.fit_width(streamed.size.width) == streamed.size.height
        everything = streamed.size.region
        assert [s.text for s in streamed.render_lines(everything)] == [s.text for s in whole.render_lines(everything)]


def detached_view(host: PaneHost, message: Message) -> MessageView:
    styles = MessageStyles.of(host.theme_variables, ansi=False)
    return MessageView(TranscriptEntry([message], {}), FrameClock(host.pane), styles, time_of_day=lambda _: "")


async def test_a_very_long_stored_text_comes_in_slices() -> None:
    chat = Chat()
    chat.answer("long?", "\n\n".join(f"paragraph {number}" for number in range(5_000)))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "paragraph 4999")
        assert host.pane.following


async def test_parts_stand_in_their_order() -> None:
    host = host_of(
        TextDelta("first"),
        ToolCallDelta(0, "id", "look_up", "{}"),
        TextDelta("second", part=1),
        Citation("https://example.org/a", "A source"),
        Image("https://example.org/b.png"),
        RefusalDelta("I cannot do that."),
        Finished("stop", "eof"),
    )
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "I cannot")
        rows = [row.strip() for row in host.rows() if row.strip()]
        assert rows[1:-1] == [
            "first",
            "→ look_up {}",
            "second",
            "source: A source https://example.org/a",
            "image: https://example.org/b.png",
            "I cannot do that.",
        ]


# Links


async def test_a_link_is_opened_by_a_click() -> None:
    host = host_of(
        TextDelta("see [the page](https://example.org/page)"),
        Citation("https://example.org/src"),
        Finished("stop", "eof"),
    )
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click(offset=await position(pilot, "the page"))
        await until(lambda: host.opened == ["https://example.org/page"])
        await pilot.click(offset=await position(pilot, "https://example.org/src"))
        await until(lambda: host.opened[1:] == ["https://example.org/src"])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ssh://host", "app.quit"]
)
async def test_a_link_that_is_not_of_the_web_is_not_opened(url: str) -> None:
    host = host_of(TextDelta(f"see [it]({url})"), Citation(url, "a trap"), Finished("stop", "eof"))
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click(offset=await position(pilot, "a trap"))
        await pilot.click(offset=(host.find("a trap")[0] + 8, host.find("a trap")[1]))
        await pilot.click(offset=(host.find("see ")[0] + 5, host.find("see ")[1]))
        reply_view(host).action_link(url)
        await pilot.pause()
        assert host.opened == []


# What must not get through

TRAPS = [
    "[/oops]",
    "[link=http://evil.example]x[/link]",
    "[@click=app.quit]x[/]",
    "\x1b[2J\x1b[?1049l",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m",
    "\x00\x08\x0b\x0c\x7f",
    "\u202egnp.exe\u2066",
    "a\U000e0041b",
    "\ud83d",
    "&#x202e;&#27;[2J",
]


@pytest.mark.parametrize("trap", TRAPS)
async def test_foreign_text_neither_drives_the_terminal_nor_crashes(trap: str) -> None:
    chat = Chat()
    chat.ask(f"q {trap}", model=f"m {trap}", endpoint=f"e {trap}")
    host = PaneHost(chat)
    async with host.run_test(size=(100, 60)) as pilot:
        await shown(pilot, "connecting to")
        chat.tell(Retrying(1, 3, 1.0, f"why {trap}"))
        await shown(pilot, "Retrying in")
        no_controls(host)
        chat.tell(
            ModelNamed(f"named {trap}"),
            ReasoningDelta(f"reasoning {trap}"),
            TextDelta(f"text {trap}\n\n```{trap}\ncode {trap}\n```\n"),
            ToolCallDelta(0, "id", f"tool {trap}", f"arguments {trap}"),
            Citation(f"https://example.org/{trap}", f"title {trap}"),
            Image(f"https://example.org/{trap}"),
            RefusalDelta(f"refusal {trap}"),
            Failed(f"problem {trap}", hint=f"hint {trap}", url=f"https://example.org/{trap}", message=f"said {trap}"),
        )
        await shown(pilot, "refusal")
        reply_view(host).toggle_fold()
        await shown(pilot, "reasoning")
        no_controls(host)
        chat.ask("again")
        chat.tell(CutOff(f"cut {trap}"))
        await shown(pilot, "Cut off: cut")
        no_controls(host)


def no_controls(host: PaneHost) -> None:
    """No cell holds what a terminal would obey or what reorders text."""
    forbidden = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}
    forbidden |= {*range(0xD800, 0xE000), *range(0xE0000, 0xE0080)}
    for strip in host.screen._compositor.render_strips():
        for segment in strip:
            assert not forbidden & set(map(ord, segment.text)), segment


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 2), (12, 4)])
async def test_a_terminal_that_is_far_too_small_breaks_nothing(size: tuple[int, int]) -> None:
    host = host_of(
        ReasoningDelta("let me see"),
        TextDelta(
            "# Title\n\n- 中文 [a](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```\n"
        ),
        Failed("No route to the host.", hint="Is the network up?", url="http://10.0.0.1/v1"),
    )
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "Alt+R retry")
        await pilot.resize_terminal(*size)
        await until(lambda: host.pane.region.width == size[0])
        await pilot.pause()
        await pilot.resize_terminal(*SIZE)
        await until(lambda: host.pane.region.width == SIZE[0])
        await shown(pilot, "Alt+R retry")


# The end of a text

ENDS = [
    "42",
    "In the year\n\n1984",
    "| a | b |\n|---|---|\n| 1 | end |",
    "a | b\n--|--\n1 | end",
    "| end",
    "```\n| end",
]


@pytest.mark.parametrize("text", ENDS)
async def test_a_settled_reply_shows_its_last_line_in_one_read_and_at_another_width(text: str) -> None:
    last = text.split()[-2 if text.endswith("|") else -1]
    host = host_of(TextDelta(text), Finished("stop", "done-sentinel"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, last)
        await pilot.resize_terminal(40, 30)
        await until(lambda: host.size.width == 40 and not host.pane.clock.busy)
        await shown(pilot, last)


async def test_what_is_held_back_while_it_streams_is_shown_when_another_part_or_the_end_comes() -> None:
    host = host_of(TextDelta("It is\n\n42"))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "It is")
        await until(lambda: not host.pane.clock.busy)
        assert not any("42" in row for row in host.rows())
        host.chat.tell(ToolCallDelta(0, id="c", name="look"))
        await shown(pilot, "42")


async def test_a_reply_that_came_with_nothing_can_be_gone_on_with() -> None:
    chat = Chat()
    first = chat.ask("Go on.")
    chat.tell(CutOff("lost"))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "Cut off")
        chat.reply = chat.conversation.begin_reply(first, model="tiny-1", endpoint="example.org", at=0.0)
        chat.tell(TextDelta("Here it is."), Finished("stop", "done-sentinel"))
        await shown(pilot, "Here it is.")


async def test_a_reply_that_is_gone_on_with_shows_its_end_before_and_joins_it_after() -> None:
    chat = Chat()
    first = chat.ask("Go on.")
    chat.tell(TextDelta("The answer is\n\n4"), CutOff("lost"))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await until(lambda: "  4" in host.rows())
        chat.reply = chat.conversation.begin_reply(first, model="tiny-1", endpoint="example.org", at=0.0)
        await pilot.resize_terminal(50, 30)
        await until(lambda: host.pane.views[-1].size.width < 50)
        assert "  4" in host.rows()
        chat.tell(TextDelta("2 and"), TextDelta(" more"))
        await shown(pilot, " 42 and more")
        chat.tell(Finished("stop", "done-sentinel"))
        await until(lambda: not host.pane.clock.busy)
        assert "  42 and more" in host.rows()


async def test_the_rows_around_the_text_are_not_made_for_each_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    for name in ("footer", "waiting", "ending_rows"):
        module = message_body if name == "ending_rows" else message_rows
        original = getattr(module, name)

        def counted(*arguments: Any, _name: str = name, _original: Any = original, **options: Any) -> Any:
            made.append(_name)
            return _original(*arguments, **options)

        monkeypatch.setattr(module, name, counted)
    chat = Chat()
    chat.ask("hello")
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "connecting")
        chat.tell(TextDelta("first "))
        await shown(pilot, "first")
        made.clear()
        for number in range(500):
            chat.tell(TextDelta(f"word{number} "))
            if number % 10 == 0:
                await pilot.pause()
        await shown(pilot, "word499")
        assert made == []
        chat.tell(Finished("stop", "eof"))
        await shown(pilot, "◆ tiny-1")
        await until(lambda: not host.pane.clock.busy)
        assert 1 <= made.count("footer") <= 5
