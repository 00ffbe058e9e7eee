from __future__ import annotations

import io
import sys

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.cli import paging as page_output
from tui_chat.cli.paging import Progress, one_line, put


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Standard error, on a terminal where nothing is too quick for a bar."""
    made = Screen()
    monkeypatch.setattr(sys, "stderr", made)  # not in a fixture: each phase of a test has a `sys.stderr` of its own
    monkeypatch.setattr(page_output, "PATIENCE", -1.0)
    monkeypatch.setattr(page_output, "_OFTEN", -1.0)
    monkeypatch.setenv("TERM", "xterm")
    return made


@pytest.mark.parametrize(
    ("pieces", "line"),
    [
        ([("  a\n\n", False), ("hit", True), (" \tb ", False)], "a [hit] b"),
        ([("a", False), ("hit", True), ("b", False)], "a[hit]b"),
        ([("a ", False), (" hit\nit ", True), (" b", False)], "a [hit it ]b"),
        ([("\x1b[2J\u202e\ud800", True)], "[\ufffd[2J\ufffd\ufffd]"),
        ([], ""),
    ],
)
def test_foreign_pieces_become_one_safe_line(pieces: list[tuple[str, bool]], line: str) -> None:
    assert one_line(pieces, ("[", "]")) == line


def test_long_work_has_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    progress = Progress("exporting")
    step = progress.begin(4)
    step()
    assert screen.getvalue() == "\rexporting ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25%\x1b[K"
    progress.end()
    progress.end()
    assert screen.getvalue().endswith("25%\x1b[K\r\x1b[K")


def test_where_the_end_is_not_known_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    progress = Progress("importing")
    progress.begin(0)
    progress.step(12345)
    assert "importing 12,345" in screen.getvalue()


def test_short_work_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    monkeypatch.setattr(page_output, "PATIENCE", 60.0)
    progress = Progress("exporting")
    progress.begin(2)()
    progress.end()
    assert screen.getvalue() == ""


def test_neither_has_work_whose_errors_go_to_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page_output, "PATIENCE", -1.0)
    Progress("exporting").begin(1)()
    assert capsys.readouterr().err == ""


def test_elsewhere_than_on_a_terminal_text_is_exact(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert put(["a\x1b[31m", "寿司\ud800"]) == 0
    assert capsysbinary.readouterr().out == "a\x1b[31m寿司\ufffd".encode()


def test_without_standard_output_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SetupError, match="standard output is closed"):
        put(["text"])
