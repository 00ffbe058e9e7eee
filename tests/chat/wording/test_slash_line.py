from __future__ import annotations

import pytest

from tui_chat.chat.wording.slash_line import no_command, slash_line


@pytest.mark.parametrize(
    ("text", "word", "argument"),
    [
        ("/quit", "quit", ""),
        ("/quit \n", "quit", ""),
        ("/Model  gpt 5 ", "Model", "gpt 5"),
        ("/system two\nlines", "system", "two\nlines"),
        ("/no-such", "no-such", ""),
    ],
)
def test_a_slash_and_a_word_are_a_command(text: str, word: str, argument: str) -> None:
    assert slash_line(text) == (word, argument)


@pytest.mark.parametrize("text", ["", "/", " /quit", "/usr/bin", "/1", "// quit", "a /quit", "/quit!"])
def test_any_other_text_is_none(text: str) -> None:
    assert slash_line(text) is None


def test_an_unknown_word_may_be_near_to_a_command() -> None:
    assert no_command("qiut", "quit").startswith("There is no command /qiut; did you mean /quit? Else put a space")
    assert no_command("usr", "").startswith("There is no command /usr. Put a space")
