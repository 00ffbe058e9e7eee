"""The layout of one message that grows is the one that laying out the whole screen gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import own_renderer
from tests.terminal.test_streaming_screen import on_screen, streaming
from tests.ui.scripted import ScriptedBackend, running
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.terminal.partial_compositor import PartialCompositor
from tui_chat.terminal.streaming_screen import StreamingScreen

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from tui_chat.chat.conversation import Conversation
    from tui_chat.ui.transcript.message_view import MessageView

PIECES = (
    "word " * 60,
    "\n\nparagraph",
    " that goes on",
    "\n\n- item\n- item\n",
    "\n```python\n" + "x = 1\n" * 30,
    "y = 2\n```\n",
    "\n| a | b |\n|---|---|\n",
    "| c | d |\n" * 50,
)


def whole_layouts(monkeypatch: pytest.MonkeyPatch) -> list[Screen[None]]:
    """The screens that were laid out as a whole from now on."""
    laid_out: list[Screen[None]] = []
    refresh = StreamingScreen._refresh_layout

    def noted(screen: StreamingScreen, *given: object, **options: object) -> None:
        laid_out.append(screen)
        refresh(screen, *given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(StreamingScreen, "_refresh_layout", noted)
    return laid_out


def grow(view: MessageView, conversation: Conversation, text: str) -> None:
    """Let a reply get more text, and show it."""
    conversation.apply(view.message, TextDelta(text, at=2.0))
    view.catch_up()


def check_layout(app: App[None]) -> None:
    """Compare places, sizes and rows with those of a new layout of everything."""
    screen = app.screen
    compositor = screen._compositor
    assert isinstance(compositor, PartialCompositor)
    rows = on_screen(app)
    kept = dict(compositor._full_map)
    pane = screen.query_one("Transcript")
    for widget in [pane, *pane.children]:
        widget._arrangement_cache.clear()
        widget._box_model_cache.clear()
    scroll = pane.scroll_offset
    arranged, _ = compositor._arrange_root(screen, screen.size, visible_only=False)
    assert arranged == kept
    assert pane.scroll_offset == scroll
    for widget, geometry in arranged.items():
        if widget is pane or widget in pane.children:
            assert (widget.outer_size, widget.virtual_size) == (geometry.region.size, geometry.virtual_size), widget
    compositor.reflow(screen, screen.size)
    assert on_screen(app) == rows


@own_renderer
@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize("earlier", [0, 5])
async def test_only_what_moves_is_laid_out(monkeypatch: pytest.MonkeyPatch, *, earlier: int, reading: bool) -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        conversation, pane = app.chat.conversation, app.chat.pane
        for number in range(earlier):
            reply = conversation.begin_reply(
                conversation.add_question(f"question {number}"), model="m", endpoint="e", at=1.0
            )
            conversation.apply(reply, TextDelta(f"answer {number}\n\n" * number, at=1.5), Finished("stop", "eof"))
        await pilot.pause()
        view = await streaming(app, pilot, backend)
        for number, piece in enumerate(PIECES):
            if reading and number == 5:
                pane.page_up()
                await pilot.pause()
                grow(view, conversation, "\n\nmore\n\n")  # after a scroll the whole screen is laid out once
                await pilot.pause()
            laid_out = whole_layouts(monkeypatch)
            grow(view, conversation, piece)
            assert not laid_out
            assert not app.screen._dirty_widgets
            check_layout(app)
            monkeypatch.undo()
            await pilot.pause()
        assert pane.following is not reading


@own_renderer
async def test_a_message_above_the_newest_may_grow() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        app.chat.conversation.add_question("another question while it comes")
        await pilot.pause()
        for piece in PIECES:
            grow(view, app.chat.conversation, piece)
            check_layout(app)


@own_renderer
async def test_what_else_waits_for_a_layout_gets_it() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        app.chat.pane.styles.margin = (2, 0, 0, 0)
        grow(view, app.chat.conversation, PIECES[0])
        await pilot.pause()
        assert app.chat.pane.region.y >= 2
        check_layout(app)
