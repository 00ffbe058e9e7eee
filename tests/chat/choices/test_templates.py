from __future__ import annotations

import pytest

from tui_chat.chat.choices.templates import blanks, filled


def test_blanks_are_found_once_each_in_their_order() -> None:
    assert blanks("{{input}} to {{ language }} and {{language}}, {{tone}} {{}} {{a b}} {single} {{1}}") == [
        "input",
        "language",
        "tone",
    ]


@pytest.mark.parametrize(
    ("text", "values", "becomes"),
    [
        ("Translate {{input}} to {{language}}.", {"input": "x", "language": "German"}, "Translate x to German."),
        ("Say {{input}}", {"input": "{{language}} \\1 \\g<0>"}, "Say {{language}} \\1 \\g<0>"),
        ("No blank", {"input": "the text"}, "No blank\n\nthe text"),
        ("No blank\n", {"input": "the text"}, "No blank\n\nthe text"),
        ("No blank\n", {}, "No blank\n"),
        ("{{left}} {{input}}", {"input": ""}, "{{left}} "),
        ("\ttabs\r\n  kept {{input}}\n", {"input": "é\u202e"}, "\ttabs\r\n  kept é\u202e\n"),
    ],
)
def test_blanks_are_filled_and_all_else_stays_as_it_is(text: str, values: dict[str, str], becomes: str) -> None:
    assert filled(text, values) == becomes
