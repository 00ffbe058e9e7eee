from __future__ import annotations

import tomllib

import pytest

from tui_chat.settings.toml_lines import line_of

TEXT = '''\
model = "x" # keys.new = 1
keys.fold = "f8"
system = """
[keys]
new = "not here"
"""
[ "keys" ] # my own
  "new" = "ctrl+b"
chats=["f7",
  "f8"]
'find' = "f9"

[endpoints.a]
new = "nor here"
'''


@pytest.mark.parametrize(("path", "line"), [("fold", 2), ("new", 8), ("chats", 9), ("find", 11), ("absent", None)])
def test_the_line_of_a_setting_is_found_however_it_is_written(path: str, line: int | None) -> None:
    tomllib.loads(TEXT.replace("keys.fold", "fold.x"))  # it is a file that Python's parser takes
    assert line_of(TEXT, "keys", path) == line


def test_a_setting_in_an_inline_table_has_no_line() -> None:
    assert line_of('keys = { new = "ctrl+b" }', "keys", "new") is None
