from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.arguments import parse
from tui_chat.cli.command_line import attachments_of, backend_of, prompt_of, template_filled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("piped", "words", "prompt"),
    [
        (b"", ["why", "so"], "why so"),
        (b"\xef\xbb\xbfa log\r\n", [], "a log"),
        (b"a log\n", ["why", "so"], "a log\n\nwhy so"),
        (b" \n", ["why"], "why"),
        (b"\xff", [], "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_prompt_is_what_is_piped_in_and_the_words_below_it(
    piped: bytes, words: list[str], prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert prompt_of(words) == prompt


def test_a_file_that_cannot_be_attached_names_the_flag(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    assert [each.name for each in attachments_of([tmp_path / "notes.txt"])] == ["notes.txt"]
    with pytest.raises(SetupError, match=r"--attach: .*nothing\.txt"):
        attachments_of([tmp_path / "nothing.txt"])


def test_blanks_without_a_template_are_refused(home: Path) -> None:
    _, given = parse(["ask", "--set", "language=de", "hello"], on_terminal=False)
    with pytest.raises(SetupError, match="none is given with -t"):
        template_filled(backend_of(given), given, "hello")
