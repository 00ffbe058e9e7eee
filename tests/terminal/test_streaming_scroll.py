"""The scrollbar of the conversation."""

from __future__ import annotations

import pytest
from rich.color import Color
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender

from tests.conftest import own_renderer
from tests.ui.host import Chat, PaneHost, until
from tui_chat.terminal.streaming_scroll import THUMB, TRACK, StreamingScrollBar, WholeCells
from tui_chat.ui.themes import THEMES


@own_renderer
async def test_the_scrollbar_takes_the_colours_of_another_theme() -> None:
    chat = Chat()
    chat.fill(20)
    host = PaneHost(chat)
    async with host.run_test(size=(60, 20)) as pilot:
        bar = host.pane.vertical_scrollbar
        assert isinstance(bar, StreamingScrollBar)
        await until(lambda: bar.window_virtual_size > 20)
        painted = set()
        for theme in THEMES:
            host.theme = theme.name
            host.pane.refresh()  # a frame may come before the new styles are there
            await pilot.pause()
            colours = {
                segment.style and segment.style.bgcolor
                for strip in bar.render_lines(Region(0, 0, 1, 20))
                for segment in strip
            }
            assert colours == {colour.rich_color for colour in bar._mixed(host.pane)}
            painted |= colours
        assert len(painted) == 2 * len(THEMES)


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_in_the_terminals_own_colours_the_thumb_is_a_dim_sign_and_no_bright_block(theme: str) -> None:
    chat = Chat()
    chat.fill(20)
    host = PaneHost(chat)
    async with host.run_test(size=(60, 20)) as pilot:
        host.theme = theme
        bar = host.pane.vertical_scrollbar
        await until(lambda: bar.window_virtual_size > 20)
        await pilot.pause()
        cells = [segment for strip in bar.render_lines(Region(0, 0, 1, 20)) for segment in strip]
        thumb = [segment.style for segment in cells if segment.text == THUMB]
        assert 0 < len(thumb) < 20
        assert all(style and style.dim and not style.reverse for style in thumb)
        assert not any(segment.style and segment.style.reverse for segment in cells)


@pytest.mark.parametrize("colour", ["default", "#202020"])
def test_the_scrollbars_of_other_widgets_have_whole_cells_too(colour: str) -> None:
    assert ScrollBar.renderer is WholeCells
    bar = WholeCells.render_bar(10, 40, 10, 17.0, 1, True, Color.parse(colour), Color.parse("#606060"))
    thumb = [
        at
        for at, segment in enumerate(bar.segments)
        if segment.style is not None and segment.style.meta == {"@mouse.down": "grab"}
    ]
    assert (len(bar.segments), thumb) == (10, [5, 6])
    assert {bar.segments[at].text for at in thumb} == {THUMB if colour == "default" else " "}


def test_a_bar_that_lies_is_textuals_own() -> None:
    bar = WholeCells.render_bar(10, 40, 10, 0, 1, vertical=False)
    assert (
        bar.segments
        == ScrollBarRender.render_bar(10, 40, 10, 0, 1, vertical=False, back_color=TRACK, bar_color=TRACK).segments
    )
