from __future__ import annotations

import pytest

from tui_chat.ui.composer.host_line import HostLine
from tui_chat.ui.themes import ThemedApp


@pytest.mark.parametrize(("tried", "how"), [(False, "chooses another."), (True, "once more sends it.")])
async def test_the_sentence_says_what_can_be_done_and_after_a_question_was_held_back_that_it_can_be_sent(
    tried: bool, how: str
) -> None:
    app = ThemedApp()
    line = HostLine()
    async with app.run_test() as pilot:
        await app.mount(line)
        assert line.styles.display == "none"
        line.show("This goes to [b]other.example[/b].", tried=tried)
        await pilot.pause()
        assert line.display
        plain = str(line.render())
        assert plain.startswith("This goes to [b]other.example[/b]. ")
        assert plain.endswith(how)
        line.show("", tried=tried)
        assert not line.display
