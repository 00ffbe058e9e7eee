"""`tui-chat tape` tells what a recording holds, in the formats of people and of other tools."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.wire.tapes import CANARY, recorded
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.streams.tape import show
from tui_chat.tape_file import line_of
from tui_chat.wire.tape.snapshot import records_of

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.cli.streams.tape import TapeForm


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    exchange, _ = asyncio.run(recorded("rate=50&first=0.05", text="What is said of Atlantis?"))
    records = records_of(exchange)
    begin = 50_000
    for number, record in enumerate(each for each in records if "t" in each):
        record["t"] = begin + number * 5_000  # the times of a busy machine would be its own
    path = tmp_path_factory.mktemp("tapes") / "one.tape"
    path.write_text("".join(map(line_of, records)), encoding="utf-8")
    return path


def test_the_summary_has_figures_a_chart_and_findings(tape: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert show([tape, tape], "summary") == 0
    said = capfdbinary.readouterr().out.decode()
    assert said.count("first token 0.0") == 2
    assert "gaps: median " in said
    assert "tokens per second" in said
    assert "█" in said
    assert "✓ streaming" in said
    assert "[1]" not in said
    assert CANARY not in said


@pytest.mark.parametrize("form", ["report", "har", "csv", "curl", "json"])
def test_every_format_can_leave_the_conversation_out(
    tape: Path, form: TapeForm, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert show([tape], form) == 0
    whole = capfdbinary.readouterr().out.decode()
    assert show([tape], form, text=False) == 0
    without = capfdbinary.readouterr().out.decode()
    assert CANARY not in whole
    assert "Atlantis" not in without
    assert ("Atlantis" in whole) == (form in {"report", "har", "curl"})
    if form in {"har", "json"}:
        assert isinstance(json.loads(whole), dict)


def test_the_figures_are_those_of_the_tape(tape: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show([tape], "json")
    document = json.loads(capfdbinary.readouterr().out)
    assert document["status"] == 200
    assert document["metrics"]["tokens"] == document["metrics"]["deltas"]
    assert document["metrics"]["gaps"]["p50"] == pytest.approx(0.005)
    assert document["anomaly"] is None
    assert {finding["check"] for finding in document["findings"]} >= {"reply", "pace", "ending"}


def test_a_file_is_written_and_not_overwritten(tape: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    show([tape], "report", str(target))
    before = target.read_text(encoding="utf-8")
    with pytest.raises(SetupError, match="exists; --force overwrites it"):
        show([tape], "report", str(target))
    assert target.read_text(encoding="utf-8") == before
    show([tape], "curl", str(target), force=True)
    assert "curl" in target.read_text(encoding="utf-8")


def test_what_is_no_tape_is_refused_with_a_sentence(tape: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tape"
    other.write_text("hello\n", encoding="utf-8")
    with pytest.raises(SetupError, match="its first line is not that of a tape"):
        show([other], "summary")
    with pytest.raises(SetupError, match="cannot be read"):
        show([tmp_path / "none.tape"], "summary")
    with pytest.raises(SetupError, match="takes one tape"):
        show([tape, tape], "curl")
