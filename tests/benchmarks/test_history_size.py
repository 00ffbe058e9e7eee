"""The benchmark of a large history measures a small one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import history_size

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")]


def test_every_case_finds_what_was_put_in(tmp_path: Path) -> None:
    history_size.make(tmp_path, 2_000)
    found = {name: history_size.probe(tmp_path, what) for name, what in history_size.cases()}
    assert found["search: a word that occurs once"]["found"] == "1 hits"
    assert found["search: the most common word"]["found"] == "50 hits"
    assert found["search: nothing"]["found"] == "0 hits"
    assert all(told["memory"] >= told["before"] > 5 for told in found.values())
    size = history_size.sizes(tmp_path / "history.db")
    assert 0.1 < size["index"] / size["text"] < 3


def test_it_takes_no_disk_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert history_size.main(["--messages", str(10**15), "--folder", str(tmp_path)]) == 1
    assert "free" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
