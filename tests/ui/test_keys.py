"""Keys as a person reads them."""

from __future__ import annotations

import pytest

from tui_chat.ui.keys import written


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+home", "Ctrl+Home"),
        ("f1", "F1"),
        ("y", "y"),
        ("escape", "Esc"),
        ("alt+up", "Alt+↑"),
        ("ctrl+j", "Ctrl+J"),
    ],
)
def test_a_key_is_written_as_on_a_keyboard(key: str, name: str) -> None:
    assert written(key) == name
