"""The window, following, and the reader's place."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from textual.events import MouseScrollUp
from textual.widgets import Static

from tests.ui.host import Chat, PaneHost, shown, until
from tui_chat.chat.events import Finished, ReasoningDelta, ResponseStarted, Stopped, TextDelta
from tui_chat.ui.transcript.text_below import words_below
from tui_chat.ui.transcript.view_window import MOST_MOUNTED

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.transcript.transcript import Transcript

SIZE = (80, 24)


def long_chat(exchanges: int = 12) -> Chat:
    chat = Chat()
    chat.fill(exchanges)
    return chat


async def as_wide(host: PaneHost, pilot: Pilot[None], width: int, height: int = 24) -> None:
    """Resize the terminal, and wait until the pane has followed."""
    await pilot.resize_terminal(width, height)
    await until(lambda: host.pane.region.width == width)
    await pilot.pause()


async def stream(host: PaneHost, lines: int, word: str = "more") -> None:
    """Let the reply grow line by line, each seen by the pane before the next comes."""
    start = host.pane.virtual_size.height
    for number in range(lines):
        host.chat.tell(TextDelta(f"{word} {number}\n\n"))
        rows = start + 2 * number  # a paragraph and the empty row before it
        await until(lambda rows=rows: host.pane.virtual_size.height > rows, f"{word} {number}")  # type: ignore[misc]


async def test_a_conversation_opens_at_its_end() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 11, line two")
        assert host.pane.following


async def test_nothing_is_said_to_be_below_a_conversation_that_opens_at_its_end() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 11, line two")
        host.chat = long_chat(30)
        with patch.object(host.pane, "post_message", wraps=host.pane.post_message) as posted:
            host.pane.show(host.chat.conversation)
            host.pane._scrolled()  # a layout comes before the new window
            await shown(pilot, "answer 29, line two")
            await pilot.pause()
        said = [call.args[0] for call in posted.call_args_list if isinstance(call.args[0], host.pane.BelowChanged)]
        assert said == []


async def test_the_newest_text_is_followed_while_it_comes() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("go on")
        await stream(host, 40)
        await shown(pilot, "more 39")
        assert host.pane.following


@pytest.mark.parametrize("how", ["wheel", "page", "scrollbar"])
async def test_a_reader_who_scrolls_up_is_left_alone(how: str) -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("go on")
        await stream(host, 5)
        match how:
            case "wheel":
                await pilot._post_mouse_events([MouseScrollUp], host.pane, offset=(5, 5))
            case "page":
                host.pane.page_up()
            case _:
                await pilot.click(offset=(SIZE[0] - 1, 0))
        await until(lambda: not host.pane.following)
        await pilot.pause()
        before = host.rows()
        await stream(host, 30)
        assert host.rows() == before
        assert not host.pane.following
        await until(lambda: host.below[0] > 5)


async def test_two_pages_in_one_write_are_two_pages() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("go on")
        await stream(host, 40)
        await shown(pilot, "more 39")
        await until(lambda: host.pane.scroll_y == host.pane.max_scroll_y > 2 * SIZE[1], "the bottom")
        end = host.pane.scroll_y
        host.pane.page_up()
        host.pane.page_up()
        assert host.pane.scroll_y == end - 2 * host.pane.scrollable_content_region.height


async def test_scrolling_back_to_the_bottom_follows_again() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("go on")
        await stream(host, 5)
        await shown(pilot, "more 4")
        await until(lambda: host.pane.scroll_y == host.pane.max_scroll_y, "the bottom")
        host.pane.page_up()
        await until(lambda: not host.pane.following)

        def followed() -> bool:
            host.pane.page_down()  # more than once where rows have come since it went up
            return host.pane.following

        await until(followed)
        await stream(host, 10)
        await shown(pilot, "more 9")


async def test_scrolling_down_at_the_bottom_does_not_let_go() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("go on")
        await stream(host, 5)
        host.pane.scroll_by(3)
        host.pane.page_down()
        await pilot.pause()
        await stream(host, 10)
        await shown(pilot, "more 9")
        assert host.pane.following


async def test_what_is_below_is_counted_and_announced() -> None:
    host = PaneHost(long_chat(4))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 3, line two")
        host.pane.page_up()
        await until(lambda: host.below[0])
        # the last row is the empty one under a message
        assert [*host.below] == [host.pane.max_scroll_y - host.pane.scroll_y - 1, 0]
        host.pane.resume()
        await until(lambda: not any(host.below))


def test_what_is_below_in_words() -> None:
    assert [words_below(*each) for each in ((0, 0), (1, 0), (1200, 0), (7, 1), (7, 20))] == [
        "", "1 line below", "1,200 lines below", "1 more message below", "20 more messages below",
    ]  # fmt: skip


async def test_letting_go_and_following_are_announced() -> None:
    heard: list[bool] = []

    class Listening(PaneHost):
        def on_transcript_follow_changed(self, event: Transcript.FollowChanged) -> None:
            heard.append(event.following)

    host = Listening(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 11")
        host.pane.page_up()
        await until(lambda: heard == [False])
        host.pane.bottom()
        await until(lambda: heard == [False, True])


async def test_no_frame_jumps_on_the_way_up_and_down() -> None:
    host = PaneHost(long_chat(40))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 39, line two")
        rows = host.rows()
        for step in (-7, 7):
            for _ in range(70):
                before = rows
                host.pane.scroll_relative(y=step, animate=False)
                await pilot.pause()
                rows = host.rows()
                if host.pane.following or host.pane.scroll_y == 0:
                    break
                assert len(host.pane.views) <= MOST_MOUNTED
                assert (before[:-7] == rows[7:]) if step < 0 else (before[7:] == rows[:-7])


async def test_ten_thousand_messages_have_at_most_sixty_views_anywhere() -> None:
    host = PaneHost(long_chat(5000))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 4999, line two")
        assert len(host.pane.views) <= MOST_MOUNTED
        host.pane.top()
        await shown(pilot, "question 0")
        assert len(host.pane.views) <= MOST_MOUNTED
        await until(lambda: host.below[1])
        for _ in range(60):
            host.pane.page_down()
            await pilot.pause()
            assert len(host.pane.views) <= MOST_MOUNTED
        assert host.pane.views[0].message.text != "question 0"
        host.pane.resume()
        await shown(pilot, "answer 4999, line two")
        assert host.pane.following


async def test_a_long_session_at_the_bottom_keeps_the_window_small() -> None:
    host = PaneHost(Chat())
    async with host.run_test(size=SIZE) as pilot:
        for number in range(50):
            host.chat.answer(f"question {number}", f"answer {number}")
            await shown(pilot, f"answer {number}")
            assert len(host.pane.views) <= MOST_MOUNTED
        assert host.pane.following


async def test_long_messages_far_from_the_reader_have_no_views_and_come_back() -> None:
    chat = Chat()
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        for number in range(12):
            lines = "\n\n".join(f"answer {number} line {line}" for line in range(300))
            host.chat.answer(f"question {number}", lines)
            await shown(pilot, f"answer {number} line 299")
        assert len(host.pane.views) < 12
        for _ in range(2_000):
            if "question 0" in "\n".join(host.rows()):
                break
            host.pane.page_up()
            await pilot.pause()
        await shown(pilot, "question 0")
        host.pane.resume()
        await shown(pilot, "answer 11 line 299")


async def test_messages_that_come_while_the_reader_is_at_the_beginning_are_counted() -> None:
    host = PaneHost(long_chat(200))
    async with host.run_test(size=SIZE) as pilot:
        host.pane.top()
        await shown(pilot, "question 0")
        before = host.rows()
        host.chat.ask("one more")
        host.chat.tell(TextDelta("a reply nobody sees yet"))
        await pilot.pause()
        assert host.rows()[:-1] == before[:-1]
        host.pane.resume()
        await shown(pilot, "a reply nobody sees yet")


async def test_resizing_keeps_the_line_that_the_reader_reads() -> None:
    chat = Chat()
    for number in range(8):
        chat.answer(f"question {number}", f"start {number} " + "words that wrap " * 30 + f"end {number}")
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "end 7")
        view = host.pane.views[-5]
        host.pane.scroll_to(y=view.virtual_region.y + 2, animate=False, immediate=True)
        await until(lambda: not host.pane.following)
        await pilot.pause()
        first_words = host.rows()[0].split()[:3]
        for width in (50, 100, 80):
            await as_wide(host, pilot, width)
            assert " ".join(first_words) in " ".join(host.rows()[0:1])
    assert set(first_words) == {"words", "that", "wrap"}


async def test_resizing_at_the_bottom_stays_at_the_bottom() -> None:
    host = PaneHost(long_chat())
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 11, line two")
        for width, height in ((40, 10), (100, 50), (60, 12)):
            await as_wide(host, pilot, width, height)
            await shown(pilot, "answer 11, line two")
            assert host.pane.following


async def test_folding_above_does_not_move_what_is_read() -> None:
    chat = Chat()
    chat.ask("think")
    chat.tell(ReasoningDelta("\n".join(f"thought {number}" for number in range(10)), at=1001))
    chat.tell(TextDelta("\n\n".join(f"line {number}" for number in range(40))), Finished("stop", "eof"))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "line 39")
        host.pane.page_up()
        await until(lambda: not host.pane.following)
        await pilot.pause()
        before = host.rows()
        assert not any("Thought" in row for row in before)
        reply = host.pane.views[-1]
        height = host.pane.virtual_size.height
        reply.toggle_fold()
        await until(lambda: host.pane.virtual_size.height > height)
        assert host.rows()[:-1] == before[:-1]


async def test_another_branch_keeps_the_views_that_both_share() -> None:
    chat = long_chat(3)
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 2, line two")
        shared = host.pane.views[:-1]
        question = chat.conversation.path()[-2]
        chat.reply = chat.conversation.begin_reply(question, model="other", endpoint="example.org", at=chat.asked)
        chat.tell(TextDelta("another answer"))
        await shown(pilot, "another answer")
        assert host.pane.views[:-1] == shared
        assert not any("answer 2" in row for row in host.rows())


async def test_another_conversation_takes_the_place_of_the_first() -> None:
    host = PaneHost(long_chat())
    other = Chat()
    other.answer("hello", "from elsewhere")
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 11")
        host.pane.show(other.conversation)
        await shown(pilot, "from elsewhere")
        assert len(host.pane.views) == 2
        host.chat.ask("still running elsewhere")  # a change of a conversation that is not shown
        await pilot.pause()
        assert len(host.pane.views) == 2


async def test_an_empty_conversation_shows_the_welcome_until_something_is_said() -> None:
    host = PaneHost(Chat())
    async with host.run_test(size=SIZE) as pilot:
        await host.pane.welcome.put(Static("nothing here yet", markup=False))
        await shown(pilot, "nothing here yet")
        host.chat.ask("hello")
        await shown(pilot, "connecting to example.org")
        assert not any("nothing here" in row for row in host.rows())


async def test_a_change_of_theme_repaints_all_messages() -> None:
    host = PaneHost(long_chat(2))
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "answer 1, line two")

        def background() -> object:
            style = host.screen.get_style_at(3, 1)
            return style.bgcolor

        dark = background()
        host.theme = "tui-chat-light"
        await until(lambda: background() != dark)
        host.theme = "ansi-dark"
        await until(lambda: host.screen.get_style_at(3, 1).bgcolor is not None)
        await shown(pilot, "answer 1, line two")


async def test_nothing_is_scheduled_when_nothing_happens() -> None:
    host = PaneHost(Chat())
    async with host.run_test(size=SIZE) as pilot:
        host.chat.ask("hello")
        await shown(pilot, "connecting")
        assert host.pane.clock.busy
        host.chat.tell(ResponseStarted(200, "http://example.org"), TextDelta("a word"), Stopped())
        await shown(pilot, "Stopped")
        await until(lambda: not host.pane.clock.busy)


async def test_without_colour_every_cell_is_grey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    chat = long_chat(2)
    chat.ask("and?")
    chat.tell(Stopped())
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        await shown(pilot, "■ Stopped")
        for strip in host.screen._compositor.render_strips():
            for segment in strip:
                assert segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor):
                    assert colour is None or len(set(colour.get_truecolor())) == 1


async def test_a_removed_exchange_is_gone_from_the_screen_and_comes_back() -> None:
    chat = long_chat(3)
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        path = chat.conversation.path()
        await shown(pilot, "answer 2, line two")
        removal = chat.conversation.remove(path[4])
        await until(lambda: not any("question 2" in row or "answer 2" in row for row in host.rows()))
        await shown(pilot, "answer 1, line two")
        chat.conversation.restore(removal)
        await shown(pilot, "answer 2, line two")
        assert [entry.id for entry in host.pane.path.entries] == [message.id for message in path]


async def test_which_of_several_alternatives_is_shown_follows_what_is_removed_and_restored() -> None:
    chat = Chat()
    first = chat.answer("why?", "because")
    question = chat.conversation.path()[0]
    for text in ("so", "thus"):
        other = chat.conversation.begin_reply(question, model="tiny-1", endpoint="example.org", at=0.0)
        chat.conversation.apply(other, TextDelta(text))
        chat.conversation.apply(other, Finished("stop", "eof"))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE):
        await until(lambda: any("3/3" in row for row in host.rows()))
        removal = chat.conversation.remove(first)
        await until(lambda: any("2/2" in row for row in host.rows()))
        assert any("thus" in row for row in host.rows())
        chat.conversation.restore(removal)
        await until(lambda: any("3/3" in row for row in host.rows()))


async def test_the_whole_of_a_chat_can_be_removed_and_restored() -> None:
    chat = long_chat(1)
    host = PaneHost(chat)
    async with host.run_test(size=SIZE):
        await until(lambda: host.pane.views)
        removal = chat.conversation.remove(chat.conversation.path()[0])
        await until(lambda: not host.pane.views and not any("answer" in row for row in host.rows()))
        chat.conversation.restore(removal)
        await until(lambda: any("answer 0, line two" in row for row in host.rows()))


async def test_an_edited_question_takes_the_place_of_the_old_one() -> None:
    chat = long_chat(2)
    host = PaneHost(chat)
    async with host.run_test(size=SIZE):
        await until(lambda: host.pane.views)
        chat.conversation.add_question("question one, edited", beside=chat.conversation.path()[2])
        await until(lambda: any("2/2" in row for row in host.rows()))
        assert any("question one, edited" in row for row in host.rows())
        assert not any("question 1" in row or "answer 1" in row for row in host.rows())
        assert any("answer 0, line two" in row for row in host.rows())
