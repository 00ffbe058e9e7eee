"""The find bar, search in all messages of the path, and scrolling to matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.host import Chat
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, ReasoningDelta, ResponseStarted, TextDelta
from tui_chat.ui.transcript.entry import TranscriptEntry
from tui_chat.ui.transcript.text.text_matcher import MatchCounter, SearchPattern
from tui_chat.ui.transcript.view_window import MOST_MOUNTED

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.chat.conversation import Conversation
    from tui_chat.ui.app import ChatApp

OPENED = ResponseStarted(200, "http://test.example/v1/chat/completions")
DONE = Finished("stop", "done-sentinel")


async def opened(app: ChatApp, conversation: Conversation, pilot: Pilot[None]) -> None:
    """Show a conversation that the test has filled."""
    await app.chat.switcher.show_chat(conversation)
    await until(pilot, lambda: app.chat.pane.views, "the conversation")
    await pilot.pause()


def rows(app: ChatApp) -> list[str]:
    """The visible rows of the transcript."""
    region = app.chat.pane.region
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips[region.y : region.bottom]]


def counted(app: ChatApp) -> str:
    """The text of the bar."""
    return str(app.chat.finding.bar.query_one(".count").render())


async def look_for(app: ChatApp, pilot: Pilot[None], text: str) -> None:
    """Open the bar, type, and wait until everything is searched."""
    await pilot.press("ctrl+f")
    await pilot.press(*text)
    await until(pilot, lambda: app.chat.finding.bar.box.text == text and counted(app).strip("…") == counted(app) != "")
    await pilot.pause()


def marked(app: ChatApp) -> list[tuple[str, bool]]:
    """The highlighted texts on the screen, and for each whether it is the current match."""
    styles = app.chat.pane.maker.styles
    assert styles is not None
    found: list[tuple[str, bool]] = []
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            background = segment.style.bgcolor if segment.style else None
            if background in (styles.marks.found.bgcolor, styles.marks.found_here.bgcolor):
                found.append((segment.text, background == styles.marks.found_here.bgcolor))
    return found


def long_chat(exchanges: int = 20) -> Conversation:
    chat = Chat()
    chat.fill(exchanges)
    return chat.conversation


async def test_a_text_is_found_as_it_is_typed_and_stepped_through_round_the_ends() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(), pilot)
        await look_for(app, pilot, "ANSWER 1")
        assert counted(app) == "17 of 22"  # 1 and 10 to 19, two lines each; from the first message in sight on
        await pilot.press("up", "up")
        await until(pilot, lambda: counted(app) == "15 of 22")
        await pilot.press(*["down"] * 4, *["enter"] * 4)
        await until(pilot, lambda: counted(app) == "1 of 22")
        await until(pilot, lambda: any("answer 1, line one" in row for row in rows(app)))
        assert ("answer 1", True) in marked(app)
        await pilot.press("shift+enter")
        await until(pilot, lambda: counted(app) == "22 of 22")
        assert app.chat.finding.bar.box.text == "ANSWER 1"


async def test_escape_closes_the_bar_and_leaves_the_reader_where_they_are() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(), pilot)
        await look_for(app, pilot, "question 3")
        await until(pilot, lambda: any("question 3" in row for row in rows(app)))
        await pilot.pause()
        before = [row for row in rows(app) if "answer" in row]
        await pilot.press("escape")
        await until(pilot, lambda: app.chat.composer.prompt.has_focus)
        await pilot.pause()
        assert not app.chat.finding.bar.display
        assert marked(app) == []
        assert [row for row in rows(app) if "answer" in row][: len(before) - 1] == before[: len(before) - 1]
        assert not app.chat.pane.following


async def test_ten_thousand_messages_are_searched_and_the_hit_is_shown_about_a_third_down() -> None:
    conversation = long_chat(5000)
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, conversation, pilot)
        await look_for(app, pilot, "question 2500")
        await until(pilot, lambda: any("question 2500" in row for row in rows(app)))
        at = next(y for y, row in enumerate(rows(app)) if "question 2500" in row)
        height = app.chat.pane.size.height
        assert height // 4 <= at <= height // 2
        assert len(app.chat.pane.views) <= MOST_MOUNTED
        assert counted(app) == "1 of 1"
        await pilot.pause()
        assert "question 2500" in rows(app)[at]


async def test_the_search_is_cut_into_short_slices() -> None:
    chat = Chat()
    for number in range(200):
        chat.answer(f"question {number}", f"the words of answer {number} " * 400)
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        finder, slices = app.chat.finding.finder, 0
        await app.chat.finding.open()
        pattern = SearchPattern.of("words")
        finder._pattern, finder._run, finder._counts = pattern, object(), [0] * 400
        looked_at: list[int] = []
        count = finder._count

        def counting(index: int) -> int:
            looked_at[-1] += (work := count(index))
            return work

        finder._count = counting  # type: ignore[method-assign]
        search = finder._search(finder._run, pattern)
        looked_at.append(0)
        for _ in search:
            slices += 1
            looked_at.append(0)
        longest = max(len(message.text) for message in chat.conversation.messages.values())
        assert slices > 15
        assert max(looked_at) <= 100_000 + longest
        assert sum(finder._counts) == 200 * 400


async def test_while_a_reply_streams_only_its_new_text_is_searched() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await opened(app, long_chat(), pilot)
        app.chat.composer.prompt.put("go on")
        await pilot.press("enter")
        backend.model.say(OPENED, TextDelta("a needle in"))
        await until(pilot, lambda: app.chat.conversation.replying)
        await look_for(app, pilot, "needle")
        assert counted(app) == "1 of 1"
        live = app.chat.finding.finder._live
        assert live is not None
        work = []
        update = live.update

        def updating() -> int:
            work.append(update())
            return work[-1]

        live.update = updating  # type: ignore[method-assign]
        for _ in range(20):
            backend.model.say(TextDelta(" hay"), TextDelta(", nee"), TextDelta("dle"))
        await until(pilot, lambda: counted(app) == "1 of 21")
        assert sum(work) == 20 * len(" hay, needle")
        assert app.chat.finding.finder._live is live
        backend.model.say(DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert counted(app) == "1 of 21"


async def test_a_found_place_is_held_while_the_reply_goes_on() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await opened(app, long_chat(), pilot)
        app.chat.composer.prompt.put("go on")
        await pilot.press("enter")
        backend.model.say(OPENED, TextDelta("beginning"))
        await until(pilot, lambda: app.chat.conversation.replying)
        await look_for(app, pilot, "beginning")
        assert not app.chat.pane.following
        before = next(y for y, row in enumerate(rows(app)) if "beginning" in row)
        backend.model.say(TextDelta("\n\nmore" * 60))
        await until(pilot, lambda: "below" in app.chat.pane.below_in_words)
        assert "beginning" in rows(app)[before]


async def test_reasoning_is_found_only_when_it_is_unfolded() -> None:
    chat = Chat()
    chat.ask("think")
    chat.tell(ReasoningDelta("a hidden thought"), TextDelta("the thought itself"), DONE)
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        await look_for(app, pilot, "thought")
        assert counted(app) == "1 of 1"
        await pilot.press("ctrl+t")
        await until(pilot, lambda: counted(app) == "1 of 2")


async def test_words_on_both_sides_of_a_mark_are_found_and_highlighted() -> None:
    chat = Chat()
    chat.answer("?", "some **bold** and `plain` words")
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        await look_for(app, pilot, "bold and plain")
        assert counted(app) == "1 of 1"
        assert "".join(text for text, here in marked(app) if here) == "bold and plain"


async def test_what_is_not_there_is_said_to_be_not_found() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(3), pilot)
        await look_for(app, pilot, "xyz")
        assert counted(app) == "not found"
        assert app.chat.pane.following
        await pilot.press("enter")


async def test_a_slash_word_looks_for_its_text() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, long_chat(), pilot)
        app.chat.composer.prompt.put("/find question 4")
        await pilot.press("enter")
        await until(pilot, lambda: counted(app) == "1 of 1")
        await until(pilot, lambda: any("question 4" in row for row in rows(app)))


async def test_a_hit_deep_in_a_long_message_is_shown_once_it_is_laid_out() -> None:
    chat = Chat()
    chat.answer("?", "\n\n".join(f"paragraph {number}" for number in range(6_000)))
    chat.fill(30)
    async with running(ScriptedBackend()) as (app, pilot):
        await opened(app, chat.conversation, pilot)
        await look_for(app, pilot, "paragraph 4321")
        await until(pilot, lambda: any("paragraph 4321" in row for row in rows(app)))


@given(st.text(alphabet="abß AİB*`", max_size=40), st.text(alphabet="abßs İA*", min_size=1, max_size=3))
def test_a_span_holds_what_was_looked_for(line: str, typed: str) -> None:
    pattern = SearchPattern.of(typed)
    if pattern is not None:
        for start, end in pattern.spans(line):
            assert pattern.folded in line[start:end].casefold()


@given(st.lists(st.text(alphabet="ab*", max_size=5), max_size=8), st.sampled_from(["a", "ab", "aa", "aba", "a*b"]))
def test_counting_piece_by_piece_is_counting_the_whole(pieces: list[str], typed: str) -> None:
    chat = Chat()
    reply = chat.ask("?")
    pattern = SearchPattern.of(typed)
    assert pattern is not None
    counter = MatchCounter(TranscriptEntry([reply], {}), pattern)
    for piece in pieces:
        chat.tell(TextDelta(piece))
        counter.update()
    assert counter.count == pattern.prepared("".join(pieces)).count(pattern.folded)


@pytest.mark.parametrize("typed", ["", " ", "\n"])
def test_blanks_are_nothing_to_look_for(typed: str) -> None:
    assert SearchPattern.of(typed) is None
