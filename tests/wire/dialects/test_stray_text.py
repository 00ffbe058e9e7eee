from __future__ import annotations

import pytest

from tui_chat.wire.dialects.stray_text import is_keep_alive, no_answer


@pytest.mark.parametrize("text", ["ping", "PING", "[ keep-alive ]", "connected!", "null"])
def test_a_word_that_servers_send_to_keep_the_connection_is_known_however_it_is_spelled(text: str) -> None:
    assert is_keep_alive(text)


@pytest.mark.parametrize("text", ["", "out of memory", "pingpong", "ping" + "." * 40])
def test_any_other_text_is_no_keep_alive(text: str) -> None:
    assert not is_keep_alive(text)


def test_text_in_place_of_an_answer_is_quoted() -> None:
    assert "out of memory" in no_answer("out of memory").problem
    assert no_answer("").problem == "The server's answer was empty."
