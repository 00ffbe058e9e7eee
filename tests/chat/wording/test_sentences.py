from __future__ import annotations

import pytest

from tui_chat.chat.wording.sentences import clause, ended, sentence


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


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("there is no endpoint x", "There is no endpoint x."),
        ("A model has no name.", "A model has no name."),
        ("qwen@locl: there is no endpoint", "qwen@locl: there is no endpoint."),
        ("gpt-4o cannot be used", "gpt-4o cannot be used."),
        ("", ""),
    ],
)
def test_a_message_becomes_a_sentence_and_a_name_in_front_stays(message: str, written: str) -> None:
    assert sentence(message) == written
