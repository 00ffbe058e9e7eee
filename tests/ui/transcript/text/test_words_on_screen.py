"""The rows of a settled text hold every word that came, at any width and however it arrived."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from tests.ui.host import Chat, PaneHost, until
from tests.ui.markdown_texts import LOOK, noise, recorded_texts
from tests.ui.visible_words import missing, repeated, sources, visible_words, widths
from tui_chat.chat.events import Citation, CutOff, Finished, ReasoningDelta, TextDelta, ToolCallDelta
from tui_chat.ui.markdown.document import Document
from tui_chat.ui.transcript.text.text_matcher import SearchPattern

if TYPE_CHECKING:
    from textual.pilot import Pilot


def rows_of(document: Document) -> list[str]:
    return [document.row(y).strip.text for y in range(document.height)]


def arrived(text: str, cuts: list[int], width: int) -> Document:
    """A document of a text that came in pieces, the last of which is all that is left, and ended."""
    document, at = Document(width, LOOK), 0
    for size in cuts:
        document.append(text[at : at + size])
        document.flush()
        at += size
    document.append(text[at:])
    document.complete = True
    document.flush()
    return document


def check(text: str, cuts: list[int], width: int) -> None:
    document = arrived(text, cuts, width)
    for _ in range(2):
        rows = rows_of(document)
        assert missing(text, rows, least_width=width) == [], rows
        if width > 20:
            assert repeated(text, rows) == [], rows
        for _ in document.settle():
            pass


cuts = st.lists(st.integers(1, 60), max_size=12)


@settings(max_examples=150)
@given(sources, cuts, widths)
def test_every_word_of_a_text_is_in_its_rows(text: str, cuts: list[int], width: int) -> None:
    check(text, cuts, width)


@settings(max_examples=100)
@given(noise | st.text(max_size=80), cuts, widths)
def test_every_word_of_any_characters_is_in_its_rows(text: str, cuts: list[int], width: int) -> None:
    check(text, cuts, width)


@pytest.mark.slow
@settings(max_examples=20_000)
@given(sources | noise, cuts, widths)
def test_every_word_of_many_texts_is_in_their_rows(text: str, cuts: list[int], width: int) -> None:
    check(text, cuts, width)


@dataclass(frozen=True)
class Case:
    """A text, and how it comes to a pane."""

    text: str
    cuts: list[int]
    width: int
    other: int
    """Another width, which the terminal has before, during or after."""
    resized: str
    how: str


cases = st.builds(
    Case,
    sources,
    cuts,
    widths,
    widths,
    st.sampled_from(["never", "before", "during", "after", "while settling"]),
    st.sampled_from(
        ["at once", "in pieces", "shown again", "found in", "folded", "gone on with", "between other parts"]
    ),
)


async def shown_rows(host: PaneHost, pilot: Pilot[None], case: Case) -> list[str]:
    """Let a reply come and settle; gives the rows of its view as they are painted."""

    async def resize(when: str) -> None:
        if case.resized == when:
            await pilot.resize_terminal(case.other + 1, 30)

    await pilot.resize_terminal(case.width + 1, 30)
    await resize("before")
    chat = host.chat = Chat()
    chat.conversation.subscribe(host.pane.changed)
    host.pane.show(chat.conversation)
    reply = chat.ask("question")
    if case.how != "at once":
        await pilot.pause()
        await until(lambda: host.pane.view_of(reply), "the view is there")
    if case.how == "folded":
        chat.tell(ReasoningDelta(f"thinking {case.text}"))
    at = 0
    for number, size in enumerate(case.cuts):
        chat.tell(TextDelta(case.text[at : at + size]))
        at += size
        if case.how != "at once" and number % 3 == 0:
            await pilot.pause()
        if number == 1:
            await resize("during")
    if case.how == "gone on with":
        chat.tell(CutOff("lost"))
        await pilot.pause()
        chat.reply = chat.conversation.begin_reply(reply, model="tiny-1", endpoint="example.org", at=0.0)
        await pilot.pause()
    chat.tell(TextDelta(case.text[at:]))
    if case.how == "between other parts":
        chat.tell(ToolCallDelta(0, id="c", name="look"), Citation("https://example.com/"))
    await resize("while settling")
    chat.tell(Finished("stop", "done-sentinel"))
    await resize("after")
    if case.how == "shown again":
        host.pane.show(Chat().conversation)
        await pilot.pause()
        host.pane.show(chat.conversation)
    if case.how == "found in":
        pattern = SearchPattern.of(visible_words(case.text)[0]) if visible_words(case.text) else None
        host.pane.find(pattern, reply if pattern else None, (0, 1))
    await until(lambda: host.pane.view_of(reply), "the view is there")
    view = host.pane.view_of(reply)
    assert view is not None
    if case.how == "folded":
        view.toggle_fold()
        await pilot.pause()
    await until(lambda: view.message.settled and view.size.width == host.size.width - 1, "the width")
    clock = host.pane.clock  # which may go on counting the second that it has begun
    await until(lambda: not (clock._posted or clock._frame or clock._settling or clock._marked), "all is laid")
    await until(lambda: view.size.height == view.fit_width(view.size.width), "the height is known")
    return [strip.text for strip in view.render_lines(Region(0, 0, *view.size))]


@settings(max_examples=6)
@given(st.lists(cases, min_size=1, max_size=8))
def test_every_word_of_a_settled_reply_is_in_the_pane(chosen: list[Case]) -> None:
    asyncio.run(check_in_pane(chosen))


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(cases, min_size=1, max_size=8))
def test_every_word_of_many_settled_replies_is_in_the_pane(chosen: list[Case]) -> None:
    asyncio.run(check_in_pane(chosen))


async def check_in_pane(chosen: list[Case]) -> None:
    host = PaneHost(Chat())
    async with host.run_test(size=(60, 30)) as pilot:
        for case in chosen:
            rows = await shown_rows(host, pilot, case)
            assert missing(case.text, rows, least_width=host.size.width - 1) == [], (case, rows)


async def test_every_recorded_answer_is_in_the_pane_and_in_another_width() -> None:
    host = PaneHost(Chat())
    async with host.run_test(size=(60, 30)) as pilot:
        for number, (name, text) in enumerate(recorded_texts()[::6]):
            case = Case(text, [7] * (number % 20), 60, 31, "after" if number % 2 else "during", "in pieces")
            rows = await shown_rows(host, pilot, case)
            assert missing(text, rows, least_width=host.size.width - 1) == [], (name, rows)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 17, 60, 200])
def test_every_word_of_the_recorded_answers_is_in_their_rows(width: int) -> None:
    for name, text in recorded_texts():
        document = arrived(text, [], width)
        assert missing(text, rows_of(document), least_width=width) == [], name


def test_the_oracle_sees_what_is_missing() -> None:
    text = "**a** [b](https://c.d 'e') <br> `f_g` &lt;h $\\alpha i^2$\n- [x] j"
    assert visible_words(text) == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "2", "j"]
    assert missing("one **two** three", ["one", "three"]) == ["two"]
    assert missing("a verylongword", ["a very", "  long", "word"]) == []
    assert missing("a verylongword", ["a very", "word"]) == ["verylongword"]
    assert repeated("once upon", ["once", "upon upon"]) == ["upon"]
