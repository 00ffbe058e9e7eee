"""A frame looks the same whoever puts it together."""

from __future__ import annotations

from random import Random

from pyte import Screen, Stream
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region

from tests.conftest import own_renderer
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.terminal.partial_compositor import PartialCompositor, PartialUpdate


@own_renderer
async def test_what_a_frame_touches_looks_as_textual_has_it() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await pilot.press("h", "i", "enter")
        text = "\n\n".join(f"paragraph {number} of **many**" for number in range(40))
        backend.model.say(TextDelta(text, at=1.0), Finished("stop", "done-sentinel", at=2.0))
        await until(pilot, lambda: not app.chat.conversation.replying)
        await pilot.press("pageup", "/")  # the marker lies over the text, and a menu is open
        await pilot.pause()
        light, textual = app.screen._compositor, Compositor()
        assert isinstance(light, PartialCompositor)
        textual.reflow(app.screen, app.screen.size)
        random = Random(0)
        width, height = app.screen.size

        def seen(written: str, region: Region) -> object:
            terminal = Screen(width, height)
            Stream(terminal).feed(written)
            return [[terminal.buffer[y][x] for x in region.column_range] for y in region.line_range]

        for _ in range(200):
            x, y = random.randrange(width), random.randrange(height)
            region = Region(x, y, random.randint(1, width - x), random.randint(1, height - y))
            light._dirty_regions = {region}
            textual._dirty_regions = {region}
            ours, theirs = light.render_partial_update(), textual.render_partial_update()
            assert isinstance(ours, PartialUpdate)
            assert isinstance(theirs, ChopsUpdate)
            assert seen(ours.render_segments(app.console), region) == seen(theirs.render_segments(app.console), region)
            places = [(piece.y, piece.x) for piece in ours.pieces]
            assert places == sorted(places)
            written = sum(piece.strip.cell_length for piece in ours.pieces)
            assert written == region.area, "each cell once, and no other"
        assert light.render_strips() == textual.render_strips()
