from __future__ import annotations

import pytest

from tui_chat.chat.wording.sentences import clause, ended


@pytest.mark.parametrize(
    ("text", "sentence", "before"),
    [
        ("It broke", "It broke.", "It broke"),
        ("It broke.", "It broke.", "It broke"),
        ("It broke. ", "It broke.", "It broke"),
        ("It broke:", "It broke.", "It broke"),
        ("It broke; ", "It broke.", "It broke"),
        ("It broke!", "It broke!", "It broke!"),
        ("Did it?", "Did it?", "Did it?"),
        ("It br…", "It br…", "It br…"),
        ("It br...", "It br...", "It br..."),
        ("模型不存在。", "模型不存在。", "模型不存在"),
        ("模型不存在", "模型不存在.", "模型不存在"),
        ("It said: “No.”", "It said: “No.”", "It said: “No.”"),
        ("It broke (badly)", "It broke (badly).", "It broke (badly)"),
        ("", "", ""),
        (":", "", ""),
    ],
)
def test_a_sentence_has_one_end(text: str, sentence: str, before: str) -> None:
    assert ended(text) == sentence
    assert clause(text) == before
