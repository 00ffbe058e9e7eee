"""The frame around the prompt: what its edges say at each width, and that a stream does not paint it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.context import ContextUse
from tui_chat.chat.events import Finished, ResponseStarted, TextDelta
from tui_chat.ui.composer.prompt_frame import PromptFrame, gauge

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp


def row(app: ChatApp, y: int) -> str:
    return app.screen._compositor.render_strips()[y].text


def has_height(frame: PromptFrame, height: int) -> bool:
    return frame.region.height == height


def has_top_edge(app: ChatApp, words: str) -> bool:
    return words in row(app, app.chat.composer.frame.region.y)


@pytest.mark.parametrize(
    ("used", "window", "words"),
    [
        (817, 128_000, "━───────── 817 of 128k · 1 %"),
        (104_000, 128_000, "━━━━━━━━── ! 104k of 128k · 81 %"),
        (130_000, 128_000, "━━━━━━━━━━ ! 130k of 128k · 102 %"),
        (1, 1_048_576, "━───────── 1 of 1M · 1 %"),
        (9_950, 40_960, "━━──────── 10k of 41k · 24 %"),
        (9_940, 40_960, "━━──────── 9.9k of 41k · 24 %"),
        (999_499, 2_000_000, "━━━━━───── 999k of 2M · 50 %"),
        (999_501, 2_000_000, "━━━━━───── 1M of 2M · 50 %"),
    ],
)
def test_the_gauge_in_words(used: int, window: int, words: str) -> None:
    assert gauge(ContextUse(used, estimated=False, window=window), in_words=True).plain == words


def test_the_gauge_warns_by_sign_and_colour() -> None:
    assert gauge(ContextUse(74, estimated=False, window=100)).plain == "━━━━━━━─── 74 %"
    assert gauge(ContextUse(75, estimated=True, window=100)).plain == "━━━━━━━━── ! ~75 %"
    assert (
        len({str(gauge(ContextUse(share, estimated=False, window=100)).spans[0].style) for share in (74, 75, 90)}) == 3
    )


@pytest.mark.parametrize(
    ("size", "framed"),
    [((40, 12), False), ((49, 30), False), ((50, 15), False), ((50, 16), True), ((80, 24), True), ((200, 60), True)],
)
async def test_a_small_screen_has_no_frame(size: tuple[int, int], framed: bool) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        frame = app.chat.composer.frame
        await until(pilot, lambda: frame.region.height == (3 if framed else 1))
        assert ("╭─" in row(app, frame.region.y)) == framed
        assert frame.region.width == min(100, size[0])
        assert ("› Ask anything" in row(app, frame.region.bottom - 1 - framed)) is True


@pytest.mark.parametrize(
    ("size", "hints"),
    [
        ((100, 30), "Enter sends · Ctrl+J new line · / commands · @ file"),
        ((80, 24), "Enter sends · Ctrl+J new line · / commands"),
        ((60, 20), "Enter sends · Ctrl+J new line"),
        ((40, 12), "Enter sends"),
        ((30, 10), ""),
    ],
)
async def test_an_empty_prompt_says_how_to_send_as_far_as_there_is_room(size: tuple[int, int], hints: str) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        frame = app.chat.composer.frame
        wanted = f"Ask anything   {hints}".rstrip()
        await until(pilot, lambda: wanted in row(app, frame.region.bottom - 1 - (size >= (50, 16))))
        shown = row(app, frame.region.bottom - 1 - (size >= (50, 16)))
        assert shown.removesuffix("│").split("Send")[0].strip("│ ›") == wanted


async def test_the_frame_comes_and_goes_with_the_size() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        frame = app.chat.composer.frame
        for size, height in (((80, 12), 1), ((80, 24), 3), ((45, 24), 1), ((120, 36), 3)):
            await pilot.resize_terminal(*size)
            await until(pilot, partial(has_height, frame, height))


async def test_the_top_edge_says_who_answers_and_leaves_out_what_does_not_fit() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        frame = app.chat.composer.frame
        assert "╭─ tiny-model · test.example ─" in row(app, frame.region.y)
        app.chat.commands.options.set_option("temperature 0.5")
        app.chat.commands.options.set_system_prompt("Be brief.")
        await pilot.pause()
        session = app.chat.session
        assert session is not None
        notes = ["test.example", *session.choice_words("")]
        assert len(notes) == 3
        for shown in (3, 2, 1):
            words = " · ".join(["tiny-model", *notes[:shown]])
            await pilot.resize_terminal(max(50, len(words) + 6), 24)
            await until(pilot, partial(has_top_edge, app, f"╭─ {words}"), words)


async def test_the_names_of_models_and_endpoints_are_no_markup() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        frame = app.chat.composer.frame
        frame.show_recipient("[b]x[/b]\x1b[31m[@click=app.quit]", ["[red]y"])
        await pilot.pause()
        assert "─ [b]x[/b]\N{REPLACEMENT CHARACTER}[31m[@click=app.quit] · [red]y ─" in row(app, frame.region.y)


@pytest.mark.parametrize("width", [60, 100])
async def test_the_bottom_edge_has_the_gauge(width: int) -> None:
    async with running(ScriptedBackend(), size=(width, 24)) as (app, pilot):
        frame = app.chat.composer.frame
        frame.show_context(ContextUse(817, estimated=False, window=128_000))
        await pilot.pause()
        words = "━───────── 817 of 128k · 1 % ─╯" if width == 100 else "─ ━───────── 1 % ─╯"
        assert words in row(app, frame.region.bottom - 1)
        frame.show_context(ContextUse(817, estimated=False))
        await pilot.pause()
        assert "%" not in row(app, frame.region.bottom - 1)


async def test_a_reply_of_500_deltas_paints_no_row_of_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = ScriptedBackend()
    painted: list[int] = []
    render = PromptFrame.render_lines

    def counted(frame: PromptFrame, crop: object) -> object:
        painted.append(1)
        return render(frame, crop)  # type: ignore[arg-type]

    async with running(backend, size=(80, 24)) as (app, pilot):
        await pilot.press("q", "enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(ResponseStarted(200, "http://test.example"), TextDelta("It ", at=1.0))
        await until(pilot, lambda: "It" in app.chat.conversation.path()[-1].text)
        await pilot.pause()
        monkeypatch.setattr(PromptFrame, "render_lines", counted)
        for number in range(500):
            backend.model.say(TextDelta(f"word{number} " + "\n\n" * (number % 20 == 0), at=1.0 + number / 100))
            await asyncio.sleep(0)
            if number % 10 == 0:
                await pilot.pause()
        await until(pilot, lambda: "word499" in app.chat.conversation.path()[-1].text)
        await pilot.pause()
        if app.chat.paints_at_once:  # Textual's own compositor asks every container whose region is touched
            assert painted == []
        backend.model.say(Finished("stop", "done-sentinel", at=9.0))


LONG_REPLY = "\n\n".join(f"paragraph {number}" for number in range(60))


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_what_is_below_stands_outside_of_the_text_and_a_click_leads_there(size: tuple[int, int]) -> None:
    backend = ScriptedBackend()
    backend.model.say(TextDelta(LONG_REPLY, at=0.1), Finished("stop", "done-sentinel", at=0.2))
    async with running(backend, size=size) as (app, pilot):
        app.chat.sender.submit("a long one")
        await until(pilot, lambda: app.chat.pane.max_scroll_y > 50, "the reply")
        app.chat.pane.page_up()
        height = app.chat.pane.region.bottom

        def rows() -> list[str]:
            return [strip.text for strip in app.screen._compositor.render_strips()]

        marker = "▼"  # with a number and words, as far as there is room
        await until(pilot, lambda: any(marker in each for each in rows()[height:]), "the marker")
        assert not any(marker in each for each in rows()[:height])
        place = next((each.index(marker), y) for y, each in enumerate(rows()) if marker in each)
        await pilot.click(offset=place)
        await until(pilot, lambda: app.chat.pane.following, "the end")
        await until(pilot, lambda: not any(marker in each for each in rows()), "no marker")


async def test_the_line_of_the_top_edge_has_one_colour_on_both_sides_of_its_words() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        frame = app.chat.composer.frame
        frame.show_below("12 lines below")
        await until(pilot, lambda: has_top_edge(app, "▼ 12 lines below ─╮"), "the words")
        edge = app.screen._compositor.render_strips()[frame.region.y]
        lines = {str(part.style.color.name) for part in edge if part.style and part.style.color and "─" in part.text}
        assert len(lines) == 1
        assert edge.cell_length == 80
