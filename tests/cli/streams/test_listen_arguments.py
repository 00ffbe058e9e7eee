from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.arguments import parse
from tui_chat.cli.streams.listen_arguments import headers, save_target

if TYPE_CHECKING:
    from pathlib import Path


def test_what_follows_save_may_be_the_url(tmp_path: Path) -> None:
    def place(*words: str) -> object:
        return save_target(parse(["listen", *words], on_terminal=True)[1])

    assert place("http://h/") == ("http://h/", None)
    assert place("--save", "http://h/")[1:] == place("http://h/", "--save")[1:]  # type: ignore[index]
    assert place("http://h/", "--save", str(tmp_path)) == ("http://h/", (tmp_path, ""))
    assert place("http://h/", "--save", str(tmp_path / "x")) == ("http://h/", (tmp_path, "x"))
    for words in (["--save"], [], ["http://h/", "--force"], ["http://h/", "--save", str(tmp_path / "no" / "x")]):
        with pytest.raises(SetupError):
            place(*words)


def test_headers_are_given_in_words_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("X-Key: a:b\n\nAccept:x/y\n")
    given = parse(["listen", "u", "-H", "A: b", "-H", f"@{tmp_path / 'more'}"], on_terminal=True)[1]
    assert headers(given) == {"A": "b", "X-Key": "a:b", "Accept": "x/y"}
    for bad in ("no colon", "a b: c", "A: b\x1bc", f"@{tmp_path / 'none'}"):
        with pytest.raises(SetupError):
            headers(parse(["listen", "u", "-H", bad], on_terminal=True)[1])
