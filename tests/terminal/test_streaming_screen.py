"""What a stream changes is painted in the moment the screen is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import own_renderer
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import TextDelta
from tui_chat.terminal.partial_compositor import PartialCompositor
from tui_chat.ui.transcript.welcome_slot import WelcomeSlot

if TYPE_CHECKING:
    import pytest
    from textual.app import App
    from textual.pilot import Pilot
    from textual.widget import Widget

    from tui_chat.terminal.partial_compositor import PartialUpdate
    from tui_chat.ui.app import ChatApp
    from tui_chat.ui.transcript.message_view import MessageView


def on_screen(app: App[None]) -> str:
    """The text of all rows, as the compositor puts it together."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def streaming(app: ChatApp, pilot: Pilot[None], backend: ScriptedBackend) -> MessageView:
    """A reply that has begun, and is painted."""
    await pilot.press("h", "i", "enter")
    backend.model.say(TextDelta("begun", at=1.0))
    await until(pilot, lambda: "begun" in on_screen(app))
    await pilot.pause()
    reply = app.chat.conversation.last_reply
    assert reply is not None
    view = app.chat.pane.view_of(reply)
    assert view is not None
    app.chat.pane.clock.close()  # from here on only the test lets the view catch up
    return view


async def test_that_questions_are_taken_is_seen_before_the_welcome_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    welcome = WelcomeSlot.put

    async def made(slot: WelcomeSlot, widget: Widget | None) -> None:
        seen.append(on_screen(slot._pane.app))
        await welcome(slot, widget)

    monkeypatch.setattr(WelcomeSlot, "put", made)
    async with running(ScriptedBackend()) as (_, pilot):
        await until(pilot, lambda: seen)
        assert "● Ready" in seen[0]


@own_renderer
async def test_rows_that_changed_and_rows_that_came_are_there_when_the_call_returns() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        for text, at in ((" and longer", 2.0), ("\n\nanother paragraph", 3.0)):
            app.chat.conversation.apply(view.message, TextDelta(text, at=at))
            assert text.strip() not in on_screen(app)
            view.catch_up()
            assert text.strip() in on_screen(app)
            assert not app.screen._compositor._dirty_regions
            assert not app.screen._dirty_widgets
            assert view.size.height == view._body.height


@own_renderer
async def test_a_frame_writes_the_rows_that_changed_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[set[tuple[int, int]]] = []
    render = PartialCompositor.render_partial_update

    def noted(compositor: PartialCompositor) -> PartialUpdate | None:
        update = render(compositor)
        if update is not None:
            frames.append({(piece.y, piece.x) for piece in update.pieces})
        return update

    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        monkeypatch.setattr(PartialCompositor, "render_partial_update", noted)
        app.chat.conversation.apply(view.message, TextDelta("\n\nanother paragraph", at=2.0))
        view.catch_up()
        grown, bar = frames.pop(), app.chat.pane.vertical_scrollbar.region
        assert {(y, bar.x) for y in range(bar.y, bar.bottom)}.isdisjoint(grown)  # all of it fits: nothing to scroll
        app.chat.conversation.apply(view.message, TextDelta(" that goes on", at=3.0))
        view.catch_up()
        assert "another paragraph that goes on" in on_screen(app)
        assert {y for y, _ in frames.pop()} == {view.region.bottom - 1}


async def test_in_the_midst_of_a_batch_it_waits_for_the_end_of_it() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        app.chat.conversation.apply(view.message, TextDelta("\n\nanother paragraph", at=2.0))
        with app.batch_update():
            view.catch_up()
            assert view.size.height != view._body.height
        await until(pilot, lambda: "another paragraph" in on_screen(app))
        await until(pilot, lambda: view.size.height == view._body.height)


@own_renderer
async def test_what_is_to_be_painted_along_comes_with_the_next_frame() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        view = await streaming(app, pilot, backend)
        status = app.chat.status
        status._warning = "look here"
        app.chat.paint_along(status)
        app.chat.conversation.apply(view.message, TextDelta(" and longer", at=2.0))
        view.catch_up()
        assert status._styles_cache._cache[0].text.count("look here") == 1
