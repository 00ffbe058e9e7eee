"""The scrollbar of the conversation."""

from __future__ import annotations

from textual.geometry import Region

from tests.conftest import own_renderer
from tests.ui.host import Chat, PaneHost, until
from tui_chat.terminal.streaming_scroll import StreamingScrollBar
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
